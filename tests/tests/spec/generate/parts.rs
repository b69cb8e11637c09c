//! Results of several parts, and where their links lead to.

use proptest::{
    collection::vec,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::select,
};

use super::{Case, connected};
use crate::model::{
    Answer, Component, Constraint, Decision, Does, Kind, Part, Point, Provider, Request, Returns, Rule,
    Rules, Verdict, World,
};

/// The scheme of links of which is not known yet where they lead to.
const OPEN: &str = "open:";

/// How many different links there are.
const LINKS: usize = 8;

/// Parts of the result of a component of this kind. Their links lead nowhere before [`link`] has seen them.
pub(super) fn parts(kind: Kind) -> BoxedStrategy<Returns> {
    let text = select(vec!["text", "SECRET", "[1]"]).prop_map(|text| Part::Text(text.to_owned()));
    let link = (0..LINKS).prop_map(|place| Part::Link(format!("{OPEN}{place}")));
    let embedded = (0..LINKS).prop_map(|place| Part::embedded(&format!("{OPEN}{place}"), "embedded"));
    let part = prop_oneof![
        2 => text,
        if kind.is_resource() { 0 } else { 2 } => link,
        2 => embedded,
    ];
    let plural = |parts: &Vec<Part>| !matches!(parts.as_slice(), [Part::Text(_)]);
    vec(part, 0..5)
        .prop_filter("is one text", plural)
        .prop_map(Returns::Parts)
        .boxed()
}

/// The use of components whose results link to what exists for some only.
pub(super) fn case() -> BoxedStrategy<Case> {
    (vec(linking(), 1..3), vec(hideable(), 1..4))
        .prop_map(|(mut components, hideable)| {
            let requests = (0..components.len()).map(|component| Request::Use {
                component,
                arguments: None,
            });
            let requests = requests.collect();
            components.extend(hideable);
            Case {
                world: World::of(connected(components)),
                requests,
            }
        })
        .boxed()
}

/// A component whose result has links, for whoever asks.
fn linking() -> BoxedStrategy<Component> {
    let kind = select(vec![Kind::Tool, Kind::Prompt, Kind::Resource]);
    let witness = Constraint::of("o0", Provider::Consumer, Does::Nothing);
    let watched = Decision {
        obligations: vec![witness],
        ..Decision::of(Verdict::Permit)
    };
    let ruled = select(vec![Point::Pre, Point::Post]).prop_map(move |point| Rules {
        enforcement: Some(Rule::at(point, Answer::Now(watched.clone()))),
        ..Rules::default()
    });
    (kind, prop_oneof![Just(Rules::default()), ruled])
        .prop_flat_map(|(kind, rules)| {
            parts(kind).prop_map(move |returns| plain(kind, rules.clone(), returns))
        })
        .boxed()
}

/// A resource or template that exists for some only.
fn hideable() -> BoxedStrategy<Component> {
    let verdict = prop_oneof![2 => Just(Verdict::Permit), 1 => Just(Verdict::Deny)];
    let answer = (verdict, any::<bool>()).prop_map(|(verdict, at_once)| match at_once {
        true => Answer::Now(Decision::of(verdict)),
        false => Answer::Later(Decision::of(verdict)),
    });
    let kind = select(vec![Kind::Resource, Kind::Template]);
    (kind, answer, any::<bool>())
        .prop_map(|(kind, answer, is_gate)| {
            let (gate, enforcement) = match is_gate {
                true => (Some(Rule::at(Point::Gate, answer)), None),
                false => {
                    let rule = Rule::at(Point::Pre, answer);
                    (
                        None,
                        Some(Rule {
                            stealth: true,
                            ..rule
                        }),
                    )
                }
            };
            let rules = Rules {
                gate,
                enforcement,
                broken: false,
            };
            plain(kind, rules, Returns::Text("text".to_owned()))
        })
        .boxed()
}

fn plain(kind: Kind, rules: Rules, returns: Returns) -> Component {
    Component {
        kind,
        name: String::new(),
        rules,
        returns,
        wraps: false,
        says_more: false,
    }
}

/// Lets the links of a component lead to what `target` says of each place; to nothing, and they are not there.
pub(crate) fn link(component: &mut Component, target: impl Fn(usize) -> Option<String>) {
    let Returns::Parts(parts) = &mut component.returns else {
        return;
    };
    parts.retain_mut(|part| match part {
        Part::Text(_) => true,
        Part::Link(uri) | Part::Embedded { uri, .. } => {
            let Some(place) = uri.strip_prefix(OPEN).and_then(|place| place.parse().ok()) else {
                return true;
            };
            let target = target(place);
            if let Some(target) = &target {
                uri.clone_from(target);
            }
            target.is_some()
        }
    });
    if let [Part::Text(text)] = parts.as_mut_slice() {
        component.returns = Returns::Text(std::mem::take(text));
    }
}
