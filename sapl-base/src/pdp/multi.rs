//! Multi-decisions, and how they follow from single ones.

use std::collections::HashMap;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::{Deciding, PolicyDecisionPoint};
use crate::{AuthorizationDecision, MultiAuthorizationSubscription};

/// The decision of one of several subscriptions.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifiableAuthorizationDecision {
    /// The id that the subscription was asked under.
    pub subscription_id: String,
    /// Its decision.
    pub decision: AuthorizationDecision,
}

/// The decisions of several subscriptions, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MultiAuthorizationDecision {
    decisions: HashMap<String, AuthorizationDecision>,
}

static INDETERMINATE: AuthorizationDecision = AuthorizationDecision::indeterminate();

impl MultiAuthorizationDecision {
    /// The decision for `id`: INDETERMINATE where the decision point left it out.
    pub fn decision(&self, id: &str) -> &AuthorizationDecision {
        self.decisions.get(id).unwrap_or(&INDETERMINATE)
    }

    /// Takes the decision for `id` out.
    pub fn take(&mut self, id: &str) -> AuthorizationDecision {
        self.decisions
            .remove(id)
            .unwrap_or_else(AuthorizationDecision::indeterminate)
    }

    /// All decisions, in no particular order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &AuthorizationDecision)> {
        self.decisions
            .iter()
            .map(|(id, decision)| (id.as_str(), decision))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.decisions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }
}

impl FromIterator<(String, AuthorizationDecision)> for MultiAuthorizationDecision {
    fn from_iter<I: IntoIterator<Item = (String, AuthorizationDecision)>>(decisions: I) -> Self {
        Self {
            decisions: decisions.into_iter().collect(),
        }
    }
}

/// Asks one by one, without a future as long as the answers are there at once.
pub(super) fn all_once<'a, P: PolicyDecisionPoint + ?Sized>(
    pdp: &'a P,
    subscriptions: &'a MultiAuthorizationSubscription,
) -> Deciding<'a, MultiAuthorizationDecision> {
    let mut decided = Vec::with_capacity(subscriptions.len());
    let mut rest = subscriptions.iter();
    while let Some((id, subscription)) = rest.next() {
        match pdp.decide_once(subscription).now() {
            Ok(decision) => decided.push((id.to_owned(), decision)),
            Err(pending) => {
                let first = (id, pending);
                let others = rest.map(|(id, subscription)| (id, pdp.decide_once(subscription)));
                // Collected, so that all are under way at once.
                let all: Vec<_> = std::iter::once(first).chain(others).collect();
                return Deciding::pending(async move {
                    let answers = all
                        .into_iter()
                        .map(|(id, deciding)| async move { (id.to_owned(), deciding.await) });
                    decided.extend(futures_util::future::join_all(answers).await);
                    decided.into_iter().collect()
                });
            }
        }
    }
    Deciding::ready(decided.into_iter().collect())
}

pub(super) fn each<'a, P: PolicyDecisionPoint + ?Sized>(
    pdp: &'a P,
    subscriptions: &'a MultiAuthorizationSubscription,
) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
    stream::select_all(subscriptions.iter().map(|(id, subscription)| {
        pdp.decide(subscription)
            .map(move |decision| IdentifiableAuthorizationDecision {
                subscription_id: id.to_owned(),
                decision,
            })
    }))
    .boxed()
}

pub(super) fn all<'a, P: PolicyDecisionPoint + ?Sized>(
    pdp: &'a P,
    subscriptions: &'a MultiAuthorizationSubscription,
) -> BoxStream<'a, MultiAuthorizationDecision> {
    let expected = subscriptions.len();
    pdp.multi_decide(subscriptions)
        .scan(MultiAuthorizationDecision::default(), move |known, update| {
            known.decisions.insert(update.subscription_id, update.decision);
            let whole = (known.len() >= expected).then(|| known.clone());
            std::future::ready(Some(whole))
        })
        .filter_map(std::future::ready)
        .boxed()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{AuthorizationSubscription, Decision};

    struct Slow;

    impl PolicyDecisionPoint for Slow {
        fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
            if subscription.action() == "at once" {
                return Deciding::ready(AuthorizationDecision::permit());
            }
            Deciding::pending(async move {
                tokio::task::yield_now().await;
                AuthorizationDecision::deny().with_advice(subscription.action().clone())
            })
        }
    }

    fn page() -> MultiAuthorizationSubscription {
        let mut page = MultiAuthorizationSubscription::new();
        for action in ["at once", "later", "last"] {
            page.add(action, AuthorizationSubscription::new("s", action, "r"))
                .unwrap();
        }
        page
    }

    #[tokio::test]
    async fn each_subscription_gets_its_own_decision() {
        let page = page();
        let decisions = Slow.multi_decide_all_once(&page).await;
        assert_eq!(decisions.len(), 3);
        assert_eq!(decisions.decision("at once").decision, Decision::Permit);
        assert_eq!(decisions.decision("later").advice, [json!("later")]);
        assert_eq!(decisions.decision("last").advice, [json!("last")]);
    }

    #[test]
    fn a_missing_id_is_indeterminate() {
        let mut decisions = MultiAuthorizationDecision::default();
        assert_eq!(decisions.decision("x").decision, Decision::Indeterminate);
        assert_eq!(decisions.take("x").decision, Decision::Indeterminate);
    }

    #[tokio::test]
    async fn the_whole_is_given_once_all_decisions_are_there() {
        let page = page();
        let first = Slow.multi_decide_all(&page).next().await.unwrap();
        assert_eq!(first.len(), 3);
    }
}
