//! What has to be known of approvals from one request to the next: which were used, and which are remembered.

mod in_memory;

use std::{error::Error, fmt, time::SystemTime};

use futures_util::future::BoxFuture;

pub use in_memory::{
    InMemoryApprovals, MAX_REMEMBERED_GRANTS, MAX_REMEMBERED_GRANTS_PER_OWNER, MAX_SPENT_GRANTS,
    MAX_SPENT_GRANTS_PER_OWNER,
};

/// Keeps what a layer has to know of approvals from one request to the next.
///
/// [`InMemoryApprovals`] is the default, and enough for one process. Processes that answer for one another, with the same
/// [`request_state_key`](crate::SaplLayerBuilder::request_state_key), need a store that they share: each of them by itself
/// would let an approval be used once.
///
/// An error denies the call that needed the store. A store knows no secrets: all names of callers and arguments in it are digests,
/// but for [`RememberedGrant::by`].
pub trait ApprovalStore: Send + Sync + 'static {
    /// Uses up an approval: true for whoever comes first, and false for everybody after, for as long as the approval is good.
    ///
    /// It has to be one step: of two that come at the same time, one is first. An approval whose time is over is never
    /// used, and one that was used is never forgotten before `until`.
    ///
    /// # Errors
    /// When nobody can say, or there is no room to keep it.
    fn use_once<'a>(
        &'a self,
        id: &'a GrantId,
        owner: &'a GrantOwner,
        until: SystemTime,
    ) -> BoxFuture<'a, Result<bool, ApprovalStoreError>>;

    /// Keeps an approval for later calls, in place of the one with the same key. It may be forgotten at any time: then a person is
    /// asked again.
    ///
    /// # Errors
    /// When it can't be kept.
    fn remember(&self, grant: RememberedGrant) -> BoxFuture<'_, Result<(), ApprovalStoreError>>;

    /// The approval that was kept under this key, if its time is not over and nobody has revoked it.
    ///
    /// # Errors
    /// When nobody can say.
    fn recall<'a>(
        &'a self,
        key: &'a GrantKey,
    ) -> BoxFuture<'a, Result<Option<RememberedGrant>, ApprovalStoreError>>;

    /// Forgets all approvals that were kept for this caller, and says how many they were.
    ///
    /// # Errors
    /// When it is not certain that they are forgotten.
    fn revoke<'a>(&'a self, owner: &'a GrantOwner) -> BoxFuture<'a, Result<u64, ApprovalStoreError>>;
}

/// What tells an approval from all others: random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId([u8; 16]);

/// Whose an approval is: a digest of what makes callers the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantOwner([u8; 32]);

/// What an approval is good for: a digest of caller, component, arguments and obligation, and of the session where it is bound to
/// one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantKey([u8; 32]);

/// An approval that holds for more than one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedGrant {
    /// What it is good for.
    pub key: GrantKey,
    /// Whose it is.
    pub owner: GrantOwner,
    /// Who agreed.
    pub by: String,
    /// When they agreed.
    pub at: SystemTime,
    /// From when on it does not hold any more.
    pub until: SystemTime,
}

/// Why a store can't say, or keep, something. It goes to the log and the audit record, never to a client.
#[derive(Debug)]
pub struct ApprovalStoreError {
    message: String,
}

impl ApprovalStoreError {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for ApprovalStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ApprovalStoreError {}

/// Bytes with a name, shown in hexadecimal.
macro_rules! bytes {
    ($($type:ident: $length:literal)*) => {$(
        impl $type {
            /// These bytes, as a store may have kept them.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes, to be kept.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($type))
            }
        }
    )*};
}

bytes! { GrantId: 16 GrantOwner: 32 GrantKey: 32 }
