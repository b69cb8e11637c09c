//! Limits of one decision.

use super::*;
use crate::MAX_ROUNDS;
use crate::attribute::{MAX_ATTRIBUTES, MAX_VALUE_SIZE, finder_fn};

async fn decided(
    policy: &str,
    make: impl Fn(&AttributeCall) -> AttributeStream + Send + Sync + 'static,
) -> Decision {
    let finder = finder_fn("f", move |call: Arc<AttributeCall>| Some(make(&call)));
    let pdp = policies(&[policy]).with_attribute_finder(finder).unwrap();
    let decision = once(&pdp).await;
    assert_eq!(pdp.open_attributes(), 0);
    decision
}

fn value(value: impl Into<Value<'static>>) -> AttributeStream {
    let value = value.into();
    stream::iter([value]).chain(stream::pending()).boxed()
}

#[tokio::test]
async fn a_decision_depends_on_so_many_attributes_and_no_more() {
    let needing = |count: usize| {
        let attributes: Vec<_> = (0..count).map(|number| format!("<f.a({number})>")).collect();
        let policy = format!("policy \"p\" permit [{}] != [];", attributes.join(", "));
        async move { decided(&policy, |_| value(true)).await }
    };
    assert_eq!(needing(MAX_ATTRIBUTES).await, Decision::Permit);
    assert_eq!(needing(MAX_ATTRIBUTES + 1).await, Decision::Indeterminate);
}

#[tokio::test]
async fn attributes_of_several_policies_are_counted_together() {
    let needing = |count: usize| async move {
        let texts: Vec<_> = (0..count)
            .map(|number| format!("policy \"{number}\" permit <f.a({number})>;"))
            .collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let finder = finder_fn("f", |_| Some(value(true)));
        once(&policies(&texts).with_attribute_finder(finder).unwrap()).await
    };
    assert_eq!(needing(MAX_ATTRIBUTES).await, Decision::Permit);
    assert_eq!(needing(MAX_ATTRIBUTES + 1).await, Decision::Indeterminate);
}

#[tokio::test]
async fn a_decision_is_made_in_so_many_rounds_and_no_more() {
    // One round for the ticks, one for each tick, and one that has all.
    let ticking = |ticks: u32| {
        decided(
            "policy \"p\" permit <f.echo(<f.tick>)>;",
            move |call| match call.name() {
                "tick" => stream::iter((0..i64::from(ticks)).map(Value::from))
                    .chain(stream::pending())
                    .boxed(),
                _ => value(true),
            },
        )
    };
    assert_eq!(ticking(MAX_ROUNDS - 2).await, Decision::Permit);
    assert_eq!(ticking(MAX_ROUNDS - 1).await, Decision::Indeterminate);
}

#[tokio::test]
async fn a_value_that_is_too_large_is_an_error() {
    let sized = |size: usize| {
        decided("policy \"p\" permit <f.a> != \"\";", move |_| {
            value("x".repeat(size))
        })
    };
    assert_eq!(sized(MAX_VALUE_SIZE).await, Decision::Permit);
    assert_eq!(sized(MAX_VALUE_SIZE + 1).await, Decision::Indeterminate);
}
