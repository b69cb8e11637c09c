use sapl_base::{AuthorizationDecision, AuthorizationSubscription, Decision};
use serde_json::json;

use crate::EmbeddedPdp;

const CERTAIN: &str = r#"{"algorithm": {"votingMode": "PRIORITY_DENY", "defaultDecision": "ABSTAIN", "errorHandling": "PROPAGATE"}}"#;

fn set(algorithm: &str, policies: &[&str]) -> AuthorizationDecision {
    let policies: String = policies
        .iter()
        .enumerate()
        .map(|(number, policy)| format!("policy \"{number}\" {policy}\n"))
        .collect();
    let document = format!("set \"s\" {algorithm} errors propagate\n{policies}");
    let pdp = EmbeddedPdp::from_texts(Some(CERTAIN), [("s.sapl", document)]).expect("valid");
    pdp.decision(&AuthorizationSubscription::new("alice", "read", json!({"n": 1})))
}

fn decision(algorithm: &str, policies: &[&str]) -> Decision {
    set(algorithm, policies).decision
}

const PERMIT: &str = r#"permit action == "read";"#;
const DENY: &str = r#"deny action == "read";"#;
const SUSPEND: &str = r#"suspend action == "read";"#;
const NOT: &str = r#"deny action == "write";"#;
const PERMIT_ERROR: &str = "permit resource.n / 0 == 1;";
const DENY_ERROR: &str = "deny resource.n / 0 == 1;";

#[test]
fn the_priority_wins_then_the_stronger_of_the_others() {
    for (algorithm, winner, second) in [
        ("priority deny or abstain", Decision::Deny, Decision::Suspend),
        ("priority permit or abstain", Decision::Permit, Decision::Suspend),
        ("priority suspend or abstain", Decision::Suspend, Decision::Deny),
    ] {
        assert_eq!(
            decision(algorithm, &[PERMIT, DENY, SUSPEND, NOT]),
            winner,
            "{algorithm}"
        );
        let rest: Vec<_> = [
            (Decision::Permit, PERMIT),
            (Decision::Deny, DENY),
            (Decision::Suspend, SUSPEND),
        ]
        .into_iter()
        .filter(|(decision, _)| *decision != winner)
        .map(|(_, policy)| policy)
        .collect();
        assert_eq!(decision(algorithm, &rest), second, "{algorithm}");
    }
}

#[test]
fn an_error_that_could_be_the_priority_wins_over_everything() {
    assert_eq!(
        decision("priority deny or abstain", &[DENY, DENY_ERROR]),
        Decision::Indeterminate
    );
    assert_eq!(
        decision("priority deny or abstain", &[DENY, PERMIT_ERROR]),
        Decision::Deny
    );
    assert_eq!(
        decision("priority deny or abstain", &[PERMIT, PERMIT_ERROR]),
        Decision::Permit
    );
    assert_eq!(
        decision("priority permit or abstain", &[PERMIT_ERROR, PERMIT]),
        Decision::Indeterminate
    );
    assert_eq!(
        decision("priority permit or deny", &[DENY_ERROR, NOT]),
        Decision::Indeterminate
    );
}

#[test]
fn different_transforms_of_one_decision_are_no_decision() {
    let (one, two) = ("permit transform 1", "permit transform 2");
    for algorithm in [
        "priority deny or abstain",
        "priority permit or abstain",
        "unanimous or abstain",
    ] {
        for policies in [[one, two, PERMIT], [PERMIT, one, two], [two, PERMIT, one]] {
            assert_eq!(
                decision(algorithm, &policies),
                Decision::Indeterminate,
                "{algorithm} {policies:?}"
            );
        }
    }
    assert_eq!(
        set("priority permit or abstain", &[one, PERMIT, one]).resource,
        Some(json!(1))
    );
    // What loses does not count.
    assert_eq!(
        decision("priority deny or abstain", &[one, two, DENY]),
        Decision::Deny
    );
    assert_eq!(
        decision("priority deny or abstain", &[one, SUSPEND, two]),
        Decision::Suspend
    );
}

#[test]
fn constraints_of_the_winning_decision_are_merged() {
    let decided = set(
        "priority deny or abstain",
        &[
            "permit obligation \"a\" advice 1",
            "suspend action == \"no\"; obligation \"b\"",
            "permit action == \"read\"; obligation \"c\" obligation resource.missing",
        ],
    );
    assert_eq!(decided.decision, Decision::Permit);
    assert_eq!(decided.obligations, [json!("a"), json!("c")]);
    assert_eq!(decided.advice, [json!(1)]);
}

#[test]
fn unanimous_needs_agreement_and_strict_needs_equality() {
    assert_eq!(
        decision("unanimous or abstain", &[PERMIT, PERMIT, NOT]),
        Decision::Permit
    );
    assert_eq!(
        decision("unanimous or abstain", &[PERMIT, DENY]),
        Decision::Indeterminate
    );
    assert_eq!(
        decision("unanimous or abstain", &[PERMIT, DENY_ERROR]),
        Decision::Indeterminate
    );
    let (one, two) = ("permit obligation 1", "permit obligation 2");
    assert_eq!(set("unanimous or abstain", &[one, two]).obligations.len(), 2);
    assert_eq!(
        decision("unanimous strict or abstain", &[one, two]),
        Decision::Indeterminate
    );
    assert_eq!(
        set("unanimous strict or abstain", &[one, one, NOT]).obligations,
        [json!(1)]
    );
}

#[test]
fn unique_lets_one_apply() {
    assert_eq!(decision("unique or abstain", &[NOT, PERMIT]), Decision::Permit);
    assert_eq!(
        decision("unique or abstain", &[PERMIT, PERMIT]),
        Decision::Indeterminate
    );
    assert_eq!(
        decision("unique or abstain", &[PERMIT, DENY_ERROR]),
        Decision::Indeterminate
    );
    assert_eq!(decision("unique or suspend", &[NOT]), Decision::Suspend);
}

#[test]
fn first_takes_the_first_vote_an_error_included() {
    assert_eq!(decision("first or abstain", &[NOT, DENY, PERMIT]), Decision::Deny);
    assert_eq!(
        decision("first or abstain", &[NOT, DENY_ERROR, PERMIT]),
        Decision::Indeterminate
    );
    assert_eq!(decision("first or deny", &[NOT]), Decision::Deny);
}

#[test]
fn an_error_in_a_constraint_is_no_decision() {
    for part in ["obligation", "advice", "transform"] {
        let policy = format!("permit {part} resource.n / 0");
        assert_eq!(
            decision("first or abstain", &[&policy]),
            Decision::Indeterminate,
            "{part}"
        );
    }
}

#[test]
fn an_indeterminate_set_carries_the_effects_it_could_have_had() {
    let top = |set: &str, outer: &str| {
        let settings = format!(
            r#"{{"algorithm": {{"votingMode": "{outer}", "defaultDecision": "ABSTAIN", "errorHandling": "PROPAGATE"}}}}"#
        );
        let documents = [("a.sapl", set), ("b.sapl", "policy \"sure\" suspend")];
        EmbeddedPdp::from_texts(Some(&settings), documents)
            .expect("valid")
            .decision(&AuthorizationSubscription::new("alice", "read", json!({"n": 1})))
            .decision
    };
    let set = "set \"s\" first or abstain errors propagate policy \"p\" permit resource.n / 0 == 1; policy \"d\" deny";
    assert_eq!(top(set, "PRIORITY_PERMIT"), Decision::Indeterminate);
    // The policy behind the one in error could have denied.
    assert_eq!(top(set, "PRIORITY_DENY"), Decision::Indeterminate);
    let set = "set \"s\" priority deny or abstain errors propagate policy \"p\" permit resource.n / 0 == 1;";
    assert_eq!(top(set, "PRIORITY_DENY"), Decision::Suspend);
    let set = "set \"s\" first or deny for resource.n / 0 == 1 policy \"p\" permit";
    assert_eq!(top(set, "PRIORITY_DENY"), Decision::Indeterminate);
}
