//! [Replies]: what the client sees.

use serde_json::{Value, json};

use super::world::{Component, Kind, Transport, Verb, World};

/// A reply, as it is on the wire in revision 2025-11-25, but for what says who may cache it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    Result(Value),
    Error {
        code: i32,
        message: String,
        data: Option<Value>,
    },
    /// HTTP 403 with the scopes that would do.
    Forbidden(Vec<String>),
}

/// [Scopes]: "the reply is HTTP 403 with all scopes of the rule", those of a gate in front of it too. Where the head of the
/// reply has left before the rule is known, and where there is no HTTP, it "is the ordinary denial".
pub(crate) fn lacking_scopes(world: &World, component: &Component, verb: Verb) -> Reply {
    if world.transport != Transport::Json {
        return denied(component.kind, verb);
    }
    let mut all: Vec<String> = Vec::new();
    for scope in component.rules.each().flat_map(|rule| &rule.scopes) {
        if !all.iter().any(|known| known == scope) {
            all.push((*scope).to_owned());
        }
    }
    Reply::Forbidden(all)
}

/// "tool denied: a result with `isError` and the text `Access denied`"; "anything else denied: JSON-RPC error -32003,
/// `Access denied`".
pub(crate) fn denied(kind: Kind, verb: Verb) -> Reply {
    match (kind, verb) {
        (Kind::Tool, Verb::Use) => Reply::Result(json!({
            "content": [{"type": "text", "text": "Access denied"}],
            "isError": true,
        })),
        _ => Reply::Error {
            code: -32003,
            message: "Access denied".to_owned(),
            data: None,
        },
    }
}

/// [Completion and subscription]: where there is no value that could be held to the decision, "a completion is then empty,
/// and a subscription is denied".
pub(crate) fn withheld(component: &Component, verb: Verb) -> Reply {
    match verb {
        Verb::Complete => completion(&[]),
        Verb::Use | Verb::Subscribe => denied(component.kind, verb),
    }
}

/// A completion with these values.
pub(crate) fn completion(values: &[Value]) -> Reply {
    Reply::Result(json!({"completion": {"values": values}}))
}

/// "as rmcp answers an unknown name; a completion has no values".
pub(crate) fn not_found(kind: Kind, verb: Verb, used_by: &str) -> Reply {
    match kind {
        _ if verb == Verb::Complete => completion(&[]),
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
