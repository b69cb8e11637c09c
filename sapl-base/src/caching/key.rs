//! When two subscriptions are the same question, and a digest that such two share.
//!
//! Sameness is stricter than `==`: numbers that a policy could tell apart, such as 0.0 and -0.0, differ.

use std::hash::{BuildHasher, Hash, Hasher};

use serde_json::{Map, Number, Value};

use crate::AuthorizationSubscription;

/// A digest of the whole subscription, secrets included. The same subscriptions have the same; others hardly ever.
pub(super) fn digest(subscription: &AuthorizationSubscription, keys: &impl BuildHasher) -> u64 {
    let mut hasher = keys.build_hasher();
    value(subscription.subject(), &mut hasher);
    value(subscription.action(), &mut hasher);
    value(subscription.resource(), &mut hasher);
    match subscription.environment() {
        Some(environment) => value(environment, &mut hasher),
        None => hasher.write_u8(ABSENT),
    }
    match subscription.secrets() {
        Some(secrets) => object(secrets.expose(), &mut hasher),
        None => hasher.write_u8(ABSENT),
    }
    hasher.finish()
}

/// Whether no decision point could tell the two apart.
pub(super) fn same(a: &AuthorizationSubscription, b: &AuthorizationSubscription) -> bool {
    same_value(a.subject(), b.subject())
        && same_value(a.action(), b.action())
        && same_value(a.resource(), b.resource())
        && match (a.environment(), b.environment()) {
            (Some(a), Some(b)) => same_value(a, b),
            (None, None) => true,
            _ => false,
        }
        && match (a.secrets(), b.secrets()) {
            (Some(a), Some(b)) => same_object(a.expose(), b.expose()),
            (None, None) => true,
            _ => false,
        }
}

// A byte for each kind, so that values of different kinds don't run into each other.
const ABSENT: u8 = 0;
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INTEGER: u8 = 4;
const FLOAT: u8 = 5;
const ARRAY: u8 = 6;
const OBJECT: u8 = 7;

fn value(of: &Value, hasher: &mut impl Hasher) {
    match of {
        Value::Null => hasher.write_u8(NULL),
        Value::Bool(false) => hasher.write_u8(FALSE),
        Value::Bool(true) => hasher.write_u8(TRUE),
        Value::Number(of) => number(of, hasher),
        // A text ends with a byte of its own, which no UTF-8 text contains.
        Value::String(text) => text.hash(hasher),
        Value::Array(elements) => {
            hasher.write_u8(ARRAY);
            hasher.write_usize(elements.len());
            for element in elements {
                value(element, hasher);
            }
        }
        Value::Object(members) => object(members, hasher),
    }
}

fn number(of: &Number, hasher: &mut impl Hasher) {
    if let Some(integer) = of.as_i64() {
        hasher.write_u8(INTEGER);
        hasher.write_i64(integer);
    } else {
        hasher.write_u8(FLOAT);
        hasher.write_u64(of.as_f64().unwrap_or_default().to_bits());
    }
}

fn object(members: &Map<String, Value>, hasher: &mut impl Hasher) {
    hasher.write_u8(OBJECT);
    hasher.write_usize(members.len());
    for (name, member) in members {
        name.hash(hasher);
        value(member, hasher);
    }
}

fn same_value(a: &Value, b: &Value) -> bool {
    // A field that both share, such as the claims of one token, need not be walked.
    std::ptr::eq(a, b)
        || match (a, b) {
            (Value::Number(a), Value::Number(b)) => same_number(a, b),
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b))
            }
            (Value::Object(a), Value::Object(b)) => same_object(a, b),
            (a, b) => a == b,
        }
}

fn same_object(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|((a_name, a), (b_name, b))| a_name == b_name && same_value(a, b))
}

fn same_number(a: &Number, b: &Number) -> bool {
    a == b && a.as_f64().map(f64::to_bits) == b.as_f64().map(f64::to_bits)
}

#[cfg(test)]
mod tests {
    use std::{hash::RandomState, sync::Arc};

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn asked(subject: Value) -> AuthorizationSubscription {
        AuthorizationSubscription::new(subject, "a", "r")
    }

    fn secret(value: Value) -> AuthorizationSubscription {
        let Value::Object(secrets) = value else {
            unreachable!("secrets are an object")
        };
        asked(json!(1)).with_secrets(secrets)
    }

    #[test]
    fn the_same_values_are_the_same_question_wherever_they_live() {
        let keys = RandomState::new();
        let value = json!({"sub": "mara", "groups": ["a", {"b": 1.5}], "n": null});
        let shared = AuthorizationSubscription::new(Arc::new(value.clone()), "a", "r");
        let owned = asked(value);
        assert!(same(&shared, &owned));
        assert_eq!(digest(&shared, &keys), digest(&owned, &keys));
    }

    #[test]
    fn what_differs_anywhere_is_another_question() {
        let keys = RandomState::new();
        let questions = [
            asked(json!(null)),
            asked(json!(0)),
            asked(json!(0.0)),
            asked(json!(-0.0)),
            asked(json!(1)),
            asked(json!(1.0)),
            asked(json!(u64::MAX)),
            asked(json!(-1)),
            asked(json!("")),
            asked(json!("1")),
            asked(json!([])),
            asked(json!([1])),
            asked(json!([[1], []])),
            asked(json!([[], [1]])),
            asked(json!({})),
            asked(json!({"a": 1})),
            asked(json!({"a": 1, "b": 2})),
            asked(json!({"b": 1})),
            asked(json!(true)),
            asked(json!(false)),
            asked(json!(1)).with_environment(Value::Null),
            asked(json!(1)).with_environment("r"),
            secret(json!({})),
            secret(json!({"key": "a"})),
            secret(json!({"key": "b"})),
            AuthorizationSubscription::new(1.to_string(), "r", "a"),
            AuthorizationSubscription::new("a", "ar", ""),
            AuthorizationSubscription::new("aa", "r", ""),
        ];
        for (at, a) in questions.iter().enumerate() {
            for (other, b) in questions.iter().enumerate() {
                assert_eq!(same(a, b), at == other, "{a:?} {b:?}");
                if at != other {
                    assert_ne!(digest(a, &keys), digest(b, &keys), "{a:?} {b:?}");
                }
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-2_i64..2).prop_map(Value::from),
            prop::sample::select(vec![0.0, -0.0, 1.0, 1.5]).prop_map(Value::from),
            "[ab]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn sameness_is_that_of_the_text_on_the_wire(a in values(), b in values()) {
            let keys = RandomState::new();
            let equal = same(&asked(a.clone()), &asked(b.clone()));
            let (text_of_a, text_of_b) = (a.to_string(), b.to_string());
            prop_assert_eq!(equal, text_of_a == text_of_b);
            if equal {
                prop_assert_eq!(digest(&asked(a), &keys), digest(&asked(b), &keys));
            }
        }
    }
}
