//! The words for what is enforced, what is done to it, and how it ended.

use crate::written_by_name::written_by_name;

/// The kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ComponentKind {
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource with a URI of its own.
    Resource,
    /// A URI template, or a resource that is an instance of one.
    ResourceTemplate,
}

/// What is done with a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A tool is called.
    Call,
    /// A resource is read.
    Read,
    /// A prompt is fetched.
    Get,
    /// A list is asked for that the component may be in.
    List,
    /// An argument of a prompt or template is to be completed.
    Complete,
    /// A client wants to hear of a resource's changes.
    Subscribe,
    /// A task of a tool is asked about, given input, or cancelled.
    Task,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The component's value was returned, as the decision's obligations left it.
    Completed,
    /// The component failed.
    Failed,
    /// Access was denied, by the decision or because an obligation could not be fulfilled.
    Denied,
    /// The request was cancelled, or the client went away.
    Cancelled,
    /// The component asks for more input, and the client will call again.
    InputRequired,
    /// The component goes on as a task.
    Task,
}

impl ComponentKind {
    /// The name, as in the JSON of a [`Component`](super::Component).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
            Self::ResourceTemplate => "resourceTemplate",
        }
    }
}

impl Operation {
    /// The name in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Read => "read",
            Self::Get => "get",
            Self::List => "list",
            Self::Complete => "complete",
            Self::Subscribe => "subscribe",
            Self::Task => "task",
        }
    }
}

impl Outcome {
    /// The name in lower case, `input_required` with an underscore.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::InputRequired => "input_required",
            Self::Task => "task",
        }
    }
}

written_by_name!(ComponentKind Operation Outcome);
