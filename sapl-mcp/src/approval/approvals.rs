//! Whose remembered approvals are, and taking them back.

use std::fmt;

use serde_json::Value;

use super::{ApprovalStore, ApprovalStoreError, Digest, GrantOwner};
use crate::{Identity, identity::Whose};

/// The approvals that a layer remembers.
///
/// ```
/// # use sapl_mcp::{AuthorizationDecision, Identity, SaplLayer, decide_fn};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny())).build()?;
/// # let mara = Identity::new("token", serde_json::json!({"sub": "mara"}));
/// let forgotten = sapl.approvals().revoke(&mara).await?;
/// assert_eq!(forgotten, 0);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy)]
pub struct Approvals<'a> {
    store: &'a dyn ApprovalStore,
}

impl<'a> Approvals<'a> {
    pub(crate) fn new(store: &'a dyn ApprovalStore) -> Self {
        Self { store }
    }

    /// Takes back what was approved for the calls of this caller: its next call asks again. Says how many approvals it were.
    ///
    /// # Errors
    /// When the store fails: then it is not certain that they are forgotten.
    pub async fn revoke(self, identity: &Identity) -> Result<u64, ApprovalStoreError> {
        self.store.revoke(&GrantOwner::of(&Whose::of(identity))).await
    }

    /// The same for the callers of a transport without tokens, with the subject of
    /// [`enforce_stdio`](crate::SaplLayer::enforce_stdio).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_fixed(self, subject: &Value) -> Result<u64, ApprovalStoreError> {
        self.store.revoke(&GrantOwner::of(&Whose::Fixed(subject))).await
    }

    /// The same for callers without a token, of whom nothing tells one from another.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_anonymous(self) -> Result<u64, ApprovalStoreError> {
        self.store.revoke(&GrantOwner::of(&Whose::Anonymous)).await
    }
}

impl GrantOwner {
    /// The digest of what makes callers the same, as it is in every process.
    pub(crate) fn of(whose: &Whose<'_>) -> Self {
        // None of its values can fail to be written.
        let whose = serde_json::to_value(whose).unwrap_or_default();
        Self::from_bytes(*Digest::of_set(&[&whose]).bytes())
    }
}

impl fmt::Debug for Approvals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approvals").finish_non_exhaustive()
    }
}
