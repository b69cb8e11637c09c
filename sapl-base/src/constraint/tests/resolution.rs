use serde_json::{Value, json};

use super::support::{Log, constraint, ending, recording};
use crate::{
    AuthorizationDecision, Decision,
    constraint::{
        ConstraintBundle, ConstraintEnforcementService, ConstraintRecord, ConstraintReport, ConstraintRole,
        EnforcementPoint, HandlerError, HandlerKind, HandlerOutcome, MappingHandler, MappingProvider,
        Unresolved,
    },
};

fn resolve(
    log: &Log,
    decision: &AuthorizationDecision,
    point: EnforcementPoint,
) -> Result<ConstraintBundle, Unresolved> {
    recording(log)
        .mapping(FailsToMake)
        .mapping(PanicsToMake)
        .build()
        .resolve(decision, point)
}

struct FailsToMake;

impl MappingProvider for FailsToMake {
    fn is_responsible(&self, constraint: &Value) -> bool {
        constraint["type"] == "unmakeable"
    }

    fn handler(&self, _: &Value) -> Result<MappingHandler, HandlerError> {
        Err(HandlerError::new("can't be made"))
    }
}

struct PanicsToMake;

impl MappingProvider for PanicsToMake {
    fn is_responsible(&self, constraint: &Value) -> bool {
        assert!(constraint["type"] != "unaskable", "asked");
        constraint["type"] == "explosive"
    }

    fn handler(&self, _: &Value) -> Result<MappingHandler, HandlerError> {
        panic!("making")
    }
}

#[test]
fn an_obligation_is_handled_by_a_kind_that_can_run_at_the_point() {
    let log = Log::default();
    for (kind, post, gate) in [
        ("runnable", true, true),
        ("method_invocation", false, false),
        ("filter_predicate", true, false),
        ("consumer", true, false),
        ("mapping", true, false),
        ("error_handler", true, false),
        ("error_mapping", true, false),
    ] {
        let decision = AuthorizationDecision::permit().with_obligation(constraint(kind, "x"));
        assert!(
            resolve(&log, &decision, EnforcementPoint::PreEnforce).is_ok(),
            "{kind}"
        );
        assert_eq!(
            resolve(&log, &decision, EnforcementPoint::PostEnforce).is_ok(),
            post,
            "{kind}"
        );
        assert_eq!(
            resolve(&log, &decision, EnforcementPoint::Gate).is_ok(),
            gate,
            "{kind}"
        );
    }
}

#[test]
fn what_cannot_be_resolved_says_which_and_why() {
    let log = Log::default();
    for (obligation, reason) in [
        (
            json!({"type": "unknown"}),
            "obligation 1 (`unknown`): no provider that can run here is responsible for it",
        ),
        (
            json!({}),
            "obligation 1 (without a type): no provider that can run here is responsible for it",
        ),
        (
            json!(null),
            "obligation 1 (without a type): no provider that can run here is responsible for it",
        ),
        (
            json!({"type": "unmakeable"}),
            "obligation 1 (`unmakeable`): can't be made",
        ),
        (
            json!({"type": "explosive"}),
            "obligation 1 (`explosive`): panicked: making",
        ),
        (
            json!({"type": "unaskable"}),
            "obligation 1 (`unaskable`): panicked: asked",
        ),
    ] {
        let decision = AuthorizationDecision::permit()
            .with_obligation(constraint("runnable", "x"))
            .with_obligation(obligation.clone());
        let error = resolve(&log, &decision, EnforcementPoint::PreEnforce).unwrap_err();
        assert_eq!(error.reason(), reason);

        let decision = AuthorizationDecision::permit().with_advice(obligation);
        assert!(
            resolve(&log, &decision, EnforcementPoint::PreEnforce).is_ok(),
            "{reason}"
        );
    }
}

#[test]
fn an_obligation_fails_although_another_provider_handles_it() {
    let service = ConstraintEnforcementService::builder()
        .mapping(FailsToMake)
        .runnable_fn("unmakeable", |_: &Value| ())
        .build();
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "unmakeable"}));
    assert!(service.resolve(&decision, EnforcementPoint::PreEnforce).is_err());
    // At a gate the provider that fails is not asked.
    assert!(service.resolve(&decision, EnforcementPoint::Gate).is_ok());
}

#[tokio::test]
async fn every_responsible_provider_contributes_in_the_order_of_registration() {
    let log = Log::default();
    let mut builder = ConstraintEnforcementService::builder();
    for name in ["first", "second"] {
        let log = log.clone();
        builder = builder.runnable_fn("both", move |c: &Value| log.write(format!("{name} {}", c["id"])));
    }
    let decision = AuthorizationDecision::permit()
        .with_obligation(json!({"type": "both", "id": 1}))
        .with_obligation(json!({"type": "both", "id": 2}));
    let mut bundle = builder
        .build()
        .resolve(&decision, EnforcementPoint::Gate)
        .unwrap();
    bundle.on_decision().await.unwrap();
    assert_eq!(log.take(), ["first 1", "second 1", "first 2", "second 2"]);
}

#[tokio::test]
async fn a_denied_attempt_is_logged_best_effort() {
    let log = Log::default();
    let constraints = |decision| {
        AuthorizationDecision::new(decision)
            .with_obligation(ending("runnable", "fails", "fail"))
            .with_obligation(constraint("unknown", "x"))
            .with_obligation(constraint("mapping", "not run"))
            .with_obligation(ending("slow", "panics", "panic"))
            .with_advice(constraint("runnable", "advice"))
            .with_resource(json!(1))
    };
    for decision in [
        Decision::Deny,
        Decision::Suspend,
        Decision::Indeterminate,
        Decision::NotApplicable,
        Decision::Permit,
    ] {
        let decision = constraints(decision);
        let mut denied = recording(&log).build().denied(&decision);
        assert!(!denied.is_empty());
        denied.run().await;
        assert!(denied.is_empty());
        assert_eq!(
            outcomes(denied.report()),
            ["failed", "not run", "not run", "failed", "ran"]
        );
        assert_eq!(log.take(), ["fails", "panics", "advice"]);
        denied.run().await;
        assert!(log.take().is_empty(), "they ran twice");

        let mut error = resolve(&log, &decision, EnforcementPoint::PreEnforce).unwrap_err();
        let expected = match decision.decision {
            Decision::Permit => {
                "obligation 1 (`unknown`): no provider that can run here is responsible for it"
            }
            other => &format!("the decision is {other}"),
        };
        assert_eq!(error.to_string(), expected);
        error.denied().run().await;
        assert_eq!(log.take(), ["fails", "panics", "advice"]);
    }
}

/// How each constraint of a decision ended.
fn outcomes(report: &ConstraintReport) -> Vec<&'static str> {
    let outcome = |record: &ConstraintRecord| match record.outcome {
        HandlerOutcome::NotRun => "not run",
        HandlerOutcome::Ran => "ran",
        HandlerOutcome::Failed(_) => "failed",
    };
    assert_eq!(report.is_empty(), report.records().is_empty());
    report.records().iter().map(outcome).collect()
}

#[test]
fn a_gate_does_not_replace_the_resource() {
    let log = Log::default();
    let decision = AuthorizationDecision::permit().with_resource(Value::Null);
    assert!(resolve(&log, &decision, EnforcementPoint::Gate).is_err());
    assert!(resolve(&log, &decision, EnforcementPoint::PreEnforce).is_ok());
}

#[tokio::test]
async fn a_decision_without_constraints_costs_no_allocation() {
    let log = Log::default();
    let mut bundle = resolve(
        &log,
        &AuthorizationDecision::permit(),
        EnforcementPoint::PreEnforce,
    )
    .unwrap();
    bundle.on_decision().await.unwrap();
    assert!(!bundle.has_output_obligation() && !bundle.has_output_stages() && !bundle.has_error_stages());
    assert!(bundle.report().is_empty());
    let handlers = &bundle.handlers;
    let capacities = [
        handlers.runnable.capacity(),
        handlers.method_invocation.capacity(),
        handlers.filter_predicate.capacity(),
        handlers.consumer.capacity(),
        handlers.mapping.capacity(),
        handlers.error_handler.capacity(),
        handlers.error_mapping.capacity(),
        bundle.report.capacity(),
    ];
    assert_eq!(capacities, [0; 8]);
}

#[tokio::test]
async fn the_report_says_of_each_constraint_how_it_ended() {
    let log = Log::default();
    let decision = AuthorizationDecision::permit()
        .with_obligation(constraint("runnable", "x"))
        .with_obligation(constraint("mapping", "x"))
        .with_advice(ending("consumer", "x", "fail"))
        .with_advice(json!({"note": "nobody reads this"}));
    let mut bundle = resolve(&log, &decision, EnforcementPoint::PostEnforce).unwrap();
    bundle.on_decision().await.unwrap();
    let record = |at: usize, bundle: &ConstraintBundle| bundle.report().records()[at].outcome.clone();
    assert_eq!(record(0, &bundle), HandlerOutcome::Ran);
    assert_eq!(record(1, &bundle), HandlerOutcome::NotRun);
    bundle.output(json!(1)).unwrap();
    let report = bundle.into_report();
    let records = report.records();
    assert_eq!((records[2].role, records[2].index), (ConstraintRole::Advice, 0));
    assert_eq!(records[2].kind, Some(HandlerKind::Consumer));
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!([
            {"type": "runnable", "role": "obligation", "index": 0, "kind": "runnable", "outcome": "ran"},
            {"type": "mapping", "role": "obligation", "index": 1, "kind": "mapping", "outcome": "ran"},
            {"type": "consumer", "role": "advice", "index": 0, "kind": "consumer", "outcome": "failed",
             "message": "it was told to"},
            {"role": "advice", "index": 1, "outcome": "not_run"},
        ])
    );
}

#[test]
fn bundles_can_be_kept_and_sent() {
    fn kept<T: Send + 'static>() {}
    fn shared<T: Send + Sync + Clone + 'static>() {}
    kept::<ConstraintBundle>();
    kept::<Unresolved>();
    shared::<ConstraintEnforcementService>();
}

#[tokio::test]
async fn the_enforcement_point_says_how_its_own_stage_ended() {
    let service = recording(&Log::default()).build().with_stages(&["stage"]);
    let decision = AuthorizationDecision::permit()
        .with_obligation(json!({"type": "stage"}))
        .with_obligation(constraint("method_invocation", "x"))
        .with_advice(json!({"type": "stage"}));
    let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    let ended = |bundle: &ConstraintBundle| {
        let records = bundle.report().records().iter();
        records
            .map(|record| (record.kind, record.outcome.clone()))
            .collect::<Vec<_>>()
    };
    let (before, invoked) = (HandlerOutcome::NotRun, Some(HandlerKind::MethodInvocation));
    let all = [
        (invoked, before.clone()),
        (invoked, before.clone()),
        (None, before.clone()),
    ];
    assert_eq!(ended(&bundle), all);
    bundle.carried_out("stage", HandlerOutcome::Ran);
    bundle.carried_out("stage", HandlerOutcome::Failed("too late".to_owned()));
    assert_eq!(
        ended(&bundle),
        [
            (invoked, HandlerOutcome::Ran),
            (invoked, before.clone()),
            (None, before)
        ]
    );
    for point in [EnforcementPoint::PostEnforce, EnforcementPoint::Gate] {
        let staged = AuthorizationDecision::permit().with_obligation(json!({"type": "stage"}));
        assert!(service.resolve(&staged, point).is_err());
    }
}
