//! Pairs of servers, and what they are asked.

use proptest::{
    collection::vec,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{Index, select},
};
use serde_json::{Value, json};

use super::filtered::filtered;
use crate::{
    generate::{self, parts},
    model::{
        Answer, Component, Constraint, Decision, Does, Kind, Listing, Point, Provider, Returns, Rule, Rules,
        Verdict, World,
    },
};

/// A page on which everything has room.
const ALL_ON_ONE_PAGE: usize = 100;

/// Two servers that differ only in what nobody may see, and what they are asked one after the other.
#[derive(Clone, Debug)]
pub(super) struct Twins {
    pub(super) one: World,
    pub(super) other: World,
    pub(super) requests: Vec<(&'static str, Value)>,
}

/// What stands at one place of the two servers.
#[derive(Clone, Debug)]
enum Place {
    /// The same.
    Same(Component),
    /// Hidden components that have nothing in common but their kind.
    Hidden(Box<(Component, Component)>),
    /// A hidden component that only one of the servers has.
    OnlyInOne(Component, bool),
    /// A component whose content is another one.
    Content(Component, Returns),
}

/// Any pair.
pub(super) fn twins() -> BoxedStrategy<Twins> {
    let requests = vec((any::<Index>(), any::<Index>(), any::<Index>()), 1..8);
    let pages = select(vec![1, 2, ALL_ON_ONE_PAGE]);
    (vec(place(), 1..6), pages, any::<bool>(), requests)
        .prop_map(|(mut places, page, by_builder, wanted)| {
            if page < ALL_ON_ONE_PAGE {
                // A server with fewer components has other pages.
                places.retain(|place| !matches!(place, Place::OnlyInOne(..)));
            }
            let (one, other) = worlds(places, page, by_builder);
            let requests = wanted
                .into_iter()
                .map(|wanted| request(&one, &other, wanted))
                .collect();
            Twins { one, other, requests }
        })
        .boxed()
}

fn worlds(places: Vec<Place>, page: usize, by_builder: bool) -> (World, World) {
    let (mut one, mut other) = (known(), known());
    for (index, place) in places.into_iter().enumerate() {
        let named = |component, part| generate::named(component, &format!("{part}{index}"));
        match place {
            Place::Same(component) => {
                one.push(named(component.clone(), "same"));
                other.push(named(component, "same"));
            }
            Place::Hidden(both) => {
                let (first, second) = *both;
                one.push(named(first, "hidden"));
                other.push(named(second, "secret"));
            }
            Place::OnlyInOne(component, true) => one.push(named(component, "only")),
            Place::OnlyInOne(component, false) => other.push(named(component, "only")),
            Place::Content(component, returns) => {
                one.push(named(component.clone(), "content"));
                let component = Component { returns, ..component };
                other.push(named(component, "content"));
            }
        }
    }
    let world = |mut components: Vec<Component>| {
        // A layer with rules of its own knows from the start that there are rules. Both do, or neither.
        for component in &mut components {
            let known = component.name.contains("known");
            let rules = [&mut component.rules.gate, &mut component.rules.enforcement];
            for rule in rules.into_iter().flatten() {
                rule.by_builder = by_builder && (known || rule.by_builder);
            }
        }
        World {
            page,
            ..World::of(components)
        }
    };
    link(&mut one, &mut other);
    (world(one), world(other))
}

/// Lets results lead to what both servers have, and besides to what is hidden in either, however much that is.
fn link(one: &mut [Component], other: &mut [Component]) {
    let uris = |components: &[Component], of: &[&str]| -> Vec<String> {
        let resources = components.iter().filter(|component| component.kind.is_resource());
        let uris = resources.map(Component::used_by);
        uris.filter(|uri| of.iter().any(|part| uri.contains(part)))
            .collect()
    };
    let common = uris(one, &["known", "same", "content"]);
    for components in [one, other] {
        let hidden = uris(components, &["hidden", "secret", "only"]);
        for component in components {
            parts::link(component, |place| match (place % 2, place / 2) {
                (0, place) => common.get(place % common.len()).cloned(),
                (_, place) => hidden.get(place % hidden.len().max(1)).cloned(),
            });
        }
    }
}

/// One component of each kind that anybody may know of, under a rule.
fn known() -> Vec<Component> {
    let kinds = Kind::ALL.into_iter();
    let component = |kind| Component {
        kind,
        name: String::new(),
        rules: Rules {
            enforcement: Some(Rule::at(Point::Pre, Answer::Now(Decision::of(Verdict::Permit)))),
            ..Rules::default()
        },
        returns: Returns::Text("known".to_owned()),
        wraps: false,
        says_more: false,
    };
    kinds
        .map(|kind| generate::named(component(kind), "known"))
        .collect()
}

/// A request about something of either server, or of neither.
fn request(one: &World, other: &World, (what, which, how): (Index, Index, Index)) -> (&'static str, Value) {
    let components: Vec<&Component> = one.components.iter().chain(&other.components).collect();
    let component = which.get(&components);
    let kind = component.kind;
    let (name, uri) = (&component.name, component.used_by());
    let arguments = how.get(&[json!({}), json!({"a": "x"}), json!({"a": 1})]).clone();
    // A cursor is one that the server has given out.
    let pages = one.of_kind(kind).count().div_ceil(one.page);
    let cursor = match how.index(pages) * one.page {
        0 => json!({}),
        from => json!({"cursor": from.to_string()}),
    };
    let (list, reference) = match kind {
        Kind::Tool => ("tools/list", json!({"type": "ref/prompt", "name": name})),
        Kind::Prompt => ("prompts/list", json!({"type": "ref/prompt", "name": name})),
        Kind::Resource => ("resources/list", json!({"type": "ref/resource", "uri": name})),
        Kind::Template => (
            "resources/templates/list",
            json!({"type": "ref/resource", "uri": name}),
        ),
    };
    match (what.index(8), kind) {
        (0, _) => (list, cursor),
        (1, _) => (
            "completion/complete",
            json!({"ref": reference, "argument": {"name": "id", "value": ""}}),
        ),
        (2, Kind::Resource | Kind::Template) => ("resources/subscribe", json!({"uri": uri})),
        (3, Kind::Resource | Kind::Template) => ("resources/directory/read", json!({"uri": uri})),
        (4, Kind::Resource | Kind::Template) => ("skills/get", json!({"uri": uri})),
        (5, _) => ("skills/list", json!({})),
        (_, Kind::Tool) => ("tools/call", json!({"name": name, "arguments": arguments})),
        (_, Kind::Prompt) => ("prompts/get", json!({"name": name, "arguments": arguments})),
        (_, Kind::Resource | Kind::Template) => ("resources/read", json!({"uri": uri})),
    }
}

fn place() -> BoxedStrategy<Place> {
    let hidden = |kind| {
        (generate::component_of(kind), hiding())
            .prop_map(|(component, rules)| Component { rules, ..component })
    };
    let of_kind = move |kind: Kind| {
        prop_oneof![
            2 => generate::component_of(kind).prop_map(Place::Same),
            2 => (hidden(kind), hidden(kind)).prop_map(|both| Place::Hidden(Box::new(both))),
            2 => (hidden(kind), any::<bool>()).prop_map(|(one, first)| Place::OnlyInOne(one, first)),
            3 => content(kind),
        ]
    };
    generate::kind().prop_flat_map(of_kind).boxed()
}

/// Rules under which nobody can find the component.
fn hiding() -> BoxedStrategy<Rules> {
    let gate = || (denying(), any::<bool>());
    let enforcement = || {
        (
            select(vec![Point::Pre, Point::Post]),
            generate::answer(),
            any::<bool>(),
        )
    };
    prop_oneof![
        gate().prop_map(|(answer, by_builder)| Rules {
            gate: Some(Rule {
                by_builder,
                ..Rule::at(Point::Gate, answer)
            }),
            ..Rules::default()
        }),
        (select(vec![Point::Pre, Point::Post]), denying(), any::<bool>()).prop_map(
            |(point, answer, by_builder)| Rules {
                enforcement: Some(Rule {
                    stealth: true,
                    by_builder,
                    ..Rule::at(point, answer)
                }),
                ..Rules::default()
            }
        ),
        (gate(), enforcement(), any::<bool>()).prop_map(
            |((answer, by_builder), (point, behind, stealth), is_fixed)| Rules {
                gate: Some(Rule {
                    by_builder,
                    ..Rule::at(Point::Gate, answer)
                }),
                // Nobody comes to the enforcement. In a list both are in question.
                enforcement: Some(Rule {
                    stealth,
                    listing: (is_fixed || !answers(&behind)).then_some(Listing::Shown),
                    ..Rule::at(point, behind)
                }),
                broken: false,
            }
        ),
        // Nobody's token grants this, so that it does not matter what is decided.
        (
            select(vec![Point::Pre, Point::Post, Point::Gate]),
            generate::answer()
        )
            .prop_map(|(point, answer)| {
                let rule = Rule {
                    stealth: point != Point::Gate,
                    scopes: vec!["admin"],
                    ..Rule::at(point, answer)
                };
                match point {
                    Point::Gate => Rules {
                        gate: Some(rule),
                        ..Rules::default()
                    },
                    Point::Pre | Point::Post => Rules {
                        enforcement: Some(rule),
                        ..Rules::default()
                    },
                }
            }),
        Just(Rules {
            broken: true,
            ..Rules::default()
        }),
    ]
    .boxed()
}

fn answers(answer: &Answer) -> bool {
    matches!(answer, Answer::Now(_) | Answer::Later(_) | Answer::Missing)
}

/// Answers that deny, whether a component is used or listed.
fn denying() -> BoxedStrategy<Answer> {
    let verdicts: Vec<Verdict> = Verdict::ALL.into_iter().skip(1).collect();
    let unknown = Constraint {
        id: "unknown".to_owned(),
        handlers: Vec::new(),
    };
    let permit = Decision {
        obligations: vec![unknown],
        ..Decision::of(Verdict::Permit)
    };
    let decision = prop_oneof![
        (select(verdicts), generate::decision())
            .prop_map(|(verdict, decision)| Decision { verdict, ..decision }),
        Just(permit),
    ];
    prop_oneof![
        4 => decision.clone().prop_map(Answer::Now),
        2 => decision.prop_map(Answer::Later),
        1 => Just(Answer::Missing),
    ]
    .boxed()
}

/// A component whose content is kept from everybody, and the content of its twin.
fn content(kind: Kind) -> BoxedStrategy<Place> {
    let ruled = |component: Component, point, stealth, answer| Component {
        rules: Rules {
            enforcement: Some(Rule {
                stealth,
                ..Rule::at(point, answer)
            }),
            ..Rules::default()
        },
        ..component
    };
    let point = || select(vec![Point::Pre, Point::Post]);
    // Denied, nothing of it matters.
    let denied = (
        generate::component_of(kind),
        generate::returns(kind),
        point(),
        any::<bool>(),
        denying(),
    )
        .prop_map(move |(component, returns, point, stealth, answer)| {
            Place::Content(ruled(component, point, stealth, answer), returns)
        });
    // Replaced by an obligation, its form is all that is seen of it.
    let replaced = (generate::component_of(kind), alike(kind), point(), replacing()).prop_map(
        move |(component, (one, other), point, decision)| {
            let component = Component {
                returns: one,
                ..component
            };
            Place::Content(ruled(component, point, false, Answer::Now(decision)), other)
        },
    );
    // Nor does what the built-in filters take out.
    let built_in = (generate::component_of(kind), filtered(kind), point()).prop_map(
        move |(component, (decision, one, other), point)| {
            let component = Component {
                returns: one,
                ..component
            };
            Place::Content(ruled(component, point, false, Answer::Now(decision)), other)
        },
    );
    // What a filter drops was never there.
    let fewer = (generate::component_of(kind), with_more(kind), point()).prop_map(
        move |(component, (one, other), point)| {
            let component = Component {
                returns: one,
                ..component
            };
            let filter = Constraint::of("f", Provider::Filter, Does::Change(json!("SECRET")));
            let decision = Decision {
                obligations: vec![filter],
                ..Decision::of(Verdict::Permit)
            };
            Place::Content(ruled(component, point, false, Answer::Now(decision)), other)
        },
    );
    prop_oneof![denied, replaced, built_in, fewer].boxed()
}

/// Decisions with an obligation that puts something else in place of the value.
fn replacing() -> BoxedStrategy<Decision> {
    let mapping = |does| Decision {
        obligations: vec![Constraint::of("m", Provider::Mapping, does)],
        ..Decision::of(Verdict::Permit)
    };
    prop_oneof![
        generate::value().prop_map(move |value| mapping(Does::Change(value))),
        generate::value().prop_map(|value| Decision {
            resource: Some(value),
            ..Decision::of(Verdict::Permit)
        }),
    ]
    .boxed()
}

/// Two contents of the same form.
fn alike(kind: Kind) -> BoxedStrategy<(Returns, Returns)> {
    let text = || select(vec!["text", "SECRET", "[1]"]).prop_map(|text| Returns::Text(text.to_owned()));
    let json = || generate::value().prop_map(Returns::Json);
    let error = || {
        select(vec!["an error", "a SECRET error"]).prop_map(|message| Returns::Err {
            code: -32050,
            message: message.to_owned(),
            data: Some(json!(message)),
        })
    };
    let is_error = || select(vec!["a failure", "SECRET"]).prop_map(|text| Returns::IsError(text.to_owned()));
    prop_oneof![
        2 => (text(), text()),
        if kind == Kind::Prompt { 0 } else { 3 } => (json(), json()),
        2 => (error(), error()),
        if kind == Kind::Tool { 2 } else { 0 } => (is_error(), is_error()),
    ]
    .boxed()
}

/// A list, and the same with more in it that a filter drops. A prompt has no lists: its only text is dropped or not.
fn with_more(kind: Kind) -> BoxedStrategy<(Returns, Returns)> {
    if kind == Kind::Prompt {
        let text = || Returns::Text("SECRET".to_owned());
        return Just((text(), text())).boxed();
    }
    let elements = vec(select(vec![json!("x"), json!(1), json!({"a": "SECRET"})]), 0..4);
    (elements, vec(any::<Index>(), 0..4))
        .prop_map(|(elements, places)| {
            let mut more = elements.clone();
            for place in places {
                more.insert(place.index(more.len() + 1), json!("SECRET"));
            }
            (Returns::Json(elements.into()), Returns::Json(more.into()))
        })
        .boxed()
}
