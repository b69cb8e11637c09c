use std::sync::Arc;

use rmcp::model::ToolAnnotations;
use serde_json::{Value, json};

use super::*;
use crate::client::{ServerIdentity, ToolHints, request::tests::request};

fn decided(rules: &RuleList, request: &GuardRequest) -> (GuardDecision, String) {
    let judgement = rules.judge(request).now().unwrap();
    (judgement.decision(), judgement.reason().to_owned())
}

fn matches(rule: GuardRule, request: &GuardRequest) -> bool {
    decided(&RuleList::new().rule(rule), request).0 == GuardDecision::Deny
}

fn deny() -> GuardRule {
    GuardRule::deny("r")
}

#[test]
fn the_first_rule_that_matches_decides() {
    let rules = RuleList::new()
        .rule(GuardRule::deny("destructive").prefixes(["delete_", "drop_"]))
        .rule(
            GuardRule::allow("safe")
                .names(["add", "delete_nothing"])
                .prefix("read_"),
        )
        .rule(GuardRule::ask("administration").glob("*_admin"))
        .rule(GuardRule::allow("never reached").name("add_admin"));
    for (tool, decision, reason) in [
        ("delete_file", GuardDecision::Deny, "destructive"),
        ("delete_nothing", GuardDecision::Deny, "destructive"),
        ("drop_admin", GuardDecision::Deny, "destructive"),
        ("add", GuardDecision::Allow, "safe"),
        ("read_file", GuardDecision::Allow, "safe"),
        ("add_admin", GuardDecision::ApprovalRequired, "administration"),
        ("Add", GuardDecision::ApprovalRequired, NO_RULE),
        ("add ", GuardDecision::ApprovalRequired, NO_RULE),
        ("xdelete_file", GuardDecision::ApprovalRequired, NO_RULE),
    ] {
        let request = request(tool, json!({}));
        assert_eq!(decided(&rules, &request), (decision, reason.to_owned()), "{tool}");
    }
    let rules = rules.otherwise(GuardDecision::Deny, "not listed");
    let other = request("other", json!({}));
    assert_eq!(
        decided(&rules, &other),
        (GuardDecision::Deny, "not listed".to_owned())
    );
}

#[test]
fn an_empty_list_asks() {
    let request = request("t", json!({}));
    assert_eq!(
        decided(&RuleList::default(), &request).0,
        GuardDecision::ApprovalRequired
    );
    assert!(
        matches(deny(), &request),
        "a rule without conditions is for every call"
    );
}

#[test]
fn arguments_are_compared_and_looked_at() {
    let request = request("t", json!({"path": "a/b", "options": {"force": true}}));
    assert!(matches(deny().argument("/path", "a/b"), &request));
    assert!(!matches(deny().argument("/path", "a"), &request));
    assert!(matches(deny().argument("/options/force", true), &request));
    assert!(!matches(deny().argument("/options/absent", true), &request));
    assert!(matches(deny().argument("/absent", Value::Null), &request));
    assert!(matches(
        deny().argument_where("/path", |path| path.is_string()),
        &request
    ));
    assert!(matches(
        deny().argument_where("/absent", |absent| absent.is_null()),
        &request
    ));
    assert!(!matches(
        deny().argument("/path", "a/b").argument("/options/force", false),
        &request
    ));
    assert!(matches(
        deny().when(|request| request.user()["name"] == "ann"),
        &request
    ));
    assert!(
        !matches(deny().name("other").when(|_| true), &request),
        "a name is a condition too"
    );
}

#[test]
fn hints_are_compared_and_can_be_limited_to_servers_that_are_trusted() {
    let mut request = request("t", json!({}));
    for (rule, fits) in [
        (deny().read_only(false), true),
        (deny().read_only(true), false),
        (deny().destructive(true), true),
        (deny().destructive(false), false),
        (deny().idempotent(false), true),
        (deny().idempotent(true), false),
        (deny().open_world(true), true),
        (deny().open_world(false), false),
    ] {
        let case = format!("{rule:?}");
        assert_eq!(matches(rule, &request), fits, "{case}");
    }
    let mut annotations = ToolAnnotations::default();
    annotations.read_only_hint = Some(true);
    request.hints = ToolHints::of(Some(&annotations));
    assert!(matches(deny().read_only(true).destructive(false), &request));
    assert!(!matches(deny().read_only(true).trusted_server(), &request));
    request.server = Arc::new(ServerIdentity {
        trusted: true,
        ..(*request.server).clone()
    });
    assert!(matches(deny().read_only(true).trusted_server(), &request));
}
