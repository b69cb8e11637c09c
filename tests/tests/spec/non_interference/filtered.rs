//! Contents that differ in nothing but what a built-in filter takes out of them.

use proptest::{
    collection::vec,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{Index, select},
};
use serde_json::{Value, json};

use crate::{
    generate,
    model::{
        Action, Blacken, Change, Condition, Constraint, ContentFilter, Decision, Does, Kind, Path, Provider,
        Returns, Step, Test, Verdict,
    },
};

/// A decision, and two contents that are the same under it.
pub(super) fn filtered(kind: Kind) -> BoxedStrategy<(Decision, Returns, Returns)> {
    (prop_oneof![taken_out(), dropped()], any::<bool>())
        .prop_map(move |((decision, one, other), is_text)| {
            let returns = |value: Value| match kind {
                Kind::Tool if is_text => Returns::Text(value.to_string()),
                // To the filters this is no more than a text, which denies.
                Kind::Prompt => Returns::Text(value.to_string()),
                _ => Returns::Json(value),
            };
            (decision, returns(one), returns(other))
        })
        .boxed()
}

/// Whatever is called `b` is taken out, wherever it stands.
fn taken_out() -> BoxedStrategy<(Decision, Value, Value)> {
    let change = prop_oneof![
        Just(Change::Delete),
        generate::value().prop_map(Change::Replace),
        (0..3_usize).prop_map(|length| {
            Change::Blacken(Blacken {
                length: Some(length),
                ..Blacken::default()
            })
        }),
    ];
    let secrets = || {
        let secret = || select(vec!["x", "SECRET", "another SECRET"]);
        (secret(), secret())
    };
    let elements = vec((generate::value(), secrets(), secrets()), 1..4);
    (change, elements, any::<bool>())
        .prop_map(|(change, elements, is_single)| {
            let element = |visible: &Value, (first, second): (&str, &str)| json!({"a": visible, "b": first, "c": [{"b": second}]});
            let one = elements.iter().map(|(visible, secrets, _)| element(visible, *secrets));
            let other = elements.iter().map(|(visible, _, secrets)| element(visible, *secrets));
            let path = Path(vec![Step::Anywhere("b".to_owned())]);
            let filter = ContentFilter {
                actions: vec![Action { path, change }],
                ..ContentFilter::default()
            };
            let form = |mut elements: Vec<Value>| match is_single {
                true => elements.remove(0),
                false => elements.into(),
            };
            let decision = obliging(Provider::ContentFilter, filter);
            (decision, form(one.collect()), form(other.collect()))
        })
        .boxed()
}

/// Elements with a word are dropped, whatever else is in them.
fn dropped() -> BoxedStrategy<(Decision, Value, Value)> {
    let visible = generate::value().prop_map(|value| json!({"a": "x", "b": value}));
    let hidden = || generate::value().prop_map(|value| json!({"a": "SECRET", "b": value}));
    let more = || vec((any::<Index>(), hidden()), 0..3);
    (vec(visible, 0..3), more(), more())
        .prop_map(|(elements, one, other)| {
            let with = |more: Vec<(Index, Value)>| {
                let mut all = elements.clone();
                for (place, element) in more {
                    all.insert(place.index(all.len() + 1), element);
                }
                Value::from(all)
            };
            let condition = Condition {
                path: Path(vec![Step::Member("a".to_owned())]),
                test: Test::NotEqual(json!("SECRET")),
            };
            let filter = ContentFilter {
                conditions: vec![condition],
                ..ContentFilter::default()
            };
            (
                obliging(Provider::ContentPredicate, filter),
                with(one),
                with(other),
            )
        })
        .boxed()
}

fn obliging(provider: Provider, filter: ContentFilter) -> Decision {
    Decision {
        obligations: vec![Constraint::of("f", provider, Does::Content(filter))],
        ..Decision::of(Verdict::Permit)
    }
}
