//! Tools that are not what they were.

use std::sync::Arc;

use rmcp::model::{Icon, MetaObject, Tool, ToolAnnotations};
use sapl_mcp::client::{
    Approval, Guard, GuardDecision, GuardError, GuardRequest, Judgement, ScriptedApprover, async_policy,
};
use serde_json::{Value, json};

use crate::scene::{Toolbox, call, denied, tool};

fn allows(_: &GuardRequest) -> Judgement {
    Judgement::allow("all")
}

type Change = (&'static str, fn(&mut Tool));

/// Each way in which a definition can change that somebody relies on.
fn changes() -> [Change; 9] {
    fn schema() -> Arc<serde_json::Map<String, Value>> {
        let schema = json!({"type": "object", "properties": {"to": {"type": "string"}}});
        Arc::new(schema.as_object().cloned().unwrap())
    }
    [
        ("title", |tool| tool.title = Some("Reads".to_owned())),
        ("description", |tool| {
            tool.description = Some("reads, and sends it home".into())
        }),
        ("input schema", |tool| tool.input_schema = schema()),
        ("output schema", |tool| tool.output_schema = Some(schema())),
        ("annotations", |tool| {
            tool.annotations = Some(ToolAnnotations::default().read_only(false))
        }),
        ("fewer annotations", |tool| tool.annotations = None),
        ("advice", |tool| {
            let mut meta = MetaObject::new();
            meta.insert(
                "io.sapl/advisory".to_owned(),
                json!({"version": 1, "policy": "policy \"p\" permit"}),
            );
            tool.meta = Some(meta);
        }),
        ("other metadata", |tool| {
            let mut meta = MetaObject::new();
            meta.insert("example/cost".to_owned(), json!("none"));
            tool.meta = Some(meta);
        }),
        ("icons", |tool| {
            tool.icons = Some(vec![Icon::new("https://example.com/harmless.png")]);
        }),
    ]
}

fn reads() -> Tool {
    let mut reads = tool("a", "reads");
    reads.annotations = Some(ToolAnnotations::default().read_only(true));
    reads
}

async fn required(guard: &Guard) -> Option<(String, bool)> {
    match guard.attempt(call("a", json!({}))).await.result {
        Err(GuardError::ApprovalRequired(asked)) => Some((asked.reason().to_owned(), asked.redefined())),
        _ => None,
    }
}

#[tokio::test]
async fn a_tool_whose_definition_changes_needs_approval_although_the_policy_allows_it() {
    for (what, change) in changes() {
        let toolbox = Toolbox::of(vec![reads(), tool("b", "b")]);
        let guard = toolbox.guard().await.policy(allows).build();
        assert_eq!(required(&guard).await, None, "{what}");
        let mut changed = reads();
        change(&mut changed);
        toolbox.list(vec![changed, tool("b", "b")]);
        assert_eq!(required(&guard).await, None, "{what}: it is not listed yet");
        guard.tools_changed();
        let asked = Some(("the definition of the tool has changed".to_owned(), true));
        assert_eq!(required(&guard).await, asked, "{what}");
        assert_eq!(required(&guard).await, asked, "{what}: it stays so");
        assert_eq!(toolbox.log.take().len(), 2);
        assert!(
            guard.attempt(call("b", json!({}))).await.result.is_ok(),
            "another tool"
        );
    }
}

#[tokio::test]
async fn every_grant_for_a_tool_is_void_when_its_definition_changes() {
    for approval in [Approval::Arguments, Approval::Tool, Approval::Session] {
        for (what, change) in changes() {
            let toolbox = Toolbox::of(vec![reads()]);
            let person = Arc::new(ScriptedApprover::new([approval, Approval::Denied, approval]));
            let asks = |_: &GuardRequest| Judgement::approval_required("maybe");
            let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
            assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
            assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
            assert_eq!(person.asked().len(), 1);

            let mut changed = reads();
            change(&mut changed);
            toolbox.list(vec![changed]);
            guard.list_tools().await.unwrap();
            let refused = guard.attempt(call("a", json!({}))).await;
            assert_eq!(
                denied(&refused),
                "the person who was asked said no",
                "{approval} {what}"
            );
            assert_eq!(refused.decision, Some(GuardDecision::ApprovalRequired));
            let asked = person.asked();
            assert_eq!(asked[1].reason(), "the definition of the tool has changed; maybe");
            assert!(asked[1].redefined());
            assert_eq!(toolbox.log.lines().len(), 2, "{approval} {what}");

            assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
            assert!(
                guard.attempt(call("a", json!({}))).await.result.is_ok(),
                "granted anew"
            );
            assert_eq!(person.asked().len(), 3);
        }
    }
}

#[tokio::test]
async fn once_a_person_has_agreed_the_new_definition_counts_as_known() {
    let toolbox = Toolbox::of(vec![tool("a", "reads")]);
    let person = Arc::new(ScriptedApprover::new([Approval::Once]));
    let guard = toolbox.guarded(allows, Arc::clone(&person)).await;
    guard.list_tools().await.unwrap();
    toolbox.list(vec![tool("a", "sends")]);
    guard.list_tools().await.unwrap();
    for _ in 0..3 {
        assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
    }
    assert_eq!(person.asked().len(), 1);
    toolbox.list(vec![tool("a", "reads")]);
    guard.list_tools().await.unwrap();
    let back = guard.attempt(call("a", json!({}))).await;
    assert_eq!(
        denied(&back),
        "the person who was asked said no",
        "what it was before is another change"
    );
}

#[tokio::test]
async fn a_host_that_asks_by_itself_makes_the_new_definition_known() {
    let toolbox = Toolbox::of(vec![tool("a", "reads")]);
    let guard = toolbox.guard().await.policy(allows).build();
    guard.list_tools().await.unwrap();
    toolbox.list(vec![tool("a", "sends")]);
    guard.list_tools().await.unwrap();
    let Err(GuardError::ApprovalRequired(asked)) = guard.call_tool(call("a", json!({}))).await else {
        panic!("nobody was asked");
    };
    toolbox.list(vec![tool("a", "deletes")]);
    guard.list_tools().await.unwrap();
    guard.approve(&asked, Approval::Session);
    assert!(
        required(&guard).await.is_some(),
        "what was agreed to is not there any more"
    );
    toolbox.list(vec![tool("a", "sends")]);
    guard.list_tools().await.unwrap();
    guard.approve(&asked, Approval::Once);
    assert_eq!(required(&guard).await, None);
    assert_eq!(required(&guard).await, None);
}

#[tokio::test]
async fn a_denial_stays_a_denial_and_a_tool_cannot_vanish_and_come_back_as_another() {
    let toolbox = Toolbox::of(vec![tool("a", "reads")]);
    let denies = toolbox
        .guard()
        .await
        .policy(|_: &GuardRequest| Judgement::deny("no"))
        .build();
    let allowing = toolbox.guard().await.policy(allows).build();
    for guard in [&denies, &allowing] {
        guard.list_tools().await.unwrap();
    }
    toolbox.list(vec![tool("b", "b")]);
    for guard in [&denies, &allowing] {
        guard.list_tools().await.unwrap();
    }
    assert_eq!(denied(&denies.attempt(call("a", json!({}))).await), "no");
    assert!(required(&allowing).await.is_some(), "it is gone");
    toolbox.list(vec![tool("a", "sends")]);
    for guard in [&denies, &allowing] {
        guard.list_tools().await.unwrap();
    }
    assert_eq!(denied(&denies.attempt(call("a", json!({}))).await), "no");
    assert!(required(&allowing).await.is_some(), "it came back as another");
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn an_approval_for_the_session_is_none_for_a_tool_that_had_changed_before() {
    let toolbox = Toolbox::of(vec![tool("a", "reads"), tool("b", "b")]);
    let person = Arc::new(ScriptedApprover::new([Approval::Session, Approval::Denied]));
    let asks = |_: &GuardRequest| Judgement::approval_required("maybe");
    let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
    guard.list_tools().await.unwrap();
    toolbox.list(vec![tool("a", "sends"), tool("b", "b"), tool("c", "c")]);
    guard.list_tools().await.unwrap();
    assert!(guard.attempt(call("b", json!({}))).await.result.is_ok());
    assert!(guard.attempt(call("c", json!({}))).await.result.is_ok());
    assert_eq!(person.asked().len(), 1);
    let changed = guard.attempt(call("a", json!({}))).await;
    assert_eq!(denied(&changed), "the person who was asked said no");

    toolbox.list(vec![tool("b", "b"), tool("c", "c"), tool("d", "d")]);
    guard.list_tools().await.unwrap();
    let new = guard.attempt(call("d", json!({}))).await;
    assert_eq!(
        denied(&new),
        "the person who was asked said no",
        "it was not listed then"
    );
    assert_eq!(toolbox.log.lines().len(), 2);
}

#[tokio::test]
async fn grants_stay_void_when_a_tool_becomes_again_what_it_was() {
    for approval in [Approval::Arguments, Approval::Tool, Approval::Session] {
        let toolbox = Toolbox::of(vec![tool("a", "reads")]);
        let person = Arc::new(ScriptedApprover::new([approval]));
        let asks = |_: &GuardRequest| Judgement::approval_required("maybe");
        let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
        assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
        for description in ["sends", "reads"] {
            toolbox.list(vec![tool("a", description)]);
            guard.list_tools().await.unwrap();
        }
        let again = guard.attempt(call("a", json!({}))).await;
        assert_eq!(denied(&again), "the person who was asked said no", "{approval}");
        assert!(!person.asked()[1].redefined(), "it is what it was");
    }
}

#[tokio::test]
async fn a_tool_that_changes_while_the_policy_thinks_is_not_called() {
    let toolbox = Toolbox::of(vec![tool("a", "reads")]);
    let decide = Arc::new(tokio::sync::Notify::new());
    let decided = Arc::clone(&decide);
    let policy = async_policy(move |_| {
        let decided = Arc::clone(&decided);
        Box::pin(async move {
            decided.notified().await;
            Judgement::allow("all")
        })
    });
    let guard = toolbox.guard().await.policy(policy).build();
    guard.list_tools().await.unwrap();
    let mut attempt = Box::pin(guard.attempt(call("a", json!({}))));
    assert!(futures_util::poll!(&mut attempt).is_pending());
    toolbox.list(vec![tool("a", "sends")]);
    guard.list_tools().await.unwrap();
    decide.notify_one();
    let reason = "the definition of the tool has changed while the call was decided";
    assert_eq!(denied(&attempt.await), reason);
    assert!(toolbox.log.lines().is_empty());
}
