use serde_json::{Map, Value, json};

use super::support::{Log, constraint, ending, recording};
use crate::{
    AuthorizationDecision,
    constraint::{
        ComponentError, ConstraintBundle, ConstraintEnforcementService, EnforcementPoint, HandlerOutcome,
        MethodInvocation, ObligationFailed, Output,
    },
};

fn resolve(log: &Log, decision: &AuthorizationDecision) -> ConstraintBundle {
    recording(log)
        .build()
        .resolve(decision, EnforcementPoint::PreEnforce)
        .unwrap()
}

fn call() -> MethodInvocation {
    MethodInvocation::new("query", Map::new())
}

/// Runs the one stage that handlers of `kind` are in, after those before it.
async fn run(kind: &str, bundle: &mut ConstraintBundle) -> Result<String, ObligationFailed> {
    bundle.on_decision().await?;
    let mut call = call();
    bundle.method_invocation(&mut call).await?;
    Ok(match kind {
        "runnable" | "slow" => String::new(),
        "method_invocation" | "slow_call" => Value::Object(call.into_arguments()).to_string(),
        "error_handler" | "error_mapping" => bundle.failure(ComponentError::new("e"))?.error.message,
        _ => bundle.output(json!([1, 2]))?.value.to_string(),
    })
}

const KINDS: [&str; 9] = [
    "runnable",
    "slow",
    "method_invocation",
    "slow_call",
    "filter_predicate",
    "consumer",
    "mapping",
    "error_handler",
    "error_mapping",
];

#[tokio::test]
async fn handlers_of_each_kind_run_obligations_first_and_in_the_order_of_the_decision() {
    for kind in KINDS {
        let log = Log::default();
        let decision = AuthorizationDecision::permit()
            .with_advice(constraint(kind, "a"))
            .with_obligation(constraint(kind, "o1"))
            .with_advice(constraint(kind, "b"))
            .with_obligation(constraint(kind, "o2"));
        let mut bundle = resolve(&log, &decision);
        assert!(log.take().is_empty(), "{kind} ran when it was resolved");
        run(kind, &mut bundle).await.unwrap();
        let mut ran: Vec<_> = log
            .take()
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        ran.dedup();
        assert_eq!(ran, ["o1", "o2", "a", "b"], "{kind}");
        let outcomes = bundle.report().records().iter().map(|record| &record.outcome);
        assert!(outcomes.eq([&HandlerOutcome::Ran; 4]), "{kind}");
    }
}

#[tokio::test]
async fn an_obligation_that_fails_denies_after_the_rest_of_its_stage_ran() {
    for kind in KINDS {
        for then in ["fail", "panic"] {
            let log = Log::default();
            let decision = AuthorizationDecision::permit()
                .with_obligation(ending(kind, "bad", then))
                .with_obligation(constraint(kind, "good"))
                .with_advice(constraint(kind, "advice"));
            let mut bundle = resolve(&log, &decision);
            let error = run(kind, &mut bundle).await.unwrap_err();
            let cause = if then == "fail" {
                "it was told to"
            } else {
                "panicked: it was told to"
            };
            assert_eq!(error.to_string(), format!("obligation 0 (`{kind}`): {cause}"));
            assert_eq!(error.message(), cause);
            let ran = log.take().join(",");
            assert!(ran.contains("good") && ran.contains("advice"), "{kind}: {ran}");
            assert_eq!(
                bundle.report().records()[0].outcome,
                HandlerOutcome::Failed(cause.to_owned())
            );
            assert_eq!(bundle.report().records()[1].outcome, HandlerOutcome::Ran);
        }
    }
}

#[tokio::test]
async fn an_advice_that_fails_leaves_everything_as_it_was() {
    for kind in KINDS {
        let untouched = run(kind, &mut ConstraintBundle::default()).await.unwrap();
        for then in ["fail", "panic"] {
            let log = Log::default();
            let decision = AuthorizationDecision::permit().with_advice(ending(kind, "bad", then));
            let mut bundle = resolve(&log, &decision);
            assert_eq!(run(kind, &mut bundle).await.unwrap(), untouched, "{kind}");
            assert!(matches!(
                bundle.report().records()[0].outcome,
                HandlerOutcome::Failed(_)
            ));
            assert!(!log.take().is_empty(), "{kind} did not run");
        }
    }
}

#[tokio::test]
async fn a_stage_behind_a_failure_does_not_run() {
    let log = Log::default();
    let decision = AuthorizationDecision::permit()
        .with_obligation(ending("runnable", "bad", "fail"))
        .with_obligation(constraint("method_invocation", "call"))
        .with_obligation(constraint("mapping", "mapping"))
        .with_obligation(constraint("error_mapping", "error"));
    let mut bundle = resolve(&log, &decision);
    assert!(bundle.on_decision().await.is_err());
    let mut call = call();
    assert!(bundle.method_invocation(&mut call).await.is_err());
    assert!(!call.is_changed());
    assert!(bundle.output(json!(1)).is_err());
    assert!(bundle.failure(ComponentError::new("e")).is_err());
    assert_eq!(log.take(), ["bad"]);
    let not_run = bundle
        .report()
        .records()
        .iter()
        .filter(|record| record.outcome == HandlerOutcome::NotRun);
    assert_eq!(not_run.count(), 3);
}

#[test]
fn the_value_goes_through_replacement_filters_consumers_and_mappings() {
    let log = Log::default();
    let decision = AuthorizationDecision::permit()
        .with_resource(json!([1, 2, 3]))
        .with_obligation(constraint("mapping", "map"))
        .with_obligation(constraint("consumer", "look"))
        .with_obligation(json!({"type": "filter_predicate", "id": "filter", "drop": 2}));
    let output = resolve(&log, &decision).output(json!("the component's")).unwrap();
    assert_eq!(
        output,
        Output {
            value: json!([[1, 3], "map"]),
            changed: true
        }
    );
    assert_eq!(
        log.take(),
        ["filter 1", "filter 2", "filter 3", "look [1,3]", "map"]
    );
}

#[test]
fn a_replacement_by_null_is_a_replacement() {
    let log = Log::default();
    let mut bundle = resolve(&log, &AuthorizationDecision::permit().with_resource(Value::Null));
    assert!(bundle.has_output_obligation() && bundle.has_output_stages());
    assert_eq!(
        bundle.output(json!(1)).unwrap(),
        Output {
            value: Value::Null,
            changed: true
        }
    );
}

#[test]
fn a_value_that_nothing_changed_is_said_to_be_unchanged() {
    let log = Log::default();
    let decision = AuthorizationDecision::permit()
        .with_obligation(constraint("consumer", "look"))
        .with_obligation(json!({"type": "filter_predicate", "id": "filter", "drop": 9}))
        .with_obligation(json!({"type": "same"}));
    let service = recording(&log)
        .mapping_fn("same", |_: &Value, value| value)
        .build();
    let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    assert!(bundle.has_output_obligation());
    assert_eq!(
        bundle.output(json!([1])).unwrap(),
        Output {
            value: json!([1]),
            changed: false
        }
    );
}

#[test]
fn filters_are_anded_and_show_a_dropped_element_to_no_other() {
    let log = Log::default();
    let dropping = |id: &str, drop: u8| json!({"type": "filter_predicate", "id": id, "drop": drop});
    let decision = AuthorizationDecision::permit()
        .with_obligation(dropping("a", 1))
        .with_advice(dropping("b", 2));
    let output = resolve(&log, &decision).output(json!([1, 2, 3])).unwrap();
    assert_eq!(
        output,
        Output {
            value: json!([3]),
            changed: true
        }
    );
    assert_eq!(log.take(), ["a 1", "a 2", "a 3", "b 2", "b 3"]);

    let output = resolve(&log, &decision).output(json!(1)).unwrap();
    assert_eq!(
        output,
        Output {
            value: Value::Null,
            changed: true
        }
    );
    assert_eq!(log.take(), ["a 1"]);

    let output = resolve(&log, &decision).output(json!([])).unwrap();
    assert_eq!(
        output,
        Output {
            value: json!([]),
            changed: false
        }
    );
}

#[test]
fn an_advice_filter_that_fails_on_one_element_drops_none() {
    let service = ConstraintEnforcementService::builder()
        .filter_predicate_fn("odd", |_: &Value, element| {
            element.as_u64().map(|n| n % 2 == 1).ok_or("no number")
        })
        .build();
    let odd = json!({"type": "odd"});
    let decision = AuthorizationDecision::permit().with_advice(odd.clone());
    let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    assert_eq!(
        bundle.output(json!([1, 2, "x"])).unwrap().value,
        json!([1, 2, "x"])
    );
    let decision = AuthorizationDecision::permit().with_obligation(odd);
    let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    assert!(bundle.output(json!([1, 2, "x"])).is_err());
}

#[test]
fn mappings_run_by_priority_and_else_in_the_order_of_the_decision() {
    let mut builder = ConstraintEnforcementService::builder();
    for (name, priority) in [("low", -1), ("middle", 0), ("high", i32::MAX)] {
        builder = builder
            .mapping_priority_fn(name, priority, |c: &Value, value: Value| {
                json!(format!(
                    "{}{}",
                    value.as_str().unwrap(),
                    c["id"].as_str().unwrap()
                ))
            })
            .error_mapping_priority_fn(name, priority, |c: &Value, error: ComponentError| {
                ComponentError::new(error.message + c["id"].as_str().unwrap())
            });
    }
    let service = builder.build();
    let decision = AuthorizationDecision::permit()
        .with_advice(constraint("high", "2"))
        .with_advice(constraint("middle", "5"))
        .with_obligation(constraint("low", "6"))
        .with_obligation(constraint("middle", "3"))
        .with_obligation(constraint("high", "1"))
        .with_obligation(constraint("middle", "4"));
    let resolve = || service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    assert_eq!(resolve().output(json!("")).unwrap().value, json!("123456"));
    assert_eq!(
        resolve().failure(ComponentError::new("")).unwrap().error.message,
        "123456"
    );
}

#[test]
fn an_error_says_whether_an_obligation_made_what_is_sent() {
    let log = Log::default();
    let mapping = |id| constraint("error_mapping", id);
    let permit = AuthorizationDecision::permit;
    for (decision, message, made_by_obligation) in [
        (permit(), "e", false),
        (
            permit().with_obligation(constraint("error_handler", "look")),
            "e",
            false,
        ),
        (permit().with_advice(mapping("a")), "e+a", false),
        (permit().with_obligation(mapping("o")), "e+o", true),
        (
            permit()
                .with_obligation(mapping("o"))
                .with_advice(ending("error_mapping", "a", "fail")),
            "e+o",
            true,
        ),
        (
            permit().with_obligation(mapping("o")).with_advice(mapping("a")),
            "e+o+a",
            false,
        ),
    ] {
        let error = ComponentError::new("e").with_code(-32603).with_data(json!([1]));
        let output = resolve(&log, &decision).failure(error).unwrap();
        assert_eq!(output.error.message, message);
        assert_eq!(
            (output.error.code, output.error.data),
            (Some(-32603), Some(json!([1])))
        );
        assert_eq!(output.made_by_obligation, made_by_obligation, "{message}");
        assert_eq!(output.changed, message != "e");
    }
}

#[test]
fn output_obligations_are_replacement_filter_and_mapping() {
    let log = Log::default();
    for kind in KINDS {
        let output = matches!(kind, "filter_predicate" | "mapping");
        let obligation = resolve(
            &log,
            &AuthorizationDecision::permit().with_obligation(constraint(kind, "x")),
        );
        assert_eq!(obligation.has_output_obligation(), output, "{kind}");
        assert_eq!(
            obligation.has_output_stages(),
            output || kind == "consumer",
            "{kind}"
        );
        assert_eq!(obligation.has_error_stages(), kind.starts_with("error"), "{kind}");
        assert_eq!(
            obligation.has_method_invocation(),
            kind.ends_with("call") || kind == "method_invocation"
        );
        let advice = resolve(
            &log,
            &AuthorizationDecision::permit().with_advice(constraint(kind, "x")),
        );
        assert!(!advice.has_output_obligation(), "{kind}");
        assert_eq!(advice.has_output_stages(), output || kind == "consumer", "{kind}");
    }
}

#[test]
fn an_obligation_that_leaves_an_error_as_it_is_did_not_make_it() {
    let service = ConstraintEnforcementService::builder()
        .error_mapping_fn("only", |constraint: &Value, error: ComponentError| {
            match error.code == constraint["code"].as_i64() {
                true => ComponentError::new("mapped"),
                false => error,
            }
        })
        .build();
    for (code, made_by_obligation) in [(-32050, true), (-32051, false)] {
        let only = json!({"type": "only", "code": -32050});
        let decision = AuthorizationDecision::permit().with_obligation(only);
        let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
        let error = ComponentError::new("secret").with_code(code);
        let output = bundle.failure(error).unwrap();
        assert_eq!(output.made_by_obligation, made_by_obligation);
        assert_eq!(output.changed, made_by_obligation);
    }
}
