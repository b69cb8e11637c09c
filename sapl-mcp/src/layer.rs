//! The layer: configuration that is checked once, and the wrapping of a server.

mod builder;

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, PolicyDecisionPoint,
    constraint::ConstraintEnforcementService,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    approval::{ApprovalStore, Approvals, Approvers, Pending},
    audit::AuditSink,
    enforcement::{TaskRegister, ask},
    request_state::RequestStates,
    rule::{Rule, RuleBook, Rules},
    service::SaplService,
    value::schema::Schemas,
};
pub(crate) use builder::Target;
pub use builder::{ConfigError, DEFAULT_DECISION_TIMEOUT, SaplLayerBuilder, Unannotated};

/// Wraps MCP servers, so that every request of a client is decided by a policy decision point.
///
/// A layer is made once, and costs a reference count to clone: rmcp asks for a wrapped server at every stateless
/// request.
///
/// ```
/// use std::sync::Arc;
///
/// use rmcp::ServerHandler;
/// use sapl_mcp::prelude::*;
///
/// struct Empty;
/// impl ServerHandler for Empty {}
///
/// # fn main() -> Result<(), ConfigError> {
/// let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
///     .resource("data://audit/log", pre_enforce().tags(["compliance"]).stealth())
///     .build()?;
/// let server = Arc::new(Empty);
/// let enforced = sapl.layer(Arc::clone(&server));
/// # let _ = enforced;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SaplLayer {
    shared: Arc<Shared>,
    transport: Transport,
}

/// Tells what time it is.
type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What all wrapped servers of a layer share.
pub(crate) struct Shared {
    pub(crate) pdp: Box<dyn PolicyDecisionPoint>,
    /// For manual use: nobody would be asked for approval there.
    constraints: ConstraintEnforcementService,
    /// The same with the stages of the layer.
    pub(crate) staged: ConstraintEnforcementService,
    pub(crate) audit: Box<dyn AuditSink>,
    pub(crate) rules: RuleBook,
    pub(crate) decision_timeout: Duration,
    pub(crate) unannotated: Option<UnannotatedRule>,
    pub(crate) forward_unlisted: bool,
    pub(crate) enforce_listing: bool,
    /// Compiled output schemas.
    pub(crate) schemas: Schemas,
    /// The tasks that tools go on as, and whose they are.
    pub(crate) tasks: TaskRegister,
    /// What seals the states that clients hold between rounds.
    pub(crate) request_states: RequestStates,
    /// Who is asked for approval elsewhere than at the other end.
    pub(crate) approvers: Approvers,
    /// Which approvals were used, and which hold for more.
    pub(crate) approvals: Box<dyn ApprovalStore>,
    /// What time it is.
    clock: Clock,
    /// How many calls wait for approvals.
    pub(crate) pending: Pending,
    /// The hint about transports without identity.
    warned_about_transport: Noted,
    /// Some component of a server came with a rule of its own.
    ruled: Noted,
    /// Some tool did.
    ruled_tools: Noted,
    /// Tools whose definition by name lacks a rule of their definition in the list.
    contradicted: Contradicted,
}

/// What happens to components that no rule is about, where they don't just pass.
pub(crate) enum UnannotatedRule {
    Ask(Arc<Rule>),
    Deny,
}

/// Where requests without HTTP parts come from.
#[derive(Clone, Debug)]
pub(crate) enum Transport {
    /// Nobody said: such a request has no identity, and what has a rule is denied to it.
    Unknown,
    /// A local subprocess whose only user is the one who started it: nothing is enforced.
    Bypassed,
    /// Whoever is at the other end is this subject.
    Fixed(Arc<Value>),
}

impl SaplLayer {
    /// Starts the configuration of a layer whose decisions come from `pdp`.
    pub fn builder(pdp: impl PolicyDecisionPoint) -> SaplLayerBuilder {
        SaplLayerBuilder::new(Box::new(pdp))
    }

    /// Wraps `server`. The same as [`tower_layer::Layer::layer`].
    ///
    /// Give it an `Arc` of the server: rmcp makes a wrapped server for every stateless request.
    pub fn layer<S>(&self, server: S) -> SaplService<S> {
        SaplService::new(server, Arc::clone(&self.shared), self.transport.clone())
    }

    /// Wraps a server for a local subprocess on standard input and output, with **no enforcement**: such a
    /// transport has no tokens, and its one user is whoever started the process.
    ///
    /// A request that does come with HTTP parts is enforced all the same.
    pub fn for_stdio<S>(&self, server: S) -> SaplService<S> {
        tracing::warn!("a server is run without enforcement: its transport is a local subprocess");
        SaplService::new(server, Arc::clone(&self.shared), Transport::Bypassed)
    }

    /// The same layer for transports without HTTP, with everybody at the other end taken for `subject`. The rules'
    /// own functions for the subject still come first.
    ///
    /// A request that comes with HTTP parts has the identity of its token, and never this subject.
    #[must_use]
    pub fn enforce_stdio(&self, subject: impl Into<Value>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            transport: Transport::Fixed(Arc::new(subject.into())),
        }
    }

    /// One decision, for manual use inside of a handler: bounded by the decision timeout, and INDETERMINATE when the
    /// decision point is too slow or panics. What comes of it is up to the caller, for instance
    /// [`constraints().enforce(..)`](ConstraintEnforcementService::enforce).
    ///
    /// ```
    /// use sapl_mcp::{AuthorizationDecision, AuthorizationSubscription, SaplLayer, decide_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit())).build()?;
    /// let decision = sapl.decide_once(&AuthorizationSubscription::new("mara", "select", "customers")).await;
    /// let rows = sapl.constraints().enforce(&decision, async { vec!["C-10042".to_owned()] }).await?;
    /// assert_eq!(rows, ["C-10042"]);
    /// # Ok(()) }
    /// ```
    pub async fn decide_once(&self, subscription: &AuthorizationSubscription) -> AuthorizationDecision {
        let Shared {
            pdp,
            decision_timeout,
            ..
        } = &*self.shared;
        let answer = ask(&**pdp, subscription, *decision_timeout, &CancellationToken::new()).await;
        answer.unwrap_or_else(|none| {
            tracing::warn!(reason = none.as_str(), "no decision, so INDETERMINATE");
            AuthorizationDecision::indeterminate()
        })
    }

    /// The decision point, for manual use inside of a handler.
    pub fn pdp(&self) -> &dyn PolicyDecisionPoint {
        &*self.shared.pdp
    }

    /// The approvals that are remembered, to take them back.
    pub fn approvals(&self) -> Approvals<'_> {
        Approvals::new(&*self.shared.approvals)
    }

    /// The constraint engine, for manual use inside of a handler.
    pub fn constraints(&self) -> &ConstraintEnforcementService {
        &self.shared.constraints
    }
}

impl<S> tower_layer::Layer<S> for SaplLayer {
    type Service = SaplService<S>;

    fn layer(&self, server: S) -> SaplService<S> {
        Self::layer(self, server)
    }
}

impl Shared {
    /// What time it is.
    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    /// Says once how to serve a transport that knows no identity.
    pub(crate) fn warn_about_transport(&self) {
        if self.warned_about_transport.note() {
            tracing::warn!(
                "a request came without HTTP request parts, so nobody can tell who asks, and what has a rule is \
                 denied: serve a local subprocess with `sapl.for_stdio(server)`, which enforces nothing, or with \
                 `sapl.enforce_stdio(subject).layer(server)`, which enforces with a fixed subject"
            );
        }
    }

    /// Notes that a tool has a rule.
    pub(crate) fn note_tool_rule(&self) {
        self.ruled_tools.note();
        self.ruled.note();
    }

    /// Notes a tool whose definition by name lacks a rule of its definition in the list: it is denied from now on.
    pub(crate) fn note_contradiction(&self, tool: String) {
        if self.contradicted.add(&tool) {
            tracing::error!(
                tool,
                "denied: its definition in the list has a rule that the one by name has not"
            );
        }
    }

    /// Whether the tool was noted so.
    pub(crate) fn is_contradicted(&self, tool: &str) -> bool {
        self.contradicted.has(tool)
    }

    /// Whether this is the rule of components that have none of their own.
    pub(crate) fn is_default(&self, rules: &Rules) -> bool {
        matches!(&self.unannotated, Some(UnannotatedRule::Ask(default)) if Arc::ptr_eq(default, rules.first()))
    }

    /// Notes that some component has a rule.
    pub(crate) fn note_rule(&self) {
        self.ruled.note();
    }

    /// Whether any tool is known to have a rule.
    pub(crate) fn has_tool_rules(&self) -> bool {
        self.rules.has_tools() || self.ruled_tools.is_noted()
    }

    /// Whether any component is known to have a rule.
    pub(crate) fn has_rules(&self) -> bool {
        !self.rules.is_empty() || self.ruled.is_noted()
    }
}

/// Names of tools, of which there are none in a sound server, so that the look-up is a load of a flag.
#[derive(Debug, Default)]
struct Contradicted {
    any: Noted,
    names: Mutex<HashSet<String>>,
}

impl Contradicted {
    fn add(&self, tool: &str) -> bool {
        let new = self
            .names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(tool.to_owned());
        self.any.note();
        new
    }

    fn has(&self, tool: &str) -> bool {
        self.any.is_noted()
            && self
                .names
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(tool)
    }
}

/// Something that was seen once and is not forgotten.
#[derive(Debug, Default)]
pub(crate) struct Noted(AtomicBool);

impl Noted {
    /// Notes it, and says whether it is new.
    fn note(&self) -> bool {
        // Read first: a store on each call would bounce the cache line between threads.
        !self.is_noted() && !self.0.swap(true, Ordering::Relaxed)
    }

    fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for SaplLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaplLayer")
            .field("constraints", &self.shared.constraints)
            .field("rules", &self.shared.rules)
            .field("decision_timeout", &self.shared.decision_timeout)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
