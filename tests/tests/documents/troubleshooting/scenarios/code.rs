//! The author's code: the server, and what runs at the end.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Waker},
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CallToolRequestParams, CallToolResponse, Tool},
    service::{NotificationContext, RequestContext},
};
use sapl_mcp::{AuthorizationDecision, SaplLayer, SaplService, SubscriptionContext, pre_enforce};
use sapl_mcp_tests::{Answer, Behaviour, Log, McpClient, Pdp, Revision, Server};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Scenario, block_on, call, permit, ruled};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("the server panicked while it handled a request", || {
        super::decided(permit(), Behaviour::panics())
    }),
    ("the server panicked", || served(Panics::WhenInitialized)),
    ("the server panicked when it was asked about itself", || {
        served(Panics::WhenAsked)
    }),
    ("the finalize function panicked", || {
        let rule = pre_enforce().finalize(panics);
        call(rule, Answer::Now(permit()), Behaviour::text("done"));
    }),
    (
        "a finalize function could not run: the runtime has gone",
        an_operation_that_outlives_its_runtime,
    ),
    ("a value in a slot panicked when it was dropped", || {
        let rule = pre_enforce().resource_fn(begin);
        call(rule, Answer::Now(permit()), Behaviour::text("done"));
    }),
];

async fn panics(_: &AuthorizationDecision, _: &SubscriptionContext) {
    panic!("the finalize function panics");
}

async fn ends(_: &AuthorizationDecision, _: &SubscriptionContext) {}

/// A transaction that nobody ended.
struct Unended;

impl Drop for Unended {
    fn drop(&mut self) {
        panic!("a transaction was not ended");
    }
}

fn begin(context: &SubscriptionContext) -> Value {
    context.slot::<Unended>().set(Unended);
    json!("resource")
}

/// A server whose own code panics.
#[derive(Clone, Copy, PartialEq)]
enum Panics {
    WhenInitialized,
    WhenAsked,
}

impl ServerHandler for Panics {
    async fn on_initialized(&self, _: NotificationContext<RoleServer>) {
        if *self == Self::WhenInitialized {
            panic!("the server panics when a client is there");
        }
    }

    fn get_tool(&self, _: &str) -> Option<Tool> {
        if *self == Self::WhenAsked {
            panic!("the server panics when it is asked for a tool");
        }
        None
    }
}

fn served(server: Panics) {
    block_on(async {
        let log = Log::new();
        let layer = SaplLayer::builder(Pdp::decides(&log, permit())).build().unwrap();
        let service = layer.enforce_stdio("mara").layer(server);
        let client = McpClient::in_process(service, Revision::November2025).await;
        let _ = client.call("t", json!({})).await;
    });
}

/// Hands the service and what it needs to answer a call over to the test.
struct HandsOver {
    service: SaplService<Arc<Server>>,
    to: Mutex<Option<oneshot::Sender<Call>>>,
}

type Call = (
    SaplService<Arc<Server>>,
    CallToolRequestParams,
    RequestContext<RoleServer>,
);

impl ServerHandler for HandsOver {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let to = self.to.lock().unwrap().take().unwrap();
        let _ = to.send((self.service.clone(), request, context));
        Err(ErrorData::internal_error("handed over", None))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.service.get_tool(name)
    }
}

fn an_operation_that_outlives_its_runtime() {
    let (to, from) = oneshot::channel();
    block_on(async {
        let log = Log::new();
        let server = Server::new(&log).tool(ruled(pre_enforce().finalize(ends)), Behaviour::never());
        let layer = SaplLayer::builder(Pdp::decides(&log, permit())).build().unwrap();
        let service = HandsOver {
            service: layer.enforce_stdio("mara").layer(server.shared()),
            to: Mutex::new(Some(to)),
        };
        let client = McpClient::in_process(service, Revision::November2025).await;
        let _ = client.call("t", json!({})).await;
    });
    let (service, request, mut context) = from.blocking_recv().unwrap();
    // The client has gone, but this call is not cancelled.
    context.ct = CancellationToken::new();
    let mut call = pin!(service.call_tool(request, context));
    let begun = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(begun.is_pending(), "the component never ends: {begun:?}");
}
