use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use rmcp::model::{MetaObject, Tool};
use serde_json::json;

use super::{super::of, *};
use crate::{
    ADVISORY_KEY, MAX_ADVISORY_POLICY_BYTES,
    advisory::compiled::MAX_ADVISORY_PATTERN,
    client::{GuardDecision, request::tests::request},
};

const ASK: &str = r#"policy "ask" permit obligation {"type": "requireApproval", "message": "it sends mail"}"#;

fn tool(member: Value) -> Tool {
    let mut meta = MetaObject::default();
    meta.0.insert(ADVISORY_KEY.to_owned(), member);
    Tool::new("t", "", Arc::default()).with_meta(meta)
}

fn judge(policy: &dyn GuardPolicy, request: &GuardRequest) -> Judgement {
    match policy.judge(request).now() {
        Ok(judgement) => judgement,
        Err(_) => panic!("advice is judged at once"),
    }
}

/// What a document advises on a call with these arguments, as a person is told it.
fn advised_on(document: &str, arguments: Value) -> (GuardDecision, String) {
    let advice = Advice::new("t", document);
    let judgement = judge(&advice, &request("t", arguments));
    let told = judgement.told().unwrap_or(judgement.reason());
    (judgement.decision(), told.to_owned())
}

fn advised(document: &str) -> (GuardDecision, String) {
    advised_on(document, json!({"path": "a"}))
}

#[test]
fn a_member_is_read_strictly() {
    assert!(of(&tool(json!({"version": 1, "policy": ASK}))).is_some());
    for member in [
        Value::Null,
        json!(ASK),
        json!([1, ASK]),
        json!({}),
        json!({"policy": ASK}),
        json!({"version": 1}),
        json!({"version": 0, "policy": ASK}),
        json!({"version": 2, "policy": ASK}),
        json!({"version": "1", "policy": ASK}),
        json!({"version": 1.0, "policy": ASK}),
        json!({"version": 1, "policy": null}),
        json!({"version": 1, "policy": [ASK]}),
        json!({"version": 1, "policy": ""}),
        json!({"version": 1, "policy": ASK, "stricter": true}),
    ] {
        assert!(of(&tool(member.clone())).is_none(), "{member}");
    }
    assert!(of(&Tool::new("t", "", Arc::default())).is_none());
}

#[test]
fn a_document_has_so_many_bytes_and_not_one_more() {
    let of_length = |bytes: usize| format!("{ASK} //{}", "x".repeat(bytes - ASK.len() - 3));
    let longest = of_length(MAX_ADVISORY_POLICY_BYTES);
    assert_eq!(advised(&longest).0, GuardDecision::ApprovalRequired);
    assert!(of(&tool(json!({"version": 1, "policy": longest}))).is_some());
    let longer = of_length(MAX_ADVISORY_POLICY_BYTES + 1);
    assert!(of(&tool(json!({"version": 1, "policy": longer}))).is_none());
}

#[test]
fn what_does_not_compile_or_reads_attributes_advises_nothing() {
    for document in [
        "deny everything",
        r#"policy "a" deny [1;"#,
        r#"policy "a" deny <time.now> != "x";"#,
        r#"policy "a" permit subject.<http.get({"baseUrl": "http://127.0.0.1"})> == 1;"#,
    ] {
        assert_eq!(
            advised(document),
            (GuardDecision::Allow, SILENT.to_owned()),
            "{document}"
        );
    }
}

#[test]
fn each_decision_has_its_meaning() {
    use GuardDecision::{Allow, ApprovalRequired, Deny};
    for (document, decision, reason) in [
        (r#"policy "a" permit"#, Allow, SILENT),
        (r#"policy "a" permit advice {"type": "log"}"#, Allow, SILENT),
        (r#"policy "a" deny false;"#, Allow, SILENT),
        (ASK, ApprovalRequired, "the server advises to ask: it sends mail"),
        (
            r#"policy "a" permit obligation {"type": "requireApproval"}"#,
            ApprovalRequired,
            "the server advises to ask: the policies ask for approval",
        ),
        (r#"policy "a" permit 1 / 0 == 1;"#, ApprovalRequired, UNSURE),
        (r#"policy "a" permit nobody.knows(1);"#, ApprovalRequired, UNSURE),
        (r#"policy "a" deny"#, Deny, "the server advises against it"),
        (
            r#"policy "a" permit obligation {"type": "log"}"#,
            Deny,
            "the advice of the server has an obligation that nobody can fulfil",
        ),
        (
            r#"policy "a" permit obligation {"type": "requireApproval"} obligation {"type": "log"}"#,
            Deny,
            "the advice of the server has an obligation that nobody can fulfil",
        ),
        (
            r#"policy "a" permit transform "mine""#,
            Deny,
            "the advice of the server has an obligation that nobody can fulfil",
        ),
        (
            r#"policy "a" permit obligation {"type": "requireApproval", "approver": "boss"}"#,
            Deny,
            "the advice of the server has an obligation that nobody can fulfil",
        ),
        (
            r#"policy "a" permit obligation {"type": "requireApproval", "editable": subject.name}"#,
            Deny,
            "the advice of the server has an obligation that nobody can fulfil",
        ),
    ] {
        assert_eq!(advised(document), (decision, reason.to_owned()), "{document}");
    }
    let suspended = judged(AuthorizationDecision::new(Decision::Suspend));
    assert_eq!(suspended.decision(), Deny);
}

#[test]
fn a_document_sees_the_user_the_tool_the_arguments_and_what_the_host_fills_in() {
    let document = r#"policy "a" permit
        subject.name == "ann"; action == "call"; resource.name == "t"; resource.arguments.path == "a";
        resource.annotations.destructiveHint; resource.server.name == "files"; environment.hour == 10;
        obligation {"type": "requireApproval"}"#;
    let advice = Advice::new("t", document);
    let mut asked = request("t", json!({"path": "a"}));
    asked.environment = Some(json!({"hour": 10}));
    assert_eq!(judge(&advice, &asked).decision(), GuardDecision::ApprovalRequired);
    asked.environment = Some(json!({"hour": 11}));
    assert_eq!(judge(&advice, &asked).decision(), GuardDecision::Allow);
}

#[test]
fn what_would_run_for_long_ends_soon_and_asks() {
    let every = json!({"list": (0..2_000).collect::<Vec<_>>()});
    let document = r#"policy "a" permit
        (resource.arguments.list :: (resource.arguments.list :: (resource.arguments.list :: 1)))[0] == 1;"#;
    let short = json!({"list": [1, 2, 3]});
    assert_eq!(
        advised_on(document, short),
        (GuardDecision::Allow, SILENT.to_owned())
    );
    let started = Instant::now();
    assert_eq!(
        advised_on(document, every),
        (GuardDecision::ApprovalRequired, UNSURE.to_owned())
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_pattern_has_so_many_bytes_and_not_one_more() {
    let advised_with = |bytes: usize| {
        let pattern = "a".repeat(bytes);
        advised_on(
            r#"policy "a" permit !("b" =~ resource.arguments.pattern); obligation {"type": "requireApproval"}"#,
            json!({ "pattern": pattern }),
        )
    };
    let (decision, reason) = advised_with(MAX_ADVISORY_PATTERN);
    assert_eq!(decision, GuardDecision::ApprovalRequired);
    assert_ne!(reason, UNSURE);
    let beyond = advised_with(MAX_ADVISORY_PATTERN + 1);
    assert_eq!(beyond, (GuardDecision::ApprovalRequired, UNSURE.to_owned()));
}

proptest! {
    /// Whatever the document, the call is never freer with it than without.
    #[test]
    fn advice_only_ever_makes_a_decision_stricter(
        own in prop_oneof![
            Just(GuardDecision::Allow),
            Just(GuardDecision::ApprovalRequired),
            Just(GuardDecision::Deny),
        ],
        effect in prop_oneof![Just("permit"), Just("deny")],
        condition in prop_oneof![Just("true"), Just("false"), Just("1 / 0 == 1"), Just("subject.name == \"ann\"")],
        obligation in prop_oneof![
            Just(""),
            Just("obligation {\"type\": \"requireApproval\"}"),
            Just("obligation {\"type\": \"other\"}"),
            Just("obligation"),
        ],
    ) {
        let document = format!("policy \"a\" {effect} {condition}; {obligation}");
        let asked = request("t", json!({}));
        let advised = judge(&Advice::new("t", &document), &asked);
        let expected = own.max(advised.decision());
        let judgement = Judgement::new(own, "own").strictest(advised);
        prop_assert!(judgement.decision() >= own);
        prop_assert_eq!(judgement.decision(), expected);
        prop_assert_eq!(judgement.reason() == "own", judgement.decision() == own);
    }
}
