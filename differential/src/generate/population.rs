//! Policies, sets, and the configurations that combine them.

use super::{Generator, Want};
use crate::case::Case;
use crate::tree::Node;

/// Conditions that are true, false, errors and no booleans, in a good mix for the subscriptions that are made.
const CONDITIONS: &[&str] = &[
    "true",
    "true",
    "true",
    "false",
    "subject.t",
    "subject.t",
    "subject.f",
    "!subject.f",
    "resource.t",
    "resource.f",
    "resource.n > 3",
    "subject.n < resource.n",
    "action == \"read\"",
    "\"admin\" in subject.roles",
    "\"a\" in resource.roles",
    "[\"a\", \"x\"] any in subject.roles",
    "subject has \"n\"",
    "resource.s =~ \"a.*\"",
    "environment.t",
    "1/0",
    "1/0 == 1",
    "subject.n / 0 > 1",
    "undefined",
    "null",
    "subject.nope",
    "subject.s",
    "v == 1",
    "limits.n > 3",
    "subject.t & 1/0 == 1",
    "subject.f | subject.n / 0 == 1",
];

/// Conditions by which policies can be found without looking at all of them.
const SELECTIVE: &[&str] = &[
    "resource.s == \"a\"",
    "\"b\" == resource.s",
    "resource.s in [\"a\", \"alice\", \"\"]",
    "resource.s == \"read\" | resource.s == \"doc\"",
    "action == \"read\" & resource.s == \"a\"",
    "action in [\"read\", \"a\", 1]",
    "action == 1.0",
    "resource.n == 3",
    "resource.n == 3.0",
    "resource.n in [1, 2.0, 1e1]",
    "resource.o == {}",
    "resource.l == [1]",
    "resource == null",
    "subject.roles == undefined",
    "subject.s == undefined",
    "\"a\" in subject.roles",
    "\"admin\" in subject.roles & resource.t == true",
    "1 in resource.l",
    "resource.t == true",
    "resource.f == true",
    "subject.o.a == resource.o.a",
    "resource.s == limits",
    "!(resource.s == \"a\")",
    "resource.s != \"a\"",
];

const CONSTRAINTS: &[&str] = &[
    "\"log\"",
    "\"mail\"",
    "1",
    "1.0",
    "null",
    "{type: \"log\"}",
    "{type: \"log\", who: subject.s}",
    "{n: subject.n}",
    "[1, subject.n]",
    "subject.s",
    "resource.l",
    "undefined",
    "subject.nope",
    "1/0",
    "subject.n / 0",
    "v",
];

const TRANSFORMS: &[&str] = &[
    "1",
    "1.0",
    "2",
    "\"x\"",
    "null",
    "resource",
    "resource.s",
    "resource.n",
    "subject.nope",
    "undefined",
    "resource.n / 0",
    "resource |- {@.s: filter.blacken}",
    "resource |- {@.n: filter.remove}",
    "{v: resource.n}",
];

/// Imports, and conditions that need them.
const IMPORTS: &[(&str, &str)] = &[
    ("import string.length\n", "length(subject.s) > 2"),
    ("import string.length as size\n", "size(subject.s) > 2"),
    (
        "import filter.remove as drop\n",
        "(resource |- {@.n: drop}) == resource",
    ),
    (
        "import time.now as clock\n",
        "<clock> == \"2026-03-18T10:15:30.123Z\"",
    ),
    (
        "import string.length as size\nimport array.sum\n",
        "sum(resource.l) < size(subject.s)",
    ),
];

/// Conditions on attributes, at the time of recorded answers.
const ATTRIBUTES: &[&str] = &[
    "<time.nowIsAfter(\"2020-01-01T00:00:00Z\")>",
    "<time.nowIsBefore(\"2020-01-01T00:00:00Z\")>",
    "<time.nowIsBetween(\"2026-01-01T00:00:00Z\", \"2027-01-01T00:00:00Z\")>",
    "<time.localTimeIsAfter(\"09:00:00\")>",
    "<time.localTimeIsBefore(\"09:00:00\", \"Asia/Tokyo\")>",
    "<time.weekdayIn([\"WEDNESDAY\"])>",
    "<time.weekdayIn([\"NODAY\"])>",
    "<time.monthIn([\"MARCH\", \"APRIL\"])>",
    "<time.now> =~ \"2026.*\"",
    "|<time.now> == subject.s",
    "<time.nowIsAfter(subject.nope)>",
    "<no.such>",
    "subject.<no.such(1)> == undefined",
    "subject.nope.<no.such>",
    "time.dayOfWeek(<time.now>) == \"WEDNESDAY\"",
    "<time.systemTimeZone> == \"UTC\"",
];

const SCHEMAS: &[&str] = &[
    "{}",
    "{type: \"object\"}",
    "{type: \"object\", required: [\"n\"]}",
    "{type: \"string\"}",
    "{type: [\"object\", \"null\"]}",
    "{properties: {n: {type: \"integer\", minimum: 3}}}",
    "{properties: {t: {const: true}}}",
    "{enum: [1, \"read\", null]}",
    "{minProperties: 2}",
    "{not: {type: \"object\"}}",
    "true",
    "1/0",
    "subject",
    "{type: \"nope\"}",
];

impl Generator {
    pub(super) fn decision(&mut self) -> Case {
        self.names.extend(["v", "limits"]);
        self.selective = self.random.percent(25);
        let count = if self.selective {
            self.random.between(2, 16)
        } else {
            self.random.pick(&[1, 1, 2, 2, 2, 3, 3, 4, 5])
        };
        let mut names = 0;
        let mut documents = Vec::new();
        for index in 0..count {
            let document = self.document(&mut names);
            documents.push((format!("{index}.sapl"), document));
        }
        let settings = self.random.percent(85).then(|| self.settings());
        let count = self.random.between(2, 4);
        let subscriptions = (0..count).map(|_| self.subscription()).collect();
        Case::Decision {
            settings,
            documents,
            subscriptions,
        }
    }

    fn settings(&mut self) -> Node {
        let mut members = Vec::new();
        if self.random.percent(95) {
            let mode = self.random.pick(&[
                "PRIORITY_DENY",
                "PRIORITY_PERMIT",
                "PRIORITY_SUSPEND",
                "UNANIMOUS",
                "UNANIMOUS_STRICT",
                "UNIQUE",
            ]);
            let default = self.random.pick(&["DENY", "PERMIT", "SUSPEND", "ABSTAIN"]);
            let errors = self.random.pick(&["ABSTAIN", "PROPAGATE"]);
            members.push(Node::fixed(format!("pdp.json {mode}")).plain(format!(
                "\"algorithm\": {{\"votingMode\": \"{mode}\", \"defaultDecision\": \"{default}\", \"errorHandling\": \"{errors}\"}}"
            )));
        }
        members.push(Node::fixed("").plain("\"variables\": ").node(self.variables()));
        Node::fixed("").plain("{").list(members, ", ", 0).plain("}")
    }

    /// A document with a policy or a set, whose policies are numbered on.
    pub(super) fn document(&mut self, names: &mut usize) -> Node {
        let mut document = Node::fixed("");
        let mut schemas = Vec::new();
        if self.random.percent(6) {
            let element = self
                .random
                .pick(&["subject", "action", "resource", "environment"]);
            let enforced = self.random.pick(&["enforced ", "enforced ", ""]);
            let schema = self.random.pick(SCHEMAS);
            schemas.push(
                Node::fixed(format!("schema {enforced}").trim_end())
                    .plain(format!("{element} {enforced}schema {schema}\n")),
            );
        }
        self.imported = "";
        if self.random.percent(8) {
            let (import, condition) = self.random.pick(IMPORTS);
            self.imported = condition;
            document = document.list(vec![Node::fixed("import").plain(import)], "", 0);
        }
        document = document.list(schemas, "", 0);
        if self.random.percent(55) {
            return document.node(self.policy(names));
        }
        document.node(self.set(names))
    }

    fn set(&mut self, names: &mut usize) -> Node {
        let algorithm = self.algorithm();
        let mut set = Node::fixed("set")
            .plain(format!("set {}\n", self.policy_name(names)))
            .node(algorithm)
            .plain("\n");
        if self.random.percent(40) {
            let target = self.condition();
            set = set.list(
                vec![Node::fixed("set target").plain("for ").node(target).plain("\n")],
                "",
                0,
            );
        }
        let before = self.names.len();
        let variables = self.variable_definitions("w", 20);
        set = set.list(variables, "", 0);
        let count = self.random.pick(&[1, 2, 2, 3, 3, 4, 5]);
        let policies = (0..count).map(|_| self.policy(names).plain("\n")).collect();
        self.names.truncate(before);
        set.list(policies, "", 1)
    }

    fn algorithm(&mut self) -> Node {
        let mode = self.random.pick(&[
            "first",
            "priority deny",
            "priority permit",
            "priority suspend",
            "unanimous",
            "unanimous strict",
            "unique",
        ]);
        let default = self.random.pick(&["deny", "abstain", "permit", "suspend"]);
        let errors = self
            .random
            .pick(&["", ", errors abstain", ", errors propagate", " errors propagate"]);
        Node::fixed(format!("set {mode}")).plain(format!("{mode} or {default}{errors}"))
    }

    fn policy_name(&mut self, names: &mut usize) -> String {
        *names += 1;
        let number = if self.random.percent(1) { 1 } else { *names };
        format!("\"p{number}\"")
    }

    fn policy(&mut self, names: &mut usize) -> Node {
        let effect = self.random.pick(&["permit", "permit", "deny", "deny", "suspend"]);
        let name = self.policy_name(names);
        let before = self.names.len();
        let variables = self.variable_definitions("x", 15);
        let statements = self.random.pick(&[0, 1, 1, 1, 2, 3]);
        let mut body = variables;
        for _ in 0..statements {
            let condition = self.condition();
            body.push(Node::fixed("").plain(" ").node(condition).plain(";"));
        }
        let mut policy = Node::fixed(format!("policy {effect}"))
            .plain(format!("policy {name} {effect}"))
            .list(body, "", 0);
        for (word, chance) in [("obligation", 40), ("obligation", 15), ("advice", 25)] {
            if self.random.percent(chance) {
                let constraint = self.constant_or(CONSTRAINTS, Want::Any);
                let clause = Node::fixed(word).plain(format!(" {word} ")).node(constraint);
                policy = policy.list(vec![clause], "", 0);
            }
        }
        if self.random.percent(20) {
            let transform = self.constant_or(TRANSFORMS, Want::Any);
            let clause = Node::fixed("transform").plain(" transform ").node(transform);
            policy = policy.list(vec![clause], "", 0);
        }
        self.names.truncate(before);
        policy
    }

    fn variable_definitions(&mut self, name: &'static str, chance: usize) -> Vec<Node> {
        if !self.random.percent(chance) {
            return Vec::new();
        }
        let value = self.expression(Want::Any, 2);
        self.names.push(name);
        let mut schemas = Vec::new();
        if self.random.percent(8) {
            let schema = self.random.pick(SCHEMAS);
            schemas.push(Node::fixed("var schema").plain(format!(" schema {schema}")));
        }
        vec![
            Node::fixed("var")
                .plain(format!(" var {name} = "))
                .node(value)
                .list(schemas, "", 0)
                .plain(";\n"),
        ]
    }

    fn condition(&mut self) -> Node {
        if !self.imported.is_empty() && self.random.percent(40) {
            return Node::expression("imported name").plain(self.imported);
        }
        if self.selective && self.random.percent(70) {
            return Node::expression("selective condition").plain(self.random.pick(SELECTIVE));
        }
        if self.random.percent(5) {
            return Node::expression("attribute").plain(self.random.pick(ATTRIBUTES));
        }
        self.constant_or(CONDITIONS, Want::Boolean)
    }

    /// Mostly one of these, else a random expression.
    fn constant_or(&mut self, texts: &[&'static str], want: Want) -> Node {
        if self.random.percent(75) {
            Node::expression("").plain(self.random.pick(texts))
        } else {
            let depth = self.random.between(0, 2);
            self.expression(want, depth)
        }
    }
}
