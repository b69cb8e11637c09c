use std::sync::Mutex;

use serde_json::{Value, json};

use super::support::{Log, constraint, ending, recording};
use crate::{
    AuthorizationDecision,
    constraint::{
        ConstraintEnforcementService, ConsumerHandler, ConsumerProvider, EnforcementPoint, HandlerError,
        RunnableHandler, RunnableProvider,
    },
};

const POINTS: [EnforcementPoint; 3] = [
    EnforcementPoint::PreEnforce,
    EnforcementPoint::PostEnforce,
    EnforcementPoint::Gate,
];

fn shown(service: &ConstraintEnforcementService, decision: &AuthorizationDecision) -> [bool; 3] {
    POINTS.map(|point| service.claims(decision, point))
}

#[test]
fn a_component_is_shown_when_its_decision_could_be_enforced() {
    let log = Log::default();
    let service = recording(&log).build();
    let permit = AuthorizationDecision::permit;
    for (decision, expected) in [
        (permit(), [true; 3]),
        (AuthorizationDecision::deny(), [false; 3]),
        (AuthorizationDecision::not_applicable(), [false; 3]),
        (AuthorizationDecision::indeterminate(), [false; 3]),
        (permit().with_resource(Value::Null), [true, true, false]),
        (permit().with_obligation(constraint("runnable", "x")), [true; 3]),
        (
            permit().with_obligation(constraint("method_invocation", "x")),
            [true, false, false],
        ),
        (
            permit().with_obligation(constraint("mapping", "x")),
            [true, true, false],
        ),
        (permit().with_obligation(constraint("unknown", "x")), [false; 3]),
        (permit().with_obligation(json!("unknown")), [false; 3]),
        (permit().with_advice(constraint("unknown", "x")), [true; 3]),
        (
            permit()
                .with_obligation(constraint("runnable", "x"))
                .with_obligation(json!(null)),
            [false; 3],
        ),
        // What does not fit is only found when a handler is made.
        (
            permit().with_obligation(json!({"type": "filterJsonContent"})),
            [true, true, false],
        ),
    ] {
        assert_eq!(shown(&service, &decision), expected, "{decision:?}");
    }
    assert!(log.take().is_empty());
}

struct PanicsWhenAsked;

impl ConsumerProvider for PanicsWhenAsked {
    fn is_responsible(&self, _: &Value) -> bool {
        panic!("asked")
    }

    fn handler(&self, _: &Value) -> Result<ConsumerHandler, HandlerError> {
        Err(HandlerError::new("never made"))
    }
}

#[test]
fn a_provider_that_panics_when_asked_hides_the_component() {
    let service = ConstraintEnforcementService::builder()
        .consumer(PanicsWhenAsked)
        .build();
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "x"}));
    assert_eq!(shown(&service, &decision), [false; 3]);
    assert_eq!(shown(&service, &AuthorizationDecision::permit()), [true; 3]);
}

struct OnListing(Log);

impl RunnableProvider for OnListing {
    fn is_responsible(&self, constraint: &Value) -> bool {
        constraint["type"] == "listed"
    }

    fn handler(&self, constraint: &Value) -> Result<RunnableHandler, HandlerError> {
        let log = self.0.clone();
        let line = constraint["id"].as_str().ok_or("no id")?.to_owned();
        let fails = constraint["then"] == "fail";
        Ok(RunnableHandler::new(move || {
            log.write(line);
            if fails { Err("told to") } else { Ok(()) }
        }))
    }

    fn runs_on_listing(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn only_handlers_that_ask_for_it_run_in_a_listing() {
    let log = Log::default();
    let service = recording(&log).runnable(OnListing(log.clone())).build();
    assert!(service.has_listing_handlers());
    let decision = AuthorizationDecision::permit()
        .with_obligation(constraint("runnable", "not listed"))
        .with_obligation(constraint("listed", "obligation"))
        .with_advice(constraint("listed", "advice"));
    assert!(service.claims(&decision, EnforcementPoint::PreEnforce));
    assert!(log.take().is_empty());
    service.on_listing(&decision).await.unwrap();
    assert_eq!(log.take(), ["obligation", "advice"]);

    let silent = recording(&log).build();
    assert!(!silent.has_listing_handlers());
    silent.on_listing(&decision).await.unwrap();
    assert!(log.take().is_empty());
}

#[tokio::test]
async fn a_listing_handler_of_an_obligation_that_fails_is_an_error() {
    let log = Log::default();
    let service = recording(&log).runnable(OnListing(log.clone())).build();
    let good = constraint("listed", "good");
    for bad in [ending("listed", "bad", "fail"), json!({"type": "listed"})] {
        let obligation = AuthorizationDecision::permit()
            .with_obligation(bad.clone())
            .with_obligation(good.clone());
        assert!(service.on_listing(&obligation).await.is_err());
        assert_eq!(log.take().last().unwrap(), "good");
        let advice = AuthorizationDecision::permit()
            .with_advice(bad)
            .with_advice(good.clone());
        assert!(service.on_listing(&advice).await.is_ok());
        assert_eq!(log.take().last().unwrap(), "good");
    }
}

#[test]
fn a_provider_may_answer_differently_each_time_without_breaking_anything() {
    struct Moody(Mutex<bool>);
    impl RunnableProvider for Moody {
        fn is_responsible(&self, _: &Value) -> bool {
            let mut mood = self.0.lock().unwrap();
            *mood = !*mood;
            *mood
        }
        fn handler(&self, _: &Value) -> Result<RunnableHandler, HandlerError> {
            Ok(RunnableHandler::new(|| ()))
        }
    }
    let service = ConstraintEnforcementService::builder()
        .runnable(Moody(Mutex::new(false)))
        .build();
    let decision = AuthorizationDecision::permit().with_obligation(json!(1));
    assert!(service.claims(&decision, EnforcementPoint::Gate));
    assert!(service.resolve(&decision, EnforcementPoint::Gate).is_err());
}

#[test]
fn a_stage_of_the_enforcement_point_claims_its_obligations_before_the_component_alone() {
    let log = Log::default();
    let service = recording(&log).build();
    let with_stages = service.with_stages(&["stage"]);
    let permit = AuthorizationDecision::permit;
    let staged = permit().with_obligation(json!({"type": "stage"}));
    assert_eq!(shown(&with_stages, &staged), [true, false, false]);
    assert_eq!(shown(&service, &staged), [false; 3]);
    let other = permit().with_obligation(json!({"type": "Stage"}));
    assert_eq!(shown(&with_stages, &other), [false; 3]);
}
