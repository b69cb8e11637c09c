//! A proxy that passes on the tools of another server, with whatever their `_meta` says.

use std::sync::Arc;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, ListToolsResult, MetaObject, PaginatedRequestParams, Tool,
    },
    service::{RequestContext, ServiceError},
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, Wire, error_of, object, tool};
use serde_json::{Value, json};

use crate::enforced::{CONTENT, assert_enforced, call, listed, serve};

const REVISION: Revision = Revision::November2025;
const KEY: &str = "io.sapl/enforcement";
const GATE_KEY: &str = "io.sapl/gate";

/// Passes on what another server has.
struct Proxy(McpClient);

impl Proxy {
    async fn to(upstream: Arc<Server>) -> Arc<Self> {
        Arc::new(Self(McpClient::in_process(upstream, REVISION).await))
    }
}

fn upstream_error(error: ServiceError) -> ErrorData {
    error_of(error)
}

impl ServerHandler for Proxy {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let request =
            CallToolRequestParams::new(request.name).with_arguments(request.arguments.unwrap_or_default());
        let result = self.0.peer().call_tool(request).await;
        result.map(Into::into).map_err(upstream_error)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.0.peer().list_tools(request).await.map_err(upstream_error)
    }
}

/// A tool whose `_meta` says this.
fn saying(meta: Value) -> Tool {
    tool("t").with_meta(MetaObject(object(meta)))
}

/// The marker that this process gives to the definition of a tool under a rule that permits with ease.
fn marker_of_this_process() -> Value {
    let marked = tool("other").enforce(pre_enforce().tags(["of another tool"]));
    marked.meta.unwrap().0[KEY].clone()
}

#[tokio::test]
async fn what_it_passes_on_is_under_the_rules_that_its_layer_was_given() {
    let log = Log::new();
    let upstream = Server::new(&log)
        .tool(saying(json!({"vendor": 1})), Behaviour::text(CONTENT))
        .shared();
    for decision in [AuthorizationDecision::permit(), AuthorizationDecision::deny()] {
        let permitted = decision == AuthorizationDecision::permit();
        let layer = SaplLayer::builder(Pdp::decides(&log, decision))
            .tool("t", pre_enforce().stealth())
            .build()
            .unwrap();
        let wire = Wire::serving(layer.layer(Proxy::to(Arc::clone(&upstream)).await), Mode::Json).await;
        assert_eq!(
            call(wire, REVISION, "sam", "t").await.contains(CONTENT),
            permitted
        );
        assert_eq!(listed(wire, REVISION, "sam").await.len(), usize::from(permitted));
    }
}

#[tokio::test]
async fn a_marker_of_this_process_is_a_rule_and_grants_nothing() {
    // The upstream server is in this process, and its definitions carry true markers.
    let upstream = crate::hand_written::server(crate::hand_written::marked).shared();
    assert_enforced(Proxy::to(upstream).await).await;

    // A marker that was copied from a definition under another rule is that rule.
    let log = Log::new();
    let upstream = Server::new(&log)
        .tool(
            saying(json!({KEY: marker_of_this_process()})),
            Behaviour::text(CONTENT),
        )
        .shared();
    let wire = serve(Proxy::to(upstream).await).await;
    assert!(!call(wire, REVISION, "sam", "t").await.contains(CONTENT));
    assert!(call(wire, REVISION, "mara", "t").await.contains(CONTENT));
}

#[tokio::test]
async fn a_marker_of_another_process_or_a_malformed_one_denies_whatever_is_decided() {
    let known = marker_of_this_process();
    let known = known.as_str().unwrap();
    let (nonce, place) = known.split_once('-').unwrap();
    let forged = [
        json!(format!("{}-0000", "0".repeat(nonce.len()))),
        json!(format!("{}-{place}", nonce.chars().rev().collect::<String>())),
        json!(format!("{nonce}-ffff")),
        json!(format!("{nonce}-{}", place.to_uppercase() + "0")),
        json!(format!(" {known}")),
        json!(nonce),
        json!(""),
        json!(null),
        json!(0),
        json!([known]),
        json!({"rule": known}),
    ];
    let metas = forged.iter().flat_map(|marker| {
        [
            json!({KEY: marker}),
            json!({GATE_KEY: marker}),
            json!({KEY: known, GATE_KEY: marker}),
            json!({KEY: marker, "vendor": 1}),
        ]
    });
    // The marker of an enforcement under the key of a gate.
    for meta in metas.chain([json!({GATE_KEY: known})]) {
        let log = Log::new();
        let upstream = Server::new(&log)
            .tool(saying(meta.clone()), Behaviour::text(CONTENT))
            .tool(tool("open"), Behaviour::text("open"))
            .shared();
        let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::permit()))
            .build()
            .unwrap();
        let wire = Wire::serving(layer.layer(Proxy::to(upstream).await), Mode::Json).await;
        let reply = call(wire, REVISION, "mara", "t").await;
        let unknown = call(wire, REVISION, "mara", "absent").await;
        assert_eq!(reply, unknown.naming("absent", "t"), "{meta}");
        assert_eq!(listed(wire, REVISION, "mara").await, ["open"], "{meta}");
        assert!(call(wire, REVISION, "mara", "open").await.contains("open"));
        let lines = log.lines();
        assert_eq!(lines, ["component open"], "{meta}");
    }
}

#[tokio::test]
async fn a_marker_beside_the_builders_rule_of_the_same_kind_denies() {
    let log = Log::new();
    let upstream = Server::new(&log)
        .tool(
            saying(json!({KEY: marker_of_this_process()})),
            Behaviour::text(CONTENT),
        )
        .shared();
    let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::permit()))
        .tool("t", pre_enforce())
        .build()
        .unwrap();
    let wire = Wire::serving(layer.layer(Proxy::to(upstream).await), Mode::Json).await;
    assert!(!call(wire, REVISION, "mara", "t").await.contains(CONTENT));
    assert_eq!(listed(wire, REVISION, "mara").await, [""; 0]);
    assert_eq!(log.lines(), [""; 0]);
}
