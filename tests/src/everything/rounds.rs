//! Components that ask for input by their result, and are called again with it.

use rmcp::{
    ErrorData,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, GetPromptRequestParams,
        GetPromptResponse, GetPromptResult, InputRequiredResult, InputResponses, PromptMessage, Role,
    },
};
use serde_json::{Value, json};

use super::{Context, read};

type Answer<T> = Option<Result<T, ErrorData>>;

fn form(message: &str, name: &str, kind: &str) -> Value {
    let schema = json!({"type": "object", "properties": {name: {"type": kind}}, "required": [name]});
    let params = json!({"mode": "form", "message": message, "requestedSchema": schema});
    json!({"method": "elicitation/create", "params": params})
}

fn sampling(question: &str, tokens: u32) -> Value {
    let message = json!({"role": "user", "content": {"type": "text", "text": question}});
    json!({"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": tokens}})
}

fn roots() -> Value {
    json!({"method": "roots/list", "params": {}})
}

fn required(requests: &Value, state: Option<&str>) -> InputRequiredResult {
    let mut result = json!({"resultType": "input_required", "inputRequests": requests});
    if let Some(state) = state {
        result["requestState"] = state.into();
    }
    read(result)
}

/// The content of an accepted answer to a form, at this name.
fn accepted<'a>(responses: Option<&'a InputResponses>, key: &str, name: &str) -> Option<&'a Value> {
    let response = responses?.get(key)?;
    (response["action"] == "accept")
        .then(|| response["content"].get(name))
        .flatten()
}

/// Answers a call, if the tool asks by its result.
pub(super) fn tool(request: &CallToolRequestParams, context: &Context) -> Answer<CallToolResponse> {
    let responses = request.input_responses.as_ref();
    let state = request.request_state.as_deref();
    let has = |key: &str| responses.is_some_and(|responses| responses.contains_key(key));
    let done = |text: String| Some(Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into()));
    let ask = |requests: Value, state: Option<&str>| Some(Ok(required(&requests, state).into()));
    let bad_state = || Some(Err(ErrorData::invalid_params("the state is not ours", None)));

    match &*request.name {
        "test_input_required_result_elicitation" | "test_streaming_elicitation" => {
            match accepted(responses, "user_name", "name").and_then(Value::as_str) {
                Some(name) => done(format!("Hello, {name}!")),
                None => ask(
                    json!({"user_name": form("What is your name?", "name", "string")}),
                    None,
                ),
            }
        }
        "test_input_required_result_sampling" => match responses {
            Some(responses) if has("capital_question") => {
                done(responses["capital_question"]["content"]["text"].to_string())
            }
            _ => ask(
                json!({"capital_question": sampling("What is the capital of France?", 100)}),
                None,
            ),
        },
        "test_input_required_result_list_roots" => match responses {
            Some(responses) if has("client_roots") => {
                done(format!("Roots: {}", responses["client_roots"]["roots"]))
            }
            _ => ask(json!({"client_roots": roots()}), None),
        },
        "test_input_required_result_request_state" => match state {
            Some("state of one round") if has("confirm") => done("state-ok".to_owned()),
            Some(_) => bad_state(),
            None => ask(
                json!({"confirm": form("Please confirm", "ok", "boolean")}),
                Some("state of one round"),
            ),
        },
        "test_input_required_result_multiple_inputs" => {
            if ["user_name", "greeting", "client_roots"].into_iter().all(has) {
                return done("all three answers".to_owned());
            }
            let requests = json!({
                "user_name": form("What is your name?", "name", "string"),
                "greeting": sampling("Generate a greeting", 50),
                "client_roots": roots(),
            });
            ask(requests, Some("state of three questions"))
        }
        "test_input_required_result_multi_round" => match state {
            Some("after the first round") if has("step1") => ask(
                json!({"step2": form("Step 2: What is your favorite color?", "color", "string")}),
                Some("after the second round"),
            ),
            Some("after the second round") if has("step2") => done("three rounds".to_owned()),
            Some(_) => bad_state(),
            None => ask(
                json!({"step1": form("Step 1: What is your name?", "name", "string")}),
                Some("after the first round"),
            ),
        },
        "test_input_required_result_tampered_state" => match state {
            Some("the one state that is valid") => done("the state is as it was".to_owned()),
            Some(_) => bad_state(),
            None => ask(
                json!({"confirm": form("Please confirm", "ok", "boolean")}),
                Some("the one state that is valid"),
            ),
        },
        "test_input_required_result_capabilities" => {
            if responses.is_some() {
                return done("answered".to_owned());
            }
            let capabilities = json!(context.client_capabilities());
            let mut requests = json!({});
            if capabilities.get("sampling").is_some() {
                requests["question"] = sampling("What is the capital of France?", 100);
            }
            if capabilities.get("elicitation").is_some() {
                requests["name"] = form("What is your name?", "name", "string");
            }
            match requests.as_object().is_some_and(serde_json::Map::is_empty) {
                true => done("the client can answer nothing".to_owned()),
                false => ask(requests, None),
            }
        }
        "test_missing_capability" => {
            let capabilities = json!(context.client_capabilities());
            match capabilities.get("sampling") {
                Some(_) => done("the client can sample".to_owned()),
                None => Some(Err(ErrorData::missing_required_client_capability(read(
                    json!({"sampling": {}}),
                )))),
            }
        }
        _ => None,
    }
}

/// Answers a request for a prompt, if the prompt asks by its result.
pub(super) fn prompt(request: &GetPromptRequestParams) -> Answer<GetPromptResponse> {
    if request.name != "test_input_required_result_prompt" {
        return None;
    }
    let given = accepted(request.input_responses.as_ref(), "user_context", "context");
    Some(Ok(match given {
        Some(context) => {
            let message = PromptMessage::new_text(Role::User, format!("Use this context: {context}"));
            GetPromptResult::new(vec![message]).into()
        }
        None => {
            let question = form("What context should the prompt use?", "context", "string");
            required(&json!({ "user_context": question }), None).into()
        }
    }))
}
