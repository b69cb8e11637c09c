//! Decisions that follow the policies and attributes.

use std::fmt;
use std::ops::Deref;
use std::task::{Context, Poll};

use sapl_base::AuthorizationDecision;

use super::EmbeddedPdp;
use super::changes::Ticket;
use crate::eval::Input;
pub use session::MAX_ROUNDS;
pub(super) use session::Session;

mod session;

/// The decisions on some inputs, now and each time that other policies or attributes change them.
///
/// Equal consecutive decisions are dropped. Nothing runs and nothing is queued between two polls: whoever polls
/// late gets the decisions of the policies and attributes that are in force by then.
///
/// The decision point is held by whatever points to it: a reference, or an `Arc` where the decisions outlive the caller.
///
/// ```
/// use std::future::poll_fn;
/// use std::sync::Arc;
///
/// use sapl_base::Decision;
/// use sapl_pdp::source::Configuration;
/// use sapl_pdp::{EmbeddedPdp, Input, LiveDecisions};
///
/// # futures_executor(async {
/// let pdp = Arc::new(EmbeddedPdp::from_texts(None, [("a.sapl", "policy \"a\" permit")])?);
/// let input = Input::from_json(r#"{"subject": "mara", "action": "read", "resource": "report"}"#)?;
/// let mut live = LiveDecisions::new(Arc::clone(&pdp), vec![input]);
/// let now = poll_fn(|context| live.poll_all(context).map(|decisions| decisions[0].decision)).await;
/// assert_eq!(now, Decision::Permit);
///
/// pdp.replace(&Configuration::from_texts(None, [("a.sapl", "policy \"a\" deny")])?)?;
/// let then = poll_fn(|context| live.poll_all(context).map(|decisions| decisions[0].decision)).await;
/// assert_eq!(then, Decision::Deny);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # });
/// # fn futures_executor(future: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
/// #     let future = std::pin::pin!(future);
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     assert!(matches!(future.poll(&mut context), std::task::Poll::Ready(Ok(()))));
/// # }
/// ```
pub struct LiveDecisions<'i, P: Deref<Target = EmbeddedPdp>> {
    pdp: P,
    inputs: Vec<Input<'i>>,
    /// How it stands with each input.
    followed: Vec<Followed>,
    all: Vec<AuthorizationDecision>,
    version: Option<u64>,
    /// The input that [`poll_each`](Self::poll_each) looks at next, and how many are to be looked at.
    next: usize,
    left: usize,
    ticket: Ticket,
}

/// How it stands with an input.
#[derive(Debug, Default)]
struct Followed {
    /// What was told last, or decided last where all are told together; nothing while attributes have to come first.
    told: Option<AuthorizationDecision>,
    session: Session,
    /// Whether something has changed since it was decided on.
    is_due: bool,
}

/// How often changes that change no decision are looked at before others may run.
const BURST: u32 = 16;

impl<'i, P: Deref<Target = EmbeddedPdp>> LiveDecisions<'i, P> {
    /// The decisions of `pdp` on `inputs`.
    pub fn new(pdp: P, inputs: Vec<Input<'i>>) -> Self {
        Self {
            pdp,
            followed: inputs.iter().map(|_| Followed::default()).collect(),
            inputs,
            all: Vec::new(),
            version: None,
            next: 0,
            left: 0,
            ticket: Ticket::default(),
        }
    }

    /// The next decision that is not the last one of its input, with the input's index.
    pub fn poll_each(&mut self, context: &mut Context<'_>) -> Poll<(usize, &AuthorizationDecision)> {
        match self.next_of_each(context) {
            Some(index) => match self.followed.get(index).map(|followed| &followed.told) {
                Some(Some(decision)) => Poll::Ready((index, decision)),
                _ => Poll::Pending,
            },
            None => Poll::Pending,
        }
    }

    /// All decisions, in the order of the inputs, made on one version of the policies: at first, and whenever one of
    /// them is another.
    pub fn poll_all(&mut self, context: &mut Context<'_>) -> Poll<&[AuthorizationDecision]> {
        let first = self.version.is_none() || self.all.len() < self.inputs.len();
        for _ in 0..BURST {
            if !self.advance(context) {
                return Poll::Pending;
            }
            let snapshot = self.pdp.policies.0.load();
            // What is decided on is this version, even if it is newer than the one that was noticed.
            if self.version != Some(snapshot.version) {
                self.version = Some(snapshot.version);
                self.followed
                    .iter_mut()
                    .for_each(|followed| followed.is_due = true);
            }
            for (followed, input) in self.followed.iter_mut().zip(&self.inputs) {
                if std::mem::take(&mut followed.is_due) {
                    followed.told = followed.session.decide(
                        &snapshot,
                        input,
                        &self.pdp.limits,
                        &self.pdp.attributes,
                        context,
                    );
                }
            }
            let decided = self.followed.iter().map(|followed| followed.told.as_ref());
            if decided.clone().any(|decision| decision.is_none()) {
                continue;
            }
            if first || !decided.clone().flatten().eq(&self.all) {
                self.all = decided.flatten().cloned().collect();
                return Poll::Ready(&self.all);
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// The inputs, as they were given.
    pub fn inputs(&self) -> &[Input<'i>] {
        &self.inputs
    }

    /// The decisions that are made; INDETERMINATE where attributes have to come first.
    pub(super) fn into_decisions(mut self) -> Vec<AuthorizationDecision> {
        let followed = std::mem::take(&mut self.followed);
        let decisions = followed.into_iter().map(|followed| followed.told);
        decisions
            .map(|decision| decision.unwrap_or(AuthorizationDecision::indeterminate()))
            .collect()
    }

    fn next_of_each(&mut self, context: &mut Context<'_>) -> Option<usize> {
        for _ in 0..BURST {
            if self.left == 0 && !self.advance(context) {
                return None;
            }
            let snapshot = self.pdp.policies.0.load();
            if self.version != Some(snapshot.version) {
                self.version = Some(snapshot.version);
                self.followed
                    .iter_mut()
                    .for_each(|followed| followed.is_due = true);
                self.left = 0;
            }
            if self.left == 0 {
                // From where the last one ended, so that none starves under policies that change all the time.
                self.left = self.inputs.len();
            }
            while self.left > 0 {
                self.left -= 1;
                let index = self.next;
                self.next = (index + 1).checked_rem(self.inputs.len()).unwrap_or(0);
                let (Some(input), Some(followed)) = (self.inputs.get(index), self.followed.get_mut(index))
                else {
                    continue;
                };
                if !std::mem::take(&mut followed.is_due) {
                    continue;
                }
                let (limits, attributes) = (&self.pdp.limits, &self.pdp.attributes);
                let decision = followed
                    .session
                    .decide(&snapshot, input, limits, attributes, context);
                if decision.is_some() && followed.told != decision {
                    followed.told = decision;
                    return Some(index);
                }
            }
        }
        context.waker().wake_by_ref();
        None
    }

    /// Whether there is a version or an attribute that was not looked at; else the task is woken when there is one.
    fn advance(&mut self, context: &mut Context<'_>) -> bool {
        let known = |pdp: &EmbeddedPdp| self.version == Some(pdp.policies.0.load().version);
        if !known(&self.pdp) {
            return true;
        }
        self.pdp
            .policies
            .0
            .changes
            .wait(&mut self.ticket, context.waker());
        // It may have come before the task was on the list.
        if !known(&self.pdp) {
            return true;
        }
        let mut changed = false;
        for followed in &mut self.followed {
            followed.is_due |= followed.session.poll(context);
            changed |= followed.is_due;
        }
        changed
    }
}

impl<P: Deref<Target = EmbeddedPdp>> Drop for LiveDecisions<'_, P> {
    fn drop(&mut self) {
        self.pdp.policies.0.changes.leave(&mut self.ticket);
    }
}

impl<P: Deref<Target = EmbeddedPdp>> fmt::Debug for LiveDecisions<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveDecisions")
            .field("inputs", &self.inputs)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
