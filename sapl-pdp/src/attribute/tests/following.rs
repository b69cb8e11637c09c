//! Decisions that change.

use super::*;
use crate::source::Configuration;

#[tokio::test]
async fn a_decision_is_told_anew_when_an_attribute_or_the_policies_change_it() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.a> > 1;"]);
    sensors.set("a", 1_i64);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    let mut next = || now(&mut decisions).map(|told| told.decision);
    assert_eq!(next(), Some(Decision::Deny));
    sensors.set("a", 2_i64);
    assert_eq!(next(), Some(Decision::Permit));
    sensors.set("a", 3_i64);
    assert_eq!(next(), None, "the same decision");
    let other = Configuration::from_texts(Some(SETTINGS), [("p", "policy \"p\" permit <sensor.a> > 3;")]);
    pdp.replace(&other.unwrap()).unwrap();
    assert_eq!(next(), Some(Decision::Deny));
    sensors.set("a", 4_i64);
    assert_eq!(next(), Some(Decision::Permit));
    // The stream of the attribute has outlived the policies that first needed it.
    assert_eq!(sensors.asked(), ["a"]);
    let without = Configuration::from_texts(Some(SETTINGS), [("p", "policy \"p\" permit")]);
    pdp.replace(&without.unwrap()).unwrap();
    assert_eq!(next(), None);
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
}

#[tokio::test]
async fn several_values_at_once_are_decided_on_in_their_order() {
    let values = || {
        stream::iter([1_i64, 2, 2, 3].map(Value::from))
            .chain(stream::pending())
            .boxed()
    };
    let counter = crate::attribute::finder_fn("counter", move |_| Some(values()));
    let pdp = policies(&["policy \"p\" permit transform <counter.n>"])
        .with_attribute_finder(counter)
        .unwrap();
    let asked = subscription();
    let decisions = pdp.decide(&asked);
    let told: Vec<_> = decisions
        .take(3)
        .filter_map(async |told| told.resource)
        .collect()
        .await;
    assert_eq!(told, [1, 2, 3]);
    assert_eq!(pdp.decide_once(&asked).await.resource, Some(1.into()));
}

#[tokio::test]
async fn the_head_of_an_attribute_is_its_first_value_for_good() {
    let (pdp, sensors) =
        sensing(&["policy \"p\" permit transform [|<sensor.a>, <sensor.a>, subject.|<sensor.b>]"]);
    sensors.set("a", 1_i64);
    sensors.set("b", 7_i64);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    let mut next = || now(&mut decisions).and_then(|told| told.resource);
    assert_eq!(next(), Some(serde_json::json!([1, 1, 7])));
    assert_eq!(sensors.alive(), 1, "heads let their streams go");
    sensors.set("a", 2_i64);
    sensors.set("b", 8_i64);
    assert_eq!(next(), Some(serde_json::json!([1, 2, 7])));
    assert_eq!(next(), None);
}

#[tokio::test]
async fn what_is_asked_for_may_depend_on_other_attributes() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.b(<sensor.a>)>;"]);
    sensors.set("a", "x");
    sensors.set("b", true);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    assert_eq!(
        now(&mut decisions).map(|told| told.decision),
        Some(Decision::Permit)
    );
    sensors.set("a", "y");
    assert!(now(&mut decisions).is_none());
    assert_eq!(sensors.asked(), ["a", "b \"x\"", "b \"y\""]);
    assert_eq!(sensors.alive(), 2);
}

#[tokio::test]
async fn without_waiting_there_is_only_what_attributes_have_at_once() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.a>;"]);
    let asked = subscription();
    assert_eq!(pdp.decision(&asked).decision, Decision::Indeterminate);
    let pending = pdp.decide_once(&asked);
    sensors.set("a", true);
    assert_eq!(pending.await.decision, Decision::Permit);
    assert_eq!(pdp.decision(&asked).decision, Decision::Permit);
    assert!(pdp.decide_once(&asked).now().is_ok());
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
}

#[test]
fn what_cannot_be_decided_without_waiting_permits_nothing() {
    // Were the attribute an error, silence on errors would leave the permit alone.
    let settings = r#"{"algorithm":
        {"votingMode": "PRIORITY_DENY", "defaultDecision": "PERMIT", "errorHandling": "ABSTAIN"}}"#;
    let files = [
        ("a.sapl", "policy \"a\" permit"),
        (
            "b.sapl",
            "set \"b\" priority deny or abstain errors abstain policy \"c\" deny <sensor.a>;",
        ),
    ];
    let pdp = EmbeddedPdp::from_texts(Some(settings), files).unwrap();
    let pdp = pdp.with_attribute_finder(Sensors::default()).unwrap();
    let asked = subscription();
    assert_eq!(pdp.decision(&asked).decision, Decision::Indeterminate);
    assert!(pdp.decide_once(&asked).now().is_err());
    let inputs = [crate::Input::from(&asked)];
    assert_eq!(pdp.decisions_on(&inputs)[0].decision, Decision::Indeterminate);
}
