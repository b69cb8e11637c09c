//! What a task says, as the result that the call would have had.

use rmcp::{
    ErrorData,
    model::{CallToolResponse, CallToolResult, InputRequests, InputRequiredResult, JsonObject, TaskPayload},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Sealed;

/// The state of a task.
pub(super) enum Said {
    /// It holds nothing of a result.
    Nothing(TaskPayload),
    /// The component asks for input.
    Asks(InputRequests),
    /// The component has ended.
    Ended(Ended),
    /// It can't be read, so it can't be enforced either.
    Unreadable,
}

/// What a component ended with, and how the server wrote it.
pub(super) struct Ended {
    result: Result<CallToolResult, ErrorData>,
    written: TaskPayload,
}

impl Said {
    pub(super) fn of(payload: TaskPayload) -> Self {
        match payload {
            TaskPayload::Working | TaskPayload::Cancelled => Self::Nothing(payload),
            TaskPayload::InputRequired { input_requests } => Self::Asks(input_requests),
            TaskPayload::Completed { result } => match read::<CallToolResult>(&result) {
                Some(read) => Self::Ended(Ended {
                    result: Ok(read),
                    written: TaskPayload::Completed { result },
                }),
                None => Self::Unreadable,
            },
            TaskPayload::Failed { error } => match read::<ErrorData>(&error) {
                Some(read) => Self::Ended(Ended {
                    result: Err(read),
                    written: TaskPayload::Failed { error },
                }),
                None => Self::Unreadable,
            },
            // The enum can grow; what is not known is not passed on.
            _ => Self::Unreadable,
        }
    }
}

impl Ended {
    /// The state of the task as the server wrote it.
    pub(super) fn into_written(self) -> TaskPayload {
        self.written
    }

    /// The result, to be enforced.
    pub(super) fn sealed(&self) -> Sealed<Result<CallToolResponse, ErrorData>> {
        Sealed(self.result.clone().map(CallToolResponse::Complete))
    }

    /// The state of the task that says what was released: in the server's own writing where nothing has changed, unless
    /// that is `closed`, since the writing can have members that are not read here and that no handler has seen.
    pub(super) fn telling(
        self,
        released: Result<CallToolResponse, ErrorData>,
        closed: bool,
    ) -> Option<TaskPayload> {
        match released {
            Ok(CallToolResponse::Complete(result)) => {
                let same = !closed && self.result.as_ref().is_ok_and(|before| *before == result);
                Some(if same {
                    self.written
                } else {
                    TaskPayload::Completed {
                        result: object(&result),
                    }
                })
            }
            Err(error) => {
                let same = !closed && self.result.as_ref().is_err_and(|before| *before == error);
                Some(if same {
                    self.written
                } else {
                    TaskPayload::Failed {
                        error: object(&error),
                    }
                })
            }
            Ok(_) => None,
        }
    }
}

/// Requests for input as the result of a call.
pub(super) fn asking(requests: InputRequests) -> Sealed<Result<CallToolResponse, ErrorData>> {
    Sealed(Ok(InputRequiredResult::from_input_requests(requests).into()))
}

fn read<T: for<'de> Deserialize<'de>>(object: &JsonObject) -> Option<T> {
    T::deserialize(serde::de::value::MapDeserializer::new(
        object.iter().map(|(name, member)| (name.as_str(), member)),
    ))
    .ok()
}

fn object<T: Serialize>(value: &T) -> JsonObject {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => JsonObject::new(),
    }
}
