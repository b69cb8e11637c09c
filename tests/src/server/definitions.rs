//! Short ways to write definitions.

use rmcp::model::{JsonObject, Prompt, PromptArgument, Resource, ResourceTemplate, Tool};
use serde_json::Value;

/// The object that a JSON value is.
///
/// # Panics
/// When it is no object.
#[must_use]
pub fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

/// A tool that takes anything.
#[must_use]
pub fn tool(name: &'static str) -> Tool {
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), "object".into());
    Tool::new(name, "a tool of the tests", schema)
}

/// A prompt with an argument `topic`.
#[must_use]
pub fn prompt(name: &str) -> Prompt {
    Prompt::new(
        name,
        Some("a prompt of the tests"),
        Some(vec![PromptArgument::new("topic")]),
    )
}

/// A resource, named by the last part of its URI.
#[must_use]
pub fn resource(uri: &str) -> Resource {
    Resource::new(uri, uri.rsplit('/').next().unwrap_or(uri))
}

/// A template, named by all of its text.
#[must_use]
pub fn template(text: &str) -> ResourceTemplate {
    ResourceTemplate::new(text, text)
}
