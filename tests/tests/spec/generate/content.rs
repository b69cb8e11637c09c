//! Built-in content filters, and JSON that they find something in.

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::select,
};
use serde_json::{Value, json};

use crate::model::{
    Action, Answer, Blacken, Change, Component, Condition, Constraint, ContentFilter, Decision, Does, Flaw,
    Kind, Path, Point, Provider, Returns, Rule, Rules, Step, Test, Verdict,
};

/// The names of members.
const NAMES: [&str; 2] = ["a", "b"];

/// An object or a list of objects, most of the time.
pub(crate) fn content() -> BoxedStrategy<Value> {
    let json = || {
        let nested = leaf().prop_recursive(2, 12, 3, |inner| {
            prop_oneof![vec(inner.clone(), 0..3).prop_map(Value::from), object(inner)]
        });
        prop_oneof![3 => leaf(), 1 => nested]
    };
    prop_oneof![
        4 => object(json().boxed()),
        4 => vec(object(json().boxed()), 0..4).prop_map(Value::from),
        1 => vec(json(), 0..3).prop_map(Value::from),
    ]
    .boxed()
}

fn object(members: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    btree_map(select(NAMES.map(str::to_owned).to_vec()), members, 1..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
        .boxed()
}

/// Texts and numbers more often than anything else, since most conditions are about them.
fn leaf() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => select(vec![json!("x"), json!("xx"), json!("SECRET"), json!("h\u{e9}\u{1f511}")]),
        2 => select(vec![json!(1), json!(1.0), json!(2)]),
        1 => select(vec![json!(true), json!(null)]),
    ]
    .boxed()
}

/// A component that gives JSON to whoever asks, as the built-in filters leave it.
pub(super) fn component() -> BoxedStrategy<Component> {
    let kind = select(vec![Kind::Tool, Kind::Tool, Kind::Resource, Kind::Template]);
    let point = select(vec![Point::Pre, Point::Post]);
    (kind, point, content(), any::<bool>(), decision())
        .prop_map(|(kind, point, content, is_text, decision)| {
            let returns = match is_text && kind == Kind::Tool {
                true => Returns::Text(content.to_string()),
                false => Returns::Json(content),
            };
            Component {
                kind,
                name: String::new(),
                rules: Rules {
                    enforcement: Some(Rule::at(point, Answer::Now(decision))),
                    ..Rules::default()
                },
                returns,
                wraps: false,
                says_more: true,
            }
        })
        .boxed()
}

/// A PERMIT with built-in filters.
pub(crate) fn decision() -> BoxedStrategy<Decision> {
    (vec(constraint(), 1..3), vec(constraint(), 0..2))
        .prop_map(|(obligations, advice)| {
            let permit = Decision::of(Verdict::Permit);
            Decision {
                obligations,
                advice,
                ..permit
            }
            .numbered()
        })
        .boxed()
}

/// A built-in filter, and those who tell what they see of its work.
fn constraint() -> BoxedStrategy<Constraint> {
    let witness = select(vec![
        Provider::Consumer,
        Provider::LateMapping,
        Provider::EarlyMapping,
    ]);
    let built_in = select(vec![Provider::ContentPredicate, Provider::ContentFilter]);
    (built_in, option::of(witness))
        .prop_flat_map(|(built_in, witness)| {
            does(built_in).prop_map(move |does| {
                let mut handlers = vec![(built_in, does)];
                handlers.extend(witness.map(|witness| (witness, Does::Nothing)));
                handlers.sort_by_key(|(provider, _)| *provider);
                Constraint {
                    id: String::new(),
                    handlers,
                }
            })
        })
        .boxed()
}

/// What a built-in filter does.
pub(super) fn does(provider: Provider) -> BoxedStrategy<Does> {
    let of_actions = [
        Flaw::PathOfAction,
        Flaw::UnknownAction,
        Flaw::NoReplacement,
        Flaw::NegativeCount,
        Flaw::OptionOfAction,
    ];
    let mut flaws = vec![
        Flaw::NoList,
        Flaw::NotAList,
        Flaw::PathOfCondition,
        Flaw::UnknownComparison,
        Flaw::NoValue,
        Flaw::ValueWithoutOrder,
        Flaw::Pattern,
        Flaw::OptionOfCondition,
    ];
    let actions = match provider {
        Provider::ContentPredicate => Just(Vec::new()).boxed(),
        _ => {
            flaws.extend(of_actions);
            vec(action(), 1..3).boxed()
        }
    };
    let none = Just(Vec::new());
    let conditions = prop_oneof![2 => none, 3 => vec(condition(), 1), 1 => vec(condition(), 2)];
    let filter = (conditions, actions)
        .prop_map(|(conditions, actions)| Does::Content(ContentFilter { conditions, actions }));
    prop_oneof![
        9 => filter,
        1 => select(flaws).prop_map(Does::Flawed),
    ]
    .boxed()
}

fn condition() -> BoxedStrategy<Condition> {
    (path(), test())
        .prop_map(|(path, test)| Condition { path, test })
        .boxed()
}

fn test() -> BoxedStrategy<Test> {
    let ordered = || leaf().prop_filter("has an order", |value| value.is_number() || value.is_string());
    let any_value = || prop_oneof![4 => leaf(), 1 => content()];
    prop_oneof![
        1 => any_value().prop_map(Test::Equal),
        3 => any_value().prop_map(Test::NotEqual),
        1 => ordered().prop_map(Test::Less),
        1 => ordered().prop_map(Test::Greater),
        1 => ordered().prop_map(Test::AtMost),
        1 => ordered().prop_map(Test::AtLeast),
        2 => vec(select(vec!["x", "SECRET", "y"]), 1..3)
            .prop_map(|words| Test::Matches(words.into_iter().map(str::to_owned).collect())),
    ]
    .boxed()
}

fn action() -> BoxedStrategy<Action> {
    let change = prop_oneof![
        blacken().prop_map(Change::Blacken),
        Just(Change::Delete),
        prop_oneof![leaf(), content()].prop_map(Change::Replace),
    ];
    (path(), change)
        .prop_map(|(path, change)| Action { path, change })
        .boxed()
}

fn blacken() -> BoxedStrategy<Blacken> {
    let count = || option::weighted(0.4, 0..7_usize);
    let replacement = option::weighted(0.4, select(vec!["*", "ab", ""]));
    (replacement, count(), count(), count())
        .prop_map(|(replacement, disclose_left, disclose_right, length)| Blacken {
            replacement: replacement.map(str::to_owned),
            disclose_left,
            disclose_right,
            length,
        })
        .boxed()
}

fn path() -> BoxedStrategy<Path> {
    let name = || select(NAMES.to_vec()).prop_map(str::to_owned);
    let step = prop_oneof![
        5 => name().prop_map(Step::Member),
        1 => (-2..3_isize).prop_map(Step::Element),
        2 => Just(Step::Every),
        2 => name().prop_map(Step::Anywhere),
    ];
    prop_oneof![
        1 => Just(Path(Vec::new())),
        12 => name().prop_map(|name| Path(vec![Step::Member(name)])),
        12 => vec(step, 1..3).prop_map(Path),
    ]
    .boxed()
}
