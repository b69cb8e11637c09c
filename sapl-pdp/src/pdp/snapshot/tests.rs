//! With and without an index, decisions are the same.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::value::Value;

proptest! {
    #[test]
    fn an_index_changes_no_decision(tape in proptest::collection::vec(any::<u8>(), 200..1_500)) {
        let mut tape = Tape { rest: tape.iter() };
        let configuration = configuration(&mut tape);
        let subscriptions: Vec<Json> = (0..12).map(|_| subscription(&mut tape)).collect();
        let limits = Limits::default();
        let mut snapshot = Snapshot::new(&configuration, limits, 0).expect("valid policies");
        let mut decide = |indexed_from| {
            snapshot.index_from(indexed_from);
            subscriptions.iter().map(|json| snapshot.decide(&input(json), &limits)).collect::<Vec<_>>()
        };
        let naive = decide(usize::MAX);
        for indexed_from in [1, 2, INDEXED_FROM] {
            let indexed = decide(indexed_from);
            for ((naive, indexed), subscription) in naive.iter().zip(&indexed).zip(&subscriptions) {
                prop_assert_eq!(naive, indexed, "{}\n{:#?}", subscription, configuration.documents.iter().map(|document| &*document.text).collect::<Vec<_>>());
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_remembered_changes_no_decision(tape in proptest::collection::vec(any::<u8>(), 200..1_500)) {
        let mut tape = Tape { rest: tape.iter() };
        let configuration = configuration(&mut tape);
        let mut subscriptions: Vec<Json> = (0..4).map(|_| subscription(&mut tape)).collect();
        for _ in 0..12 {
            let mut mixed = subscriptions[tape.below(4)].clone();
            for part in ["subject", "action", "resource", "environment"] {
                mixed[part] = subscriptions[tape.below(2)][part].clone();
            }
            subscriptions.push(mixed);
        }
        let limits = Limits::default();
        let snapshot = Snapshot::new(&configuration, limits, 0).expect("valid policies");
        let inputs: Vec<Input<'_>> = subscriptions.iter().map(input).collect();
        let each: Vec<_> = inputs.iter().map(|input| snapshot.decide(input, &limits)).collect();
        prop_assert_eq!(snapshot.decide_all(&inputs, &limits), each);
    }
}

#[test]
fn conjuncts_that_differ_in_the_text_of_a_number_are_not_remembered_as_one() {
    let policy = |name: &str, number: &str| {
        let condition = format!("standard.toString(filter.replace(subject, {number})) == \"1.10\"");
        (
            format!("{name}.sapl"),
            format!("policy \"{name}\" permit {condition};"),
        )
    };
    let texts = [policy("a", "1.1"), policy("b", "1.10")];
    let configuration = Configuration::from_texts(None, texts).expect("valid");
    let limits = Limits::default();
    let snapshot = Snapshot::new(&configuration, limits, 0).expect("valid");
    let subscription = json!({"subject": "mara", "action": "read", "resource": 1});
    let inputs = [input(&subscription), input(&subscription)];
    let each: Vec<_> = inputs
        .iter()
        .map(|input| snapshot.decide(input, &limits))
        .collect();
    assert_eq!(each[0].decision, sapl_base::Decision::Permit);
    assert_eq!(snapshot.decide_all(&inputs, &limits), each);
}

#[test]
fn equal_conjuncts_of_the_caller_are_remembered_as_one() {
    let texts = (0..20).map(|number| {
        let text = format!(
            "policy \"{number}\" permit resource == {number}; action == \"call\"; \"a\" in subject.roles;"
        );
        (format!("{number:03}"), text)
    });
    let configuration = Configuration::from_texts(None, texts).expect("valid");
    let snapshot = Snapshot::new(&configuration, Limits::default(), 0).expect("valid");
    assert_eq!(snapshot.shared.len(), 2);
}

#[test]
fn many_members_by_the_same_values_are_told_apart_by_others() {
    let texts = (0..400).map(|number| {
        let (tool, role) = (number % 20, number / 20);
        let text = format!(
            "policy \"{number}\" permit resource.name == \"tool{tool}\"; \"role{role}\" in subject.roles; obligation {number}"
        );
        (format!("{number:03}"), text)
    });
    let configuration = Configuration::from_texts(None, texts).expect("valid");
    let limits = Limits::default();
    let snapshot = Snapshot::new(&configuration, limits, 0).expect("valid");
    let index = snapshot.index.as_ref().expect("an index");
    let asked = json!({"subject": {"roles": ["role3", "role5", "other"]}, "resource": {"name": "tool7"}});
    let input = input(&asked);
    let evaluator = Evaluator::new(&snapshot.program, &input, &limits);
    let candidates = index.candidates(&evaluator);
    let places: Vec<usize> = candidates.of(&snapshot.members).map(|(place, _)| place).collect();
    assert_eq!(places, [67, 107]);
    assert_eq!(
        snapshot.decide(&input, &limits).obligations,
        [json!(67), json!(107)]
    );
}

#[test]
fn what_can_not_be_told_prunes_nothing() {
    let texts = (0..10).map(|number| {
        (
            number.to_string(),
            format!("policy \"{number}\" permit \"role{number}\" in subject.roles;"),
        )
    });
    let configuration = Configuration::from_texts(None, texts).expect("valid");
    let limits = Limits::default();
    let snapshot = Snapshot::new(&configuration, limits, 0).expect("valid");
    for (roles, count) in [
        (json!(["role1", "role2", "role1"]), 2),
        (json!({"a": "role1"}), 1),
        (json!([]), 0),
        (json!("role1 role2"), 10),
        (json!(null), 10),
    ] {
        let asked = json!({"subject": {"roles": roles}});
        let input = input(&asked);
        let evaluator = Evaluator::new(&snapshot.program, &input, &limits);
        let candidates = snapshot.index.as_ref().expect("an index").candidates(&evaluator);
        assert_eq!(candidates.of(&snapshot.members).count(), count, "{asked}");
    }
}

#[test]
fn a_set_is_found_by_its_policies_where_its_default_is_silence() {
    let texts = (0..10).map(|number| {
        let default = if number < 5 { "abstain" } else { "deny" };
        let text = format!(
            "set \"{number}\" first or {default}
             policy \"a\" permit resource == {number};
             policy \"b\" deny action == \"b{number}\"; resource in [50, 60];"
        );
        (format!("{number:03}"), text)
    });
    let configuration = Configuration::from_texts(None, texts).expect("valid");
    let limits = Limits::default();
    let snapshot = Snapshot::new(&configuration, limits, 0).expect("valid");
    let asked = json!({"action": "b2", "resource": 3.0});
    let input = input(&asked);
    let evaluator = Evaluator::new(&snapshot.program, &input, &limits);
    let candidates = snapshot.index.as_ref().expect("an index").candidates(&evaluator);
    let places: Vec<usize> = candidates.of(&snapshot.members).map(|(place, _)| place).collect();
    assert_eq!(places, [2, 3, 5, 6, 7, 8, 9]);
}

fn input(json: &Json) -> Input<'_> {
    let part = |name| json.get(name).map_or(Value::Undefined, Value::from_json);
    Input {
        subject: part("subject"),
        action: part("action"),
        resource: part("resource"),
        environment: part("environment"),
        ..Input::default()
    }
}

/// Choices that are made of bytes, so that they shrink.
struct Tape<'t> {
    rest: std::slice::Iter<'t, u8>,
}

impl Tape<'_> {
    /// A number below `end`; 0 at the end of the tape.
    fn below(&mut self, end: usize) -> usize {
        self.rest.next().map_or(0, |byte| usize::from(*byte) % end)
    }

    fn pick<'p>(&mut self, options: &[&'p str]) -> &'p str {
        options[self.below(options.len())]
    }

    fn is_one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }
}

const PATHS: &[&str] = &[
    "resource.name",
    "subject.roles",
    "subject.role",
    "action",
    "subject.level",
    "resource.tags",
    "subject.items.kind",
    "environment.zone",
    "resource",
];

const SCALARS: &[&str] = &[
    "\"a\"",
    "\"b\"",
    "\"c\"",
    "1",
    "1.0",
    "\"1\"",
    "10",
    "1e1",
    "true",
    "false",
    "null",
    "0.1",
    "undefined",
    "1e30",
    "1000000000000000000000000000000",
    "18446744073709551615",
];

fn scalars(tape: &mut Tape<'_>) -> String {
    let count = tape.below(4);
    let list: Vec<&str> = (0..count).map(|_| tape.pick(SCALARS)).collect();
    let end = if tape.is_one_in(8) { ", [\"a\"]]" } else { "]" };
    format!("[{}{end}", list.join(", ")).replace("[, ", "[")
}

/// A condition; at most so deep.
fn condition(tape: &mut Tape<'_>, depth: usize) -> String {
    let path = tape.pick(PATHS);
    let scalar = tape.pick(SCALARS);
    match tape.below(if depth == 0 { 16 } else { 20 }) {
        0..=3 => format!("{path} == {scalar}"),
        4 => format!("{scalar} == {path}"),
        5 => format!("{path} in {}", scalars(tape)),
        6 | 7 => format!("{scalar} in {path}"),
        8 => format!("{} any in {path}", scalars(tape)),
        9 => format!("{} all in {path}", scalars(tape)),
        10 => format!("{path} any in {}", scalars(tape)),
        11 => format!("{path} in {{\"k\": {scalar}, \"l\": \"b\"}}"),
        12 => format!("{path} != {scalar}"),
        13 => tape
            .pick(&[
                "true",
                "false",
                "1 / 0 == 1",
                "\"x\"",
                "subject.flag",
                "resource.tags[5] == 1",
            ])
            .to_owned(),
        14 => format!("{path} =~ \"[ab]\""),
        15 => format!("reflect.isArray({path}) && {scalar} in {path}"),
        16 | 17 => format!(
            "({} || {})",
            condition(tape, depth - 1),
            condition(tape, depth - 1)
        ),
        18 => format!(
            "({} && {})",
            condition(tape, depth - 1),
            condition(tape, depth - 1)
        ),
        _ => format!("!({})", condition(tape, depth - 1)),
    }
}

fn policy(tape: &mut Tape<'_>, name: usize) -> String {
    let effect = tape.pick(&["permit", "permit", "deny", "suspend"]);
    let mut text = format!("policy \"{name}\" {effect}\n");
    if tape.is_one_in(4) {
        let (value, more) = (condition(tape, 1), condition(tape, 0));
        let _ = writeln!(text, "var v = {value};\nv || {more};");
    }
    for _ in 0..tape.below(4) {
        let _ = writeln!(text, "{};", condition(tape, 2));
    }
    if tape.is_one_in(3) {
        let _ = writeln!(text, "obligation \"{name}\"");
    }
    if tape.is_one_in(8) {
        let _ = writeln!(text, "obligation subject.roles[1]");
    }
    if tape.is_one_in(8) {
        let _ = writeln!(text, "transform {}", tape.below(2));
    }
    text
}

fn set(tape: &mut Tape<'_>, name: usize) -> String {
    let mode = tape.pick(&[
        "first",
        "priority deny",
        "priority permit",
        "priority suspend",
        "unanimous",
        "unanimous strict",
        "unique",
    ]);
    let default = tape.pick(&["abstain", "abstain", "deny", "permit", "suspend"]);
    let errors = tape.pick(&["", " errors propagate", " errors abstain"]);
    let mut text = format!("set \"{name}\" {mode} or {default}{errors}\n");
    if tape.is_one_in(3) {
        let _ = writeln!(text, "for {}", target(tape));
    }
    for inner in 0..=tape.below(8) {
        text.push_str(&policy(tape, inner));
    }
    text
}

/// A condition that is no constant error, which would be refused.
fn target(tape: &mut Tape<'_>) -> String {
    let path = tape.pick(PATHS);
    let scalar = tape.pick(&["\"a\"", "\"b\"", "1"]);
    match tape.below(4) {
        0 => format!("{path} == {scalar}"),
        1 => format!("{scalar} in {path}"),
        2 => format!("{path} == {scalar} || {path} == \"c\""),
        _ => "subject.flag".to_owned(),
    }
}

fn configuration(tape: &mut Tape<'_>) -> Configuration {
    let algorithm = json!({
        "votingMode": tape.pick(&["PRIORITY_DENY", "PRIORITY_PERMIT", "PRIORITY_SUSPEND", "UNANIMOUS", "UNANIMOUS_STRICT", "UNIQUE"]),
        "defaultDecision": tape.pick(&["ABSTAIN", "DENY", "PERMIT", "SUSPEND"]),
        "errorHandling": tape.pick(&["PROPAGATE", "ABSTAIN"]),
    });
    let settings = json!({"algorithm": algorithm}).to_string();
    let count = 1 + tape.below(24);
    let documents: Vec<(String, String)> = (0..count)
        .map(|number| {
            let text = if tape.is_one_in(4) {
                set(tape, number)
            } else {
                policy(tape, number)
            };
            (format!("{number:03}"), text)
        })
        .collect();
    Configuration::from_texts(Some(&settings), documents).expect("valid settings")
}

fn scalar(tape: &mut Tape<'_>) -> Json {
    let scalars = json!([
        "a",
        "b",
        "c",
        1,
        1.0,
        "1",
        10,
        10.0,
        true,
        false,
        null,
        0.1,
        1e30,
        u64::MAX,
        "",
        "abc"
    ]);
    scalars[tape.below(16)].clone()
}

fn anything(tape: &mut Tape<'_>) -> Json {
    match tape.below(8) {
        0..=3 => scalar(tape),
        4 | 5 => (0..tape.below(4)).map(|_| scalar(tape)).collect(),
        6 => json!({"k": scalar(tape), "l": scalar(tape)}),
        _ => json!([{"kind": scalar(tape)}, {"kind": scalar(tape)}, scalar(tape), [scalar(tape)]]),
    }
}

fn subscription(tape: &mut Tape<'_>) -> Json {
    let mut subject = json!({});
    for name in ["role", "roles", "level", "items", "flag"] {
        if !tape.is_one_in(6) {
            subject[name] = match (name, tape.below(3)) {
                ("roles", 1 | 2) => (0..tape.below(4)).map(|_| scalar(tape)).collect(),
                ("flag", 1 | 2) => tape.is_one_in(2).into(),
                ("role", 1) => scalar(tape),
                _ => anything(tape),
            };
        }
    }
    let mut resource = json!({"name": scalar(tape)});
    if tape.is_one_in(2) {
        resource["tags"] = anything(tape);
    }
    if tape.is_one_in(6) {
        resource = anything(tape);
    }
    let mut subscription = json!({"subject": subject, "action": scalar(tape), "resource": resource});
    if tape.is_one_in(3) {
        subscription["environment"] = json!({"zone": scalar(tape)});
    }
    subscription
}
