//! What a component's result is to policies and handlers, and the result that is made of a changed value.

use serde_json::{Value, json};

use super::{
    constraints::Failure,
    parts,
    reply::{Reply, completion},
    world::{Component, Kind, Returns, Verb},
};

/// The output schema of a tool that wraps its value.
pub(crate) const SCHEMA_OF_A_WRAPPER: &str = r#"{"type":"object","properties":{"result":{}}}"#;

/// What a component has returned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Returned {
    Value(Returns),
    /// "A component *fails* by an error or by a result with `isError`", or by a panic, which is an internal error.
    Failure(Failure),
}

/// No result can be made of a value.
pub(crate) struct Unfit;

/// What came back from the component.
pub(crate) fn returned(component: &Component) -> Returned {
    match &component.returns {
        Returns::Err { code, message, data } => Returned::Failure(Failure {
            code: Some(*code),
            message: message.clone(),
            data: data.clone(),
        }),
        Returns::IsError(text) => Returned::Failure(Failure {
            code: None,
            message: text.clone(),
            data: None,
        }),
        Returns::Panic => Returned::Failure(Failure {
            code: Some(-32603),
            message: "Internal error".to_owned(),
            data: None,
        }),
        value => Returned::Value(value.clone()),
    }
}

/// What handlers and policies see of it.
pub(crate) fn seen(component: &Component, verb: Verb, value: &Returns) -> Value {
    match (component.kind, value) {
        (_, Returns::OfServer) => match verb {
            Verb::Complete => json!([format!("{}-completed", component.name)]),
            Verb::Use | Verb::Subscribe => Value::Null,
        },
        (_, Returns::Json(value)) if component.kind != Kind::Prompt => value.clone(),
        // The text of a tool that is JSON is that JSON.
        (Kind::Tool, Returns::Text(text)) => match serde_json::from_str(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => json,
            _ => text.clone().into(),
        },
        (_, Returns::Text(text)) => text.clone().into(),
        (_, Returns::Parts(parts)) => parts::seen(component, parts),
        (_, other) => panic!("no value: {other:?}"),
    }
}

/// The result as the component made it.
pub(crate) fn untouched(component: &Component, verb: Verb, value: &Returns) -> Reply {
    let text = match value {
        Returns::OfServer => {
            let seen = seen(component, verb, value);
            return of_server(verb, &seen).unwrap_or_else(|Unfit| panic!("no result: {seen}"));
        }
        Returns::Json(value) => return with_more(component, made_of(component, value)),
        Returns::Text(text) => text,
        Returns::Parts(parts) => return parts::made_of(component, parts),
        other => panic!("no value: {other:?}"),
    };
    Reply::Result(match component.kind {
        Kind::Tool => json!({"content": [{"type": "text", "text": text}], "isError": false}),
        Kind::Prompt => json!({"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}),
        Kind::Resource | Kind::Template => {
            json!({"contents": [{"uri": component.used_by(), "mimeType": "text/plain", "text": text}]})
        }
    })
}

/// The result with `value` in place of its own: "after any obligation on the output a result is made anew from its
/// value".
pub(crate) fn rebuilt(
    component: &Component,
    verb: Verb,
    returned: &Returns,
    value: &Value,
) -> Result<Reply, Unfit> {
    match returned {
        Returns::OfServer => of_server(verb, value),
        Returns::Json(_) => Ok(made_of(component, value)),
        Returns::Text(_) => Ok(untouched(component, verb, &Returns::Text(written(value)))),
        Returns::Parts(parts) => parts::rebuilt(component, parts, value),
        other => panic!("no value: {other:?}"),
    }
}

/// A completion of these values, all of them texts; a subscription is acknowledged by nothing.
fn of_server(verb: Verb, value: &Value) -> Result<Reply, Unfit> {
    match (verb, value) {
        (Verb::Use | Verb::Subscribe, _) => Ok(Reply::Result(json!({}))),
        (Verb::Complete, Value::Array(values)) if values.iter().all(Value::is_string) => {
            Ok(completion(values))
        }
        (Verb::Complete, _) => Err(Unfit),
    }
}

/// What a tool says beside its structured content, of which no handler sees anything: "every `_meta`" and "all other
/// blocks" are gone from a result that is made anew.
fn with_more(component: &Component, reply: Reply) -> Reply {
    match reply {
        Reply::Result(mut result) if component.kind == Kind::Tool && component.says_more => {
            if let Some(blocks) = result["content"].as_array_mut() {
                blocks.push(json!({"type": "text", "text": "SECRET"}));
            }
            result["_meta"] = json!({"more": "SECRET"});
            Reply::Result(result)
        }
        other => other,
    }
}

/// Structured content with one text block of itself.
fn made_of(component: &Component, value: &Value) -> Reply {
    Reply::Result(match component.kind {
        Kind::Tool => {
            let content = match component.wraps {
                true => json!({"result": value}),
                false => value.clone(),
            };
            json!({
                "content": [{"type": "text", "text": content.to_string()}],
                "structuredContent": content,
                "isError": false,
            })
        }
        Kind::Resource | Kind::Template => json!({"contents": [{
            "uri": component.used_by(),
            "mimeType": "application/json",
            "text": value.to_string(),
        }]}),
        Kind::Prompt => panic!("a prompt is text"),
    })
}

/// A string as it stands, anything else as JSON.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The failure, told in the way in which the component failed.
pub(crate) fn failed(component: &Component, failure: Failure) -> Reply {
    match component.returns {
        Returns::IsError(_) => {
            Reply::Result(json!({"content": [{"type": "text", "text": failure.message}], "isError": true}))
        }
        _ => Reply::Error {
            code: failure.code.unwrap_or_default(),
            message: failure.message,
            data: failure.data,
        },
    }
}
