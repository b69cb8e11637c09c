//! Who agrees to calls.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use rmcp::model::JsonObject;
use serde::Serialize;

use super::{GuardRequest, digest::Digest};

/// Asks a person.
///
/// The guard asks one question after the other. Whatever goes wrong is a refusal: an approver that panics has refused, and
/// one whose future is dropped has not been answered.
///
/// ```
/// use futures_util::future::BoxFuture;
/// use sapl_mcp::client::{Approval, ApprovalRequest, Approver};
///
/// struct Never;
///
/// impl Approver for Never {
///     fn ask<'a>(&'a self, request: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
///         println!("{} was not asked about {}", request.request().user(), request.request().tool());
///         Box::pin(async { Approval::Denied })
///     }
/// }
/// ```
pub trait Approver: Send + Sync + 'static {
    /// What the person says.
    fn ask<'a>(&'a self, request: &'a ApprovalRequest) -> BoxFuture<'a, Approval>;
}

impl<A: Approver + ?Sized> Approver for Arc<A> {
    fn ask<'a>(&'a self, request: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
        (**self).ask(request)
    }
}

/// What a person says to a call. What is wider than [`Once`](Self::Once) is a grant: calls that it covers are made
/// without asking until the definition of the tool changes or the guard is gone. It never makes up for a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// No.
    Denied,
    /// This call.
    Once,
    /// Calls of this tool with these arguments.
    Arguments,
    /// Calls of this tool.
    Tool,
    /// Calls of every tool that the server lists now, and of this one.
    Session,
}

/// What a person is asked.
///
/// Cloning is cheap. One that a guard has given back goes to [`Guard::approve`](super::Guard::approve) when the person has
/// agreed in some other way.
#[derive(Clone)]
pub struct ApprovalRequest {
    pub(super) inner: Arc<Question>,
}

pub(super) struct Question {
    pub(super) request: GuardRequest,
    pub(super) arguments: JsonObject,
    pub(super) reason: String,
    /// What the person is told in place of the reason.
    pub(super) told: Option<String>,
    pub(super) redefined: bool,
    pub(super) definition: Digest,
    pub(super) arguments_digest: Digest,
    pub(super) since: Option<u64>,
    /// The newest list of tools when the person is asked.
    pub(super) revision: u64,
    pub(super) round: Option<Digest>,
}

impl ApprovalRequest {
    /// The call as the policy was asked about it.
    pub fn request(&self) -> &GuardRequest {
        &self.inner.request
    }

    /// The arguments with which the tool would be called, after handlers of the decision had their say.
    pub fn arguments(&self) -> &JsonObject {
        &self.inner.arguments
    }

    /// Why a person is asked, for that person alone: the advice of a server may quote here what it was evaluated with, the
    /// user's attributes and the arguments among it. Errors and records say less.
    pub fn reason(&self) -> &str {
        self.inner.told.as_ref().unwrap_or(&self.inner.reason)
    }

    /// Whether the definition of the tool is another one than when it was first seen or last agreed to.
    pub fn redefined(&self) -> bool {
        self.inner.redefined
    }
}

impl Approval {
    /// The name in records: `denied`, `once`, `arguments`, `tool` or `session`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Once => "once",
            Self::Arguments => "arguments",
            Self::Tool => "tool",
            Self::Session => "session",
        }
    }
}

impl fmt::Display for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ApprovalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApprovalRequest")
            .field("tool", &self.inner.request.tool())
            .field("reason", &self.inner.reason)
            .field("redefined", &self.inner.redefined)
            .finish_non_exhaustive()
    }
}
