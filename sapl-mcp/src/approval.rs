//! Asking a person before a component runs: the obligation `requireApproval`.
//!
//! A policy that permits, if a person agrees, says so with an obligation. What it holds is read strictly, a person is shown
//! what the caller wants to do, and their agreement goes into a second decision, which alone lets the component run.

mod request;
mod store;
pub(crate) mod text;

pub use request::{APPROVAL_TITLE, ApprovalRequest};
pub use store::{
    ApprovalStore, ApprovalStoreError, GrantId, GrantKey, GrantOwner, InMemoryApprovals,
    MAX_REMEMBERED_GRANTS, MAX_REMEMBERED_GRANTS_PER_OWNER, MAX_SPENT_GRANTS, MAX_SPENT_GRANTS_PER_OWNER,
    RememberedGrant,
};
pub use text::{MAX_SHOWN_BYTES, MAX_SHOWN_DEPTH, MAX_SHOWN_STRING_CHARS};
