//! Decisions that follow the policies.

use std::fmt;
use std::ops::Deref;
use std::task::{Context, Poll};

use sapl_base::AuthorizationDecision;

use super::EmbeddedPdp;
use super::changes::Ticket;
use crate::eval::Input;

/// The decisions on some inputs, now and each time that other policies change them.
///
/// Equal consecutive decisions are dropped. Nothing runs and nothing is queued between two polls: whoever polls
/// late gets the decisions of the policies that are in force by then.
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
    /// What was told last about each input.
    told: Vec<Option<AuthorizationDecision>>,
    all: Vec<AuthorizationDecision>,
    version: Option<u64>,
    /// The input that [`poll_each`](Self::poll_each) looks at next, and how many are to be looked at.
    next: usize,
    left: usize,
    ticket: Ticket,
}

impl<'i, P: Deref<Target = EmbeddedPdp>> LiveDecisions<'i, P> {
    /// The decisions of `pdp` on `inputs`.
    pub fn new(pdp: P, inputs: Vec<Input<'i>>) -> Self {
        Self {
            pdp,
            told: vec![None; inputs.len()],
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
            Some(index) => match self.told.get(index) {
                Some(Some(decision)) => Poll::Ready((index, decision)),
                _ => Poll::Pending,
            },
            None => Poll::Pending,
        }
    }

    /// All decisions, in the order of the inputs, made on one version of the policies: at first, and whenever one of
    /// them is another.
    pub fn poll_all(&mut self, context: &mut Context<'_>) -> Poll<&[AuthorizationDecision]> {
        let first = self.version.is_none();
        while self.advance(context) {
            let snapshot = self.pdp.snapshot.load();
            // What is decided on is this version, even if it is newer than the one that was noticed.
            self.version = Some(snapshot.version);
            let limits = &self.pdp.limits;
            let decided = self.inputs.iter().map(|input| snapshot.decide(input, limits));
            let decided: Vec<_> = decided.collect();
            if first || decided != self.all {
                self.all = decided;
                return Poll::Ready(&self.all);
            }
        }
        Poll::Pending
    }

    /// The inputs, as they were given.
    pub fn inputs(&self) -> &[Input<'i>] {
        &self.inputs
    }

    fn next_of_each(&mut self, context: &mut Context<'_>) -> Option<usize> {
        loop {
            if self.left == 0 && !self.advance(context) {
                return None;
            }
            let snapshot = self.pdp.snapshot.load();
            if self.version != Some(snapshot.version) || self.left == 0 {
                self.version = Some(snapshot.version);
                // From where the last one ended, so that none starves under policies that change all the time.
                self.left = self.inputs.len();
            }
            while self.left > 0 {
                self.left -= 1;
                let index = self.next;
                self.next = (index + 1).checked_rem(self.inputs.len()).unwrap_or(0);
                let (Some(input), Some(told)) = (self.inputs.get(index), self.told.get_mut(index)) else {
                    continue;
                };
                let decision = snapshot.decide(input, &self.pdp.limits);
                if told.as_ref() != Some(&decision) {
                    *told = Some(decision);
                    return Some(index);
                }
            }
        }
    }

    /// Whether there is a version that was not looked at; else the task is woken when there is one.
    fn advance(&mut self, context: &mut Context<'_>) -> bool {
        let known = |pdp: &EmbeddedPdp| self.version == Some(pdp.snapshot.load().version);
        if !known(&self.pdp) {
            return true;
        }
        self.pdp.changes.wait(&mut self.ticket, context.waker());
        // It may have come before the task was on the list.
        !known(&self.pdp)
    }
}

impl<P: Deref<Target = EmbeddedPdp>> Drop for LiveDecisions<'_, P> {
    fn drop(&mut self) {
        self.pdp.changes.leave(&mut self.ticket);
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
