//! The cases in Rego, compiled to the bytecode of regorus.

use regorus::{Engine, Value, languages::rego::compiler::Compiler, rvm::RegoVM};
use serde::Deserialize;

use crate::cases::{Case, role};

/// A machine with compiled policies.
pub struct Rego {
    machine: RegoVM,
}

const ENTRY: &str = "data.tools.allow";

/// The demo's policies: the first that applies decides, and says what it demands.
const DEMO: &str = r#"
    is_analyst if "ANALYST" in input.subject.realm_access.roles
    is_engineer if "ENGINEER" in input.subject.realm_access.roles
    is_compliance if "COMPLIANCE" in input.subject.realm_access.roles
    is_intern if "INTERN" in input.subject.realm_access.roles
    reads_customers if is_analyst
    reads_customers if is_compliance
    sees_exports if is_compliance
    sees_exports if is_engineer

    access(message) := {
        "type": "logAccess", "message": message,
        "subject": input.subject.preferred_username, "action": input.action
    }
    permit(obligations, advice) := {"decision": "PERMIT", "obligations": obligations, "advice": advice}
    exports(levels) := {"type": "filterByClassification", "allowedLevels": levels}
    card := {"type": "filterJsonContent", "actions": [
        {"type": "blacken", "path": "$.ssn", "discloseRight": 4},
        {"type": "delete", "path": "$.internalNotes"},
        {"type": "replace", "path": "$.classification", "replacement": "REDACTED"}
    ]}

    allow := permit([{"type": "limitResults", "maxLimit": 5}, access("customer records, capped")], []) if {
        input.resource.name == "query_customer_data"
        is_analyst
    } else := permit([exports(["public", "internal"])], []) if {
        input.resource.name == "list_data_exports"
        is_analyst
    } else := permit([exports(["public"])], []) if {
        input.resource.name == "list_data_exports"
        is_intern
    } else := permit([], []) if {
        input.resource.name == "list_data_exports"
        sees_exports
    } else := permit([access("dataset purged")], []) if {
        input.resource.name == "purge_dataset"
        is_compliance
    } else := permit([access("customer data exported")], []) if {
        input.action == "export_data"
        reads_customers
    } else := permit([card], []) if {
        input.resource.name == "customer_card"
        is_analyst
    } else := permit([], []) if {
        "public" in input.resource.tags
    } else := permit([], [access("personal data")]) if {
        "pii" in input.resource.tags
        reads_customers
    } else := permit([], []) if {
        "engineering" in input.resource.tags
        is_engineer
    } else := permit([], []) if {
        "compliance" in input.resource.tags
        is_compliance
    } else := {"decision": "DENY", "obligations": [access("refused")], "advice": []}
"#;

impl Rego {
    pub fn new(case: &Case) -> Self {
        let is_demo = case.name.starts_with("demo");
        let default = if is_demo { "" } else { "default allow := false" };
        let rules = match case.name.as_str() {
            "trivial" => r#"allow if input.action == "call""#.to_owned(),
            "three roles" => r#"
                granted if {
                    input.action == "call"
                    "analyst" in input.subject.realm_access.roles
                }
                granted if {
                    input.action == "call"
                    "operator" in input.subject.realm_access.roles
                }
                refused if {
                    input.action == "call"
                    not "user" in input.subject.realm_access.roles
                }
                allow if {
                    granted
                    not refused
                }
            "#
            .to_owned(),
            _ if is_demo => DEMO.to_owned(),
            _ => (0..case.documents.len())
                .map(|tool| {
                    format!(
                        "allow if {{ input.resource.name == \"tool-{tool}\"; \"{}\" in input.subject.realm_access.roles }}\n",
                        role(tool)
                    )
                })
                .collect(),
        };
        let mut engine = Engine::new();
        engine
            .add_policy(
                "tools.rego".to_owned(),
                format!("package tools\nimport rego.v1\n{default}\n{rules}"),
            )
            .expect("valid policies");
        let policy = engine
            .compile_with_entrypoint(&ENTRY.into())
            .expect("policies that compile");
        let program = Compiler::compile_from_policy(&policy, &[ENTRY]).expect("policies with bytecode");
        let mut machine = RegoVM::new();
        machine.load_program(program);
        machine.set_max_instructions(usize::MAX);
        Self { machine }
    }

    pub fn permits(&mut self, input: &Value) -> bool {
        match self.answer(input) {
            Value::Bool(allowed) => allowed,
            answer => answer["decision"] == Value::from("PERMIT"),
        }
    }

    /// `true`, `false`, or for the demo's policies a decision with its constraints.
    pub fn answer(&mut self, input: &Value) -> Value {
        self.machine.set_input(input.clone());
        self.machine.execute().expect("an answer")
    }
}

/// Turns a subscription into what Rego decides on.
pub fn prepared(json: &serde_json::Value) -> Value {
    Value::deserialize(json).expect("a value")
}
