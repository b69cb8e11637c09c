//! What the walk asks for, and what has to come of it.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::server::{SETTINGS, STATUS};
use crate::analytics::{
    Outcome::{self, NotFound, Ok},
    Plan, Request, Row, User,
};

/// The walk through the gated server.
pub fn plan() -> &'static Plan {
    static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan {
        users: &User::GATED,
        rows: vec![
            tool("hello", json!({"name": "Ada"}), Ok),
            tool("get_time", json!({}), Ok),
            tool("read_config", json!({"key": "log_level"}), NotFound),
            tool(
                "write_config",
                json!({"key": "log_level", "value": "debug"}),
                NotFound,
            ),
            resource(STATUS, Ok),
            resource(SETTINGS, NotFound),
            list(
                "tools/list",
                Request::Tools,
                &["get_time", "hello", "read_config", "write_config"],
                &["get_time", "hello"],
            ),
            list(
                "resources/list",
                Request::Resources,
                &[SETTINGS, STATUS],
                &[STATUS],
            ),
        ],
    });
    &PLAN
}

/// Dora may use everything, so only what comes of it for Udo has to be said.
fn row(name: &'static str, request: Request, dora: Outcome, udo: Outcome) -> Row {
    Row {
        name,
        request,
        untouched: dora.clone(),
        expected: vec![dora, udo],
    }
}

fn tool(name: &'static str, arguments: Value, udo: Outcome) -> Row {
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    };
    row(name, Request::Tool { name, arguments }, Ok, udo)
}

fn resource(uri: &'static str, udo: Outcome) -> Row {
    row(uri, Request::Resource { uri }, Ok, udo)
}

fn list(name: &'static str, request: Request, dora: &[&str], udo: &[&str]) -> Row {
    let listed = |names: &[&str]| Outcome::listed(names.iter().copied());
    row(name, request, listed(dora), listed(udo))
}
