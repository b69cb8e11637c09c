//! The context of a request, to call a service without a transport: rmcp makes one for its own requests alone.

use std::sync::{Mutex, PoisonError};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CustomRequest, CustomResult},
    service::RequestContext,
};
use sapl_mcp_tests::{McpClient, Revision};
use serde_json::json;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// Gives away the context of the first custom request.
struct Capturing(Mutex<Option<oneshot::Sender<RequestContext<RoleServer>>>>);

impl ServerHandler for Capturing {
    async fn on_custom_request(
        &self,
        _: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            let _ = sender.send(context);
        }
        Ok(CustomResult::new(json!({})))
    }
}

/// A connection, from which contexts come.
pub(crate) struct Captured {
    context: RequestContext<RoleServer>,
    _client: McpClient,
}

impl Captured {
    pub(crate) async fn new() -> Self {
        let (sender, context) = oneshot::channel();
        let server = Capturing(Mutex::new(Some(sender)));
        let client = McpClient::in_process(server, Revision::November2025).await;
        let request = rmcp::model::ClientRequest::CustomRequest(CustomRequest::new("example/capture", None));
        client.peer().send_request(request).await.unwrap();
        Self {
            context: context.await.unwrap(),
            _client: client,
        }
    }

    /// The context of a new request, and the token that cancels it.
    pub(crate) fn context(&self) -> (RequestContext<RoleServer>, CancellationToken) {
        let mut context = self.context.clone();
        context.ct = CancellationToken::new();
        let token = context.ct.clone();
        (context, token)
    }
}
