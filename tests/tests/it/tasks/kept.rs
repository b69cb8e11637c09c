//! What is kept of a call until the result of its task is fetched.

use sapl_mcp::{SubscriptionContext, post_enforce, pre_enforce};
use sapl_mcp_tests::step;

use super::*;

/// A transaction that nobody ended.
struct Unended;

impl Drop for Unended {
    fn drop(&mut self) {
        panic!("a transaction was not ended");
    }
}

fn begun(context: &SubscriptionContext) -> Value {
    context.slot::<Unended>().set(Unended);
    json!("resource")
}

#[tokio::test]
async fn a_slot_that_panics_when_it_is_dropped_leaves_no_fetch_unanswered() {
    let state = State::working();
    let rule = pre_enforce().resource_fn(begun);
    let decision = AuthorizationDecision::permit().with_obligation(step("map", "m"));
    let world = world(rule, decision, &state).await;
    begin(&world, "mara", "t").await;
    state.complete(text("done"));
    for _ in 0..2 {
        let reply = get(&world, "mara", "task-1").await;
        assert_eq!(reply.result()["result"]["content"][0]["text"], "done+m");
    }
    let cancelled = ask(&world, "mara", "tasks/cancel", json!({"taskId": "task-1"})).await;
    cancelled.result();
}

#[tokio::test]
async fn a_secret_task_that_takes_no_input_is_not_found() {
    let state = State::working();
    let closed = AuthorizationDecision::permit().with_obligation(step("map", "m"));
    let world = world(pre_enforce().stealth(), closed, &state).await;
    begin(&world, "mara", "t").await;
    let update = |id: &str| json!({"taskId": id, "inputResponses": {"a": {"action": "accept"}}});
    let refused = ask(&world, "mara", "tasks/update", update("task-1")).await;
    let unknown = ask(&world, "mara", "tasks/update", update("task-0")).await;
    assert_eq!(refused.naming("task-1", "task-0"), unknown);
    let methods: Vec<_> = world
        .server
        .received()
        .into_iter()
        .map(|one| one.method)
        .collect();
    assert!(
        !methods.iter().any(|method| method == "tasks/update"),
        "{methods:?}"
    );
}

/// Such a rule keeps the arguments, which its author's code may look at when all is over.
fn looking(rule: Rule) -> Rule {
    crate::finalize::finalizing(rule, &Log::new())
}

#[tokio::test]
async fn a_task_whose_call_there_is_no_room_to_keep_is_denied_and_recorded() {
    for rule in [looking(pre_enforce()), post_enforce()] {
        let world = world_of_many(rule, AuthorizationDecision::permit(), &State::working()).await;
        fill(&world).await;
        let reply = call_at_length(&world).await;
        assert!(reply.contains("Access denied"), "{reply:?}");
        let reason = world.audit.records().last().unwrap().reason.clone();
        assert_eq!(
            reason.as_deref(),
            Some("no more bytes are kept for tasks of this principal")
        );
    }
}

#[tokio::test]
async fn the_arguments_are_let_go_when_the_result_was_sent_or_denied() {
    let open = AuthorizationDecision::permit();
    let closed = open.clone().with_obligation(step("keep", "k"));
    for (decision, denies) in [(open, false), (closed, true)] {
        let state = State::working();
        let world = world_of_many(looking(pre_enforce()), decision, &state).await;
        fill(&world).await;
        // Too much to be kept, and sent where it needs not be.
        state.complete(text(&"much".repeat(MAX_TASK_BYTES_PER_PRINCIPAL / 4)));
        let got = get(&world, "mara", "task-0").await;
        assert_eq!(got.contains("Access denied"), denies);
        assert_eq!(call_at_length(&world).await.result()["resultType"], "task");
    }
}
