//! The cases in Rego, compiled to the bytecode of regorus.

use regorus::{Engine, Value, languages::rego::compiler::Compiler, rvm::RegoVM};
use serde::Deserialize;

use crate::cases::{Case, role};

/// A machine with compiled policies.
pub struct Rego {
    machine: RegoVM,
}

const ENTRY: &str = "data.tools.allow";

impl Rego {
    pub fn new(case: &Case) -> Self {
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
                format!("package tools\nimport rego.v1\ndefault allow := false\n{rules}"),
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
        self.machine.set_input(input.clone());
        let allowed = self.machine.execute().expect("an answer");
        allowed == Value::from(true)
    }
}

/// Turns a subscription into what Rego decides on.
pub fn prepared(json: &serde_json::Value) -> Value {
    Value::deserialize(json).expect("a value")
}
