//! What finders see besides what they are asked.

use super::*;
use crate::attribute::finder_fn;
use crate::source::Configuration;
use serde_json::json;

const POLICY: &str = "policy \"p\" permit transform [<seen.everything>, secrets, key]";

fn settings(key: &str) -> String {
    format!(r#"{{"variables": {{"zone": "office"}}, "secrets": {{"key": "{key}"}}}}"#)
}

fn pdp(key: &str) -> EmbeddedPdp {
    let finder = finder_fn("seen", |call| {
        let member =
            |object: &crate::value::Object<'static>, name: &str| object.get(name).unwrap_or(Value::Null);
        let seen = [
            member(call.variables(), "zone"),
            member(call.secrets().expose(), "key"),
            member(call.subscription_secrets().expose(), "pin"),
        ];
        let seen = Value::Array(seen.into_iter().collect());
        Some(stream::iter([seen]).chain(stream::pending()).boxed())
    });
    EmbeddedPdp::from_texts(Some(&settings(key)), [("p.sapl", POLICY)])
        .unwrap()
        .with_attribute_finder(finder)
        .unwrap()
}

fn with_pin(pin: i64) -> AuthorizationSubscription {
    subscription().with_secrets(json!({"pin": pin}).as_object().cloned().unwrap())
}

#[tokio::test]
async fn secrets_reach_finders_and_no_policy() {
    let pdp = pdp("k1");
    let seen = |decision: sapl_base::AuthorizationDecision| decision.resource;
    assert_eq!(
        seen(pdp.decide_once(&with_pin(7)).await),
        Some(json!([["office", "k1", 7]]))
    );
    assert_eq!(
        seen(pdp.decide_once(&subscription()).await),
        Some(json!([["office", "k1", null]]))
    );
}

#[tokio::test]
async fn nobody_gets_what_was_found_with_the_secrets_of_another() {
    let pdp = pdp("k1");
    let (seven, eight) = (with_pin(7), with_pin(8));
    let (mut one, mut other) = (pdp.decide(&seven), pdp.decide(&eight));
    let resource = |told: Option<sapl_base::AuthorizationDecision>| told.and_then(|told| told.resource);
    assert_eq!(resource(now(&mut one)), Some(json!([["office", "k1", 7]])));
    assert_eq!(resource(now(&mut other)), Some(json!([["office", "k1", 8]])));
}

#[tokio::test]
async fn other_secrets_of_the_configuration_are_seen_at_once() {
    let pdp = pdp("k1");
    let asked = with_pin(7);
    let mut decisions = pdp.decide(&asked);
    assert!(now(&mut decisions).is_some());
    let same = Configuration::from_texts(Some(&settings("k1")), [("p.sapl", POLICY)]);
    pdp.replace(&same.unwrap()).unwrap();
    assert!(now(&mut decisions).is_none());
    let other = Configuration::from_texts(Some(&settings("k2")), [("p.sapl", POLICY)]);
    pdp.replace(&other.unwrap()).unwrap();
    let told = now(&mut decisions).and_then(|told| told.resource);
    assert_eq!(told, Some(json!([["office", "k2", 7]])));
}

#[test]
fn secrets_are_not_printed() {
    let pdp = pdp("hunter2");
    assert!(!format!("{pdp:?}").contains("hunter2"));
    let asked = with_pin(4711);
    let input = crate::Input::from(&asked);
    assert!(!format!("{input:?}").contains("4711"));
}

#[test]
fn a_library_has_one_finder_with_a_name_that_policies_can_write() {
    let refused = |library: &str| {
        let finder = finder_fn(library, |_| None);
        let added = policies(&[]).with_attribute_finder(finder);
        added.err().map(|error| error.library().to_owned())
    };
    for library in ["time", "", "1a", "a_b", "a.b", "ä"] {
        assert_eq!(refused(library).as_deref(), Some(library));
    }
    assert_eq!(refused("a1"), None);
    let (pdp, _) = sensing(&[]);
    assert!(pdp.with_attribute_finder(Sensors::default()).is_err());
}
