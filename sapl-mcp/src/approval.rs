//! Asking a person before a component runs: the obligation `requireApproval`.
//!
//! A policy that permits, if a person agrees, says so with an obligation. What it holds is read strictly, a person is shown
//! what the caller wants to do, and their agreement goes into a second decision, which alone lets the component run.

mod approvals;
mod approver;
mod code;
mod digest;
mod duration;
mod form;
mod obligation;
mod pending;
mod request;
mod store;
pub(crate) mod text;

pub use approvals::Approvals;
pub use approver::{ApprovalAnswer, Approver};
pub(crate) use approver::{Approvers, Asked as AskedApprover};
pub use code::APPROVAL_CODE_KEY;
pub(crate) use code::{code, publish};
pub(crate) use digest::Digest;
pub use form::MAX_EDITED_ARGUMENTS_BYTES;
pub(crate) use form::{Filled, form, read as read_form, shows_forms};
pub use obligation::{DEFAULT_APPROVAL_EXPIRY, MAX_APPROVAL_EXPIRY, MAX_APPROVAL_MEMORY, REQUIRE_APPROVAL};
pub(crate) use obligation::{Remember, Unusable, Wanted};
pub(crate) use pending::{Full, Pending};
pub use pending::{MAX_PENDING_APPROVALS, MAX_PENDING_APPROVALS_PER_PRINCIPAL};
pub use request::{APPROVAL_TITLE, ApprovalRequest};
pub use store::{
    ApprovalStore, ApprovalStoreError, GrantId, GrantKey, GrantOwner, InMemoryApprovals,
    MAX_REMEMBERED_GRANTS, MAX_REMEMBERED_GRANTS_PER_OWNER, MAX_SPENT_GRANTS, MAX_SPENT_GRANTS_PER_OWNER,
    RememberedGrant,
};
pub use text::{MAX_SHOWN_BYTES, MAX_SHOWN_DEPTH, MAX_SHOWN_STRING_CHARS};
