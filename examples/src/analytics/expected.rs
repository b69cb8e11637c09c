//! What the walk asks for, and what has to come of it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    Outcome::{self, BadArguments, Denied, Limit, Masked, NotFound, Ok, Plain},
    Plan, User,
};

/// A request that the walk makes as every user.
#[derive(Clone, Debug)]
pub enum Request {
    /// A call of a tool.
    Tool {
        /// Its name.
        name: &'static str,
        /// The arguments.
        arguments: Map<String, Value>,
    },
    /// A read of a resource.
    Resource {
        /// Its URI.
        uri: &'static str,
    },
    /// A prompt, without arguments.
    Prompt {
        /// Its name.
        name: &'static str,
    },
    /// The list of all tools.
    Tools,
    /// The list of all resources.
    Resources,
    /// The list of all resource templates.
    ResourceTemplates,
    /// The list of all prompts.
    Prompts,
}

/// One row of the matrix.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the row, unique in the matrix.
    pub name: &'static str,
    /// What is asked for.
    pub request: Request,
    /// What comes of it where no policy stands in the way or changes anything.
    pub untouched: Outcome,
    /// What has to come of it, in the order of the plan's users.
    pub expected: Vec<Outcome>,
}

/// The component whose decision is made after it ran, so that it runs although access is denied.
pub(super) const DECIDED_AFTERWARDS: &str = "run_model";

/// The walk through the analytics server.
pub fn plan() -> &'static Plan {
    static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan {
        users: &User::ALL,
        rows: [
            public_queries(),
            customer_queries(),
            tools(),
            resources(),
            prompts(),
            lists(),
        ]
        .concat(),
    });
    &PLAN
}

/// All rows, in the order of the matrix.
pub fn rows() -> &'static [Row] {
    &plan().rows
}

/// The card of customer C-10042, as nobody but compliance gets it.
pub(super) fn plain_card() -> Value {
    json!({
        "customer_id": "C-10042",
        "name": "Ada Lindqvist",
        "ssn": "123-45-6789",
        "internalNotes": "Disputed two invoices; talk to legal first.",
        "classification": "confidential",
    })
}

/// The same card, as an analyst gets it.
pub(super) fn masked_card() -> Value {
    json!({
        "customer_id": "C-10042",
        "name": "Ada Lindqvist",
        "ssn": "███████6789",
        "classification": "REDACTED",
    })
}

fn public_queries() -> Vec<Row> {
    vec![tool(
        "query_public_data",
        json!({"dataset": "web_traffic"}),
        [Ok, Ok, Ok, Ok],
    )]
}

fn tools() -> Vec<Row> {
    let all = || Outcome::items(["EXP-001", "EXP-002", "EXP-003"]);
    vec![
        Row {
            untouched: Plain,
            ..tool(
                "customer_card",
                json!({"customer_id": "C-10042"}),
                [Masked, Denied, Plain, Denied],
            )
        },
        tool(
            "export_csv",
            json!({"query_ref": "q-17"}),
            [Ok, NotFound, Ok, NotFound],
        ),
        Row {
            untouched: all(),
            ..tool(
                "list_data_exports",
                json!({}),
                [
                    Outcome::items(["EXP-001", "EXP-003"]),
                    all(),
                    all(),
                    Outcome::items(["EXP-001"]),
                ],
            )
        },
        tool(
            "run_model",
            json!({"model_id": "churn-predictor-v3", "dataset": "customers"}),
            [Denied, Ok, Denied, Denied],
        ),
        tool(
            "manage_pipelines",
            json!({"operation": "list"}),
            [Denied, Ok, Denied, Denied],
        ),
        tool(
            "purge_dataset",
            json!({"dataset_id": "web_2019", "reason": "retention"}),
            [NotFound, NotFound, Ok, NotFound],
        ),
    ]
}

/// The same query with every kind of limit. Neither the tool's default nor an odd value gets around the cap.
fn customer_queries() -> Vec<Row> {
    let query = |name, limit: Option<Value>, untouched: Outcome| {
        let mut arguments = Map::from_iter([("segment".to_owned(), json!("high_value"))]);
        arguments.extend(limit.map(|limit| ("limit".to_owned(), limit)));
        Row {
            name,
            request: Request::Tool {
                name: "query_customer_data",
                arguments,
            },
            expected: vec![Limit(5), NotFound, untouched.clone(), NotFound],
            untouched,
        }
    };
    vec![
        query("query_customer_data (limit 100)", Some(json!(100)), Limit(100)),
        query("query_customer_data (limit absent)", None, Limit(10)),
        query(
            "query_customer_data (limit null)",
            Some(json!(null)),
            BadArguments,
        ),
        query(
            "query_customer_data (limit \"100\")",
            Some(json!("100")),
            BadArguments,
        ),
        query("query_customer_data (limit -1)", Some(json!(-1)), BadArguments),
        query("query_customer_data (limit 5.5)", Some(json!(5.5)), BadArguments),
    ]
}

fn resources() -> Vec<Row> {
    let resource = |uri, expected: [Outcome; 4]| Row {
        name: uri,
        request: Request::Resource { uri },
        untouched: Ok,
        expected: expected.into(),
    };
    vec![
        resource("data://public/summary", [Ok, Ok, Ok, Ok]),
        resource("data://customers/segments", [Ok, NotFound, Ok, NotFound]),
        resource("data://models/catalog", [Denied, Ok, Denied, Denied]),
        resource("data://audit/log", [NotFound, NotFound, Ok, NotFound]),
        resource("data://models/churn-predictor-v3", [Denied, Ok, Denied, Denied]),
        resource("data://customers/high_value/names", [Ok, NotFound, Ok, NotFound]),
    ]
}

fn prompts() -> Vec<Row> {
    let prompt = |name, expected: [Outcome; 4]| Row {
        name,
        request: Request::Prompt { name },
        untouched: Ok,
        expected: expected.into(),
    };
    vec![
        prompt("analyze_trends", [Ok, Ok, Ok, Ok]),
        prompt("generate_report", [Ok, Denied, Ok, Denied]),
        prompt("compliance_review", [Denied, Denied, Ok, Denied]),
    ]
}

/// Everybody sees what is open, and whoever may use it also what is hidden.
fn lists() -> Vec<Row> {
    let list = |name, request, open: &[&str], mara: &[&str], diana: &[&str]| {
        let with = |hidden: &[&str]| Outcome::listed([open, hidden].concat());
        Row {
            name,
            request,
            untouched: with(diana),
            expected: vec![with(mara), with(&[]), with(diana), with(&[])],
        }
    };
    vec![
        list(
            "tools/list",
            Request::Tools,
            &[
                "customer_card",
                "list_data_exports",
                "manage_pipelines",
                "query_public_data",
                "run_model",
            ],
            &["export_csv", "query_customer_data"],
            &["export_csv", "purge_dataset", "query_customer_data"],
        ),
        list(
            "resources/list",
            Request::Resources,
            &["data://models/catalog", "data://public/summary"],
            &["data://customers/segments"],
            &["data://audit/log", "data://customers/segments"],
        ),
        list(
            "resources/templates/list",
            Request::ResourceTemplates,
            &["data://models/{model_id}"],
            &["data://customers/{segment}/{field}"],
            &["data://customers/{segment}/{field}"],
        ),
        list(
            "prompts/list",
            Request::Prompts,
            &["analyze_trends", "compliance_review", "generate_report"],
            &[],
            &[],
        ),
    ]
}

fn tool(name: &'static str, arguments: Value, expected: [Outcome; 4]) -> Row {
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    Row {
        name,
        request: Request::Tool { name, arguments },
        untouched: Ok,
        expected: expected.into(),
    }
}
