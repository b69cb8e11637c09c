//! How a guard is set up.

use std::{fmt, sync::Arc, time::Duration};

use rmcp::model::CallToolResult;
use sapl_base::constraint::HandlerError;
use serde_json::Value;

use super::{
    Approver, Connection, Guard, GuardPolicy, GuardRequest, GuardSink, Judgement, RuleList, ServerIdentity,
    constrain::ResultFilter,
    guard::{Environment, Settings},
    known::Owner,
};
use crate::{DEFAULT_DECISION_TIMEOUT, TracingAudit};

/// Sets up a [`Guard`]: see [`Guard::builder`].
#[must_use]
pub struct GuardBuilder {
    connection: Connection,
    policy: Arc<dyn GuardPolicy>,
    approver: Option<Arc<dyn Approver>>,
    user: Value,
    server: Option<String>,
    trusted: bool,
    environment: Option<Environment>,
    filter: ResultFilter,
    sink: Arc<dyn GuardSink>,
    decision_timeout: Duration,
}

impl GuardBuilder {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            policy: Arc::new(RuleList::new()),
            approver: None,
            user: Value::Null,
            server: None,
            trusted: false,
            environment: None,
            filter: ResultFilter::default(),
            sink: Arc::new(TracingAudit),
            decision_timeout: DEFAULT_DECISION_TIMEOUT,
        }
    }

    /// The user's policy. Without one, every call needs approval.
    pub fn policy(mut self, policy: impl GuardPolicy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// The user's policy as a closure.
    pub fn policy_fn(self, policy: impl Fn(&GuardRequest) -> Judgement + Send + Sync + 'static) -> Self {
        self.policy(policy)
    }

    /// Who is asked where a person has to agree. Without one, such calls are not made, and the caller gets
    /// [`GuardError::ApprovalRequired`](super::GuardError::ApprovalRequired).
    pub fn approver(mut self, approver: impl Approver) -> Self {
        self.approver = Some(Arc::new(approver));
        self
    }

    /// For whom calls are made: a name, or an object of attributes for the policy.
    pub fn user(mut self, user: impl Into<Value>) -> Self {
        self.user = user.into();
        self
    }

    /// The name of the server as the host knows it. Without it, the name that the server gives itself is taken.
    pub fn server(mut self, name: impl Into<String>) -> Self {
        self.server = Some(name.into());
        self
    }

    /// Whether the host trusts what the server says of itself and its tools. It changes nothing by itself: policies can ask
    /// for it. The default is no.
    pub fn trusted(mut self, trusted: bool) -> Self {
        self.trusted = trusted;
        self
    }

    /// The circumstances of a call, an object: the time, the state of the resource. It is asked for at each decision. A
    /// closure that panics, or gives anything but an object, denies the call.
    pub fn environment(
        mut self,
        environment: impl Fn(&GuardRequest) -> Value + Send + Sync + 'static,
    ) -> Self {
        self.environment = Some(Box::new(environment));
        self
    }

    /// What every result passes behind the constraints of its decision, for instance to keep things out of a model's
    /// context. The text of an error is shown to it as a result that is an error. Where it fails or panics, nobody gets the
    /// result. With a filter, tools can't go on as tasks.
    pub fn result_filter(
        mut self,
        filter: impl Fn(&GuardRequest, CallToolResult) -> Result<CallToolResult, HandlerError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.filter = ResultFilter::new(filter);
        self
    }

    /// Where records go; by default they are events of `tracing`.
    pub fn record_to(mut self, sink: impl GuardSink) -> Self {
        self.sink = Arc::new(sink);
        self
    }

    /// How long a policy may take, 5 seconds by default. Beyond, it denies.
    pub fn decision_timeout(mut self, timeout: Duration) -> Self {
        self.decision_timeout = timeout;
        self
    }

    /// The guard.
    pub fn build(self) -> Guard {
        let told = self.connection.peer.peer_info();
        let told = told.as_ref().and_then(|told| told.server_info.as_ref());
        let server = ServerIdentity {
            name: self
                .server
                .or_else(|| told.map(|told| told.name.clone()))
                .unwrap_or_default(),
            version: told.map(|told| told.version.clone()),
            trusted: self.trusted,
        };
        Guard::new(Settings {
            connection: self.connection,
            policy: self.policy,
            approver: self.approver,
            owner: Owner {
                server: Arc::new(server),
                user: Arc::new(self.user),
            },
            environment: self.environment,
            filter: self.filter,
            sink: self.sink,
            decision_timeout: self.decision_timeout,
        })
    }
}

impl fmt::Debug for GuardBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardBuilder")
            .field("server", &self.server)
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}
