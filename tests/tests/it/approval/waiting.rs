//! What a client notices of a call that waits for a person.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use rmcp::{ErrorData, model::ElicitResult};
use sapl_mcp::{
    ApprovalAnswer, ApprovalOutcome, ApprovalRequest, Identity, MAX_PENDING_APPROVALS_PER_PRINCIPAL,
    RecordingAudit, SaplLayer, StaticTokens, constraint::HandlerError, pre_enforce,
};
use sapl_mcp_tests::{Ask, Log, Mode, Person, Revision, Said, Wire, accept, claims, token};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{server, wants, world};
use crate::common::assert_denied;

async fn never(_: Arc<ApprovalRequest>) -> Result<ApprovalAnswer, HandlerError> {
    std::future::pending().await
}

/// Somebody who agrees, at the other end of a connection in this process.
async fn who_agrees(layer: &SaplLayer, log: &Log) -> Person {
    let yes = |_| std::future::ready(accept());
    who_says(layer, log, yes).await
}

/// Somebody at the other end of a connection in this process.
async fn who_says<F>(
    layer: &SaplLayer,
    log: &Log,
    script: impl Fn(Value) -> F + Send + Sync + 'static,
) -> Person
where
    F: Future<Output: Said> + Send + 'static,
{
    let served = layer
        .enforce_stdio("mara")
        .layer(server(log, pre_enforce()).shared());
    let (near, far) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let running = rmcp::ServiceExt::serve(served, far).await.unwrap();
        running.waiting().await.unwrap();
    });
    Person::over(near, Revision::November2025, script).await
}

#[tokio::test(start_paused = true)]
async fn a_client_is_told_every_ten_seconds_that_its_call_waits() {
    let (log, audit) = (Log::new(), RecordingAudit::default());
    let layer = SaplLayer::builder(wants(&log, json!({"approver": "desk", "expiresIn": "PT1M"})))
        .audit(audit.clone())
        .approver("desk", never)
        .build()
        .unwrap();
    let person = who_agrees(&layer, &log).await;
    let started = tokio::time::Instant::now();
    assert_denied(&person.call("t", json!({})).await);
    assert_eq!(started.elapsed().as_secs(), 60);
    let progress = person.progress();
    assert_eq!(progress.len(), 5, "{progress:?}");
    assert!(progress.is_sorted_by(|one, next| one < next) && progress.iter().all(|step| *step < 0.001));
    let record = audit.take().remove(0);
    assert_eq!(record.approval.unwrap().outcome, ApprovalOutcome::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_person_at_the_other_end_of_any_transport_is_asked() {
    let log = Log::new();
    let layer = SaplLayer::builder(wants(&log, json!({}))).build().unwrap();
    let person = who_agrees(&layer, &log).await;
    let called = person.call("t", json!({"a": 1})).await.unwrap();
    assert_eq!(called.structured_content, Some(json!({"a": 1})));
    assert_eq!(person.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_not_waited_for_any_more_is_taken_back() {
    let log = Log::new();
    let layer = SaplLayer::builder(wants(&log, json!({"expiresIn": "PT1M"})))
        .build()
        .unwrap();
    let never = |_| std::future::pending::<ElicitResult>();
    let person = who_says(&layer, &log, never).await;
    assert_denied(&person.call("t", json!({})).await);
    let withdrawal = tokio::time::timeout(Duration::from_secs(10), person.withdrawal());
    assert!(withdrawal.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_record_tells_a_client_that_fails_from_one_that_has_gone() {
    let (log, audit) = (Log::new(), RecordingAudit::default());
    let layer = SaplLayer::builder(wants(&log, json!({})))
        .audit(audit.clone())
        .build()
        .unwrap();
    let fails = |_| std::future::ready(Err::<ElicitResult, _>(ErrorData::internal_error("no form", None)));
    let person = who_says(&layer, &log, fails).await;
    assert_denied(&person.call("t", json!({})).await);
    let reason = audit.take().remove(0).reason.unwrap();
    assert!(reason.contains("with an error"), "{reason}");
}

#[tokio::test]
async fn a_token_that_expires_while_a_person_is_asked_lets_nothing_run() {
    let second = Duration::from_secs(1);
    let expires = SystemTime::now() + 3_600 * second;
    for (answered, runs) in [
        (expires - second, true),
        (expires, false),
        (expires + second, false),
    ] {
        let (log, audit) = (Log::new(), RecordingAudit::default());
        let now = Arc::new(Mutex::new(expires - 60 * second));
        let clock = Arc::clone(&now);
        let agrees = move |_: Arc<ApprovalRequest>| {
            *now.lock().unwrap() = answered;
            std::future::ready(Ok::<_, HandlerError>(ApprovalAnswer::accepted("desk")))
        };
        let layer = SaplLayer::builder(wants(&log, json!({})))
            .audit(audit.clone())
            .clock(move || *clock.lock().unwrap())
            .default_approver(agrees)
            .build()
            .unwrap();
        let server = server(&log, pre_enforce()).shared();
        let identity = Identity::new(token("mara"), claims("mara")).with_expiry(expires);
        let tokens = StaticTokens::new().with_identity(identity);
        let wire = Wire::serving_to(tokens, layer.layer(Arc::clone(&server)), Mode::Json).await;
        let params = json!({"name": "t", "arguments": {}});
        let reply = wire
            .ask(&Ask::new(Revision::November2025, "mara", "tools/call", params))
            .await;
        assert_eq!(server.received().len(), usize::from(runs), "{reply:?}");
        let reason = audit.take().remove(0).reason.unwrap_or_default();
        assert_eq!(reason.contains("the token expired"), !runs, "{reason}");
    }
}

#[tokio::test]
async fn no_more_calls_of_a_caller_wait_than_may() {
    let asked = Arc::new(Semaphore::new(0));
    let told = Arc::clone(&asked);
    let waits = move |_: Arc<ApprovalRequest>| {
        told.add_permits(1);
        std::future::pending::<Result<ApprovalAnswer, HandlerError>>()
    };
    let world = world(
        pre_enforce(),
        |log| wants(log, json!({})),
        |b| b.default_approver(waits),
    )
    .await;
    let client = world.client("mara").await;
    let calls = (0..MAX_PENDING_APPROVALS_PER_PRINCIPAL).map(|_| client.call("t", json!({})));
    let waiting = futures_util::future::join_all(calls);
    let one_more = async {
        let enough = u32::try_from(MAX_PENDING_APPROVALS_PER_PRINCIPAL).unwrap();
        drop(asked.acquire_many(enough).await.unwrap());
        assert_denied(&client.call("t", json!({})).await);
        let reason = world.audit.take().remove(0).reason.unwrap();
        assert!(reason.contains("of the same principal wait"), "{reason}");
    };
    tokio::select! {
        _ = waiting => panic!("nobody answers"),
        () = one_more => {}
    }
}

#[tokio::test]
async fn a_host_can_compare_the_code_of_a_question() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let yes = |_| std::future::ready(accept());
    let person = Person::connect(world.wire, "mara", Revision::November2025, yes).await;
    person.call("t", json!({})).await.unwrap();
    let message = person.asked()[0]["message"].as_str().unwrap().to_owned();

    let initialize = async |user: &str, capabilities: Value| {
        let params = json!({
            "protocolVersion": Revision::November2025.as_str(),
            "capabilities": capabilities,
            "clientInfo": {"name": "wire", "version": "1"},
        });
        let ask = Ask::new(Revision::November2025, user, "initialize", params);
        world.wire.ask(&ask).await.result()["_meta"]["io.sapl/approvalCode"].clone()
    };
    let code = initialize("mara", json!({"elicitation": {}})).await;
    let code = code.as_str().unwrap();
    assert!(message.contains(code), "{code}: {message}");
    assert!(
        !message.contains(
            initialize("sam", json!({"elicitation": {}}))
                .await
                .as_str()
                .unwrap()
        )
    );
    assert_eq!(initialize("mara", json!({})).await, Value::Null);

    let discover = Ask::new(Revision::July2026, "mara", "server/discover", json!({}));
    let result = world.wire.ask(&discover.showing_forms()).await.result();
    assert_eq!(result["_meta"]["io.sapl/approvalCode"], code);
    assert_eq!(result["cacheScope"], "private");
}
