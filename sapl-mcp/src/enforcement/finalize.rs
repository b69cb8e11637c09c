//! The end of an operation: its audit record and its finalize function, exactly once, however it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;
use sapl_base::{AuthorizationDecision, Decision};
use tokio::runtime::Handle;

use super::{Operation, Reason};
use crate::{
    audit::{self, AuditOutcome, AuditRecord, AuditSubject},
    subscription::Outcome,
};

type Ending = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Holds an operation while it runs. When the future that holds this is dropped, at whatever await point, the
/// operation ends as cancelled and its finalize function runs on the runtime.
pub(super) struct Settling {
    state: State,
}

enum State {
    Running(Box<Operation>),
    /// The finalize function, under way.
    Ending(Ending),
    Done,
}

impl Settling {
    pub(super) fn new(operation: Operation) -> Self {
        Self {
            state: State::Running(Box::new(operation)),
        }
    }

    /// The operation, while it runs.
    pub(super) fn operation(&mut self) -> Option<&mut Operation> {
        match &mut self.state {
            State::Running(operation) => Some(operation),
            State::Ending(_) | State::Done => None,
        }
    }

    /// Ends the operation.
    pub(super) async fn settle(mut self) {
        self.end();
        if let State::Ending(ending) = &mut self.state {
            ending.await;
        }
        self.state = State::Done;
    }

    /// Writes the record, and turns the finalize function into a future, if there is one.
    fn end(&mut self) {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Running(operation) => {
                if let Some(ending) = operation.end() {
                    self.state = State::Ending(ending);
                }
            }
            other => self.state = other,
        }
    }
}

impl Drop for Settling {
    fn drop(&mut self) {
        if let State::Running(operation) = &mut self.state
            && std::thread::panicking()
        {
            // Whoever waits for the operation is answered with a denial.
            operation.panicked();
        }
        self.end();
        if let State::Ending(ending) = std::mem::replace(&mut self.state, State::Done) {
            match Handle::try_current() {
                Ok(runtime) => {
                    runtime.spawn(ending);
                }
                Err(_) => tracing::error!("a finalize function could not run: the runtime has gone"),
            }
        }
    }
}

/// Drops a context, or anything else that holds what the author keeps in its slots, for instance a transaction that
/// panics when nobody has ended it.
pub(super) fn let_go<T>(holder: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(holder))) {
        // Its destructor could panic in its turn.
        std::mem::forget(payload);
        tracing::error!("a value in a slot panicked when it was dropped");
    }
}

impl Operation {
    /// Something panicked on the way, so that nothing is given.
    fn panicked(&mut self) {
        self.reason.get_or_insert(Reason::Panicked);
        self.outcome = Outcome::Denied;
    }

    /// Writes the record and gives the finalize function's future.
    fn end(mut self) -> Option<Ending> {
        self.reclaim();
        self.turn_back();
        let outcome = if self.request.cancelled.is_cancelled() {
            Outcome::Cancelled
        } else {
            self.outcome
        };
        self.request.context.set_outcome(outcome);
        self.record(outcome.into());

        let Some(finalizer) = self.rule().finalizer().cloned() else {
            let_go(self.request.context);
            return None;
        };
        let decision = self.effective();
        let context = self.request.context;
        Some(Box::pin(async move {
            let finalized = async { finalizer.run(&decision, &context).await };
            if AssertUnwindSafe(finalized).catch_unwind().await.is_err() {
                tracing::error!(component = context.name(), "the finalize function panicked");
            }
            let_go(context);
        }))
    }

    /// The decision as it was enforced: a PERMIT whose obligations failed is a DENY.
    fn effective(&mut self) -> AuthorizationDecision {
        let mut decision = self.decision.take().unwrap_or_else(AuthorizationDecision::deny);
        decision.decision = self.effective_decision(decision.decision);
        decision
    }

    fn effective_decision(&self, given: Decision) -> Decision {
        if given == Decision::Permit && self.reason.is_some() {
            Decision::Deny
        } else {
            given
        }
    }

    pub(super) fn record(&self, outcome: AuditOutcome) {
        let given = self.decision.as_ref().map(|decision| decision.decision);
        let reason = self.reason.as_ref().map(ToString::to_string);
        let context = &self.request.context;
        audit::record(
            &*self.request.shared.audit,
            &AuditRecord {
                request_id: &self.request.id,
                operation: context.operation(),
                kind: context.kind(),
                name: context.name(),
                uri: context.uri(),
                subject: AuditSubject::of(context),
                decision: given,
                effective: given.map_or(Decision::Deny, |given| self.effective_decision(given)),
                outcome,
                reason: reason.as_deref(),
                constraints: self.report.records(),
                duration: self.started.elapsed(),
                stealth: self.rule().hides(),
                gate: self.rule().is_gate(),
                approval: self.approval.as_deref(),
            },
        );
    }
}
