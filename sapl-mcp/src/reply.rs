//! The replies of the layer itself: denied and not found. No other file writes one.

use rmcp::{
    ErrorData,
    model::{
        CallToolResponse, CallToolResult, CompleteResult, ContentBlock, ErrorCode, GetPromptResponse,
        GetSkillResult, ListResourcesResult, ReadResourceResponse,
    },
};
use serde_json::json;

/// The code of a denial that is a JSON-RPC error. It is none of those that rmcp turns into an HTTP error status,
/// which would end the whole session of some clients.
pub const ACCESS_DENIED: ErrorCode = ErrorCode(-32003);

const DENIED: &str = "Access denied";

/// How a denial of one kind of component is told.
pub(crate) trait Denied: Sized {
    /// The plain denial. The reason stays on the server.
    fn denied() -> Result<Self, ErrorData> {
        Err(access_denied())
    }

    /// The answer where the caller is permitted, but what would be given can't be held to the decision.
    fn withheld() -> Result<Self, ErrorData> {
        Self::denied()
    }

    /// The answer for a name that does not exist. While any rule of the kind exists, the layer gives it for unknown
    /// names too, so that the two can't differ.
    fn not_found(name: &str) -> Result<Self, ErrorData>;
}

impl Denied for CallToolResponse {
    fn denied() -> Result<Self, ErrorData> {
        Ok(CallToolResult::error(vec![ContentBlock::text(DENIED)]).into())
    }

    /// In the words of rmcp's tool router.
    fn not_found(_: &str) -> Result<Self, ErrorData> {
        Err(ErrorData::invalid_params("tool not found", None))
    }
}

impl Denied for GetPromptResponse {
    /// In the words of rmcp's prompt router, but without the names of all prompts that it adds.
    fn not_found(name: &str) -> Result<Self, ErrorData> {
        Err(ErrorData::invalid_params(
            format!("prompt '{name}' not found"),
            None,
        ))
    }
}

/// Whatever is asked of a resource: its content, its directory, its skill, to hear of its changes.
macro_rules! of_a_resource {
    ($($answer:ty),*) => {$(
        impl Denied for $answer {
            fn not_found(uri: &str) -> Result<Self, ErrorData> {
                Err(resource_not_found(uri))
            }
        }
    )*};
}

of_a_resource!(ReadResourceResponse, ListResourcesResult, GetSkillResult, ());

/// A completion for a reference that nobody knows has no values, as rmcp answers.
impl Denied for CompleteResult {
    fn withheld() -> Result<Self, ErrorData> {
        Ok(Self::default())
    }

    fn not_found(_: &str) -> Result<Self, ErrorData> {
        Ok(Self::default())
    }
}

/// The denial as a JSON-RPC error.
pub(crate) fn access_denied() -> ErrorData {
    ErrorData::new(ACCESS_DENIED, DENIED, None)
}

/// The answer for a resource that does not exist. rmcp rewrites the code for clients of revision 2026-07-28.
pub(crate) fn resource_not_found(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("Resource not found", Some(json!({"uri": uri})))
}

/// The answer for a task that does not exist, in the words of rmcp's task manager.
pub(crate) fn task_not_found(id: &str) -> ErrorData {
    ErrorData::invalid_params(format!("unknown task: {id}"), None)
}

/// The answer for a method that does not exist, in the words of rmcp.
pub(crate) fn method_not_found(method: String) -> ErrorData {
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_not_there_is_named() {
        let error = method_not_found("a/b".into());
        assert_eq!(error.code.0, -32601);
        assert_eq!(error.message, "a/b");
    }
}
