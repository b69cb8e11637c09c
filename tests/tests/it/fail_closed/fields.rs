//! A field of the subscription that has no value denies before anything is asked.

use sapl_mcp::{AuditOutcome, AuthorizationDecision, Decision, Rule, SubscriptionContext, pre_enforce};
use sapl_mcp_tests::Behaviour;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, ruled};

type Setter = fn(Rule, fn(&SubscriptionContext) -> Outcome) -> Rule;

/// What a function of a rule gives.
#[derive(Clone, Copy)]
enum Outcome {
    None,
    Err,
    Unwritable,
    Value,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Err => Err::<(), &str>("the text of the error").serialize(serializer),
            Self::Unwritable => Err(S::Error::custom("it can't be written")),
            Self::Value => json!({"a": 1}).serialize(serializer),
        }
    }
}

const FIELDS: [(&str, Setter); 5] = [
    ("subject", |rule, function| rule.subject_fn(function)),
    ("action", |rule, function| rule.action_fn(function)),
    ("resource", |rule, function| rule.resource_fn(function)),
    ("environment", |rule, function| rule.environment_fn(function)),
    ("secrets", |rule, function| rule.secrets_fn(function)),
];

#[tokio::test]
async fn a_function_without_a_value_denies() {
    let functions: [fn(&SubscriptionContext) -> Outcome; 4] = [
        |_| Outcome::None,
        |_| Outcome::Err,
        |_| Outcome::Unwritable,
        |_| panic!("the function panics"),
    ];
    for (field, set) in FIELDS {
        for function in functions {
            let world = ruled(
                set(pre_enforce(), function),
                AuthorizationDecision::permit(),
                Behaviour::text("secret"),
            )
            .await;
            assert_denied(&call(&world, json!({})).await);
            assert_eq!(
                world.log.lines(),
                Vec::<String>::new(),
                "{field}: neither asked nor run"
            );
            let record = &world.audit.records()[0];
            assert_eq!((record.decision, record.effective), (None, Decision::Deny));
            assert_eq!(record.outcome, AuditOutcome::Denied);
            assert!(
                record
                    .reason
                    .as_ref()
                    .is_some_and(|reason| reason.contains(field)),
                "{record:?}"
            );
        }
        let world = ruled(
            set(pre_enforce(), |_| Outcome::Value),
            AuthorizationDecision::permit(),
            Behaviour::text("open"),
        )
        .await;
        assert_eq!(
            crate::common::text(&call(&world, json!({})).await.unwrap()),
            "open",
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_fixed_none_denies_and_falsy_values_are_values() {
    let none = pre_enforce().environment(None::<u8>);
    let world = ruled(none, AuthorizationDecision::permit(), Behaviour::text("secret")).await;
    assert_denied(&call(&world, json!({})).await);

    for falsy in [
        json!(0),
        json!(""),
        json!(false),
        Value::Null,
        json!([]),
        json!({}),
    ] {
        let rule = pre_enforce()
            .subject(&falsy)
            .action(&falsy)
            .resource(&falsy)
            .environment(&falsy);
        let world = ruled(rule, AuthorizationDecision::permit(), Behaviour::text("open")).await;
        call(&world, json!({})).await.unwrap();
        let asked = world.pdp.only();
        assert_eq!([asked.subject(), asked.action(), asked.resource()], [&falsy; 3]);
        assert_eq!(asked.environment(), Some(&falsy));
    }
}

#[tokio::test]
async fn secrets_that_are_no_object_deny() {
    for secrets in [json!("text"), json!([1]), Value::Null, json!(1)] {
        let world = ruled(
            pre_enforce().secrets(&secrets),
            AuthorizationDecision::permit(),
            Behaviour::text("s"),
        )
        .await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(world.log.lines(), Vec::<String>::new(), "{secrets}");
    }
}

#[tokio::test]
async fn the_text_of_a_failed_secret_is_told_to_nobody() {
    let rule = pre_enforce().secrets_fn(|_| Err::<(), _>("hunter2"));
    let world = ruled(rule, AuthorizationDecision::permit(), Behaviour::text("s")).await;
    let reply = world.call("mara", "t", json!({})).await;
    assert!(!reply.contains("hunter2"));
    assert!(!format!("{:?}", world.audit.records()).contains("hunter2"));
}
