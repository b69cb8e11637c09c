use sapl_base::{
    AuthorizationSubscription, Decision, MultiAuthorizationSubscription, PolicyDecisionPoint as _,
};
use serde_json::json;

use super::*;

fn subscription(action: &str) -> AuthorizationSubscription {
    AuthorizationSubscription::new(json!({"roles": ["a"], "deep": {"n": 1.5}}), action, "thing")
}

#[test]
fn a_decision_is_there_at_once() {
    let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", "policy \"a\" permit action == \"read\";")])
        .expect("valid");
    let asked = subscription("read");
    let decision = pdp
        .decide_once(&asked)
        .now()
        .ok()
        .map(|decision| decision.decision);
    assert_eq!(decision, Some(Decision::Permit));
}

#[test]
fn without_policies_everything_is_denied() {
    let pdp = EmbeddedPdp::from_texts::<&str, &str>(None, []).expect("valid");
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Deny);
}

#[test]
fn several_subscriptions_are_decided_together() {
    let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", "policy \"a\" permit action == \"read\";")])
        .expect("valid");
    let mut asked = MultiAuthorizationSubscription::new();
    asked.add("one", subscription("read")).expect("new");
    asked.add("two", subscription("write")).expect("new");
    let Ok(decided) = pdp.multi_decide_all_once(&asked).now() else {
        panic!("not at once");
    };
    assert_eq!(decided.decision("one").decision, Decision::Permit);
    assert_eq!(decided.decision("two").decision, Decision::Deny);
}

#[test]
fn a_folder_is_reloaded_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.sapl");
    std::fs::write(&file, "policy \"a\" permit").expect("written");
    let pdp = EmbeddedPdp::from_dir(folder.path()).expect("valid");
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Permit);
    std::fs::write(&file, "policy \"a\" permit 1 +").expect("written");
    assert!(pdp.reload().is_err());
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Permit);
    std::fs::write(&file, "policy \"a\" deny").expect("written");
    pdp.reload().expect("valid again");
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Deny);
}

#[test]
fn constraints_that_json_cannot_say_are_no_decision() {
    for constraint in ["1e400", "([1] :: undefined)"] {
        let policy = format!("policy \"a\" permit obligation {constraint}");
        let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", policy)]).expect("valid");
        assert_eq!(pdp.decision(&subscription("read")), UNWRITABLE, "{constraint}");
    }
}

#[test]
fn a_refused_document_prints_file_line_column_and_caret() {
    let refused = EmbeddedPdp::from_texts(None, [("bad.sapl", "policy \"a\" permit\nobligation 1 / 0")])
        .expect_err("refused");
    let message = refused.to_string();
    assert!(message.contains("bad.sapl:2:12"), "{message}");
    assert!(
        message.contains("obligation 1 / 0\n") && message.trim_end().ends_with("^^^^^"),
        "{message}"
    );
}

#[test]
fn numbers_and_order_of_a_text_are_kept_for_inputs_made_of_it() {
    let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", "policy \"a\" permit transform \"\" + subject")])
        .expect("valid");
    let number = crate::value::Number::parse("7.50").expect("a number");
    let subject = [("b".into(), number.into()), ("a".into(), true.into())];
    let input = Input {
        subject: crate::value::Value::Object(subject.into_iter().collect()),
        ..Input::default()
    };
    assert_eq!(
        pdp.decision_on(&input).resource,
        Some(json!("{\"b\"=7.50, \"a\"=true}"))
    );
}

#[test]
fn a_replacement_that_takes_long_does_not_bring_back_what_a_later_one_has_taken_away() {
    let texts = |policy| Configuration::from_texts(None, [("a.sapl", policy)]).expect("valid");
    let (permit, deny) = (texts("policy \"a\" permit"), texts("policy \"a\" deny"));
    let pdp = EmbeddedPdp::new(&permit).expect("valid");
    let slow = pdp.policies.0.changes.next_version();
    pdp.replace(&deny).expect("valid");
    pdp.policies.0.put(slow, &permit, None).expect("valid");
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Deny);
    pdp.replace(&permit).expect("valid");
    assert_eq!(pdp.decision(&subscription("read")).decision, Decision::Permit);
}

/// A source that always has something new.
struct Restless(std::sync::Arc<std::sync::atomic::AtomicU32>);

impl crate::source::PolicySource for Restless {
    async fn changed(&mut self) {}

    async fn read(&mut self) -> Result<Configuration, ConfigurationError> {
        let read = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let effect = if read.is_multiple_of(2) { "permit" } else { "deny" };
        Configuration::from_texts(None, [("a.sapl", format!("policy \"a\" {effect}"))])
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_that_always_has_something_new_lets_others_run() {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let pdp = EmbeddedPdp::from_texts::<&str, &str>(None, []).expect("valid");
    let following = pdp.follow_source(Restless(std::sync::Arc::clone(&count)));
    // A first time at once, and then after each pause.
    let ended = tokio::time::timeout(SOURCE_PAUSE * 9 + SOURCE_PAUSE / 2, following).await;
    assert!(ended.is_err());
    assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), 10);
}

#[test]
fn without_a_runtime_a_source_is_followed_and_others_run_too() {
    use futures_util::FutureExt as _;

    let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let pdp = EmbeddedPdp::from_texts::<&str, &str>(None, []).expect("valid");
    let mut following = Box::pin(pdp.follow_source(Restless(std::sync::Arc::clone(&count))));
    for times in 1..4 {
        assert!(following.as_mut().now_or_never().is_none());
        assert_eq!(count.load(std::sync::atomic::Ordering::Relaxed), times);
    }
}

#[test]
fn a_snapshot_is_decided_on_whatever_has_come_since() {
    use futures_util::FutureExt as _;
    use sapl_base::PolicySnapshot;

    for (condition, is_at_once) in [
        ("action == \"read\"", true),
        ("action == \"read\"; <time.now> != null", false),
    ] {
        let permit = format!("policy \"a\" permit {condition};");
        let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", permit.as_str())]).expect("valid");
        let asked = subscription("read");
        let before = pdp.snapshot().expect("policies");
        let none = Configuration::from_texts(None, [("a.sapl", "policy \"a\" deny")]).expect("valid");
        pdp.replace(&none).expect("valid");
        let decided = |snapshot: &PolicySnapshot| {
            let decision = match pdp.decide_once_at(snapshot, &asked).now() {
                Ok(decision) => (decision, true),
                Err(pending) => (pending.now_or_never().expect("the time is there"), false),
            };
            (decision.0.decision, decision.1)
        };
        assert_eq!(decided(&before), (Decision::Permit, is_at_once));
        assert_eq!(decided(&pdp.snapshot().expect("policies")).0, Decision::Deny);
        assert_eq!(pdp.decision(&asked).decision, Decision::Deny);
        let foreign = PolicySnapshot::new(Arc::new("of another decision point"));
        assert_eq!(decided(&foreign).0, Decision::Indeterminate);
    }
}
