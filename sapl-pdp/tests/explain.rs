//! Explained decisions are those of the decision point.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use proptest::prelude::*;
use sapl_base::{AuthorizationDecision, Decision};
use sapl_pdp::attribute::Clock;
use sapl_pdp::explain::{ExplainedDocument, ExplainedPolicy, ExplainedValue, Explainer, Explanation};
use sapl_pdp::{Configuration, EmbeddedPdp, Input, Limits};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A recorded question about policies.
#[derive(Deserialize)]
struct Entry {
    name: String,
    policies: Option<BTreeMap<String, String>>,
    pdp: Option<Box<RawValue>>,
    subscription: Option<Box<RawValue>>,
    cases: Option<Vec<Case>>,
}

#[derive(Deserialize)]
struct Case {
    subscription: Box<RawValue>,
}

/// A clock that stands still.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

fn comparable(decision: &AuthorizationDecision) -> (Decision, Vec<String>, Vec<String>, Option<String>) {
    let sorted = |values: &[serde_json::Value]| {
        let mut texts: Vec<_> = values.iter().map(ToString::to_string).collect();
        texts.sort();
        texts
    };
    (
        decision.decision,
        sorted(&decision.obligations),
        sorted(&decision.advice),
        decision.resource.as_ref().map(ToString::to_string),
    )
}

/// What the explanation says must fit together.
fn is_coherent(explanation: &Explanation) {
    assert_eq!(explanation.combination.decision, explanation.decision.decision);
    for document in &explanation.documents {
        for policy in document.policies() {
            let values = || policy.conditions.iter().map(|condition| condition.value.as_ref());
            let is = |wanted: bool| {
                move |value: Option<&ExplainedValue>| value == Some(&ExplainedValue::Value(wanted.into()))
            };
            match policy.vote {
                None => assert!(values().all(|value| value.is_none())),
                Some(Decision::NotApplicable) => assert!(values().any(is(false)), "{policy:#?}"),
                Some(Decision::Indeterminate) => {
                    let is_certain = policy.reason.contains("attributes are not asked");
                    assert!(is_certain || !values().any(is(false)), "{policy:#?}");
                }
                Some(vote) => {
                    assert_eq!(vote, policy.effect);
                    assert!(values().all(is(true)), "{policy:#?}");
                }
            }
        }
        if let ExplainedDocument::Set(set) = document
            && let Some(combination) = &set.combination
        {
            assert_eq!(combination.decision, set.vote);
        }
    }
}

#[test]
fn recorded_decisions_are_explained_as_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut explained = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        let entries: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
        for entry in entries {
            let Ok(entry) = serde_json::from_str::<Entry>(entry.get()) else {
                continue;
            };
            explained += decisions(entry);
        }
    }
    assert!(explained > 1_000, "{explained}");
}

fn decisions(entry: Entry) -> usize {
    let Some(policies) = entry.policies else {
        return 0;
    };
    let settings = entry.pdp.as_ref().map(|settings| settings.get());
    let Ok(configuration) = Configuration::from_texts(settings, policies) else {
        return 0;
    };
    let explainer = Explainer::new(configuration.clone()).map(|explainer| explainer.with_clock(Stopped));
    let pdp = EmbeddedPdp::new(&configuration).map(|pdp| pdp.with_clock(Stopped));
    assert_eq!(explainer.is_ok(), pdp.is_ok(), "{}", entry.name);
    let (Ok(explainer), Ok(pdp)) = (explainer, pdp) else {
        return 0;
    };
    let cases = entry.cases.unwrap_or_default();
    let subscriptions = cases
        .into_iter()
        .map(|case| case.subscription)
        .chain(entry.subscription);
    let mut count = 0;
    for subscription in subscriptions {
        let Ok(input) = Input::from_json(subscription.get()) else {
            continue;
        };
        let explanation = explainer.explain(&input);
        assert_eq!(
            comparable(&explanation.decision),
            comparable(&pdp.decision_on(&input)),
            "{}: {subscription}",
            entry.name
        );
        is_coherent(&explanation);
        count += 1;
    }
    count
}

fn explain(documents: &[(&str, &str)], subscription: &str) -> Explanation {
    let documents = documents.iter().copied();
    let explainer = Explainer::new(Configuration::from_texts(None, documents).unwrap()).unwrap();
    explainer.explain(&Input::from_json(subscription).unwrap())
}

#[test]
fn a_first_set_asks_nobody_behind_the_policy_that_decides() {
    let set = "set \"s\" first or deny
        policy \"a\" permit action == \"write\";
        policy \"b\" permit action == \"read\";
        policy \"c\" deny 1 / subject == 0;";
    let explanation = explain(
        &[("s.sapl", set)],
        r#"{"subject": 0, "action": "read", "resource": 1}"#,
    );
    let votes: Vec<_> = explanation.documents[0]
        .policies()
        .iter()
        .map(|policy| (policy.vote, policy.reason.as_str()))
        .collect();
    assert_eq!(
        votes,
        [
            (Some(Decision::NotApplicable), "a condition is false"),
            (Some(Decision::Permit), "all conditions hold"),
            (None, "not asked: `b` before it decided"),
        ]
    );
    assert_eq!(
        explanation.documents[0].policies()[2].conditions[0].text,
        "1 / subject == 0"
    );
}

#[test]
fn conditions_show_what_they_are_made_of() {
    let policy = "policy \"p\" permit
        var roles = subject.roles;
        (\"a\" in roles || string.length(subject.name) > 3) && !(resource.x == 1 / 0);";
    let explanation = explain(
        &[("p.sapl", policy)],
        r#"{"subject": {"roles": ["b"], "name": "mara"}, "action": 1, "resource": {}}"#,
    );
    let ExplainedDocument::Policy(ExplainedPolicy {
        conditions,
        variables,
        ..
    }) = &explanation.documents[0]
    else {
        unreachable!()
    };
    let mut lines = Vec::new();
    fn list(expression: &sapl_pdp::explain::ExplainedExpression, depth: usize, lines: &mut Vec<String>) {
        let value = expression
            .value
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        lines.push(format!("{}{} = {value}", " ".repeat(depth), expression.text));
        for part in &expression.parts {
            list(part, depth + 1, lines);
        }
    }
    list(&conditions[0], 0, &mut lines);
    let error = "error: division by zero (at 3:78)";
    assert_eq!(
        lines[1..],
        [
            " \"a\" in roles || string.length(subject.name) > 3 = true".to_owned(),
            "  \"a\" in roles = false".to_owned(),
            "   roles = [\"b\"]".to_owned(),
            "  string.length(subject.name) > 3 = true".to_owned(),
            "   string.length(subject.name) = 4".to_owned(),
            "    subject.name = \"mara\"".to_owned(),
            format!(" !(resource.x == 1 / 0) = {error}"),
            format!("  resource.x == 1 / 0 = {error}"),
            "   resource.x = undefined".to_owned(),
            format!("   1 / 0 = {error}"),
        ]
    );
    assert_eq!(variables[0].name, "roles");
    assert_eq!(explanation.decision.decision, Decision::Indeterminate);
}

#[test]
fn the_combination_is_told_step_by_step() {
    let explanation = explain(
        &[
            ("a.sapl", "policy \"a\" permit subject == 1; obligation 1"),
            ("b.sapl", "policy \"b\" deny action == 1;"),
            ("c.sapl", "policy \"c\" permit subject == 2;"),
        ],
        r#"{"subject": 1, "action": 1, "resource": 1}"#,
    );
    let json = serde_json::to_value(&explanation.combination).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "algorithm": "priority deny or deny, errors propagate",
            "steps": [
                {"member": "a", "vote": "PERMIT", "so_far": "PERMIT"},
                {"member": "b", "vote": "DENY", "so_far": "DENY"},
            ],
            "combined": "DENY",
            "decision": "DENY",
        })
    );
    let nothing = explain(
        &[("c.sapl", "policy \"c\" permit subject == 2;")],
        r#"{"subject": 1, "action": 1, "resource": 1}"#,
    );
    assert_eq!(nothing.combination.combined, Decision::NotApplicable);
    assert_eq!(nothing.combination.decision, Decision::Deny);
    assert!(nothing.combination.end.is_some());
}

#[test]
fn places_are_those_of_the_text() {
    let explanation = explain(
        &[("p.sapl", "policy \"p\" permit\n  subject\n    == 1;")],
        r#"{"subject": 1, "action": 1, "resource": 1}"#,
    );
    let place = explanation.documents[0].policies()[0].conditions[0].place;
    assert_eq!(
        (place.line, place.column, place.end_line, place.end_column),
        (2, 3, 3, 9)
    );
    let json = serde_json::to_value(&explanation).unwrap();
    assert_eq!(json["documents"][0]["kind"], "policy");
    assert_eq!(
        json["documents"][0]["conditions"][0]["value"],
        serde_json::json!({"value": true})
    );
}

#[test]
fn attributes_have_values_as_far_as_they_are_there() {
    let explanation = explain(
        &[("p.sapl", "policy \"p\" permit string.length(<time.now>) > 0;")],
        r#"{"subject": 1, "action": 1, "resource": 1}"#,
    );
    assert_eq!(explanation.decision.decision, Decision::Permit);
    let conditions = &explanation.documents[0].policies()[0].conditions;
    assert!(matches!(
        conditions[0].parts[0].parts[0].value,
        Some(ExplainedValue::Value(serde_json::Value::String(_)))
    ));
}

/// Bodies, constraints and transforms that hold, don't hold, and fail, constantly or by what is asked.
const CONDITIONS: &[&str] = &[
    "",
    "true;",
    "false;",
    "1 / 0 == 1;",
    "\"text\";",
    "subject == 1;",
    "subject != 1;",
    "subject / 0 == 1;",
    "resource.missing;",
    "<time.now> == 1;",
    "<time.now> != 1;",
    "1 / <no.such> == 1;",
    "var x = subject + 1; x == 2; action == 1;",
];
const CONSTRAINTS: &[&str] = &[
    "",
    "obligation subject",
    "obligation {a: 1} obligation [2]",
    "obligation resource.missing",
    "obligation subject / 0",
    "advice action",
    "transform 1",
    "transform subject + 1",
    "transform <time.now>",
];
const EFFECTS: &[&str] = &["permit", "deny", "suspend"];
const MODES: &[&str] = &[
    "first",
    "priority deny",
    "priority permit",
    "priority suspend",
    "unanimous",
    "unanimous strict",
    "unique",
];
const DEFAULTS: &[&str] = &["deny", "permit", "suspend", "abstain"];
const ERRORS: &[&str] = &["abstain", "propagate"];
const TARGETS: &[&str] = &["", "for subject == 1", "for subject == 2", "for subject / 0 == 1"];

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn policies() -> impl Strategy<Value = Vec<String>> {
    let policy = (
        one_of(EFFECTS),
        one_of(CONDITIONS),
        one_of(CONDITIONS),
        one_of(CONSTRAINTS),
    );
    prop::collection::vec(policy, 1..5).prop_map(|policies| {
        let policies = policies.into_iter().enumerate();
        policies
            .map(|(number, (effect, one, other, constraint))| {
                let other = if one.contains("var x") { "" } else { other };
                format!("policy \"{number}\" {effect} {one} {other} {constraint}")
            })
            .collect()
    })
}

fn documents() -> impl Strategy<Value = Vec<(String, String)>> {
    let set = (
        one_of(MODES),
        one_of(DEFAULTS),
        one_of(ERRORS),
        one_of(TARGETS),
        policies(),
    );
    let set = set.prop_map(|(mode, default, errors, target, policies)| {
        format!(
            "{mode} or {default} errors {errors} {target} {}",
            policies.join("\n")
        )
    });
    (prop::collection::vec(set, 0..3), policies()).prop_map(|(sets, policies)| {
        let sets = sets
            .into_iter()
            .enumerate()
            .map(|(number, set)| format!("set \"s{number}\" {set}"));
        let documents = sets.chain(policies).enumerate();
        documents
            .map(|(number, text)| (format!("{number}.sapl"), text))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_decisions_are_explained_as_they_are(
        documents in documents(),
        mode in one_of(&["PRIORITY_DENY", "PRIORITY_PERMIT", "PRIORITY_SUSPEND", "UNANIMOUS", "UNANIMOUS_STRICT", "UNIQUE"]),
        default in one_of(&["DENY", "PERMIT", "SUSPEND", "ABSTAIN"]),
        errors in one_of(&["ABSTAIN", "PROPAGATE"]),
    ) {
        let settings = format!(
            r#"{{"algorithm": {{"votingMode": "{mode}", "defaultDecision": "{default}", "errorHandling": "{errors}"}}}}"#
        );
        let configuration = Configuration::from_texts(Some(&settings), documents).unwrap();
        let explainer = Explainer::new(configuration.clone()).unwrap().with_clock(Stopped);
        let pdp = EmbeddedPdp::new(&configuration).unwrap().with_clock(Stopped);
        let input = Input::from_json(r#"{"subject": 1, "action": 1, "resource": {}}"#).unwrap();
        let explanation = explainer.explain(&input);
        prop_assert_eq!(comparable(&explanation.decision), comparable(&pdp.decision_on(&input)));
        is_coherent(&explanation);
    }
}

#[test]
fn the_deepest_documents_need_little_stack() {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let explain_all = || {
        for (open, close) in [
            ("[", "]"),
            ("(subject + 2 * ", ")"),
            ("(subject * 2 * ", ")"),
            ("{a: ", "}"),
            ("!", ""),
            ("x :: ", ""),
        ] {
            let deepest = (1..200).rev().map(|depth| {
                format!(
                    "policy \"p\" permit {}subject{};",
                    open.repeat(depth),
                    close.repeat(depth)
                )
            });
            let configuration = |document| Configuration::from_texts(None, [("p.sapl", document)]);
            let configuration = deepest.map(configuration).find_map(Result::ok).unwrap();
            let explainer = Explainer::new(configuration).unwrap();
            let input = Input::from_json(r#"{"subject": 1, "action": 1, "resource": 1}"#).unwrap();
            assert_ne!(explainer.explain(&input).decision.decision, Decision::Permit);
        }
    };
    thread.spawn(explain_all).unwrap().join().unwrap();
}

#[test]
fn all_expressions_of_an_explanation_share_one_budget() {
    let list: Vec<_> = (0..1_000).collect();
    let resource = serde_json::json!(list);
    let input = Input {
        resource: sapl_pdp::value::Value::from_json(&resource),
        ..Input::default()
    };
    let errors = |policies: usize| {
        let documents = (0..policies).map(|policy| {
            let text = format!("policy \"p{policy}\" permit resource[?(@ < 0)] == [];");
            (format!("p{policy}.sapl"), text)
        });
        let configuration = Configuration::from_texts(None, documents).unwrap();
        let limits = Limits::default().with_steps(10_000);
        let explainer = Explainer::new(configuration).unwrap().with_limits(limits);
        let explanation = explainer.explain(&input);
        let policies = explanation.documents.iter().flat_map(ExplainedDocument::policies);
        policies
            .filter(|policy| policy.vote == Some(Decision::Indeterminate))
            .count()
    };
    assert_eq!(errors(1), 0);
    let some = errors(100);
    assert!(0 < some && some < 100, "{some}");
}
