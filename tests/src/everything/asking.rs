//! Tools that talk to the client while they run.

use std::time::Duration;

use rmcp::{
    ErrorData,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ProgressNotificationParam, ServerRequest,
    },
};
use serde_json::{Value, json};

use super::{Context, read};

/// The time between two messages, as the conformance suite wants it.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers a call.
pub(super) async fn tool(
    request: CallToolRequestParams,
    context: Context,
) -> Result<CallToolResponse, ErrorData> {
    let argument = |name: &str| {
        let given = request
            .arguments
            .as_ref()
            .and_then(|arguments| arguments.get(name));
        given.cloned().unwrap_or_default()
    };
    let text = match &*request.name {
        "test_tool_with_logging" => logging(&context).await?,
        // Nothing is logged where the request does not say from which level on.
        "test_logging_tool" => "done".to_owned(),
        "test_tool_with_progress" => progress(&context).await?,
        "test_sampling" => {
            let message = json!({"role": "user", "content": {"type": "text", "text": argument("prompt")}});
            let params = json!({"messages": [message], "maxTokens": 100});
            let answer = ask(&context, "sampling/createMessage", params).await?;
            format!(
                "LLM response: {}",
                answer["content"]["text"].as_str().unwrap_or_default()
            )
        }
        "test_elicitation" => {
            let property = |description: &str| json!({"type": "string", "description": description});
            let schema = json!({
                "type": "object",
                "properties": {"username": property("User's response"), "email": property("User's email address")},
                "required": ["username", "email"],
            });
            let answer = elicit(&context, argument("message"), schema).await?;
            format!("User response: {answer}")
        }
        "test_elicitation_sep1034_defaults" => {
            let schema = json!({"type": "object", "properties": {
                "name": {"type": "string", "default": "John Doe"},
                "age": {"type": "integer", "default": 30},
                "score": {"type": "number", "default": 95.5},
                "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
                "verified": {"type": "boolean", "default": true},
            }});
            completed(&elicit(&context, "Please say who you are".into(), schema).await?)
        }
        "test_elicitation_sep1330_enums" => {
            completed(&elicit(&context, "Please choose".into(), enumerations()).await?)
        }
        _ => return Err(ErrorData::invalid_params("tool not found", None)),
    };
    Ok(CallToolResult::success(vec![rmcp::model::ContentBlock::text(text)]).into())
}

fn enumerations() -> Value {
    let titled =
        |values: [(&str, &str); 3]| values.map(|(value, title)| json!({"const": value, "title": title}));
    let single = [
        ("value1", "First Option"),
        ("value2", "Second Option"),
        ("value3", "Third Option"),
    ];
    let multi = [
        ("value1", "First Choice"),
        ("value2", "Second Choice"),
        ("value3", "Third Choice"),
    ];
    let plain = ["option1", "option2", "option3"];
    json!({"type": "object", "properties": {
        "untitledSingle": {"type": "string", "enum": plain},
        "titledSingle": {"type": "string", "oneOf": titled(single)},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled(multi)}},
    }})
}

fn completed(answer: &Value) -> String {
    format!(
        "Elicitation completed: action={}, content={}",
        answer["action"].as_str().unwrap_or_default(),
        answer["content"]
    )
}

async fn elicit(context: &Context, message: Value, schema: Value) -> Result<Value, ErrorData> {
    let params = json!({"mode": "form", "message": message, "requestedSchema": schema});
    ask(context, "elicitation/create", params).await
}

/// Asks the client.
async fn ask(context: &Context, method: &str, params: Value) -> Result<Value, ErrorData> {
    let request: ServerRequest = read(json!({"method": method, "params": params}));
    let answer = context.peer.send_request(request).await;
    answer
        .map(|answer| json!(answer))
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

#[expect(deprecated, reason = "older revisions have it")]
async fn logging(context: &Context) -> Result<String, ErrorData> {
    for message in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        let params = read(json!({"level": "info", "data": message}));
        let told = context.peer.notify_logging_message(params).await;
        told.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok("Tool with logging executed successfully".to_owned())
}

async fn progress(context: &Context) -> Result<String, ErrorData> {
    for progress in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let params = ProgressNotificationParam::new(token, progress).with_total(100.0);
            let told = context.peer.notify_progress(params).await;
            told.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok("Tool with progress executed successfully".to_owned())
}
