//! What a component can return, seen through one trait by the stages.

use rmcp::model::{
    CallToolResponse, CallToolResult, CompleteResult, CompletionInfo, ContentBlock, CreateTaskResult,
    GetPromptResponse, GetSkillResult, InputRequiredResult, JsonObject, ReadResourceDirectoryResult,
    ReadResourceResponse,
};
use sapl_base::constraint::ComponentError;
use serde_json::Value;

use crate::value::{
    self, Unfit,
    schema::{OutputSchema, Schemas},
};

const NOT_A_VALUE: &str = "a task or a request for input";

/// A result of a tool, a resource or a prompt.
pub(crate) trait Returned: Sized + Send {
    /// Whether it holds the component's value. Where it doesn't, nothing could fulfil an obligation on the output, and
    /// a rule that decides behind the component has nothing to decide by: either denies, and the component does not run.
    const HAS_OUTPUT: bool = true;

    /// Whether a person can be asked before the component gives it.
    const APPROVABLE: bool = false;

    /// What kind of answer it is.
    fn form(&self) -> Form;

    /// The value that constraint handlers and functions of the context see.
    fn value(&self, output_schema: Option<&JsonObject>) -> Value;

    /// The result with that value in place of its own, and nothing else of the old one.
    fn rebuilt(
        self,
        value: Value,
        schema: Option<OutputSchema<'_>>,
        schemas: &Schemas,
    ) -> Result<Self, Unfit>;

    /// The error that a result of [`Form::Failure`] tells.
    fn failure(&self) -> ComponentError {
        ComponentError::new(String::new())
    }

    /// A failure with this text and nothing else, where a failure is a result and not an error.
    fn failed(_: String) -> Option<Self> {
        None
    }

    /// The task of a result of [`Form::Task`].
    fn task(&mut self) -> Option<&mut CreateTaskResult> {
        None
    }

    /// What a result of [`Form::InputRequired`] asks.
    fn asks(&mut self) -> Option<&mut InputRequiredResult> {
        None
    }

    /// A question to the client's user as the result.
    fn asking(_: InputRequiredResult) -> Option<Self> {
        None
    }

    /// For results that say who may cache them: nobody but this caller, and not for long.
    fn private(&mut self) {}
}

/// What kind of answer a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Value,
    /// A result that says that it is an error.
    Failure,
    InputRequired,
    Task,
}

impl Returned for CallToolResponse {
    const APPROVABLE: bool = true;

    fn asking(asked: InputRequiredResult) -> Option<Self> {
        Some(asked.into())
    }

    fn form(&self) -> Form {
        match self {
            Self::Complete(result) if result.is_error == Some(true) => Form::Failure,
            Self::Complete(_) => Form::Value,
            Self::InputRequired(_) => Form::InputRequired,
            // The enum can grow; what is not known is treated like the most restricted form.
            _ => Form::Task,
        }
    }

    fn value(&self, output_schema: Option<&JsonObject>) -> Value {
        match self {
            Self::Complete(result) => value::tool::value_of(result, output_schema),
            _ => Value::Null,
        }
    }

    fn rebuilt(
        self,
        value: Value,
        schema: Option<OutputSchema<'_>>,
        schemas: &Schemas,
    ) -> Result<Self, Unfit> {
        match self {
            Self::Complete(result) => {
                value::tool::rebuild(result, value, schema, schemas).map(Self::Complete)
            }
            _ => Err(Unfit::Form(NOT_A_VALUE)),
        }
    }

    fn failure(&self) -> ComponentError {
        let texts = match self {
            Self::Complete(result) => result.content.iter().filter_map(ContentBlock::as_text),
            _ => [].iter().filter_map(ContentBlock::as_text),
        };
        let message = texts
            .map(|block| block.text.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        ComponentError::new(message)
    }

    fn failed(text: String) -> Option<Self> {
        Some(CallToolResult::error(vec![ContentBlock::text(text)]).into())
    }

    fn asks(&mut self) -> Option<&mut InputRequiredResult> {
        match self {
            Self::InputRequired(asked) => Some(asked),
            _ => None,
        }
    }

    fn task(&mut self) -> Option<&mut CreateTaskResult> {
        match self {
            Self::Task(created) => Some(created),
            _ => None,
        }
    }
}

impl Returned for GetPromptResponse {
    const APPROVABLE: bool = true;

    fn asking(asked: InputRequiredResult) -> Option<Self> {
        Some(asked.into())
    }

    fn form(&self) -> Form {
        match self {
            Self::Complete(_) => Form::Value,
            _ => Form::InputRequired,
        }
    }

    fn value(&self, _: Option<&JsonObject>) -> Value {
        match self {
            Self::Complete(result) => value::prompt::value_of(result),
            _ => Value::Null,
        }
    }

    fn rebuilt(self, value: Value, _: Option<OutputSchema<'_>>, _: &Schemas) -> Result<Self, Unfit> {
        match self {
            Self::Complete(result) => value::prompt::rebuild(result, value).map(Self::Complete),
            _ => Err(Unfit::Form(NOT_A_VALUE)),
        }
    }

    fn asks(&mut self) -> Option<&mut InputRequiredResult> {
        match self {
            Self::InputRequired(asked) => Some(asked),
            _ => None,
        }
    }
}

impl Returned for ReadResourceResponse {
    const APPROVABLE: bool = true;

    fn asking(asked: InputRequiredResult) -> Option<Self> {
        Some(asked.into())
    }

    fn form(&self) -> Form {
        match self {
            Self::Complete(_) => Form::Value,
            _ => Form::InputRequired,
        }
    }

    fn value(&self, _: Option<&JsonObject>) -> Value {
        match self {
            Self::Complete(result) => value::resource::value_of(result),
            _ => Value::Null,
        }
    }

    fn rebuilt(self, value: Value, _: Option<OutputSchema<'_>>, _: &Schemas) -> Result<Self, Unfit> {
        match self {
            Self::Complete(result) => value::resource::rebuild(result, value).map(Self::Complete),
            _ => Err(Unfit::Form(NOT_A_VALUE)),
        }
    }

    fn asks(&mut self) -> Option<&mut InputRequiredResult> {
        match self {
            Self::InputRequired(asked) => Some(asked),
            _ => None,
        }
    }

    fn private(&mut self) {
        if let Self::Complete(result) = self {
            // Left out, rmcp fills in `private` and 0 where the revision has these fields.
            result.ttl_ms = None;
            result.cache_scope = None;
        }
    }
}

/// Results that handlers see as the JSON that a client would get. They have no failures but errors.
macro_rules! returned_as_json {
    ($($result:ty, $what:literal)*) => {$(
        impl Returned for $result {
            fn form(&self) -> Form {
                Form::Value
            }

            fn value(&self, _: Option<&JsonObject>) -> Value {
                serde_json::to_value(self).unwrap_or_default()
            }

            fn rebuilt(self, value: Value, _: Option<OutputSchema<'_>>, _: &Schemas) -> Result<Self, Unfit> {
                serde_json::from_value(value).map_err(|_| Unfit::Form($what))
            }

            fn private(&mut self) {
                // Left out, rmcp fills in `private` and 0 where the revision has these fields.
                self.ttl_ms = None;
                self.cache_scope = None;
            }
        }
    )*};
}

returned_as_json! {
    ReadResourceDirectoryResult, "a directory"
    GetSkillResult, "a skill"
}

/// A completion. It holds values of the server's choice, not the component's.
impl Returned for CompleteResult {
    const HAS_OUTPUT: bool = false;

    fn form(&self) -> Form {
        Form::Value
    }

    fn value(&self, _: Option<&JsonObject>) -> Value {
        self.completion.values.iter().map(String::as_str).collect()
    }

    fn rebuilt(self, value: Value, _: Option<OutputSchema<'_>>, _: &Schemas) -> Result<Self, Unfit> {
        let values = serde_json::from_value(value).ok();
        let completion = values.and_then(|values| CompletionInfo::new(values).ok());
        completion.map(Self::new).ok_or(Unfit::Form("a completion"))
    }
}

/// The acknowledgement of a subscription.
impl Returned for () {
    const HAS_OUTPUT: bool = false;

    fn form(&self) -> Form {
        Form::Value
    }

    fn value(&self, _: Option<&JsonObject>) -> Value {
        Value::Null
    }

    fn rebuilt(self, _: Value, _: Option<OutputSchema<'_>>, _: &Schemas) -> Result<Self, Unfit> {
        Ok(())
    }
}
