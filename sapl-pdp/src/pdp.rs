//! The embedded policy decision point.

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt as _, future, stream};
use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, IdentifiableAuthorizationDecision,
    MultiAuthorizationDecision, MultiAuthorizationSubscription, PolicyDecisionPoint, PolicySnapshot,
};

use crate::attribute::{AttributeFinder, Attributes, Clock, LibraryTaken};
use crate::eval::{Input, Limits};
use crate::source::{Configuration, ConfigurationError, PolicySource, Texts};
use crate::value::Value;
pub use live::{LiveDecisions, MAX_ROUNDS};
use policies::Policies;
pub use policies::{Following, Health, SOURCE_PAUSE};
use snapshot::Snapshot;
pub(crate) use snapshot::written;
use watch::{Folder, Watch};
pub use watch::{
    LOOK_EVERY, LOOK_EVERY_NOTIFIED, MAX_WAIT_FOR_QUIET, QUIET, RETRY_NOTIFICATIONS, WatchEvent, WatchOptions,
};

mod changes;
mod live;
mod policies;
mod snapshot;
#[cfg(test)]
mod tests;
mod watch;

/// A policy decision point in the process of its caller.
///
/// Policies are compiled when they are loaded; a decision reads an immutable snapshot of them, so it never waits for
/// a reload and never sees half of one. Its streams tell a decision anew when other policies have changed it; see
/// [`LiveDecisions`]. Other policies come from a folder that is watched ([`watch_dir`](Self::watch_dir)), a source that is
/// followed ([`follow_source`](Self::follow_source)), or when the host says so ([`reload`](Self::reload), [`replace`](Self::replace)).
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
    policies: Open,
    folder: Option<Folder>,
    watch: Option<Watch>,
    limits: Limits,
    attributes: Attributes,
}

/// The policies of a decision point that is there; who follows for it ends when this is dropped.
#[derive(Debug)]
struct Open(Arc<Policies>);

impl EmbeddedPdp {
    /// Loads the policies (`*.sapl`) and the `pdp.json` of a folder.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the folder; nothing is loaded then.
    pub fn from_dir(folder: impl AsRef<Path>) -> Result<Self, ConfigurationError> {
        let (path, read_at) = (folder.as_ref().to_owned(), SystemTime::now());
        let (texts, state) = Texts::read(&path)?;
        let digest = texts.digest();
        let limits = Limits::default();
        let mut pdp = Self::of(Policies::new(&texts.parse()?, limits, Some(digest))?, limits);
        pdp.folder = Some(Folder {
            path,
            state: Some(state),
            digest: Some(digest),
            read_at,
            problem: None,
        });
        Ok(pdp)
    }

    /// As [`from_dir`](Self::from_dir), but a folder that is refused makes a decision point that has no policies and whose
    /// decisions are all INDETERMINATE; [`health`](Self::health) says why. Where the folder is watched
    /// ([`with_watch`](Self::with_watch)) or [reloaded](Self::reload), its policies come in force once they are mended.
    #[must_use]
    pub fn from_dir_even_if_refused(folder: impl AsRef<Path>) -> Self {
        let (path, read_at) = (folder.as_ref().to_owned(), SystemTime::now());
        let limits = Limits::default();
        let read = Texts::read(&path).map(|(texts, state)| (texts.digest(), state, texts));
        let (digest, state, policies) = match read {
            Err(problem) => (None, None, Err(problem)),
            Ok((digest, state, texts)) => {
                let policies = texts
                    .parse()
                    .and_then(|configuration| Policies::new(&configuration, limits, Some(digest)));
                (Some(digest), Some(state), policies)
            }
        };
        let (policies, problem) = match policies {
            Ok(policies) => (policies, None),
            Err(problem) => {
                let problem = Arc::new(problem);
                (Policies::refused(Arc::clone(&problem), limits), Some(problem))
            }
        };
        let mut pdp = Self::of(policies, limits);
        pdp.folder = Some(Folder {
            path,
            state,
            digest,
            read_at,
            problem,
        });
        pdp
    }

    /// Loads the policies of a folder, and those that it has later: see [`with_watch`](Self::with_watch).
    ///
    /// # Errors
    ///
    /// As [`from_dir`](Self::from_dir), and when the system has no thread left.
    pub fn watch_dir(folder: impl AsRef<Path>) -> Result<Self, ConfigurationError> {
        Self::from_dir(folder)?.with_watch(WatchOptions::default())
    }

    /// Loads the first policies of a source. Have it [followed](Self::follow_source) then.
    ///
    /// # Errors
    ///
    /// The source fails, or the first document that is refused.
    pub async fn from_source(source: &mut impl PolicySource) -> Result<Self, ConfigurationError> {
        Self::new(&source.read().await?)
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
        Self::within(configuration, Limits::default())
    }

    /// Compiles a configuration that was read before, under other limits.
    ///
    /// # Errors
    ///
    /// The first document that is refused, as one beyond the limits is.
    pub fn within(configuration: &Configuration, limits: Limits) -> Result<Self, ConfigurationError> {
        Ok(Self::of(Policies::new(configuration, limits, None)?, limits))
    }

    fn of(policies: Policies, limits: Limits) -> Self {
        Self {
            policies: Open(Arc::new(policies)),
            folder: None,
            watch: None,
            limits,
            attributes: Attributes::default(),
        }
    }

    /// The same decision point with other limits for each decision, and for the policies that are loaded from now on.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self.policies.0.limit(limits);
        self
    }

    /// The same decision point with a finder of attributes; see [`attribute`](crate::attribute).
    ///
    /// # Errors
    ///
    /// When its library has a finder already, as `time` has, or when policies could not write its name.
    pub fn with_attribute_finder(mut self, finder: impl AttributeFinder) -> Result<Self, LibraryTaken> {
        self.attributes = self.attributes.with_finder(Arc::new(finder))?;
        Ok(self)
    }

    /// The same decision point, which may fetch the keys of `<jwt.token>` from the `publicKeyServer` that the variable `jwt` of
    /// `pdp.json` names. Without it keys are those of the `whitelist` alone.
    ///
    /// A server without TLS needs a client that allows cleartext and `allowInsecureHttp` in the configuration.
    #[cfg(all(feature = "crypto", feature = "http"))]
    #[must_use]
    pub fn with_token_keys_over(mut self, client: sapl_base::http::HttpClient) -> Self {
        self.attributes = self.attributes.with_key_client(client);
        self
    }

    /// The same with a value for an attribute, named as in `time.now`, instead of what a finder says, of whatever and with
    /// whatever arguments it is asked for: for tests of policies.
    #[must_use]
    pub fn with_attribute_value(mut self, name: impl Into<String>, value: Value<'static>) -> Self {
        self.attributes = self.attributes.with_value(name, value);
        self
    }

    /// The same decision point with another clock for attributes.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.attributes = self.attributes.with_clock(Arc::new(clock));
        self
    }

    /// The same decision point, which watches the folder that it was loaded from until it is dropped. Does nothing for
    /// policies that came from elsewhere.
    ///
    /// A change is in force, and reaches streams, a moment after the folder has been left alone for [`QUIET`]. All files
    /// are of one time then, whether they were written one by one, renamed into place, or swapped by a link, and the folder
    /// may go and come back. Policies that are refused change nothing: those before stay in force, and the problem is
    /// logged, told ([`WatchOptions::on_event`]) and kept ([`health`](Self::health)).
    ///
    /// With the feature `notify` the operating system tells of changes, and the folder is looked at every
    /// [`LOOK_EVERY_NOTIFIED`] too; else every [`LOOK_EVERY`]. That is done by a thread, so no runtime is needed.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn with_watch(mut self, options: WatchOptions) -> Result<Self, ConfigurationError> {
        if let Some(folder) = &self.folder {
            let policies = Arc::clone(&self.policies.0);
            self.watch = Some(Watch::start(folder.clone(), policies, options)?);
        }
        Ok(self)
    }

    /// Follows a source until the decision point is dropped: a future to be spawned.
    ///
    /// A source that always has something new is read every [`SOURCE_PAUSE`].
    ///
    /// Policies that are refused, or a source that fails, change nothing: the policies before stay in force, and the
    /// problem is logged and kept ([`health`](Self::health)). A whole example is that of [`PolicySource`].
    pub fn follow_source<S: PolicySource>(&self, mut source: S) -> impl Future<Output = ()> + Send + use<S> {
        let policies = Arc::clone(&self.policies.0);
        async move {
            let following = pin!(policies.follow(&mut source));
            future::select(pin!(policies.closed()), following).await;
        }
    }

    /// Whether the newest policies are in force, and how changes are noticed.
    #[must_use]
    pub fn health(&self) -> Health {
        self.policies.0.health()
    }

    /// Whether a decision on the policies in force may need attributes. Without them each is made at once, from the
    /// subscription alone.
    #[must_use]
    pub fn reads_attributes(&self) -> bool {
        self.policies.0.load().reads_attributes
    }

    /// How many streams of attributes are open.
    #[cfg(test)]
    pub(crate) fn open_attributes(&self) -> usize {
        self.attributes.open()
    }

    /// Replaces all policies at once; decisions that are being made end on the old ones. Of two replacements that overlap
    /// the one that began later stays.
    ///
    /// # Errors
    ///
    /// The first document that is refused; the policies in force stay then.
    pub fn replace(&self, configuration: &Configuration) -> Result<(), ConfigurationError> {
        let version = self.policies.0.changes.next_version();
        self.policies.0.put(version, configuration, None)
    }

    /// Reads the folder anew; does nothing for policies that came from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`from_dir`](Self::from_dir); the policies in force stay then.
    pub fn reload(&self) -> Result<(), ConfigurationError> {
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        // Before it is read: who begins later reads what is there now, or what is newer.
        let version = self.policies.0.changes.next_version();
        let (texts, _) = Texts::read(&folder.path)?;
        let digest = texts.digest();
        self.policies.0.put(version, &texts.parse()?, Some(digest))
    }

    /// The decision on a subscription, at once: INDETERMINATE when it needs an attribute whose finder has no value at
    /// once. [`decide_once`](PolicyDecisionPoint::decide_once) waits for it.
    #[must_use]
    pub fn decision(&self, subscription: &AuthorizationSubscription) -> AuthorizationDecision {
        self.decision_on(&Input::from(subscription))
    }

    /// As [`decision`](Self::decision), on a subscription whose parts are values already, with the exact numbers and the
    /// order of members of the text that they were read from.
    #[must_use]
    pub fn decision_on(&self, input: &Input<'_>) -> AuthorizationDecision {
        let snapshot = self.policies.0.load();
        if !snapshot.reads_attributes {
            return snapshot.decide(input, &self.limits);
        }
        drop(snapshot);
        let mut decisions = self.decisions_with_attributes(std::slice::from_ref(input));
        decisions.pop().unwrap_or(AuthorizationDecision::indeterminate())
    }

    /// The decisions on several such subscriptions, in their order, all on one version of the policies.
    #[must_use]
    pub fn decisions_on(&self, inputs: &[Input<'_>]) -> Vec<AuthorizationDecision> {
        let snapshot = self.policies.0.load();
        if !snapshot.reads_attributes {
            return snapshot.decide_all(inputs, &self.limits);
        }
        drop(snapshot);
        self.decisions_with_attributes(inputs)
    }

    /// The decision on a subscription whose parts are values, once the attributes that it needs are there.
    pub fn decide_once_on<'a>(&'a self, input: Input<'a>) -> Deciding<'a> {
        let snapshot = self.policies.0.load();
        if !snapshot.reads_attributes {
            return Deciding::ready(snapshot.decide(&input, &self.limits));
        }
        drop(snapshot);
        let mut live = LiveDecisions::new(self, vec![input]);
        // What is there at once needs no future.
        let now = live.poll_each(&mut Context::from_waker(Waker::noop()));
        match now.map(|(_, decision)| decision.clone()) {
            Poll::Ready(decision) => Deciding::ready(decision),
            Poll::Pending => Deciding::pending(poll_fn(move |context| {
                live.poll_each(context).map(|(_, decision)| decision.clone())
            })),
        }
    }

    /// The decisions on several such subscriptions, in their order, all on one version of the policies, once the
    /// attributes that they need are there.
    pub fn decide_all_once_on<'a>(
        &'a self,
        inputs: Vec<Input<'a>>,
    ) -> Deciding<'a, Vec<AuthorizationDecision>> {
        let snapshot = self.policies.0.load();
        if !snapshot.reads_attributes {
            return Deciding::ready(snapshot.decide_all(&inputs, &self.limits));
        }
        drop(snapshot);
        let mut live = LiveDecisions::new(self, inputs);
        Deciding::pending(poll_fn(move |context| live.poll_all(context).map(<[_]>::to_vec)))
    }

    /// What can be decided without waiting. All at once if possible, so that all are on one version of the policies.
    fn decisions_with_attributes(&self, inputs: &[Input<'_>]) -> Vec<AuthorizationDecision> {
        let mut live = LiveDecisions::new(self, inputs.to_vec());
        let _ = live.poll_all(&mut Context::from_waker(Waker::noop()));
        live.into_decisions()
    }
}

impl PolicyDecisionPoint for EmbeddedPdp {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        self.decide_once_on(Input::from(subscription))
    }

    fn snapshot(&self) -> Option<PolicySnapshot> {
        Some(PolicySnapshot::new(Arc::clone(&self.policies.0.load())))
    }

    fn decide_once_at<'a>(
        &'a self,
        snapshot: &'a PolicySnapshot,
        subscription: &'a AuthorizationSubscription,
    ) -> Deciding<'a> {
        let Some(snapshot) = snapshot.downcast_ref::<Snapshot>() else {
            return Deciding::ready(AuthorizationDecision::indeterminate());
        };
        let input = Input::from(subscription);
        if !snapshot.reads_attributes {
            return Deciding::ready(snapshot.decide(&input, &self.limits));
        }
        let (mut session, mut is_asked) = (live::Session::default(), false);
        Deciding::pending(poll_fn(move |context| {
            // Only what has changed since may lead to another evaluation.
            if std::mem::replace(&mut is_asked, true) && !session.poll(context) {
                return Poll::Pending;
            }
            let decided = session.decide(snapshot, &input, &self.limits, &self.attributes, context);
            decided.map_or(Poll::Pending, Poll::Ready)
        }))
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        let snapshot = self.policies.0.load();
        if !snapshot.reads_attributes {
            let (ids, inputs): (Vec<&str>, Vec<Input<'_>>) = subscriptions
                .iter()
                .map(|(id, subscription)| (id, Input::from(subscription)))
                .unzip();
            let decisions = snapshot.decide_all(&inputs, &self.limits);
            let ids = ids.into_iter().map(str::to_owned);
            return Deciding::ready(ids.zip(decisions).collect());
        }
        drop(snapshot);
        let (ids, mut live) = self.live(subscriptions);
        Deciding::pending(poll_fn(move |context| {
            let decided = live.poll_all(context);
            decided.map(|decisions| by_id(&ids, decisions))
        }))
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
            next.map(|decisions| Some(by_id(&ids, decisions)))
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

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn by_id(ids: &[&str], decisions: &[AuthorizationDecision]) -> MultiAuthorizationDecision {
    let ids = ids.iter().map(|&id| id.to_owned());
    ids.zip(decisions.iter().cloned()).collect()
}

/// The decision when constraints can't be written as JSON or are too large, and so can't be obeyed.
const UNWRITABLE: AuthorizationDecision = AuthorizationDecision::new(Decision::Indeterminate);
