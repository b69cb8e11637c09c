//! Every call leaves a record, however it ends.

use std::sync::{Arc, Mutex};

use rmcp::{
    ErrorData,
    model::{CallToolResult, MetaObject},
};
use sapl_mcp::{
    ADVISORY_KEY, JsonLines,
    client::{
        Approval, ApprovedBy, GuardDecision, GuardError, GuardOutcome, GuardRecord, GuardRequest, Judgement,
        ScriptedApprover, async_policy,
    },
};
use serde_json::{Value, json};

use crate::scene::{Toolbox, call, records, tool};

fn by_name(request: &GuardRequest) -> Judgement {
    match request.tool() {
        "denied" => Judgement::deny("no"),
        "asked" => Judgement::approval_required("maybe"),
        _ => Judgement::allow("yes"),
    }
}

#[tokio::test]
async fn a_record_says_who_wanted_what_and_what_came_of_it() {
    let tools = ["allowed", "denied", "asked", "fails", "refuses"];
    let toolbox = Toolbox::that(
        tools.map(|name| tool(name, "t")).to_vec(),
        |params| match &*params.name {
            "fails" => Ok(CallToolResult::error(Vec::new()).into()),
            "refuses" => Err(ErrorData::internal_error("a secret of the server", None)),
            _ => Ok(CallToolResult::success(Vec::new()).into()),
        },
    );
    let (records, sink) = records();
    let guard = toolbox
        .guard()
        .await
        .policy(by_name)
        .user(json!({"sub": "ann", "role": "operator"}))
        .approver(ScriptedApprover::new([Approval::Tool, Approval::Denied]))
        .record_to(sink)
        .build();
    for name in ["allowed", "denied", "asked", "asked", "fails", "refuses"] {
        let _ = guard.call_tool(call(name, json!({"secret": "hunter2"}))).await;
    }
    let told: Vec<_> = records
        .lock()
        .unwrap()
        .iter()
        .map(|record: &GuardRecord| {
            assert_eq!(record.user.as_deref(), Some("ann"));
            assert_eq!(record.server, "toolbox");
            assert_eq!(record.arguments.len(), 64);
            let text = json!(record).to_string();
            assert!(!text.contains("hunter2") && !text.contains("a secret"), "{text}");
            (
                record.tool.clone(),
                record.decision.unwrap(),
                record.reason.clone().unwrap(),
                record.approval,
                record.outcome,
            )
        })
        .collect();
    let row = |tool: &str, decision, reason: &str, approval, outcome| {
        (tool.to_owned(), decision, reason.to_owned(), approval, outcome)
    };
    assert_eq!(
        told,
        [
            row(
                "allowed",
                GuardDecision::Allow,
                "yes",
                None,
                GuardOutcome::Completed
            ),
            row("denied", GuardDecision::Deny, "no", None, GuardOutcome::Denied),
            row(
                "asked",
                GuardDecision::ApprovalRequired,
                "maybe",
                Some(ApprovedBy::Person(Approval::Tool)),
                GuardOutcome::Completed
            ),
            row(
                "asked",
                GuardDecision::ApprovalRequired,
                "maybe",
                Some(ApprovedBy::Grant(Approval::Tool)),
                GuardOutcome::Completed
            ),
            row("fails", GuardDecision::Allow, "yes", None, GuardOutcome::Failed),
            row("refuses", GuardDecision::Allow, "yes", None, GuardOutcome::Failed),
        ]
    );
}

#[tokio::test]
async fn what_the_advice_of_a_server_quotes_is_told_to_the_person_alone() {
    const QUOTES: &str = r#"policy "quotes" permit obligation {"type": "requireApproval",
        "message": subject.mail + " " + resource.arguments.password + " " + environment.desk}"#;
    let mut meta = MetaObject::new();
    let member = json!({"version": 1, "policy": QUOTES});
    meta.insert(ADVISORY_KEY.to_owned(), member);
    let toolbox = Toolbox::of(vec![tool("t", "t").with_meta(meta)]);
    let (records, sink) = records();
    let person = Arc::new(ScriptedApprover::new([Approval::Once]));
    let guard = async |policy: fn(&GuardRequest) -> Judgement| {
        toolbox
            .guard()
            .await
            .user(json!({"sub": "ann", "mail": "ann@example.com"}))
            .environment(|_| json!({"desk": "second floor"}))
            .policy(policy)
            .record_to(sink.clone())
    };
    let allows = |_: &GuardRequest| Judgement::allow("all");
    let asked = guard(allows).await.approver(Arc::clone(&person)).build();
    let attempt = asked.attempt(call("t", json!({"password": "hunter2"}))).await;
    assert!(attempt.result.is_ok(), "{attempt:?}");
    let told = "the server advises to ask: ann@example.com hunter2 second floor";
    assert_eq!(person.asked()[0].reason(), told);
    assert_eq!(attempt.reason, "the server advises to ask");

    let unasked = guard(allows).await.build();
    let attempt = unasked.attempt(call("t", json!({"password": "hunter2"}))).await;
    assert_eq!(attempt.reason, "the server advises to ask");
    let error = attempt.result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the call of `t` needs approval: the server advises to ask"
    );
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    assert!(matches!(error, GuardError::ApprovalRequired(asked) if asked.reason() == told));

    let own = guard(|_| Judgement::approval_required("maybe")).await.build();
    match own
        .attempt(call("t", json!({"password": "hunter2"})))
        .await
        .result
    {
        Err(GuardError::ApprovalRequired(asked)) => assert_eq!(asked.reason(), "maybe"),
        other => panic!("{other:?}"),
    }
    let records = records.lock().unwrap();
    assert_eq!(records.len(), 3);
    for record in records.iter() {
        let record = json!(record).to_string();
        assert!(
            !record.contains("hunter2") && !record.contains("example.com"),
            "{record}"
        );
    }
}

#[tokio::test]
async fn what_a_server_says_instead_of_its_list_is_in_no_record() {
    let toolbox = Toolbox::of(vec![tool("no list at all", "n")]);
    let (records, sink) = records();
    let guard = toolbox.guard().await.record_to(sink).build();
    let error = guard.call_tool(call("t", json!({}))).await.unwrap_err();
    assert!(error.to_string().contains("no list"), "{error}");
    let records = records.lock().unwrap();
    assert_eq!(records[0].outcome, GuardOutcome::Denied);
    assert_eq!(
        records[0].reason.as_deref(),
        Some("the tools of the server can't be listed")
    );
}

#[tokio::test]
async fn a_call_whose_future_is_dropped_leaves_a_record_wherever_it_was() {
    let toolbox = Toolbox::of(vec![tool("t", "t")]);
    let (records, sink) = records();
    let waits = async_policy(|_| Box::pin(std::future::pending()));
    let guard = toolbox.guard().await.policy(waits).record_to(sink).build();
    guard.list_tools().await.unwrap();
    let mut attempt = Box::pin(guard.attempt(call("t", json!({}))));
    assert!(futures_util::poll!(&mut attempt).is_pending());
    assert!(records.lock().unwrap().is_empty());
    drop(attempt);
    let records = records.lock().unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, GuardOutcome::Cancelled);
    assert_eq!(records[0].decision, None);
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn a_call_of_a_peer_that_is_gone_leaves_a_record() {
    let toolbox = Toolbox::of(vec![tool("t", "t")]);
    let (records, sink) = records();
    let guard = toolbox
        .guard()
        .await
        .policy(|_: &GuardRequest| Judgement::allow("yes"))
        .record_to(sink)
        .build();
    guard.list_tools().await.unwrap();
    guard.close();
    while !guard.unguarded_peer().is_transport_closed() {
        tokio::task::yield_now().await;
    }
    assert!(guard.call_tool(call("t", json!({}))).await.is_err());
    let records = records.lock().unwrap();
    assert_eq!(records[0].outcome, GuardOutcome::Failed);
    assert_eq!(records[0].decision, Some(GuardDecision::Allow));
    assert_eq!(records.len(), 1);
}

#[tokio::test]
async fn a_sink_that_panics_changes_nothing() {
    let toolbox = Toolbox::of(vec![tool("t", "t")]);
    let guard = toolbox
        .guard()
        .await
        .policy(|_: &GuardRequest| Judgement::allow("yes"))
        .record_to(|_: &GuardRecord| panic!("full"))
        .build();
    assert!(guard.call_tool(call("t", json!({}))).await.is_ok());
}

/// A writer that others can read.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn records_are_written_as_lines_of_json() {
    let toolbox = Toolbox::of(vec![tool("t", "t")]);
    let written = Written::default();
    let guard = toolbox
        .guard()
        .await
        .policy(|_: &GuardRequest| Judgement::deny("no"))
        .record_to(JsonLines::new(written.clone()))
        .build();
    let _ = guard.call_tool(call("t", json!({}))).await;
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let line: Value = serde_json::from_str(text.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(line["tool"], "t");
    assert_eq!(line["outcome"], "denied");
    assert_eq!(line["decision"], "deny");
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
}
