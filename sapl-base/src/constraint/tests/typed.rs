use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use crate::{
    AuthorizationDecision,
    constraint::{
        ConstraintEnforcementService, EnforcementPoint, HandlerError, MethodInvocation,
        MethodInvocationHandler, MethodInvocationProvider,
    },
};

static READS: AtomicUsize = AtomicUsize::new(0);

struct Counted(u64);

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READS.fetch_add(1, Ordering::Relaxed);
        let constraint = Value::deserialize(deserializer)?;
        Ok(Self(constraint["max"].as_u64().unwrap_or_default()))
    }
}

#[test]
fn a_constraint_is_read_once_per_decision_however_often_its_handler_runs() {
    let service = ConstraintEnforcementService::builder()
        .filter_predicate_fn("atMost", |most: &Counted, element| {
            element.as_u64().is_some_and(|n| n <= most.0)
        })
        .build();
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "atMost", "max": 3}));
    for decisions in 1..3 {
        let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
        assert_eq!(bundle.output(json!([1, 5, 3, 4])).unwrap().value, json!([1, 3]));
        assert_eq!(READS.load(Ordering::Relaxed), decisions);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LimitResults {
    max_limit: u64,
}

#[test]
fn a_constraint_that_does_not_fit_its_struct_is_claimed_and_fails() {
    let service = ConstraintEnforcementService::builder()
        .method_invocation_fn("limitResults", |limit: &LimitResults, call| {
            call.cap("limit", limit.max_limit)
        })
        .build();
    let misfit = json!({"type": "limitResults", "maxLimit": "secret"});
    let decision = AuthorizationDecision::permit().with_obligation(misfit.clone());
    let error = service
        .resolve(&decision, EnforcementPoint::PreEnforce)
        .unwrap_err();
    assert_eq!(
        error.reason(),
        "obligation 0 (`limitResults`): at `maxLimit`: invalid type: string, expected u64"
    );
    let decision = AuthorizationDecision::permit().with_advice(misfit);
    assert!(service.resolve(&decision, EnforcementPoint::PreEnforce).is_ok());
    // Another type, or none, is not this provider's.
    for other in [
        json!({"type": "limitresults", "maxLimit": 1}),
        json!({"maxLimit": 1}),
        json!("limitResults"),
    ] {
        let decision = AuthorizationDecision::permit().with_obligation(other);
        assert!(!service.claims(&decision, EnforcementPoint::PreEnforce));
    }
}

struct Touches;

impl MethodInvocationProvider for Touches {
    fn is_responsible(&self, constraint: &Value) -> bool {
        constraint["type"] == "touch"
    }

    fn handler(&self, constraint: &Value) -> Result<MethodInvocationHandler, HandlerError> {
        let value = constraint["value"].clone();
        Ok(MethodInvocationHandler::new(move |call| {
            call.set("a", value);
            call.remove("absent");
        }))
    }
}

#[tokio::test]
async fn a_handler_that_changes_a_read_only_argument_has_failed() {
    let service = ConstraintEnforcementService::builder()
        .method_invocation(Touches)
        .build();
    for (value, passes) in [(json!(1), true), (json!(2), false)] {
        let touch = json!({"type": "touch", "value": value});
        let arguments: Map<String, Value> = [("a".to_owned(), json!(1))].into_iter().collect();

        let decision = AuthorizationDecision::permit().with_obligation(touch.clone());
        let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
        let mut call = MethodInvocation::read_only("data", arguments.clone());
        assert_eq!(bundle.method_invocation(&mut call).await.is_ok(), passes);
        assert_eq!(call.into_arguments(), arguments);

        let decision = AuthorizationDecision::permit().with_advice(touch);
        let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
        let mut call = MethodInvocation::read_only("data", arguments.clone());
        assert!(bundle.method_invocation(&mut call).await.is_ok());
        assert!(!call.is_changed());
    }
}
