//! [Replies]: what the client sees.

use serde_json::{Value, json};

use super::world::Kind;

/// A reply, as it is on the wire in revision 2025-11-25, but for what says who may cache it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    Result(Value),
    Error {
        code: i32,
        message: String,
        data: Option<Value>,
    },
}

/// "tool denied: a result with `isError` and the text `Access denied`"; "resource or prompt denied: JSON-RPC error
/// -32003, `Access denied`".
pub(crate) fn denied(kind: Kind) -> Reply {
    match kind {
        Kind::Tool => Reply::Result(json!({
            "content": [{"type": "text", "text": "Access denied"}],
            "isError": true,
        })),
        Kind::Prompt | Kind::Resource | Kind::Template => Reply::Error {
            code: -32003,
            message: "Access denied".to_owned(),
            data: None,
        },
    }
}

/// "as rmcp answers an unknown name".
pub(crate) fn not_found(kind: Kind, used_by: &str) -> Reply {
    match kind {
        Kind::Tool => Reply::Error {
            code: -32602,
            message: "tool not found".to_owned(),
            data: None,
        },
        Kind::Prompt => Reply::Error {
            code: -32602,
            message: format!("prompt '{used_by}' not found"),
            data: None,
        },
        Kind::Resource | Kind::Template => Reply::Error {
            code: -32002,
            message: "Resource not found".to_owned(),
            data: Some(json!({"uri": used_by})),
        },
    }
}
