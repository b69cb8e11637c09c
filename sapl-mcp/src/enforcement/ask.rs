//! Asking the policy decision point: bounded in time, abandoned with the request, and never a panic.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, MultiAuthorizationDecision,
    MultiAuthorizationSubscription, PolicyDecisionPoint, PolicySnapshot,
};
use tokio_util::sync::CancellationToken;

/// A decision, or why there is none, which counts as INDETERMINATE.
pub(crate) type Answer<T = AuthorizationDecision> = Result<T, NoAnswer>;

/// Why the policy decision point gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// It panicked.
    Panicked,
    /// It took longer than the budget.
    TimedOut,
    /// The request was cancelled meanwhile.
    Cancelled,
}

impl NoAnswer {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Panicked => "the policy decision point panicked",
            Self::TimedOut => "the policy decision point did not answer within the decision timeout",
            Self::Cancelled => "the request was cancelled before the decision",
        }
    }
}

/// The policies as they are now, for several decisions of one operation; none where the decision point can't hold them.
pub(crate) fn snapshot(pdp: &dyn PolicyDecisionPoint) -> Option<PolicySnapshot> {
    caught(|| pdp.snapshot()).unwrap_or(None)
}

/// One decision on a snapshot.
pub(crate) async fn ask_at(
    pdp: &dyn PolicyDecisionPoint,
    snapshot: &PolicySnapshot,
    subscription: &AuthorizationSubscription,
    budget: Duration,
    cancelled: &CancellationToken,
) -> Answer {
    settle(|| pdp.decide_once_at(snapshot, subscription), budget, cancelled).await
}

/// One decision.
pub(crate) async fn ask(
    pdp: &dyn PolicyDecisionPoint,
    subscription: &AuthorizationSubscription,
    budget: Duration,
    cancelled: &CancellationToken,
) -> Answer {
    settle(|| pdp.decide_once(subscription), budget, cancelled).await
}

/// One decision for each of several subscriptions.
pub(crate) async fn ask_all(
    pdp: &dyn PolicyDecisionPoint,
    subscriptions: &MultiAuthorizationSubscription,
    budget: Duration,
    cancelled: &CancellationToken,
) -> Answer<MultiAuthorizationDecision> {
    settle(|| pdp.multi_decide_all_once(subscriptions), budget, cancelled).await
}

async fn settle<'a, T: Send + Unpin>(
    question: impl FnOnce() -> Deciding<'a, T>,
    budget: Duration,
    cancelled: &CancellationToken,
) -> Answer<T> {
    let mut pending = match caught(question)?.now() {
        // No timer and no race where the answer is there already.
        Ok(answer) => return Ok(answer),
        Err(pending) => pending,
    };
    let answer = race(AssertUnwindSafe(&mut pending).catch_unwind(), budget, cancelled).await;
    // What it holds may panic as well: in a list there is nobody else who would catch that.
    caught(|| drop(pending))?;
    answer
}

/// What the decision point gives at once.
fn caught<T>(given: impl FnOnce() -> T) -> Answer<T> {
    std::panic::catch_unwind(AssertUnwindSafe(given)).map_err(panicked)
}

fn panicked(payload: Box<dyn Any + Send>) -> NoAnswer {
    // Its destructor could panic in its turn.
    std::mem::forget(payload);
    NoAnswer::Panicked
}

/// What comes within the budget, unless the request is cancelled before.
pub(super) async fn race<T>(
    answer: impl Future<Output = Result<T, Box<dyn Any + Send>>>,
    budget: Duration,
    cancelled: &CancellationToken,
) -> Answer<T> {
    tokio::select! {
        biased;
        () = cancelled.cancelled() => Err(NoAnswer::Cancelled),
        answer = tokio::time::timeout(budget, answer) => match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(payload)) => Err(panicked(payload)),
            Err(_) => Err(NoAnswer::TimedOut),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    struct Pdp(fn() -> Deciding<'static>);

    impl PolicyDecisionPoint for Pdp {
        fn decide_once<'a>(&'a self, _: &'a AuthorizationSubscription) -> Deciding<'a> {
            (self.0)()
        }
    }

    async fn answer(pdp: fn() -> Deciding<'static>, cancelled: bool) -> Answer {
        let token = CancellationToken::new();
        if cancelled {
            token.cancel();
        }
        let subscription = AuthorizationSubscription::new("s", "a", "r");
        ask(&Pdp(pdp), &subscription, Duration::from_secs(5), &token).await
    }

    #[tokio::test]
    async fn a_panic_of_the_decision_point_is_no_answer() {
        assert_eq!(answer(|| panic!("no"), false).await, Err(NoAnswer::Panicked));
        assert_eq!(
            answer(|| Deciding::pending(async { panic!("no") }), false).await,
            Err(NoAnswer::Panicked)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_decision_point_that_is_silent_is_no_answer_after_the_budget() {
        let started = tokio::time::Instant::now();
        assert_eq!(
            answer(|| Deciding::pending(pending()), false).await,
            Err(NoAnswer::TimedOut)
        );
        assert_eq!(started.elapsed(), Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_panics_when_it_is_dropped_is_no_answer() {
        struct PanicsWhenDropped;
        impl Drop for PanicsWhenDropped {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let answers: [fn() -> Deciding<'static>; 3] = [
            || {
                let held = PanicsWhenDropped;
                Deciding::pending(async move {
                    pending::<()>().await;
                    drop(held);
                    AuthorizationDecision::permit()
                })
            },
            || Deciding::pending(async { std::panic::panic_any(PanicsWhenDropped) }),
            || std::panic::panic_any(PanicsWhenDropped),
        ];
        for (at, pdp) in answers.into_iter().enumerate() {
            assert_eq!(answer(pdp, false).await, Err(NoAnswer::Panicked), "{at}");
        }
    }

    #[tokio::test]
    async fn a_cancelled_request_abandons_the_decision() {
        assert_eq!(
            answer(|| Deciding::pending(pending()), true).await,
            Err(NoAnswer::Cancelled)
        );
    }

    #[tokio::test]
    async fn an_answer_that_is_there_is_taken() {
        assert_eq!(
            answer(|| Deciding::ready(AuthorizationDecision::permit()), false).await,
            Ok(AuthorizationDecision::permit())
        );
        assert_eq!(
            answer(
                || Deciding::pending(async { AuthorizationDecision::deny() }),
                false
            )
            .await,
            Ok(AuthorizationDecision::deny())
        );
    }
}
