//! What a policy is asked about.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool};
use serde::Serialize;
use serde_json::Value;

use super::{Approval, ToolHints};

/// A call that somebody wants to make.
#[derive(Clone, Debug)]
pub struct GuardRequest {
    pub(super) user: Arc<Value>,
    pub(super) server: Arc<ServerIdentity>,
    pub(super) tool: String,
    pub(super) definition: Option<Arc<Tool>>,
    pub(super) hints: ToolHints,
    pub(super) arguments: Arc<JsonObject>,
    pub(super) environment: Option<Value>,
    pub(super) approval: Option<Approval>,
}

/// Which server is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServerIdentity {
    /// The name that the host gave it, else the one that the server gave itself, else empty.
    pub name: String,
    /// The version that the server gave itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether the host trusts what the server says of itself and its tools.
    pub trusted: bool,
}

impl GuardRequest {
    /// For whom the call is made, as the host said it: a name, or an object of attributes. `null` when it said nothing.
    pub fn user(&self) -> &Value {
        &self.user
    }

    /// Which server the tool is on.
    pub fn server(&self) -> &ServerIdentity {
        &self.server
    }

    /// The name of the tool.
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// The definition of the tool as the server lists it; none when it lists no tool of that name.
    pub fn definition(&self) -> Option<&Tool> {
        self.definition.as_deref()
    }

    /// What the annotations say; of a tool that is not listed, the worst.
    pub fn hints(&self) -> ToolHints {
        self.hints
    }

    /// All arguments.
    pub fn arguments(&self) -> &JsonObject {
        &self.arguments
    }

    /// One argument.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name)
    }

    /// What a JSON pointer (RFC 6901) into the arguments leads to; the empty one leads nowhere.
    pub fn argument_at(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.strip_prefix('/').map(|path| match path.find('/') {
            Some(at) => path.split_at(at),
            None => (path, ""),
        })?;
        let first = first.replace("~1", "/").replace("~0", "~");
        self.arguments.get(&first)?.pointer(rest)
    }

    /// What the host said of the circumstances.
    pub fn environment(&self) -> Option<&Value> {
        self.environment.as_ref()
    }

    /// What the person said, when the policy is asked again after the person agreed.
    pub fn approval(&self) -> Option<Approval> {
        self.approval
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    pub(in crate::client) fn request(tool: &str, arguments: Value) -> GuardRequest {
        GuardRequest {
            user: Arc::new(json!({"name": "ann"})),
            server: Arc::new(ServerIdentity {
                name: "files".to_owned(),
                version: None,
                trusted: false,
            }),
            tool: tool.to_owned(),
            definition: None,
            hints: ToolHints::default(),
            arguments: Arc::new(arguments.as_object().cloned().unwrap_or_default()),
            environment: None,
            approval: None,
        }
    }

    #[test]
    fn pointers_lead_into_the_arguments() {
        let request = request("t", json!({"a": {"b": [1, 2]}, "x/y": 3, "m~n": 4, "": 5}));
        for (pointer, value) in [
            ("/a/b/1", Some(json!(2))),
            ("/a/b", Some(json!([1, 2]))),
            ("/a", Some(json!({"b": [1, 2]}))),
            ("/x~1y", Some(json!(3))),
            ("/m~0n", Some(json!(4))),
            ("/", Some(json!(5))),
            ("", None),
            ("a", None),
            ("/a/c", None),
        ] {
            assert_eq!(request.argument_at(pointer), value.as_ref(), "{pointer}");
        }
    }
}
