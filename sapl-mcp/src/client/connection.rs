//! The connection that a guard stands in front of.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use rmcp::{
    Peer, RoleClient, Service, ServiceError,
    model::{ClientResult, GetExtensions as _, GetMeta as _, InputRequest, RequestId, ServerRequest},
    service::{RequestContext, RunningService},
};
use serde_json::Value;

/// A connection to a server: a running client of rmcp, or its [`Peer`] alone.
///
/// With a running client the guard owns the connection, keeps it open, and lets the client's handler answer when a tool
/// asks for input in the middle of a call (multi-round-trip requests). With a peer, the caller keeps both.
pub struct Connection {
    pub(super) peer: Peer<RoleClient>,
    pub(super) client: Option<Arc<dyn Answers>>,
}

/// A running client, whatever its handler.
pub(super) trait Answers: Send + Sync {
    /// The handler's answer to a request for input.
    fn answer(&self, key: String, request: InputRequest) -> BoxFuture<'_, Result<Value, ServiceError>>;

    /// Ends the connection.
    fn close(&self);
}

impl<S: Service<RoleClient>> From<RunningService<RoleClient, S>> for Connection {
    fn from(client: RunningService<RoleClient, S>) -> Self {
        Self {
            peer: client.peer().clone(),
            client: Some(Arc::new(client)),
        }
    }
}

impl From<Peer<RoleClient>> for Connection {
    fn from(peer: Peer<RoleClient>) -> Self {
        Self { peer, client: None }
    }
}

impl<S: Service<RoleClient>> Answers for RunningService<RoleClient, S> {
    fn answer(&self, key: String, request: InputRequest) -> BoxFuture<'_, Result<Value, ServiceError>> {
        Box::pin(async move {
            let mut request = match request {
                InputRequest::CreateMessage(request) => ServerRequest::CreateMessageRequest(request),
                InputRequest::Elicitation(request) => ServerRequest::ElicitRequest(request),
                InputRequest::ListRoots(request) => ServerRequest::ListRootsRequest(request),
                _ => return Err(ServiceError::UnexpectedResponse),
            };
            let mut context = RequestContext::new(RequestId::String(key.into()), self.peer().clone());
            std::mem::swap(&mut context.meta, request.get_meta_mut());
            std::mem::swap(&mut context.extensions, request.extensions_mut());
            let answer = self
                .service()
                .handle_request(request, context)
                .await
                .map_err(ServiceError::McpError)?;
            let written = match answer {
                ClientResult::CreateMessageResult(result) => serde_json::to_value(result),
                ClientResult::ElicitResult(result) => serde_json::to_value(result),
                ClientResult::ListRootsResult(result) => serde_json::to_value(result),
                _ => return Err(ServiceError::UnexpectedResponse),
            };
            written.map_err(|_| ServiceError::UnexpectedResponse)
        })
    }

    fn close(&self) {
        self.cancellation_token().cancel();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("owned", &self.client.is_some())
            .finish_non_exhaustive()
    }
}
