//! A decision point whose streams a test speaks into.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, CachingPdp, Deciding, MultiAuthorizationDecision,
    MultiAuthorizationSubscription, PolicyDecisionPoint,
};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Answers directly with a plain DENY, and in streams what the test says.
#[derive(Default)]
pub(crate) struct Scripted {
    /// How often something was asked directly.
    pub(crate) asked: AtomicUsize,
    /// The ids of each multi-request.
    pub(crate) pages: Mutex<Vec<Vec<String>>>,
    streams: Mutex<HashMap<String, UnboundedSender<Said>>>,
    /// How many streams are alive. What is shared with them outlives the decision point.
    pub(crate) open: Arc<AtomicUsize>,
    pub(crate) opened: AtomicUsize,
}

enum Said {
    Decision(AuthorizationDecision),
    Panic,
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scripted {
    pub(crate) async fn say(&self, subject: &str, decision: AuthorizationDecision) {
        let said = self
            .streams
            .lock()
            .unwrap()
            .get(subject)
            .unwrap()
            .send(Said::Decision(decision));
        assert!(said.is_ok(), "nobody listens");
        settle().await;
    }

    pub(crate) async fn panic(&self, subject: &str) {
        let _ = self
            .streams
            .lock()
            .unwrap()
            .get(subject)
            .unwrap()
            .send(Said::Panic);
        settle().await;
    }

    pub(crate) async fn end(&self, subject: &str) {
        self.streams.lock().unwrap().remove(subject);
        settle().await;
    }

    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl PolicyDecisionPoint for Scripted {
    fn decide_once<'a>(&'a self, _: &'a AuthorizationSubscription) -> Deciding<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Deciding::pending(async { AuthorizationDecision::deny() })
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        let ids: Vec<_> = subscriptions.iter().map(|(id, _)| id.to_owned()).collect();
        self.pages.lock().unwrap().push(ids.clone());
        Deciding::pending(async {
            ids.into_iter()
                .chain(["unasked".to_owned()])
                .map(|id| (id, AuthorizationDecision::deny()))
                .collect()
        })
    }

    fn follow<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> Option<BoxStream<'a, AuthorizationDecision>> {
        let (say, mut said) = unbounded_channel();
        let subject = subscription.subject().as_str().unwrap().to_owned();
        self.streams.lock().unwrap().insert(subject, say);
        self.opened.fetch_add(1, Ordering::SeqCst);
        self.open.fetch_add(1, Ordering::SeqCst);
        let open = Open(Arc::clone(&self.open));
        Some(
            stream::poll_fn(move |context| {
                let _ = &open;
                said.poll_recv(context).map(|said| match said? {
                    Said::Decision(decision) => Some(decision),
                    Said::Panic => panic!("on purpose"),
                })
            })
            .boxed(),
        )
    }
}

pub(crate) fn question(subject: &str) -> AuthorizationSubscription {
    AuthorizationSubscription::new(subject, "read", json!({"name": "report"}))
}

pub(crate) async fn ask<P: PolicyDecisionPoint>(pdp: &P, subject: &str) -> AuthorizationDecision {
    let decision = pdp.decide_once(&question(subject)).await;
    settle().await;
    decision
}

/// A decision point that follows `subject`, whose stream has permitted.
pub(crate) async fn permitting(subject: &str) -> CachingPdp<Scripted> {
    let pdp = CachingPdp::new(Scripted::default());
    follow(&pdp, subject).await;
    pdp
}

/// Asks twice, and lets the stream permit.
pub(crate) async fn follow(pdp: &CachingPdp<Scripted>, subject: &str) {
    for _ in 0..2 {
        assert_eq!(ask(pdp, subject).await, AuthorizationDecision::deny());
    }
    pdp.get_ref().say(subject, AuthorizationDecision::permit()).await;
}

/// Lets every task do what it can do now.
pub(crate) async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
