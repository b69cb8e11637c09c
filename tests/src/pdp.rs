//! A decision point that answers as it is told, and remembers what it was asked.

use std::{
    fmt,
    future::pending,
    sync::{Arc, Mutex, PoisonError},
};

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, MultiAuthorizationDecision,
    MultiAuthorizationSubscription, PolicyDecisionPoint,
};
use tokio::sync::Notify;

use crate::Log;

/// How a question is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// At once.
    Now(AuthorizationDecision),
    /// After other tasks had their turn.
    Later(AuthorizationDecision),
    /// When somebody notifies.
    When(Arc<Notify>, AuthorizationDecision),
    /// Not at all.
    Never,
    /// By a panic when asked.
    Panic,
    /// By a panic while the answer is awaited.
    PanicLater,
    /// Not in a multi-decision: the id is missing there. INDETERMINATE where it is asked alone.
    Missing,
}

/// A question that was asked.
#[derive(Clone, Debug)]
pub enum Asked {
    /// By itself.
    One(AuthorizationSubscription),
    /// Together with others.
    Page(Vec<AuthorizationSubscription>),
}

type Script = dyn Fn(&AuthorizationSubscription) -> Answer + Send + Sync;

/// The decision point. Clones are the same one.
#[derive(Clone)]
pub struct Pdp {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
    log: Log,
}

impl Pdp {
    /// One that answers by `script`, and writes `decide` into the log for each question.
    pub fn new(
        log: &Log,
        script: impl Fn(&AuthorizationSubscription) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self {
            script: Arc::new(script),
            asked: Arc::default(),
            log: log.clone(),
        }
    }

    /// One that gives every question the same answer.
    pub fn always(log: &Log, answer: Answer) -> Self {
        Self::new(log, move |_| answer.clone())
    }

    /// One that gives everybody the same decision at once.
    pub fn decides(log: &Log, decision: AuthorizationDecision) -> Self {
        Self::always(log, Answer::Now(decision))
    }

    /// One that permits the users whose role is `role`, and denies the others.
    pub fn role(log: &Log, role: &'static str) -> Self {
        Self::new(log, move |subscription| {
            Answer::Now(match subscription.subject()["role"] == role {
                true => AuthorizationDecision::permit(),
                false => AuthorizationDecision::deny(),
            })
        })
    }

    /// Everything that was asked.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The one question that was asked by itself.
    #[must_use]
    pub fn only(&self) -> AuthorizationSubscription {
        match self.asked().as_slice() {
            [Asked::One(subscription)] => subscription.clone(),
            other => panic!("not one question: {other:?}"),
        }
    }

    /// The resources of the questions, all of which were asked by themselves.
    #[must_use]
    pub fn resources(&self) -> Vec<serde_json::Value> {
        let resource = |asked| match asked {
            Asked::One(subscription) => subscription.resource().clone(),
            other => panic!("not by itself: {other:?}"),
        };
        self.asked().into_iter().map(resource).collect()
    }

    fn note(&self, asked: Asked) {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
    }
}

impl PolicyDecisionPoint for Pdp {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        self.note(Asked::One(subscription.clone()));
        self.log.add("decide");
        match (self.script)(subscription) {
            Answer::Now(decision) => Deciding::ready(decision),
            Answer::Later(decision) => Deciding::pending(async move {
                tokio::task::yield_now().await;
                decision
            }),
            Answer::When(signal, decision) => Deciding::pending(async move {
                signal.notified().await;
                decision
            }),
            Answer::Never => Deciding::pending(pending()),
            Answer::Panic => panic!("the decision point panics"),
            Answer::PanicLater => Deciding::pending(async {
                tokio::task::yield_now().await;
                panic!("the decision point panics later")
            }),
            Answer::Missing => Deciding::ready(AuthorizationDecision::indeterminate()),
        }
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        self.note(Asked::Page(
            subscriptions
                .iter()
                .map(|(_, subscription)| subscription.clone())
                .collect(),
        ));
        self.log.add(format!("decide {}", subscriptions.len()));
        let answers: Vec<(String, Answer)> = subscriptions
            .iter()
            .map(|(id, subscription)| (id.to_owned(), (self.script)(subscription)))
            .collect();
        if answers.iter().any(|(_, answer)| matches!(answer, Answer::Panic)) {
            panic!("the decision point panics");
        }
        let later = answers
            .iter()
            .any(|(_, answer)| !matches!(answer, Answer::Now(_) | Answer::Missing));
        let all = async move {
            let mut decisions = Vec::new();
            for (id, answer) in answers {
                match answer {
                    Answer::Now(decision) => decisions.push((id, decision)),
                    Answer::Later(decision) => {
                        tokio::task::yield_now().await;
                        decisions.push((id, decision));
                    }
                    Answer::When(signal, decision) => {
                        signal.notified().await;
                        decisions.push((id, decision));
                    }
                    Answer::Never => pending().await,
                    Answer::Panic | Answer::PanicLater => panic!("the decision point panics later"),
                    Answer::Missing => {}
                }
            }
            decisions.into_iter().collect::<MultiAuthorizationDecision>()
        };
        if later {
            return Deciding::pending(all);
        }
        match futures_util::FutureExt::now_or_never(all) {
            Some(decisions) => Deciding::ready(decisions),
            None => Deciding::pending(pending()),
        }
    }
}

impl fmt::Debug for Pdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pdp")
            .field("asked", &self.asked())
            .finish_non_exhaustive()
    }
}
