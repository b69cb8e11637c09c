//! Asking a policy: bounded in time, and never a panic.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use futures_util::FutureExt;

use super::{GuardPolicy, GuardRequest, Judgement};

/// What `policy` says; whatever goes wrong is a denial. `whose` names the policy in the reason.
pub(super) async fn judge(
    policy: &dyn GuardPolicy,
    request: &GuardRequest,
    budget: Duration,
    whose: &str,
) -> Judgement {
    let Ok(judging) = catch_unwind(AssertUnwindSafe(|| policy.judge(request))) else {
        return Judgement::deny(format!("{whose} panicked"));
    };
    let pending = match judging.now() {
        Ok(judgement) => return judgement,
        Err(pending) => AssertUnwindSafe(pending).catch_unwind(),
    };
    match tokio::time::timeout(budget, pending).await {
        Ok(Ok(judgement)) => judgement,
        Ok(Err(_)) => Judgement::deny(format!("{whose} panicked")),
        Err(_) => Judgement::deny(format!("{whose} did not answer within the decision timeout")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{GuardDecision, async_policy, request::tests::request};

    async fn judged(policy: impl GuardPolicy) -> (GuardDecision, String) {
        let request = request("t", json!({}));
        let judgement = judge(&policy, &request, Duration::from_secs(5), "the policy").await;
        (judgement.decision(), judgement.reason().to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_goes_wrong_is_a_denial() {
        let denied = |reason: &str| (GuardDecision::Deny, reason.to_owned());
        let panics = |_: &GuardRequest| -> Judgement { panic!("no") };
        assert_eq!(judged(panics).await, denied("the policy panicked"));
        let panics = async_policy(|_| Box::pin(async { panic!("no") }));
        assert_eq!(judged(panics).await, denied("the policy panicked"));

        let started = tokio::time::Instant::now();
        let silent = async_policy(|_| Box::pin(std::future::pending()));
        let reason = "the policy did not answer within the decision timeout";
        assert_eq!(judged(silent).await, denied(reason));
        assert_eq!(started.elapsed(), Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_judgement_is_taken_as_it_is() {
        let allowed = (GuardDecision::Allow, "yes".to_owned());
        assert_eq!(judged(|_: &GuardRequest| Judgement::allow("yes")).await, allowed);
        let later = async_policy(|_| Box::pin(async { Judgement::allow("yes") }));
        assert_eq!(judged(later).await, allowed);
    }
}
