//! The guard itself.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmcp::{
    Peer, RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResult, ClientRequest, ListToolsRequest, ListToolsResult,
        PaginatedRequestParams, ServerResult, Tool,
    },
};
use serde_json::Value;

use super::{
    Approval, ApprovalRequest, Approver, Attempt, Connection, GuardBuilder, GuardError, GuardPolicy,
    GuardRequest, GuardSink, MAX_KNOWN_TOOLS, MAX_TOOL_PAGES, ServerIdentity,
    constrain::ResultFilter,
    grants::Grants,
    known::{Definition, KnownTools, Listed, Owner, Standing},
};
use crate::value::schema::Schemas;

/// Stands in front of a client's tool calls: each is decided, where need be a person is asked, and the result is held to
/// the decision.
///
/// Cloning is cheap, and clones share what they know and what was granted. A guard is for one user on one server.
///
/// What can happen to a call, in this order:
///
/// 1. The tool is looked up in what the server lists. A tool that is not listed is judged all the same, with the worst
///    hints.
/// 2. The [policy](GuardBuilder::policy) judges, and the advice that came with the tool; the stricter one holds. A tool
///    whose definition has changed needs approval in any case.
/// 3. Handlers of the decision may change the arguments.
/// 4. Where approval is required and no grant covers the call, the [approver](GuardBuilder::approver) is asked, with the
///    arguments as they will be sent. After that the policy is asked again, since time has passed.
/// 5. The tool is called, and what it gives passes the constraints of the decision and the
///    [filter](GuardBuilder::result_filter) of the host.
/// 6. A [record](super::GuardRecord) is left, also when the future was dropped on the way.
#[derive(Clone)]
pub struct Guard {
    pub(super) inner: Arc<Inner>,
}

const UNSTEADY: &str = "the list has changed while it was read";

/// What a closure of the host says of the circumstances.
pub(super) type Environment = Box<dyn Fn(&GuardRequest) -> Value + Send + Sync>;

pub(super) struct Settings {
    pub(super) connection: Connection,
    pub(super) policy: Arc<dyn GuardPolicy>,
    pub(super) approver: Option<Arc<dyn Approver>>,
    pub(super) owner: Owner,
    pub(super) environment: Option<Environment>,
    pub(super) filter: ResultFilter,
    pub(super) sink: Arc<dyn GuardSink>,
    pub(super) decision_timeout: Duration,
}

pub(super) struct Inner {
    pub(super) settings: Settings,
    state: Mutex<State>,
    /// One list is read after the other, so that an older one is never taken for the newer.
    listing: tokio::sync::Mutex<()>,
    /// A person is asked one question after the other.
    pub(super) asking: tokio::sync::Mutex<()>,
    pub(super) schemas: Schemas,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) known: KnownTools,
    pub(super) grants: Grants,
}

impl Guard {
    /// Starts a guard in front of a running client of rmcp, or of its peer.
    pub fn builder(connection: impl Into<Connection>) -> GuardBuilder {
        GuardBuilder::new(connection.into())
    }

    pub(super) fn new(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner {
                settings,
                state: Mutex::default(),
                listing: tokio::sync::Mutex::default(),
                asking: tokio::sync::Mutex::default(),
                schemas: Schemas::new(),
            }),
        }
    }

    /// Reads the whole list of tools, and takes in how they are defined.
    ///
    /// # Errors
    /// [`GuardError::Listing`] when the list can't be read, names a tool twice, has more than [`MAX_TOOL_PAGES`] pages,
    /// or more tools than the guard has room for.
    pub async fn list_tools(&self) -> Result<Vec<Tool>, GuardError> {
        let _one_after_the_other = self.inner.listing.lock().await;
        match self.inner.list().await {
            Ok(tools) => Ok(tools),
            Err(reason) => Err(GuardError::Listing { reason }),
        }
    }

    /// The list of tools may have changed: it is read again before the next call is made, also one that is being decided
    /// already. To be called when the server says so (`notifications/tools/list_changed`).
    pub fn tools_changed(&self) {
        self.inner.state().known.doubt();
    }

    /// Calls a tool, if that is allowed, and gives its result.
    ///
    /// Where the tool asks for input and the guard [owns](Connection) the running client, the client's handler answers,
    /// and the call goes on with the next round; each round is decided like a call of its own.
    ///
    /// # Errors
    /// See [`GuardError`].
    pub async fn call_tool(&self, params: CallToolRequestParams) -> Result<CallToolResult, GuardError> {
        self.call_in_rounds(params).await
    }

    /// Calls a tool once, if that is allowed, and tells what was decided along with what came of it. Requests for input
    /// and tasks come back as they are.
    pub async fn attempt(&self, params: CallToolRequestParams) -> Attempt {
        self.inner.attempt(params).await
    }

    /// A person has agreed to a call that came back as [`GuardError::ApprovalRequired`]. What they agreed to passes when
    /// it is tried again: [once](Approval::Once), or as often as the approval says. A definition that had changed counts as
    /// known from now on. What another guard has asked counts for nothing here.
    pub fn approve(&self, request: &ApprovalRequest, approval: Approval) {
        self.inner.agreed(request, approval);
    }

    /// Takes back every approval that was given for a tool alone. One for the whole session stays.
    pub fn revoke(&self, tool: &str) {
        self.inner.state().grants.revoke(tool);
    }

    /// Takes back every approval.
    pub fn revoke_all(&self) {
        self.inner.state().grants.revoke_all();
    }

    /// Which server is at the other end.
    pub fn server(&self) -> &ServerIdentity {
        &self.inner.settings.owner.server
    }

    /// For whom calls are made.
    pub fn user(&self) -> &Value {
        &self.inner.settings.owner.user
    }

    /// The connection itself. Nothing that is done with it is decided, constrained or recorded.
    pub fn unguarded_peer(&self) -> &Peer<RoleClient> {
        &self.inner.settings.connection.peer
    }

    /// Ends the connection, if the guard owns it.
    pub fn close(&self) {
        if let Some(client) = &self.inner.settings.connection.client {
            client.close();
        }
    }
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a tool is defined. The list is read when it is not known, or known no more.
    pub(super) async fn standing(&self, name: &str) -> Result<Standing, String> {
        if let Some(standing) = self.state().known.listed(name) {
            return Ok(standing);
        }
        let _one_after_the_other = self.listing.lock().await;
        if let Some(standing) = self.state().known.listed(name) {
            return Ok(standing);
        }
        self.list().await?;
        if let Some(standing) = self.state().known.standing(name) {
            return Ok(standing);
        }
        Ok(Standing {
            definition: Arc::new(Definition::unlisted(&self.settings.owner, name)),
            redefined: false,
            since: None,
        })
    }

    /// How a tool that was looked up is defined now. The list is read again when it has come to be in doubt since.
    pub(super) async fn standing_now(&self, name: &str) -> Result<Option<Standing>, String> {
        if !self.state().known.is_fresh() {
            let _one_after_the_other = self.listing.lock().await;
            if !self.state().known.is_fresh() {
                self.list().await?;
            }
        }
        let state = self.state();
        match state.known.is_fresh() {
            true => Ok(state.known.standing(name)),
            false => Err(UNSTEADY.to_owned()),
        }
    }

    async fn list(&self) -> Result<Vec<Tool>, String> {
        let doubts = self.state().known.doubts();
        match self.read_list().await {
            Ok(tools) => {
                self.learn(&tools, doubts)
                    .inspect_err(|_| self.state().known.doubt())?;
                Ok(tools)
            }
            Err(reason) => {
                self.state().known.doubt();
                Err(reason)
            }
        }
    }

    async fn read_list(&self) -> Result<Vec<Tool>, String> {
        let mut tools = Vec::new();
        let mut cursor = None;
        for _ in 0..MAX_TOOL_PAGES {
            let page = self.page(cursor).await.map_err(|error| error.to_string())?;
            tools.extend(page.tools);
            if tools.len() > MAX_KNOWN_TOOLS {
                return Err(format!("there are more than {MAX_KNOWN_TOOLS}"));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(format!("the list has more than {MAX_TOOL_PAGES} pages"))
    }

    /// One page, from the server itself: `Peer::list_tools` gives what it has kept for as long as the server once said, and
    /// gives it also where the server fails.
    async fn page(&self, cursor: Option<String>) -> Result<ListToolsResult, ServiceError> {
        let mut params = PaginatedRequestParams::default();
        params.cursor = cursor;
        let request = ClientRequest::ListToolsRequest(ListToolsRequest::with_param(params));
        match self.settings.connection.peer.send_request(request).await? {
            ServerResult::ListToolsResult(page) => Ok(page),
            _ => Err(ServiceError::UnexpectedResponse),
        }
    }

    /// Takes in a list, before the reading of which there had been so many doubts.
    fn learn(&self, tools: &[Tool], doubts: u64) -> Result<(), String> {
        let owner = &self.settings.owner;
        let mut names = HashSet::new();
        if let Some(twice) = tools.iter().find(|tool| !names.insert(&*tool.name)) {
            return Err(format!("`{}` is listed twice", twice.name.escape_debug()));
        }
        let listed: Vec<Listed> = tools
            .iter()
            .map(|tool| Listed::new(owner, tool.clone()))
            .collect();
        let mut state = self.state();
        if !state.known.has_room_for(&listed) {
            return Err(format!("there have been more than {MAX_KNOWN_TOOLS}"));
        }
        for name in state.known.learn(owner, listed, doubts) {
            tracing::warn!(
                tool = name,
                server = owner.server.name,
                "the definition of a tool has changed"
            );
            state.grants.revoke(&name);
        }
        Ok(())
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("server", self.server())
            .finish_non_exhaustive()
    }
}
