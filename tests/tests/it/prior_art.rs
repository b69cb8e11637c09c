//! Flaws that were found in other authorization layers for MCP, each under its name.

mod coverage;
mod decisions;
mod requests;
mod secrecy;
mod sessions;

use serde_json::{Value, json};

/// What is hidden from sam, by the method that uses it.
const ASKS: [(&str, &str); 4] = [
    ("tools/call", "secret_tool"),
    ("prompts/get", "secret_prompt"),
    ("resources/read", "data://secret"),
    ("resources/read", "data://vaults/7"),
];

const LISTS: [&str; 4] = [
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
];

fn params(name: &str) -> Value {
    json!({"name": name, "uri": name})
}
