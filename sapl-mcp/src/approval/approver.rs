//! People who are asked elsewhere than at the other end of the connection.

use std::{collections::HashMap, fmt, future::Future, panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};
use rmcp::model::JsonObject;
use sapl_base::constraint::HandlerError;

use super::ApprovalRequest;

/// Reaches a person who is not at the other end of the connection: by a chat, a ticket, a page of one's own.
///
/// Named ones are asked by obligations that name them, [the default one](crate::SaplLayerBuilder::default_approver) when the
/// client can't ask its user. The call waits for the answer; an answer that comes too late is dropped together with the future.
/// An error and a panic are refusals. A closure will do:
///
/// ```
/// use std::sync::Arc;
///
/// use sapl_mcp::{ApprovalAnswer, ApprovalRequest, AuthorizationDecision, SaplLayer, constraint::HandlerError, decide_fn};
///
/// async fn ask_the_desk(request: Arc<ApprovalRequest>) -> Result<ApprovalAnswer, HandlerError> {
///     // A real one would send the request to somebody, and await what they say.
///     match request.name.as_str() {
///         "restart_node" => Ok(ApprovalAnswer::accepted("desk")),
///         _ => Ok(ApprovalAnswer::Declined),
///     }
/// }
///
/// # fn main() -> Result<(), sapl_mcp::ConfigError> {
/// let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
///     .approver("desk", ask_the_desk)
///     .build()?;
/// # let _ = sapl;
/// # Ok(()) }
/// ```
pub trait Approver: Send + Sync + 'static {
    /// Asks. Who asked for approval, and that they are who they say, is for the implementation to see to: what it returns as
    /// accepted lets the component run.
    ///
    /// # Errors
    /// When nobody could be asked.
    fn approve(
        &self,
        request: Arc<ApprovalRequest>,
    ) -> impl Future<Output = Result<ApprovalAnswer, HandlerError>> + Send;
}

/// What a person answered.
#[derive(Clone, Debug, PartialEq)]
pub enum ApprovalAnswer {
    /// Yes.
    Accepted {
        /// Who said so. It goes to the decision point as `environment.approval.by`, and into the audit record.
        by: String,
        /// Other arguments to run with. They are decided anew; where the obligation does not say `editable` they are a refusal.
        arguments: Option<JsonObject>,
    },
    /// No.
    Declined,
    /// The person turned away from the question.
    Cancelled,
}

impl ApprovalAnswer {
    /// Yes, with the arguments as they are.
    pub fn accepted(by: impl Into<String>) -> Self {
        Self::Accepted {
            by: by.into(),
            arguments: None,
        }
    }
}

impl<F, A> Approver for F
where
    F: Fn(Arc<ApprovalRequest>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<ApprovalAnswer, HandlerError>> + Send,
{
    fn approve(
        &self,
        request: Arc<ApprovalRequest>,
    ) -> impl Future<Output = Result<ApprovalAnswer, HandlerError>> + Send {
        self(request)
    }
}

type Ask =
    dyn Fn(Arc<ApprovalRequest>) -> BoxFuture<'static, Result<ApprovalAnswer, HandlerError>> + Send + Sync;

/// The approvers of a layer.
#[derive(Default)]
pub(crate) struct Approvers {
    named: HashMap<String, Asked>,
    default: Option<Asked>,
}

/// An approver, whatever its type.
#[derive(Clone)]
pub(crate) struct Asked(Arc<Ask>);

impl Approvers {
    /// Adds one, and says whether the name was free.
    pub(crate) fn add(&mut self, name: String, approver: impl Approver) -> bool {
        self.named.insert(name, Asked::new(approver)).is_none()
    }

    pub(crate) fn set_default(&mut self, approver: impl Approver) {
        self.default = Some(Asked::new(approver));
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Asked> {
        self.named.get(name)
    }

    pub(crate) fn default_one(&self) -> Option<&Asked> {
        self.default.as_ref()
    }
}

impl Asked {
    fn new(approver: impl Approver) -> Self {
        let approver = Arc::new(approver);
        Self(Arc::new(move |request| {
            let approver = Arc::clone(&approver);
            Box::pin(async move { approver.approve(request).await })
        }))
    }

    /// The answer, or why there is none.
    pub(crate) async fn ask(&self, request: Arc<ApprovalRequest>) -> Result<ApprovalAnswer, String> {
        let asking = async { (self.0)(request).await };
        match AssertUnwindSafe(asking).catch_unwind().await {
            Ok(answer) => answer.map_err(|error| error.message().to_owned()),
            Err(payload) => {
                // Its destructor could panic in its turn.
                std::mem::forget(payload);
                Err(String::from("it panicked"))
            }
        }
    }
}

impl fmt::Debug for Approvers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approvers")
            .field("named", &self.named.keys())
            .field("default", &self.default.is_some())
            .finish()
    }
}
