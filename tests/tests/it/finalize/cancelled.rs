//! Operations that don't come to their end.

use std::{sync::Arc, time::Duration};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CallToolRequestParams, CallToolResponse, Tool},
    service::RequestContext,
};
use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, EnforceExt as _, RecordingAudit, SaplLayer, SaplService, pre_enforce,
};
use sapl_mcp_tests::{Answer, Behaviour, Log, McpClient, Pdp, Revision, Server, tool};
use serde_json::json;
use tokio::sync::Notify;

use super::finalizing;

/// A host that drops what is under way when it is told, as rmcp does not.
#[derive(Clone)]
struct Dropping {
    service: SaplService<Arc<Server>>,
    drop: Arc<Notify>,
}

impl ServerHandler for Dropping {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tokio::select! {
            response = self.service.call_tool(request, context) => response,
            () = self.drop.notified() => Err(ErrorData::internal_error("dropped", None)),
        }
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.service.get_tool(name)
    }
}

struct Started {
    log: Log,
    audit: RecordingAudit,
    client: McpClient,
    drop: Arc<Notify>,
}

async fn started(answer: Answer, behaviour: impl FnOnce(&Log) -> Behaviour, constraints: bool) -> Started {
    let log = Log::new();
    let audit = RecordingAudit::default();
    let rule = finalizing(pre_enforce(), &log).shared();
    let server = Server::new(&log).tool(tool("t").enforce(rule), behaviour(&log));
    let mut builder = SaplLayer::builder(Pdp::always(&log, answer)).audit(audit.clone());
    if constraints {
        let waiting = log.clone();
        let steps =
            sapl_mcp_tests::steps_builder(&log).runnable_async_fn("wait", move |_: &serde_json::Value| {
                waiting.add("waiting");
                Box::pin(std::future::pending::<()>())
            });
        builder = builder.constraints(steps.build());
    }
    let layer = builder.build().unwrap().enforce_stdio("somebody");
    let drop = Arc::new(Notify::new());
    let service = Dropping {
        service: layer.layer(server.shared()),
        drop: Arc::clone(&drop),
    };
    let client = McpClient::in_process(service, Revision::November2025).await;
    Started {
        log,
        audit,
        client,
        drop,
    }
}

fn finalized(log: &Log) -> Vec<String> {
    log.lines()
        .into_iter()
        .filter(|line| line.starts_with("finalize"))
        .collect()
}

#[tokio::test]
async fn a_future_that_is_dropped_at_any_await_point_ends_as_cancelled() {
    let permit = AuthorizationDecision::permit;
    let wait = permit().with_obligation(json!({"type": "wait"}));
    // While the decision is pending, while a handler is, and while the component is.
    let cases = [
        (Answer::Never, "decide", "finalize DENY cancelled t"),
        (Answer::Now(wait), "waiting", "finalize PERMIT cancelled t"),
        (
            Answer::Now(permit()),
            "component t",
            "finalize PERMIT cancelled t",
        ),
    ];
    for (answer, reached, expected) in cases {
        let started = started(answer, |_| Behaviour::never(), true).await;
        let call = started.client.call("t", json!({}));
        let stop = async {
            started.log.wait_for(reached).await;
            started.drop.notify_one();
        };
        let (called, ()) = tokio::join!(call, stop);
        assert!(called.is_err());
        started.log.wait_for("finalize").await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(finalized(&started.log), [expected], "{reached}");
        let records = started.audit.records();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].outcome, AuditOutcome::Cancelled);
    }
}

#[tokio::test]
async fn a_cancelled_request_abandons_its_decision_and_runs_nothing() {
    let started = started(Answer::Never, |_| Behaviour::text("secret"), false).await;
    {
        let call = started.client.call("t", json!({}));
        tokio::pin!(call);
        tokio::select! {
            called = &mut call => panic!("{called:?}"),
            () = started.log.wait_for("decide") => {}
        }
        // Dropping the call tells the server.
    }
    started.log.wait_for("finalize").await;
    assert_eq!(
        started.log.lines(),
        ["decide", "finalize INDETERMINATE cancelled t"]
    );
    assert_eq!(started.audit.records()[0].outcome, AuditOutcome::Cancelled);
}

#[tokio::test]
async fn a_cancelled_request_lets_its_component_finish_and_ends_as_cancelled() {
    let signal = Arc::new(Notify::new());
    let permit = Answer::Now(AuthorizationDecision::permit());
    let finishing = Arc::clone(&signal);
    let started = started(
        permit,
        move |log| {
            let log = log.clone();
            Behaviour::does(move |_, context| {
                let (signal, log) = (Arc::clone(&finishing), log.clone());
                async move {
                    log.add("running");
                    context.ct.cancelled().await;
                    log.add("told");
                    signal.notified().await;
                    log.add("finished");
                    Ok(sapl_mcp_tests::Component::Text("done".to_owned()))
                }
            })
        },
        false,
    )
    .await;
    {
        let call = started.client.call("t", json!({}));
        tokio::pin!(call);
        tokio::select! {
            called = &mut call => panic!("{called:?}"),
            () = started.log.wait_for("running") => {}
        }
    }
    tokio::time::timeout(Duration::from_secs(5), started.log.wait_for("told"))
        .await
        .unwrap();
    assert_eq!(finalized(&started.log), Vec::<String>::new());
    signal.notify_one();
    started.log.wait_for("finalize").await;
    let lines = started.log.lines();
    assert_eq!(
        lines[lines.len() - 2..],
        ["finished", "finalize PERMIT cancelled t"]
    );
}
