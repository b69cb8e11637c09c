//! A decision around any future.

use std::{cell::Cell, fmt};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::{
    AuthorizationDecision, Decision,
    constraint::{ComponentError, ConstraintEnforcementService, EnforceError, HandlerError, HandlerOutcome},
};

fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

fn service() -> ConstraintEnforcementService {
    ConstraintEnforcementService::builder()
        .runnable_fn("run", |constraint: &Value| ended(constraint, ()))
        .method_invocation_fn("invoke", |constraint: &Value, call| {
            call.set("set", 7);
            ended(constraint, ())
        })
        .filter_predicate_fn("keep", |constraint: &Value, element| {
            ended(constraint, element != &constraint["drop"])
        })
        .consumer_fn("look", |constraint: &Value, _| ended(constraint, ()))
        .mapping_fn("map", |constraint: &Value, value| match constraint.get("to") {
            Some(to) => ended(constraint, to.clone()),
            None => ended(constraint, value),
        })
        .error_handler_fn("on_error", |constraint: &Value, _| ended(constraint, ()))
        .error_mapping_fn("map_error", |constraint: &Value, error| {
            ended(
                constraint,
                ComponentError::new(format!("{}, mapped", error.message)),
            )
        })
        .build()
}

fn ended<T>(constraint: &Value, value: T) -> Result<T, HandlerError> {
    match constraint["fail"].as_str() {
        Some("panic") => panic!("on purpose"),
        Some(text) => Err(HandlerError::new(text)),
        None => Ok(value),
    }
}

/// What comes of a decision around a list of numbers, and whether that was made.
async fn numbers(decision: &AuthorizationDecision) -> (Result<Vec<u8>, String>, bool) {
    let made = Cell::new(false);
    let list = async {
        made.set(true);
        vec![1, 2, 3]
    };
    let result = service().enforce(decision, list).await;
    let result = result.map_err(|denied| {
        assert_eq!(denied.to_string(), "access denied");
        denied.reason().to_owned()
    });
    (result, made.get())
}

#[tokio::test]
async fn a_permit_without_constraints_gives_the_value_without_a_look_at_it() {
    /// Neither can be written nor read.
    #[derive(Debug, PartialEq)]
    struct Opaque;
    impl Serialize for Opaque {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    impl<'de> Deserialize<'de> for Opaque {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Err(serde::de::Error::custom("no"))
        }
    }
    let run = json!({"type": "run"});
    let decision = permit()
        .with_obligation(run.clone())
        .with_advice(json!({"type": "unknown"}));
    assert_eq!(
        service().enforce(&decision, async { Opaque }).await.unwrap(),
        Opaque
    );
    let looked_at = decision.with_advice(json!({"type": "look"}));
    let denied = service().enforce(&looked_at, async { Opaque }).await.unwrap_err();
    assert!(
        denied.reason().starts_with("the value can't be written as JSON"),
        "{denied:?}"
    );
}

#[tokio::test]
async fn whatever_is_no_permit_denies_and_the_future_is_not_polled() {
    for decision in [
        AuthorizationDecision::deny(),
        AuthorizationDecision::indeterminate(),
        AuthorizationDecision::not_applicable(),
        AuthorizationDecision::new(Decision::Suspend),
    ] {
        let decision = decision.with_obligation(json!({"type": "run"}));
        assert_eq!(
            numbers(&decision).await,
            (Err(format!("the decision is {}", decision.decision)), false)
        );
        let denied = service().enforce(&decision, async { 1 }).await.unwrap_err();
        assert_eq!(denied.report().records()[0].outcome, HandlerOutcome::Ran);
    }
}

#[tokio::test]
async fn an_obligation_that_can_not_be_fulfilled_here_denies_before_the_future_is_polled() {
    for obligation in [
        json!({"type": "unknown"}),
        json!(null),
        json!({"type": "invoke"}),
        json!({"type": "run", "fail": "no"}),
        json!({"type": "run", "fail": "panic"}),
    ] {
        let (result, made) = numbers(&permit().with_obligation(obligation.clone())).await;
        assert!(result.is_err() && !made, "{obligation}");
        let (result, made) = numbers(&permit().with_advice(obligation.clone())).await;
        assert_eq!((result, made), (Ok(vec![1, 2, 3]), true), "{obligation}");
    }
}

#[tokio::test]
async fn an_output_obligation_that_fails_keeps_the_value_back() {
    for kind in ["keep", "look", "map"] {
        for fail in ["no", "panic"] {
            let failing = json!({"type": kind, "fail": fail});
            let (result, made) = numbers(&permit().with_obligation(failing.clone())).await;
            assert!(result.is_err() && made, "{kind} {fail}");
            let (result, _) = numbers(&permit().with_advice(failing)).await;
            assert_eq!(result, Ok(vec![1, 2, 3]), "{kind} {fail}");
        }
    }
    let (result, _) = numbers(&permit().with_obligation(json!({"type": "map", "to": "no list"}))).await;
    assert_eq!(
        result,
        Err("what the handlers made of the value is not of its type".to_owned())
    );
    assert!(numbers(&permit().with_resource(json!(null))).await.0.is_err());
}

#[tokio::test]
async fn the_output_stages_change_the_value() {
    let keep = json!({"type": "keep", "drop": 2});
    assert_eq!(numbers(&permit().with_obligation(keep)).await.0, Ok(vec![1, 3]));
    assert_eq!(numbers(&permit().with_resource(json!([9]))).await.0, Ok(vec![9]));
    let dropped = permit().with_obligation(json!({"type": "keep", "drop": 5}));
    assert_eq!(
        service().enforce(&dropped, async { Some(5) }).await.unwrap(),
        None
    );
    assert!(service().enforce(&dropped, async { 5 }).await.is_err());
}

#[tokio::test]
async fn under_an_output_obligation_nothing_is_left_that_its_handlers_did_not_see() {
    #[derive(Serialize, Deserialize)]
    struct Row {
        shown: u8,
        #[serde(skip)]
        unseen: u8,
    }
    let row = || async { Row { shown: 1, unseen: 2 } };
    let unseen = async |decision| {
        let row = service().enforce(&decision, row()).await.unwrap();
        (row.shown, row.unseen)
    };
    let keep = json!({"type": "keep", "drop": 5});
    assert_eq!(unseen(permit().with_obligation(keep.clone())).await, (1, 0));
    assert_eq!(unseen(permit().with_advice(keep)).await, (1, 2));
}

#[derive(Debug, PartialEq)]
struct Secret;

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("row 7 of customers")
    }
}

async fn failing(decision: &AuthorizationDecision) -> EnforceError<Secret> {
    service()
        .try_enforce(decision, async { Err::<u8, _>(Secret) })
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_failure_tells_nothing_past_an_output_obligation() {
    assert!(matches!(failing(&permit()).await, EnforceError::Failed(Secret)));
    assert!(matches!(
        failing(&AuthorizationDecision::deny()).await,
        EnforceError::Denied(_)
    ));
    let on_error = permit().with_obligation(json!({"type": "on_error"}));
    assert!(matches!(failing(&on_error).await, EnforceError::Failed(Secret)));
    let broken = permit().with_obligation(json!({"type": "on_error", "fail": "no"}));
    assert!(matches!(failing(&broken).await, EnforceError::Denied(_)));

    let closed = permit().with_obligation(json!({"type": "keep", "drop": 1}));
    let told = failing(&closed).await.to_string();
    assert_eq!(told, "The operation failed");
    let advised = closed.clone().with_advice(json!({"type": "map_error"}));
    assert_eq!(failing(&advised).await.to_string(), "The operation failed");
    let mapped = closed.with_obligation(json!({"type": "map_error"}));
    assert_eq!(failing(&mapped).await.to_string(), "row 7 of customers, mapped");

    let value = service()
        .try_enforce(&permit(), async { Ok::<_, Secret>(1) })
        .await;
    assert_eq!(value.unwrap(), 1);
}

#[tokio::test]
async fn a_call_has_the_arguments_that_the_handlers_leave() {
    let call = async |decision: &AuthorizationDecision| {
        let arguments = Map::from_iter([("a".to_owned(), json!(1))]);
        let run = |arguments: Map<String, Value>| async move { Value::Object(arguments) };
        service().enforce_call(decision, "select", arguments, run).await
    };
    assert_eq!(call(&permit()).await.unwrap(), json!({"a": 1}));
    let invoke = permit().with_obligation(json!({"type": "invoke"}));
    assert_eq!(call(&invoke).await.unwrap(), json!({"a": 1, "set": 7}));
    for fail in ["no", "panic"] {
        let failing = permit().with_obligation(json!({"type": "invoke", "fail": fail}));
        assert!(call(&failing).await.is_err());
    }
    assert!(call(&AuthorizationDecision::deny()).await.is_err());
    let replaced = ConstraintEnforcementService::builder()
        .method_invocation_fn("replace", |_: &Value, call| {
            *call = crate::constraint::MethodInvocation::read_only("other", Map::new());
        })
        .build();
    let decision = permit().with_obligation(json!({"type": "replace"}));
    let run = |_| async { "ran".to_owned() };
    assert!(
        replaced
            .enforce_call(&decision, "select", Map::new(), run)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_result_is_not_taken_for_the_value_in_it() {
    let blacken = json!({
        "type": "filterJsonContent",
        "actions": [{"type": "blacken", "path": "$.name"}],
    });
    let decision = permit().with_obligation(blacken);
    let service = ConstraintEnforcementService::default();
    let customer = || json!({"name": "Mara"});

    let fallible = service.enforce(&decision, async { Ok::<_, String>(customer()) });
    assert!(fallible.await.unwrap_err().reason().contains("try_enforce"));
    let run = |_| async { Ok::<_, String>(customer()) };
    assert!(
        service
            .enforce_call(&decision, "select", Map::new(), run)
            .await
            .is_err()
    );

    let value = service.try_enforce(&decision, async { Ok::<_, String>(customer()) });
    assert_eq!(value.await.unwrap(), json!({"name": "████"}));
    let permit = permit();
    let untouched = service.enforce(&permit, async { Ok::<_, String>(customer()) });
    assert_eq!(untouched.await.unwrap(), Ok(customer()));
}
