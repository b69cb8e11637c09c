//! From a decision to its handlers.

use serde_json::Value;

use super::{
    ConstraintBundle, ConstraintEnforcementService, ConstraintRecord, ConstraintReport, ConstraintRole,
    EnforcementPoint, HandlerError, HandlerKind, HandlerOutcome, ObligationFailed, RunnableHandler,
    RunnableProvider, Unresolved,
    guard::guard,
    service::Providers,
    stage::{Entry, Mark, Stage, log_failure},
};
use crate::{AuthorizationDecision, Decision};

/// The on-decision handlers of a decision that grants nothing. They run best effort and change nothing.
#[derive(Debug, Default)]
pub struct DeniedConstraints {
    runnable: Vec<Entry<RunnableHandler>>,
    report: ConstraintReport,
}

impl ConstraintEnforcementService {
    /// Finds the handlers for a PERMIT.
    ///
    /// Every responsible provider of a kind that can run at `point` contributes: obligations in the order of the
    /// decision, for each of them the providers in the order of registration, then advice likewise.
    ///
    /// # Errors
    /// When the decision is no PERMIT, when an obligation has no responsible provider of a kind that can run here,
    /// when such a provider fails or panics, and when a gate's decision replaces the resource. The error has the
    /// handlers that still run on a denial.
    pub fn resolve(
        &self,
        decision: &AuthorizationDecision,
        point: EnforcementPoint,
    ) -> Result<ConstraintBundle, Unresolved> {
        if decision.decision != Decision::Permit {
            let reason = format!("the decision is {}", decision.decision);
            return Err(Unresolved::new(reason, self.denied(decision)));
        }
        let mut bundle = ConstraintBundle::default();
        let mut failed = None;
        for origin in constraints(decision) {
            let outcome = bundle.collect(self, origin, point);
            if origin.role == ConstraintRole::Obligation {
                failed = failed.or(outcome.err());
            }
        }
        let reason = match failed {
            Some(failed) => failed.to_string(),
            None if point == EnforcementPoint::Gate && decision.resource.is_some() => {
                String::from("a gate can't replace the resource")
            }
            None => {
                bundle.complete(decision);
                return Ok(bundle);
            }
        };
        Err(Unresolved::new(reason, DeniedConstraints::of(bundle)))
    }

    /// Finds the on-decision handlers of a decision that is no PERMIT, so that a policy's "log the denied attempt"
    /// works. What can't be resolved is logged and left out.
    pub fn denied(&self, decision: &AuthorizationDecision) -> DeniedConstraints {
        let mut bundle = ConstraintBundle::default();
        for origin in constraints(decision) {
            let runnable = self.providers.runnable.iter().map(|provider| &**provider);
            bundle.collect_runnable(runnable, origin);
        }
        DeniedConstraints::of(bundle)
    }

    /// Finds the handlers of those providers that run when components are listed, and the first failure of an
    /// obligation.
    pub(super) fn resolve_listing(
        &self,
        decision: &AuthorizationDecision,
    ) -> (ConstraintBundle, Option<ObligationFailed>) {
        let mut bundle = ConstraintBundle::default();
        let mut failed = None;
        for origin in constraints(decision) {
            let listing = self.providers.listing.iter();
            let runnable =
                listing.filter_map(|at| self.providers.runnable.get(*at).map(|provider| &**provider));
            let outcome = bundle.collect_runnable(runnable, origin);
            if origin.role == ConstraintRole::Obligation {
                failed = failed.or(outcome);
            }
        }
        (bundle, failed)
    }
}

impl DeniedConstraints {
    /// Runs the handlers, one after the other. Failures are logged and reported.
    pub async fn run(&mut self) {
        let mut stage = Stage::new(&mut self.report);
        for Entry { handler, mark } in std::mem::take(&mut self.runnable) {
            let outcome = handler.run().await;
            stage.done(mark, outcome);
        }
    }

    /// Whether there is nothing to run.
    pub const fn is_empty(&self) -> bool {
        self.runnable.is_empty()
    }

    /// What became of each constraint so far.
    pub const fn report(&self) -> &ConstraintReport {
        &self.report
    }

    /// Gives the report away, when all is done.
    pub fn into_report(self) -> ConstraintReport {
        self.report
    }

    fn of(bundle: ConstraintBundle) -> Self {
        Self {
            runnable: bundle.handlers.runnable,
            report: bundle.report,
        }
    }
}

/// A constraint and where it stands in the decision.
#[derive(Clone, Copy)]
struct Origin<'a> {
    constraint: &'a Value,
    role: ConstraintRole,
    index: usize,
}

/// Obligations in their order, then advice.
fn constraints(decision: &AuthorizationDecision) -> impl Iterator<Item = Origin<'_>> {
    let obligations = (ConstraintRole::Obligation, &decision.obligations);
    let advice = (ConstraintRole::Advice, &decision.advice);
    [obligations, advice].into_iter().flat_map(|(role, constraints)| {
        let origin = move |(index, constraint)| Origin {
            constraint,
            role,
            index,
        };
        constraints.iter().enumerate().map(origin)
    })
}

impl Origin<'_> {
    fn record(self, kind: Option<HandlerKind>, outcome: HandlerOutcome) -> ConstraintRecord {
        ConstraintRecord::new(self.constraint, self.role, self.index, kind, outcome)
    }
}

impl ConstraintBundle {
    /// Adds the handlers of every responsible provider. All providers are asked although one failed.
    fn collect(
        &mut self,
        service: &ConstraintEnforcementService,
        origin: Origin<'_>,
        point: EnforcementPoint,
    ) -> Result<(), ObligationFailed> {
        let providers: &Providers = &service.providers;
        let mut collecting = Collecting::new(&mut self.report, origin);
        if origin.role == ConstraintRole::Obligation && service.is_stage(origin.constraint, point) {
            collecting.stage();
        }
        macro_rules! collect {
            ($($kind:ident: $field:ident, $priority:expr;)*) => {$(
                if point.runs(HandlerKind::$kind) {
                    for provider in &providers.$field {
                        let made = collecting.handler(
                            HandlerKind::$kind,
                            || provider.is_responsible(origin.constraint),
                            || Ok((provider.handler(origin.constraint)?, $priority(&**provider))),
                        );
                        self.handlers.$field.extend(made);
                    }
                }
            )*};
        }
        collect! {
            Runnable: runnable, |_| 0;
            MethodInvocation: method_invocation, |_| 0;
            FilterPredicate: filter_predicate, |_| 0;
            Consumer: consumer, |_| 0;
            Mapping: mapping, super::MappingProvider::priority;
            ErrorHandler: error_handler, |_| 0;
            ErrorMapping: error_mapping, super::ErrorMappingProvider::priority;
        }
        collecting.finish()
    }

    /// Adds the on-decision handlers of every responsible provider. It is no failure when there is none.
    fn collect_runnable<'p>(
        &mut self,
        providers: impl Iterator<Item = &'p dyn RunnableProvider>,
        origin: Origin<'_>,
    ) -> Option<ObligationFailed> {
        let mut collecting = Collecting::new(&mut self.report, origin);
        for provider in providers {
            let made = collecting.handler(
                HandlerKind::Runnable,
                || provider.is_responsible(origin.constraint),
                || Ok((provider.handler(origin.constraint)?, 0)),
            );
            self.handlers.runnable.extend(made);
        }
        if !collecting.handled {
            collecting.ignore();
        }
        collecting.failed
    }

    /// What can only be said once all handlers are there.
    fn complete(&mut self, decision: &AuthorizationDecision) {
        let handlers = &mut self.handlers;
        handlers
            .mapping
            .sort_by_key(|entry| std::cmp::Reverse(entry.mark.priority));
        handlers
            .error_mapping
            .sort_by_key(|entry| std::cmp::Reverse(entry.mark.priority));
        self.replacement.clone_from(&decision.resource);
        self.has_output_obligation = self.replacement.is_some()
            || handlers
                .filter_predicate
                .iter()
                .any(|entry| entry.mark.is_obligation())
            || handlers.mapping.iter().any(|entry| entry.mark.is_obligation());
    }
}

/// The search for the handlers of one constraint.
struct Collecting<'a> {
    report: &'a mut ConstraintReport,
    origin: Origin<'a>,
    handled: bool,
    failed: Option<ObligationFailed>,
}

impl<'a> Collecting<'a> {
    const fn new(report: &'a mut ConstraintReport, origin: Origin<'a>) -> Self {
        Self {
            report,
            origin,
            handled: false,
            failed: None,
        }
    }

    /// The handler of one provider, if it is responsible and does not fail.
    fn handler<H>(
        &mut self,
        kind: HandlerKind,
        is_responsible: impl FnOnce() -> bool,
        make: impl FnOnce() -> Result<(H, i32), HandlerError>,
    ) -> Option<Entry<H>> {
        let made = guard(|| {
            if is_responsible() {
                make().map(Some)
            } else {
                Ok(None)
            }
        });
        match made {
            Ok(None) => None,
            Ok(Some((handler, priority))) => {
                self.handled = true;
                let record = self
                    .report
                    .add(self.origin.record(Some(kind), HandlerOutcome::NotRun));
                let mark = Mark {
                    role: self.origin.role,
                    record,
                    priority,
                };
                Some(Entry { handler, mark })
            }
            Err(error) => {
                self.handled = true;
                self.fail(Some(kind), error.into_message());
                None
            }
        }
    }

    /// Writes down that the enforcement point carries it out itself, in the place of a method invocation.
    fn stage(&mut self) {
        self.handled = true;
        let kind = Some(HandlerKind::MethodInvocation);
        self.report.add(self.origin.record(kind, HandlerOutcome::NotRun));
    }

    fn finish(mut self) -> Result<(), ObligationFailed> {
        match self.origin.role {
            ConstraintRole::Obligation if !self.handled => {
                self.fail(
                    None,
                    String::from("no provider that can run here is responsible for it"),
                );
            }
            ConstraintRole::Advice if !self.handled => self.ignore(),
            ConstraintRole::Obligation | ConstraintRole::Advice => {}
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Writes down that nobody is responsible.
    fn ignore(&mut self) {
        self.report.add(self.origin.record(None, HandlerOutcome::NotRun));
    }

    fn fail(&mut self, kind: Option<HandlerKind>, message: String) {
        let record = self.origin.record(kind, HandlerOutcome::Failed(message.clone()));
        log_failure(&record, &message);
        if self.failed.is_none() {
            self.failed = Some(ObligationFailed::new(&record, &message));
        }
        self.report.add(record);
    }
}
