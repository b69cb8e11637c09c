//! What a person is asked.

use std::{fmt, time::Duration};

use rmcp::model::JsonObject;

use super::text;
use crate::ComponentKind;

/// The title of every question of the layer. A component has no business with it: what comes under this title without the
/// session's [`code`](ApprovalRequest::code) is not from the layer.
pub const APPROVAL_TITLE: &str = "Approval required by policy";

/// What a person is asked: whether this caller may do this, now.
///
/// Everything in it comes from the policy, the server and the caller. What a caller chooses, the arguments above all, is to be
/// shown escaped.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ApprovalRequest {
    /// [`APPROVAL_TITLE`].
    pub title: &'static str,
    /// The code by which the person at the other end knows questions of the layer. No component knows it.
    pub code: String,
    /// What the policy says to the person: one line for each of its obligations.
    pub message: Option<String>,
    /// The kind of the component.
    pub kind: ComponentKind,
    /// The name of the component, as it runs.
    pub name: String,
    /// The URI, of a resource.
    pub uri: Option<String>,
    /// The arguments that the component would get; for an instance of a URI template, its variables.
    pub arguments: JsonObject,
    /// What the caller sends along as answers to questions of the component, by the keys of the questions. The component would get
    /// them too.
    pub answers: JsonObject,
    /// Who wants it: the caller's short id, as in audit records. None when nobody is known.
    pub subject: Option<String>,
    /// The OAuth client by which they want it.
    pub client: Option<String>,
    /// How long there is to answer.
    pub expires_in: Duration,
    /// Whether other arguments may be put in place of these.
    pub editable: bool,
}

impl ApprovalRequest {
    /// The question as plain text that is safe to show: nothing in it is invisible, and nothing that a caller chose can look
    /// like the words of the layer. `None` when it does not fit into [`MAX_SHOWN_BYTES`](crate::MAX_SHOWN_BYTES) and the
    /// other limits: what can't be shown in full is not asked.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let shown = text::question(self);
        shown.is_whole().then(|| shown.into_text())
    }
}

/// Without the code, which is for the person alone, and without arguments, which may be confidential.
impl fmt::Debug for ApprovalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApprovalRequest")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("uri", &self.uri)
            .field("subject", &self.subject)
            .field("expires_in", &self.expires_in)
            .field("editable", &self.editable)
            .finish_non_exhaustive()
    }
}
