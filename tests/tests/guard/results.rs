//! What a caller gets of what a tool gave.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use rmcp::{
    ErrorData, RoleClient, ServiceError,
    model::{CallToolResponse, CallToolResult, ClientConfig, ContentBlock, ErrorCode},
    service::RunningService,
    transport::{
        StreamableHttpClientTransport, StreamableHttpServerConfig, StreamableHttpService,
        streamable_http_server::session::local::LocalSessionManager,
    },
};
use sapl_mcp::{
    AuthorizationDecision,
    client::{Guard, GuardError, GuardOutcome, GuardRequest, Judgement, PdpPolicy},
    constraint::{ComponentError, ConstraintEnforcementService},
    decide_fn,
};
use sapl_mcp_tests::{McpClient, Revision};
use serde_json::{Value, json};

use crate::scene::{Toolbox, call, records, text, tool};

const SECRET: &str = "123-45-6789";

/// A tool that gives this.
fn gives(answer: Result<CallToolResponse, ErrorData>) -> Arc<Toolbox> {
    Toolbox::that(vec![tool("t", "t")], move |_| answer.clone())
}

fn structured(value: Value) -> Result<CallToolResponse, ErrorData> {
    Ok(CallToolResult::structured(value).into())
}

async fn under(toolbox: &Arc<Toolbox>, decision: AuthorizationDecision) -> Guard {
    let service = ConstraintEnforcementService::builder()
        .mapping_fn("fails", |_: &Value, _| Err::<Value, &str>("it can't be done"))
        .error_mapping_fn("soften", |_: &Value, _| ComponentError::new("it did not work"))
        .build();
    let policy = PdpPolicy::new(decide_fn(move |_| decision.clone())).with_constraints(service);
    toolbox.guard().await.policy(policy).build()
}

fn hides() -> AuthorizationDecision {
    AuthorizationDecision::permit().with_obligation(
        json!({"type": "filterJsonContent", "actions": [{"type": "delete", "path": "$.ssn"}]}),
    )
}

fn withheld(called: &Result<CallToolResult, GuardError>) -> &str {
    match called {
        Err(GuardError::Withheld { reason, .. }) => reason,
        other => panic!("not withheld: {other:?}"),
    }
}

#[tokio::test]
async fn an_obligation_takes_out_of_a_result_what_may_not_enter_the_context() {
    let person = json!({"name": "Ann", "ssn": SECRET});
    for answer in [
        structured(person.clone()),
        Ok(CallToolResult::success(vec![ContentBlock::text(person.to_string())]).into()),
    ] {
        let toolbox = gives(answer);
        let plain = under(&toolbox, AuthorizationDecision::permit()).await;
        assert!(
            json!(plain.call_tool(call("t", json!({}))).await.unwrap())
                .to_string()
                .contains(SECRET)
        );
        let called = under(&toolbox, hides())
            .await
            .call_tool(call("t", json!({})))
            .await;
        let result = json!(called.unwrap()).to_string();
        assert!(result.contains("Ann") && !result.contains(SECRET), "{result}");
    }
}

#[tokio::test]
async fn a_decision_can_replace_the_result() {
    let toolbox = gives(structured(json!({"ssn": SECRET})));
    let decision = AuthorizationDecision::permit().with_resource(json!({"ssn": "somebody's"}));
    let called = under(&toolbox, decision)
        .await
        .call_tool(call("t", json!({})))
        .await
        .unwrap();
    assert_eq!(called.structured_content, Some(json!({"ssn": "somebody's"})));
    assert!(!json!(called).to_string().contains(SECRET));
}

#[tokio::test]
async fn a_result_that_cannot_be_held_to_the_decision_is_withheld() {
    let toolbox = gives(structured(json!({"ssn": SECRET})));
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "fails"}));
    let called = under(&toolbox, decision)
        .await
        .call_tool(call("t", json!({})))
        .await;
    assert_eq!(withheld(&called), "obligation 0 (`fails`): it can't be done");
    assert!(!called.unwrap_err().to_string().contains(SECRET));

    // The filter of JSON finds none.
    let toolbox = gives(Ok(
        CallToolResult::success(vec![ContentBlock::text(SECRET)]).into()
    ));
    let called = under(&toolbox, hides())
        .await
        .call_tool(call("t", json!({})))
        .await;
    assert!(!withheld(&called).contains(SECRET));
    assert_eq!(toolbox.log.lines().len(), 1, "it ran all the same");
}

#[tokio::test]
async fn a_result_that_breaks_the_schema_of_the_tool_after_filters_is_withheld() {
    let schema = json!({"type": "object", "properties": {"ssn": {"type": "string"}}, "required": ["ssn"]});
    let mut declares = tool("t", "t");
    declares.output_schema = Some(Arc::new(schema.as_object().cloned().unwrap()));
    let toolbox = Toolbox::that(vec![declares], |_| structured(json!({"ssn": SECRET})));
    let called = under(&toolbox, hides())
        .await
        .call_tool(call("t", json!({})))
        .await;
    assert!(
        withheld(&called).contains("does not fit the output schema"),
        "{called:?}"
    );
}

#[tokio::test]
async fn a_failure_tells_nothing_past_an_obligation_on_the_result() {
    let error = ErrorData::new(ErrorCode(-32000), SECRET, Some(json!({"ssn": SECRET})));
    let failed = CallToolResult::error(vec![ContentBlock::text(SECRET)]);
    for answer in [Err(error.clone()), Ok(failed.clone().into())] {
        let called = under(&gives(answer), hides())
            .await
            .call_tool(call("t", json!({})))
            .await;
        match called {
            Ok(result) => {
                assert_eq!(result.is_error, Some(true));
                assert_eq!(text(&Ok(result)), "The operation failed");
            }
            Err(GuardError::Failed(ServiceError::McpError(error))) => {
                assert_eq!(
                    error,
                    ErrorData::new(ErrorCode(-32000), "The operation failed", None)
                );
            }
            other => panic!("{other:?}"),
        }
    }
    let soften = AuthorizationDecision::permit().with_obligation(json!({"type": "soften"}));
    for answer in [Err(error), Ok(failed.into())] {
        let called = under(&gives(answer), soften.clone())
            .await
            .call_tool(call("t", json!({})))
            .await;
        let told = format!("{called:?}");
        assert!(
            told.contains("it did not work") && !told.contains(SECRET),
            "{told}"
        );
    }
}

/// An HTTP server whose answer to a call is no message of MCP, but the secret in plain text.
async fn breaks_calls() -> RunningService<RoleClient, ClientConfig> {
    async fn breaks(request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        if String::from_utf8_lossy(&body).contains("tools/call") {
            return (StatusCode::BAD_REQUEST, SECRET).into_response();
        }
        next.run(Request::from_parts(parts, body.into())).await
    }
    let toolbox = Toolbox::of(vec![tool("t", "t")]);
    let mcp = StreamableHttpService::new(
        move || Ok(Arc::clone(&toolbox)),
        Arc::new(LocalSessionManager::default()),
        StreamableHttpServerConfig::default(),
    );
    let app = axum::Router::new()
        .nest_service("/mcp", mcp)
        .layer(axum::middleware::from_fn(breaks));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let transport = StreamableHttpClientTransport::from_uri(format!("http://{address}/mcp"));
    McpClient::over(transport, Revision::November2025)
        .await
        .into_running()
}

#[tokio::test]
async fn what_a_transport_quotes_of_the_server_does_not_get_past_an_obligation_or_a_filter() {
    let decides = |decision: AuthorizationDecision| PdpPolicy::new(decide_fn(move |_| decision.clone()));
    let (records, sink) = records();
    let plain = Guard::builder(breaks_calls().await)
        .policy(decides(AuthorizationDecision::permit()))
        .record_to(sink.clone())
        .build();
    let called = plain.call_tool(call("t", json!({}))).await;
    assert!(
        matches!(&called, Err(GuardError::Failed(error)) if error.to_string().contains(SECRET)),
        "{called:?}"
    );
    let obliged = Guard::builder(breaks_calls().await)
        .policy(decides(hides()))
        .record_to(sink.clone());
    let filtered = Guard::builder(breaks_calls().await)
        .policy(allows)
        .record_to(sink)
        .result_filter(|_, result| Ok(result));
    for guard in [obliged, filtered] {
        let called = guard.build().call_tool(call("t", json!({}))).await;
        assert_eq!(
            withheld(&called),
            "the transport failed, and what it says of that can't be held to the decision"
        );
    }
    let records = json!(*records.lock().unwrap());
    assert!(!records.to_string().contains(SECRET), "{records}");
    assert_eq!(records[0]["outcome"], "failed");
    assert_eq!(records[0]["reason"], "the transport failed");
}

fn allows(_: &GuardRequest) -> Judgement {
    Judgement::allow("all")
}

#[tokio::test]
async fn the_filter_of_the_host_sees_every_result_and_every_error() {
    for (answer, expected) in [
        (structured(json!({"n": 1})), "seen"),
        (
            Ok(CallToolResult::error(vec![ContentBlock::text(SECRET)]).into()),
            "seen an error",
        ),
        (
            Err(ErrorData::internal_error(SECRET, Some(json!(SECRET)))),
            "seen an error",
        ),
    ] {
        let guard = gives(answer)
            .guard()
            .await
            .policy(allows)
            .result_filter(|request, result| {
                assert_eq!(request.tool(), "t");
                let seen = match result.is_error {
                    Some(true) => "seen an error",
                    _ => "seen",
                };
                Ok(CallToolResult::success(vec![ContentBlock::text(seen)]))
            })
            .build();
        match guard.call_tool(call("t", json!({}))).await {
            Ok(result) => assert_eq!(text(&Ok(result)), expected),
            Err(GuardError::Failed(ServiceError::McpError(error))) => {
                assert_eq!(error, ErrorData::internal_error(expected, None));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn where_the_filter_of_the_host_fails_nobody_gets_the_result() {
    let error = Err(ErrorData::internal_error(SECRET, None));
    for answer in [structured(json!({"ssn": SECRET})), error] {
        let (records, sink) = records();
        let toolbox = gives(answer);
        for (panics, reason) in [
            (false, "the filter of results failed: too long"),
            (true, "the filter of results panicked"),
        ] {
            let guard = toolbox.guard().await.policy(allows).record_to(sink.clone());
            let guard = guard.result_filter(move |_, _| match panics {
                true => panic!("no"),
                false => Err("too long".into()),
            });
            let called = guard.build().call_tool(call("t", json!({}))).await;
            assert_eq!(withheld(&called), reason);
        }
        let records = records.lock().unwrap();
        assert!(
            records
                .iter()
                .all(|record| record.outcome == GuardOutcome::Withheld)
        );
        assert_eq!(records.len(), 2);
    }
}
