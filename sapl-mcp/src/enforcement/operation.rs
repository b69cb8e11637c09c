//! One enforced operation: what is known of it from its start to its record, and the stages up to the permit.

use std::{fmt, sync::Arc, time::Instant};

use rmcp::model::{JsonObject, RequestId};
use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Decision, PolicySnapshot,
    constraint::{ConstraintBundle, ConstraintReport, EnforcementPoint, MethodInvocation},
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    Denial, Permit, Presented, Reason, Refusal,
    ask::{ask, ask_at, snapshot},
};
use crate::{
    approval::Wanted,
    audit::{AuditApproval, AuditOutcome},
    identity::ScopeChallenge,
    layer::Shared,
    request_state::StateError,
    rule::{Mode, Rule, Rules},
    subscription::{Outcome, SubscriptionContext},
};

/// What an operation starts from.
pub(crate) struct Request {
    pub(crate) shared: Arc<Shared>,
    pub(crate) rules: Rules,
    pub(crate) context: SubscriptionContext,
    pub(crate) id: RequestId,
    pub(crate) cancelled: CancellationToken,
    /// Whether the transport says who is at the other end.
    pub(crate) has_caller: bool,
    /// Whether the arguments are the variables of a URI, which handlers can't change.
    pub(crate) fixed_arguments: bool,
    pub(crate) output_schema: Option<Arc<JsonObject>>,
    /// Where it is said which scopes are missing.
    pub(crate) scopes: Option<Arc<ScopeChallenge>>,
}

/// An operation under a rule.
pub(crate) struct Operation {
    pub(super) request: Request,
    /// The rule that is being enforced.
    rule: Arc<Rule>,
    /// The enforcement that the operation comes back to, while its gate is decided again.
    behind: Option<Arc<Rule>>,
    /// Whether a denial is answered as if the component did not exist.
    hides: bool,
    pub(super) started: Instant,
    /// What is wrong with the state that the client sent along.
    pub(super) state_error: Option<StateError>,
    /// The component's own state, where the client has sent one along.
    pub(super) resumed: Option<String>,
    /// What the client's user said to a question of an earlier request.
    pub(super) presented: Option<Box<Presented>>,
    /// What becomes of an approval, where one is required.
    pub(super) approval: Option<Box<AuditApproval>>,
    /// The policies that the enforcement behind a gate is decided on: those that the gate was decided on.
    snapshot: Option<PolicySnapshot>,
    /// What is being asked, while it is asked: it holds what was lent to it from the context.
    asked: Option<AuthorizationSubscription>,
    /// The decision as it was given, once it was.
    pub(super) decision: Option<AuthorizationDecision>,
    pub(super) report: ConstraintReport,
    /// Why the operation is denied, once it is.
    pub(super) reason: Option<Reason>,
    pub(super) outcome: Outcome,
    /// Whether an obligation lets nothing out but the value that went through the output stages.
    pub(super) closed: bool,
}

impl Operation {
    pub(crate) fn new(request: Request) -> Self {
        let rule = Arc::clone(request.rules.first());
        Self {
            hides: rule.hides(),
            rule,
            behind: None,
            request,
            started: Instant::now(),
            state_error: None,
            resumed: None,
            presented: None,
            approval: None,
            snapshot: None,
            asked: None,
            decision: None,
            report: ConstraintReport::default(),
            reason: None,
            // Until something else is known: that is what an operation is whose future is dropped.
            outcome: Outcome::Cancelled,
            closed: false,
        }
    }

    /// An operation that goes on from another one, under its decision where there was one.
    pub(super) fn going_on(
        request: Request,
        rule: Arc<Rule>,
        hides: bool,
        decision: Option<AuthorizationDecision>,
    ) -> Self {
        Self {
            rule,
            hides,
            decision,
            ..Self::new(request)
        }
    }

    /// Whether a denial is answered as if the component did not exist.
    pub(super) fn hides(&self) -> bool {
        self.hides
    }

    pub(super) fn rule(&self) -> &Arc<Rule> {
        &self.rule
    }

    /// Whether some denial of the operation is answered as if the component did not exist.
    pub(super) fn hides_anything(&self) -> bool {
        self.request.rules.hides()
    }

    /// Whether there is an enforcement behind the gate.
    pub(super) fn has_enforcement(&self) -> bool {
        self.request.rules.then().is_some()
    }

    /// Holds the policies as they are now for the gate and for the first decision behind it.
    pub(super) fn hold_policies(&mut self) {
        self.snapshot = snapshot(&*self.request.shared.pdp);
    }

    /// The gate has let the operation through: the caller may know of the component.
    pub(super) fn reveal(&mut self) {
        self.hides = false;
    }

    /// The component does not exist for the caller any more.
    pub(super) fn hide(&mut self) {
        self.hides = true;
    }

    /// Leaves the record of the gate and goes on under the enforcement behind it.
    pub(super) fn pass_gate(&mut self) {
        let Some(enforcement) = self.request.rules.then() else {
            return;
        };
        let enforcement = Arc::clone(enforcement);
        self.record(AuditOutcome::Passed);
        self.turn_to(enforcement);
        self.started = Instant::now();
        self.decision = None;
        self.report = ConstraintReport::default();
    }

    /// Turns to the gate once more, until it [comes back](Self::turn_back).
    pub(super) fn turn_to_gate(&mut self) {
        self.behind = Some(Arc::clone(&self.rule));
        self.turn_to(Arc::clone(self.request.rules.first()));
    }

    /// Comes back from the gate. An operation that ends there does so too: the record and what runs at the end are those of
    /// the enforcement.
    pub(super) fn turn_back(&mut self) {
        if let Some(enforcement) = self.behind.take() {
            self.turn_to(enforcement);
        }
    }

    /// Goes on under another of its rules.
    fn turn_to(&mut self, rule: Arc<Rule>) {
        self.request.context.go_on_under(&rule);
        self.hides = rule.hides();
        self.rule = rule;
    }

    /// Starts again from the subscription, with what was approved in its environment.
    pub(super) fn begin_again(&mut self, approval: Value) {
        self.request.context.set_approval(approval);
        self.decision = None;
        self.report = ConstraintReport::default();
    }

    /// Whether the caller can be permitted at all.
    pub(super) fn admit(&mut self) -> Result<(), Denial> {
        if !self.request.has_caller {
            self.request.shared.warn_about_transport();
            return Err(self.deny(Reason::NoTransport));
        }
        let needed = self.rule.needed_scopes();
        let token = self.request.context.token();
        let granted = |scope: &String| token.is_some_and(|token| token.scopes().contains(scope));
        if !needed.iter().all(granted) {
            self.challenge();
            return Err(self.deny(Reason::MissingScopes));
        }
        match self.state_error {
            Some(error) => Err(self.deny(Reason::RequestState(error))),
            None => Ok(()),
        }
    }

    /// Tells the client which scopes would do, if it may know of the component.
    fn challenge(&self) {
        if let (false, Some(challenge)) = (self.hides, &self.request.scopes) {
            challenge.require(self.request.rules.each().flat_map(|rule| rule.needed_scopes()));
        }
    }

    /// Subscription → decision → on-decision: the one place that makes a permit.
    pub(super) async fn permit(&mut self, point: EnforcementPoint) -> Result<Permit, Denial> {
        self.admit()?;
        let subscription = match self.rule.subscription(&mut self.request.context) {
            Ok(subscription) => subscription,
            Err(error) => return Err(self.deny(Reason::Field(error))),
        };
        let answer = {
            // A decision later than the one behind the gate is about what holds by then.
            let snapshot = match point {
                EnforcementPoint::Gate => self.snapshot.clone(),
                EnforcementPoint::PreEnforce | EnforcementPoint::PostEnforce => self.snapshot.take(),
            };
            let subscription = self.asked.insert(subscription);
            let shared = &self.request.shared;
            let (pdp, budget, cancelled) = (&*shared.pdp, shared.decision_timeout, &self.request.cancelled);
            match &snapshot {
                Some(snapshot) => ask_at(pdp, snapshot, subscription, budget, cancelled).await,
                None => ask(pdp, subscription, budget, cancelled).await,
            }
        };
        self.reclaim();
        let decision = match answer {
            Ok(decision) => self.decision.insert(decision),
            Err(none) => {
                self.decision = Some(AuthorizationDecision::indeterminate());
                return Err(self.deny(Reason::NoAnswer(none)));
            }
        };
        let constraints = &self.request.shared.staged;
        if decision.decision != Decision::Permit {
            let mut denied = constraints.denied(decision);
            denied.run().await;
            self.report = denied.into_report();
            return Err(self.deny(Reason::NotPermitted));
        }
        let wanted = match point {
            EnforcementPoint::PreEnforce => Wanted::of(&decision.obligations),
            EnforcementPoint::PostEnforce | EnforcementPoint::Gate => Ok(None),
        };
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(unusable) => {
                let mut denied = constraints.denied(decision);
                denied.run().await;
                self.report = denied.into_report();
                return Err(self.deny(Reason::Approval(Refusal::Unusable(unusable))));
            }
        };
        let mut bundle = match constraints.resolve(decision, point) {
            Ok(bundle) => bundle,
            Err(unresolved) => {
                let (reason, mut denied) = unresolved.into_parts();
                denied.run().await;
                self.report = denied.into_report();
                return Err(self.deny(Reason::Unresolved(reason)));
            }
        };
        match bundle.on_decision().await {
            Ok(()) => Ok(Permit { bundle, wanted }),
            Err(failed) => {
                self.keep_report(bundle);
                Err(self.deny(Reason::ObligationFailed(failed)))
            }
        }
    }

    /// Method invocation: the arguments that the component gets.
    pub(super) async fn invocation(&mut self, permit: &mut Permit) -> Result<Option<JsonObject>, Denial> {
        let arguments = match permit.wanted {
            // They may be needed once more.
            Some(_) => self.request.context.copy_arguments(),
            None => self.arguments(),
        };
        if !permit.bundle.has_method_invocation() {
            return Ok(arguments);
        }
        let absent = arguments.is_none();
        let name = self.request.context.name().to_owned();
        let arguments = arguments.unwrap_or_default();
        let mut call = match self.request.fixed_arguments {
            true => MethodInvocation::read_only(name, arguments),
            false => MethodInvocation::new(name, arguments),
        };
        if let Err(failed) = permit.bundle.method_invocation(&mut call).await {
            self.keep_report(std::mem::take(&mut permit.bundle));
            return Err(self.deny(Reason::ObligationFailed(failed)));
        }
        if call.is_read_only() != self.request.fixed_arguments {
            self.keep_report(std::mem::take(&mut permit.bundle));
            return Err(self.deny(Reason::CallReplaced));
        }
        let arguments = call.into_arguments();
        Ok((!absent || !arguments.is_empty()).then_some(arguments))
    }

    /// The arguments for the component. They stay in the context as well where the author's code may look at them
    /// afterwards; else they are moved.
    pub(super) fn arguments(&mut self) -> Option<JsonObject> {
        if self.rule.shows_context() || self.rule.mode() == Mode::Post {
            self.request.context.copy_arguments()
        } else {
            self.request.context.take_arguments()
        }
    }

    pub(super) fn deny(&mut self, reason: Reason) -> Denial {
        // Texts go in as texts, not by `Display`: a subscriber can then escape what a client has chosen.
        tracing::warn!(
            request = self.request.id.to_string(),
            component = self.request.context.name(),
            operation = self.request.context.operation().as_str(),
            reason = reason.to_string(),
            "access denied"
        );
        self.reason = Some(reason);
        self.outcome = Outcome::Denied;
        Denial::new(self.hides)
    }

    /// Denies what the component would give, and not the caller.
    pub(super) fn withhold(&mut self, reason: Reason) -> Denial {
        Denial {
            withholds: true,
            ..self.deny(reason)
        }
    }

    pub(super) fn keep_report(&mut self, bundle: ConstraintBundle) {
        self.report = bundle.into_report();
    }

    /// Takes back what was lent to the subscription, also when the future that asked was dropped.
    pub(super) fn reclaim(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.request.context.reclaim(asked);
        }
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
