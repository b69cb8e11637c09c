//! The embedded policy decision point.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, IdentifiableAuthorizationDecision,
    MultiAuthorizationDecision, MultiAuthorizationSubscription, PolicyDecisionPoint,
};

use crate::eval::{Input, Limits};
use crate::source::{Configuration, ConfigurationError};
use changes::Changes;
pub use live::LiveDecisions;
use snapshot::Snapshot;

mod changes;
mod live;
mod snapshot;
#[cfg(test)]
mod tests;

/// A policy decision point in the process of its caller.
///
/// Policies are compiled when they are loaded; a decision reads an immutable snapshot of them, so it never waits for
/// a reload and never sees half of one. Its streams tell a decision anew when [`replace`](Self::replace) or
/// [`reload`](Self::reload) have changed it; see [`LiveDecisions`].
///
/// ```
/// use sapl_base::{AuthorizationSubscription, Decision};
/// use sapl_pdp::EmbeddedPdp;
/// use serde_json::json;
///
/// let pdp = EmbeddedPdp::from_texts(None, [(
///     "readers.sapl",
///     r#"policy "readers" permit action == "read" & "reader" in subject.roles; obligation {type: "log"}"#,
/// )])?;
/// let subscription = AuthorizationSubscription::new(json!({"roles": ["reader"]}), "read", "report");
/// let decision = pdp.decision(&subscription);
/// assert_eq!(decision.decision, Decision::Permit);
/// assert_eq!(decision.obligations, [json!({"type": "log"})]);
/// # Ok::<(), sapl_pdp::source::ConfigurationError>(())
/// ```
#[derive(Debug)]
pub struct EmbeddedPdp {
    snapshot: ArcSwap<Snapshot>,
    changes: Changes,
    folder: Option<PathBuf>,
    limits: Limits,
}

impl EmbeddedPdp {
    /// Loads the policies (`*.sapl`) and the `pdp.json` of a folder.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the folder; nothing is loaded then.
    pub fn from_dir(folder: impl AsRef<Path>) -> Result<Self, ConfigurationError> {
        let folder = folder.as_ref();
        let mut pdp = Self::new(&Configuration::from_dir(folder)?)?;
        pdp.folder = Some(folder.to_owned());
        Ok(pdp)
    }

    /// Loads policies from texts: that of `pdp.json`, if any, and of documents with the names of their files.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the texts.
    pub fn from_texts<F, T>(
        settings: Option<&str>,
        documents: impl IntoIterator<Item = (F, T)>,
    ) -> Result<Self, ConfigurationError>
    where
        F: Into<String>,
        T: Into<String>,
    {
        Self::new(&Configuration::from_texts(settings, documents)?)
    }

    /// Compiles a configuration that was read before.
    ///
    /// # Errors
    ///
    /// The first document that is refused.
    pub fn new(configuration: &Configuration) -> Result<Self, ConfigurationError> {
        let limits = Limits::default();
        let changes = Changes::default();
        Ok(Self {
            snapshot: ArcSwap::from_pointee(Snapshot::new(configuration, limits, changes.next_version())?),
            changes,
            folder: None,
            limits,
        })
    }

    /// The same decision point with other limits for each decision.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces all policies at once; decisions that are being made end on the old ones.
    ///
    /// # Errors
    ///
    /// The first document that is refused; the policies in force stay then.
    pub fn replace(&self, configuration: &Configuration) -> Result<(), ConfigurationError> {
        let version = self.changes.next_version();
        let snapshot = Snapshot::new(configuration, self.limits, version)?;
        self.snapshot.store(Arc::new(snapshot));
        self.changes.announce();
        Ok(())
    }

    /// Reads the folder anew; does nothing for policies that came from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`from_dir`](Self::from_dir); the policies in force stay then.
    pub fn reload(&self) -> Result<(), ConfigurationError> {
        match &self.folder {
            Some(folder) => self.replace(&Configuration::from_dir(folder)?),
            None => Ok(()),
        }
    }

    /// The decision on a subscription.
    #[must_use]
    pub fn decision(&self, subscription: &AuthorizationSubscription) -> AuthorizationDecision {
        self.decision_on(&Input::from(subscription))
    }

    /// The decision on a subscription whose parts are values already, with the exact numbers and the order of
    /// members of the text that they were read from.
    #[must_use]
    pub fn decision_on(&self, input: &Input<'_>) -> AuthorizationDecision {
        self.snapshot.load().decide(input, &self.limits)
    }

    /// The decisions on several such subscriptions, in their order, all on one version of the policies.
    #[must_use]
    pub fn decisions_on(&self, inputs: &[Input<'_>]) -> Vec<AuthorizationDecision> {
        let snapshot = self.snapshot.load();
        let decisions = inputs.iter().map(|input| snapshot.decide(input, &self.limits));
        decisions.collect()
    }
}

impl PolicyDecisionPoint for EmbeddedPdp {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        Deciding::ready(self.decision(subscription))
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        let snapshot = self.snapshot.load();
        Deciding::ready(
            subscriptions
                .iter()
                .map(|(id, subscription)| {
                    let decision = snapshot.decide(&Input::from(subscription), &self.limits);
                    (id.to_owned(), decision)
                })
                .collect(),
        )
    }

    fn decide<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> BoxStream<'a, AuthorizationDecision> {
        let mut live = LiveDecisions::new(self, vec![Input::from(subscription)]);
        stream::poll_fn(move |context| {
            let next = live.poll_each(context);
            next.map(|(_, decision)| Some(decision.clone()))
        })
        .boxed()
    }

    fn multi_decide<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
        let (ids, mut live) = self.live(subscriptions);
        stream::poll_fn(move |context| {
            let next = live.poll_each(context);
            next.map(|(index, decision)| {
                Some(IdentifiableAuthorizationDecision {
                    subscription_id: (*ids.get(index)?).to_owned(),
                    decision: decision.clone(),
                })
            })
        })
        .boxed()
    }

    fn multi_decide_all<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, MultiAuthorizationDecision> {
        let (ids, mut live) = self.live(subscriptions);
        stream::poll_fn(move |context| {
            let next = live.poll_all(context);
            next.map(|decisions| {
                let ids = ids.iter().map(|&id| id.to_owned());
                Some(ids.zip(decisions.iter().cloned()).collect())
            })
        })
        .boxed()
    }
}

impl EmbeddedPdp {
    fn live<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> (Vec<&'a str>, LiveDecisions<'a, &'a Self>) {
        let (ids, inputs) = subscriptions
            .iter()
            .map(|(id, subscription)| (id, Input::from(subscription)))
            .unzip();
        (ids, LiveDecisions::new(self, inputs))
    }
}

/// The decision when constraints can't be written as JSON, and so can't be obeyed.
const UNWRITABLE: AuthorizationDecision = AuthorizationDecision::new(Decision::Indeterminate);
