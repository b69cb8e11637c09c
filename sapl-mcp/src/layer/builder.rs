//! Configuration of a layer, checked when it is built.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use sapl_base::{PolicyDecisionPoint, Secret, constraint::ConstraintEnforcementService};

use super::{Clock, Contradicted, Noted, SaplLayer, Shared, Transport, UnannotatedRule};
use crate::{
    advisory::AdvisoryPolicyError,
    approval::{ApprovalStore, Approver, Approvers, InMemoryApprovals, Pending, REQUIRE_APPROVAL},
    audit::{AuditSink, TracingAudit},
    enforcement::TaskRegister,
    request_state::{MIN_REQUEST_STATE_KEY_BYTES, RequestStates},
    rule::{Rule, RuleBook, TemplateError, pre_enforce},
    value::schema::Schemas,
};

/// How long a decision may take unless the builder says otherwise: 5 s.
pub const DEFAULT_DECISION_TIMEOUT: Duration = Duration::from_secs(5);

/// Configures a [`SaplLayer`].
#[must_use = "a builder does nothing until `build`"]
pub struct SaplLayerBuilder {
    pdp: Box<dyn PolicyDecisionPoint>,
    constraints: ConstraintEnforcementService,
    audit: Box<dyn AuditSink>,
    rules: Vec<(Target, Arc<Rule>)>,
    decision_timeout: Duration,
    unannotated: Unannotated,
    forward_unlisted: bool,
    enforce_listing: bool,
    request_state_key: Option<Secret<Vec<u8>>>,
    approvers: Approvers,
    approvals: Option<Box<dyn ApprovalStore>>,
    clock: Clock,
    /// A name that two approvers were given.
    taken: Option<String>,
}

/// What a rule of the builder is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Tool(String),
    Prompt(String),
    Resource(String),
    ResourceTemplate(String),
}

/// What happens to a listed component that no rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unannotated {
    /// It passes without a decision, so that enforcement can be adopted one component at a time.
    #[default]
    Pass,
    /// It is enforced as if it were annotated with a plain `#[pre_enforce]`.
    AskPdp,
    /// It is denied.
    Deny,
}

/// Why a layer can't be built.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// Two rules of a kind, gates or enforcements, are about the same component.
    DuplicateRule {
        /// What they are about, for instance: tool `export_csv`.
        target: String,
    },
    /// The template's syntax is not one that the layer can match.
    Template {
        /// The template as it was given.
        template: String,
        /// What is wrong with it.
        error: TemplateError,
    },
    /// Some URI matches both templates equally well, so that it would be undecided which rule holds for it.
    AmbiguousTemplates {
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// The rule has an argument that this kind of component has no use for.
    InapplicableArgument {
        /// What the rule is about.
        target: String,
        /// The argument.
        argument: &'static str,
    },
    /// A gate has an argument that has no meaning on a gate: it runs nothing but the decision's on-decision handlers,
    /// and hides its component anyway.
    GateArgument {
        /// What the gate is on.
        target: String,
        /// The argument.
        argument: &'static str,
    },
    /// Two approvers have the same name.
    DuplicateApprover {
        /// The name.
        name: String,
    },
    /// The advisory policy of a tool's rule can't be published.
    AdvisoryPolicy {
        /// What the rule is about.
        target: String,
        /// Why not.
        error: AdvisoryPolicyError,
    },
    /// [`Sapl::get`](crate::Sapl::get) was called before [`Sapl::configure`](crate::Sapl::configure).
    NotConfigured,
    /// [`Sapl::configure`](crate::Sapl::configure) was called a second time.
    AlreadyConfigured,
    /// The decision timeout is zero: every decision would be INDETERMINATE.
    ZeroDecisionTimeout,
    /// The key for request states is shorter than [`MIN_REQUEST_STATE_KEY_BYTES`].
    ShortRequestStateKey {
        /// Its length.
        bytes: usize,
    },
}

impl SaplLayerBuilder {
    pub(super) fn new(pdp: Box<dyn PolicyDecisionPoint>) -> Self {
        Self {
            pdp,
            constraints: ConstraintEnforcementService::default(),
            audit: Box::new(TracingAudit::default()),
            rules: Vec::new(),
            decision_timeout: DEFAULT_DECISION_TIMEOUT,
            unannotated: Unannotated::default(),
            forward_unlisted: false,
            enforce_listing: true,
            request_state_key: None,
            approvers: Approvers::default(),
            approvals: None,
            clock: Arc::new(SystemTime::now),
            taken: None,
        }
    }

    /// The handlers of obligations and advice. Without them only the built-in content filters are there.
    pub fn constraints(mut self, constraints: ConstraintEnforcementService) -> Self {
        self.constraints = constraints;
        self
    }

    /// Where one record for each operation goes; by default to `tracing`.
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.audit = Box::new(sink);
        self
    }

    /// A rule for the tool of this name, for servers whose definitions can't be touched.
    pub fn tool(self, name: impl Into<String>, rule: Rule) -> Self {
        self.rule(Target::Tool(name.into()), rule)
    }

    /// A rule for the prompt of this name.
    pub fn prompt(self, name: impl Into<String>, rule: Rule) -> Self {
        self.rule(Target::Prompt(name.into()), rule)
    }

    /// A rule for the resource of this URI.
    pub fn resource(self, uri: impl Into<String>, rule: Rule) -> Self {
        self.rule(Target::Resource(uri.into()), rule)
    }

    /// A rule for the resources that match this URI template, and for the template itself in listings.
    ///
    /// `{x}` stands for one or more characters but `/`, `?` and `#` ([RFC 6570], level 1). An exact
    /// [`resource`](Self::resource) rule goes before a template; of several templates the one with the most literal
    /// characters counts.
    ///
    /// [RFC 6570]: https://www.rfc-editor.org/rfc/rfc6570
    pub fn resource_template(self, template: impl Into<String>, rule: Rule) -> Self {
        self.rule(Target::ResourceTemplate(template.into()), rule)
    }

    /// How long a decision may take before it counts as INDETERMINATE; 5 s by default.
    pub fn decision_timeout(mut self, timeout: Duration) -> Self {
        self.decision_timeout = timeout;
        self
    }

    /// What happens to listed components without a rule.
    pub fn unannotated(mut self, treatment: Unannotated) -> Self {
        self.unannotated = treatment;
        self
    }

    /// Whether a name that the server does not list reaches it although rules of its kind exist. Off by default: a
    /// component that nobody lists can't carry a rule, so it would be open to everybody.
    ///
    /// The server then answers for unknown names itself. Where its words are not those of the layer, the difference
    /// tells which names are those of hidden stealth components.
    pub fn forward_unlisted(mut self, forward: bool) -> Self {
        self.forward_unlisted = forward;
        self
    }

    /// The key that seals the states which clients hold between the rounds of a call: at least
    /// [`MIN_REQUEST_STATE_KEY_BYTES`] random bytes.
    ///
    /// By default each layer has a random one, and a call that has begun here can't go on after a restart or in another
    /// process. Replicas that share clients need the same key.
    pub fn request_state_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.request_state_key = Some(Secret::new(key.into()));
        self
    }

    /// An approver for the obligations `requireApproval` that name it.
    pub fn approver(mut self, name: impl Into<String>, approver: impl Approver) -> Self {
        let name = name.into();
        if !self.approvers.add(name.clone(), approver) {
            self.taken = Some(name);
        }
        self
    }

    /// The approver for those that name none, where the client can't ask its user.
    pub fn default_approver(mut self, approver: impl Approver) -> Self {
        self.approvers.set_default(approver);
        self
    }

    /// Where it is kept which approvals were used, and which are remembered. By default in memory; replicas that share clients
    /// need a store that they share, besides the same [key](Self::request_state_key).
    pub fn approval_store(mut self, store: impl ApprovalStore) -> Self {
        self.approvals = Some(Box::new(store));
        self
    }

    /// What time it is, for all that the layer seals, keeps or remembers until some time: states of calls and approvals. By
    /// default the system's clock.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Whether lists leave out stealth components that the caller may not use. On by default. Calls are enforced
    /// either way.
    pub fn enforce_listing(mut self, enforce: bool) -> Self {
        self.enforce_listing = enforce;
        self
    }

    /// Checks everything and makes the layer.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn build(self) -> Result<SaplLayer, ConfigError> {
        if self.decision_timeout.is_zero() {
            return Err(ConfigError::ZeroDecisionTimeout);
        }
        if let Some(name) = self.taken {
            return Err(ConfigError::DuplicateApprover { name });
        }
        let request_states = match &self.request_state_key {
            None => RequestStates::random(),
            Some(key) if key.expose().len() >= MIN_REQUEST_STATE_KEY_BYTES => {
                RequestStates::with_key(key.expose())
            }
            Some(key) => {
                return Err(ConfigError::ShortRequestStateKey {
                    bytes: key.expose().len(),
                });
            }
        };
        let unannotated = match self.unannotated {
            Unannotated::Pass => None,
            Unannotated::AskPdp => Some(UnannotatedRule::Ask(Arc::new(pre_enforce()))),
            Unannotated::Deny => Some(UnannotatedRule::Deny),
        };
        let clock = self.clock;
        let approvals = self.approvals.unwrap_or_else(|| {
            let clock = Arc::clone(&clock);
            Box::new(InMemoryApprovals::with_clock(move || clock()))
        });
        let shared = Shared {
            pdp: self.pdp,
            staged: self.constraints.with_stages(&[REQUIRE_APPROVAL]),
            constraints: self.constraints,
            audit: self.audit,
            rules: RuleBook::new(self.rules)?,
            decision_timeout: self.decision_timeout,
            unannotated,
            forward_unlisted: self.forward_unlisted,
            enforce_listing: self.enforce_listing,
            schemas: Schemas::new(),
            tasks: TaskRegister::default(),
            request_states,
            approvers: self.approvers,
            approvals,
            clock,
            pending: Pending::default(),
            warned_about_transport: Noted::default(),
            ruled: Noted::default(),
            ruled_tools: Noted::default(),
            contradicted: Contradicted::default(),
        };
        Ok(SaplLayer {
            shared: Arc::new(shared),
            transport: Transport::Unknown,
        })
    }

    fn rule(mut self, target: Target, rule: Rule) -> Self {
        self.rules.push((target, Arc::new(rule)));
        self
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tool(name) => write!(f, "tool `{name}`"),
            Self::Prompt(name) => write!(f, "prompt `{name}`"),
            Self::Resource(uri) => write!(f, "resource `{uri}`"),
            Self::ResourceTemplate(template) => write!(f, "resource template `{template}`"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateRule { target } => write!(f, "two rules are given for {target}"),
            Self::Template { template, error } => write!(f, "resource template `{template}`: {error}"),
            Self::AmbiguousTemplates { first, second } => write!(
                f,
                "the resource templates `{first}` and `{second}` have different rules, and some URI matches both \
                 equally well"
            ),
            Self::InapplicableArgument { target, argument } => {
                write!(
                    f,
                    "the rule for {target} has `{argument}`, which is for tools alone"
                )
            }
            Self::GateArgument { target, argument } => {
                write!(
                    f,
                    "the gate of {target} has `{argument}`, which has no meaning on a gate"
                )
            }
            Self::DuplicateApprover { name } => write!(f, "two approvers have the name `{name}`"),
            Self::AdvisoryPolicy { target, error } => write!(f, "advisory policy of {target}: {error}"),
            Self::NotConfigured => f.write_str(
                "SAPL is not configured: call `Sapl::configure(pdp, constraints)` once, when the process starts",
            ),
            Self::AlreadyConfigured => {
                f.write_str("SAPL is configured already: call `Sapl::configure` once in a process")
            }
            Self::ZeroDecisionTimeout => f.write_str("`decision_timeout` is zero"),
            Self::ShortRequestStateKey { bytes } => write!(
                f,
                "the key for request states has {bytes} bytes, and needs at least {MIN_REQUEST_STATE_KEY_BYTES}"
            ),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Template { error, .. } => Some(error),
            Self::AdvisoryPolicy { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Debug for SaplLayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaplLayerBuilder")
            .field("rules", &self.rules)
            .field("decision_timeout", &self.decision_timeout)
            .field("unannotated", &self.unannotated)
            .finish_non_exhaustive()
    }
}
