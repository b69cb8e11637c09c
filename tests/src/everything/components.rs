//! Definitions, and the components that always give the same.

use rmcp::model::{Prompt, Resource, ResourceTemplate, Tool};
use serde_json::{Value, json};

use super::read;

/// An image of one pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A sound without samples.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

/// The tools, with what they take: a required text, or nothing.
const TOOLS: &[(&str, Option<&str>)] = &[
    ("test_simple_text", None),
    ("test_image_content", None),
    ("test_audio_content", None),
    ("test_embedded_resource", None),
    ("test_multiple_content_types", None),
    ("test_error_handling", None),
    ("test_trigger_tool_change", None),
    ("test_trigger_prompt_change", None),
    ("test_tool_with_logging", None),
    ("test_logging_tool", None),
    ("test_tool_with_progress", None),
    ("test_sampling", Some("prompt")),
    ("test_elicitation", Some("message")),
    ("test_elicitation_sep1034_defaults", None),
    ("test_elicitation_sep1330_enums", None),
    ("test_missing_capability", None),
    ("test_streaming_elicitation", None),
    ("test_input_required_result_elicitation", None),
    ("test_input_required_result_sampling", None),
    ("test_input_required_result_list_roots", None),
    ("test_input_required_result_request_state", None),
    ("test_input_required_result_multiple_inputs", None),
    ("test_input_required_result_multi_round", None),
    ("test_input_required_result_tampered_state", None),
    ("test_input_required_result_capabilities", None),
];

pub(super) fn tools() -> Vec<Tool> {
    let schema_of = |argument: &Option<&str>| match argument {
        Some(argument) => {
            let property = json!({"type": "string", "description": "a text"});
            json!({"type": "object", "properties": {*argument: property}, "required": [argument]})
        }
        None => json!({"type": "object", "properties": {}}),
    };
    let mut tools: Vec<Tool> = TOOLS
        .iter()
        .map(|(name, argument)| {
            let description = format!("{} for the conformance suite", name.replace('_', " "));
            read(json!({"name": name, "description": description, "inputSchema": schema_of(argument)}))
        })
        .collect();
    tools.push(read(json!({
        "name": "json_schema_2020_12_tool",
        "description": "takes what JSON Schema 2020-12 can say",
        "inputSchema": schema_2020_12(),
    })));
    tools
}

fn schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }},
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    })
}

/// The result of a tool that needs nobody for it.
pub(super) fn tool(name: &str) -> Option<Value> {
    let text = |text: &str| json!({"type": "text", "text": text});
    let image = || json!({"type": "image", "data": PNG, "mimeType": "image/png"});
    let resource = |uri: &str, mime_type: &str, text: &str| json!({"type": "resource", "resource": {"uri": uri, "mimeType": mime_type, "text": text}});
    let content = match name {
        "test_simple_text" => json!([text("This is a simple text response for testing.")]),
        "test_image_content" => json!([image()]),
        "test_audio_content" => json!([{"type": "audio", "data": WAV, "mimeType": "audio/wav"}]),
        "test_embedded_resource" => {
            json!([resource(
                "test://embedded-resource",
                "text/plain",
                "This is an embedded resource content."
            )])
        }
        "test_multiple_content_types" => {
            let json = r#"{"test":"data","value":123}"#;
            json!([
                text("Multiple content types test:"),
                image(),
                resource("test://mixed-content-resource", "application/json", json),
            ])
        }
        "test_error_handling" => {
            let content = [text("This tool intentionally returns an error for testing")];
            return Some(json!({"content": content, "isError": true}));
        }
        "test_trigger_tool_change" | "test_trigger_prompt_change" | "json_schema_2020_12_tool" => {
            json!([text("done")])
        }
        _ => return None,
    };
    Some(json!({ "content": content }))
}

pub(super) fn prompts() -> Vec<Prompt> {
    let argument = |name: &str| json!({"name": name, "description": "a text", "required": true});
    read(json!([
        {"name": "test_simple_prompt", "description": "a prompt"},
        {
            "name": "test_prompt_with_arguments",
            "description": "a prompt with arguments",
            "arguments": [argument("arg1"), argument("arg2")],
        },
        {
            "name": "test_prompt_with_embedded_resource",
            "description": "a prompt with a resource",
            "arguments": [argument("resourceUri")],
        },
        {"name": "test_prompt_with_image", "description": "a prompt with an image"},
        {"name": "test_input_required_result_prompt", "description": "a prompt that asks first"},
    ]))
}

/// The result of a prompt.
pub(super) fn prompt(name: &str, arguments: &Value) -> Option<Value> {
    let message = |content: Value| json!({"role": "user", "content": content});
    let text = |text: String| message(json!({"type": "text", "text": text}));
    let given = |name: &str| arguments[name].as_str().unwrap_or_default();
    let messages = match name {
        "test_simple_prompt" => json!([text("This is a simple prompt for testing.".to_owned())]),
        "test_prompt_with_arguments" => {
            let (first, second) = (given("arg1"), given("arg2"));
            json!([text(format!(
                "Prompt with arguments: arg1='{first}', arg2='{second}'"
            ))])
        }
        "test_prompt_with_embedded_resource" => json!([
            message(json!({"type": "resource", "resource": {
                "uri": given("resourceUri"),
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing.",
            }})),
            text("Please process the embedded resource above.".to_owned()),
        ]),
        "test_prompt_with_image" => json!([
            message(json!({"type": "image", "data": PNG, "mimeType": "image/png"})),
            text("Please analyze the image above.".to_owned()),
        ]),
        _ => return None,
    };
    Some(json!({ "messages": messages }))
}

pub(super) fn resources() -> Vec<Resource> {
    let resource = |uri: &str, name: &str, mime_type: &str| json!({"uri": uri, "name": name, "description": "a resource", "mimeType": mime_type});
    read(json!([
        resource("test://static-text", "text", "text/plain"),
        resource("test://static-binary", "binary", "image/png"),
        resource("test://watched-resource", "watched", "text/plain"),
    ]))
}

pub(super) fn templates() -> Vec<ResourceTemplate> {
    read(json!([{
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "a template",
        "mimeType": "application/json",
    }]))
}

/// The content of a resource.
pub(super) fn resource(uri: &str) -> Option<Value> {
    let text = |mime_type: &str, text: String| json!({"uri": uri, "mimeType": mime_type, "text": text});
    let content = match uri {
        "test://static-text" => text(
            "text/plain",
            "This is the content of the static text resource.".to_owned(),
        ),
        "test://watched-resource" => text("text/plain", "Watched".to_owned()),
        "test://static-binary" => json!({"uri": uri, "mimeType": "image/png", "blob": PNG}),
        _ => {
            let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let data = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
            text("application/json", data.to_string())
        }
    };
    Some(content)
}
