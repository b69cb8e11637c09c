//! Keys that an issuer publishes by URL, and may change.
//!
//! [`cache`] decides when keys are good, stale or to be fetched, without a clock or a network of its own. [`remote`] runs
//! it. [`source`] fetches and reads a key set, and [`discovery`] finds out where it is.

mod cache;
mod discovery;
mod lifetime;
mod remote;
mod source;

pub use self::{
    cache::{JWKS_GRACE, MAX_JWKS_BACKOFF, MAX_JWKS_WAIT, MIN_JWKS_BACKOFF, UNKNOWN_KEY_INTERVAL},
    lifetime::{DEFAULT_JWKS_LIFETIME, MAX_JWKS_LIFETIME, MIN_JWKS_LIFETIME},
    source::{MAX_JWKS_BYTES, MAX_METADATA_BYTES},
};
pub(super) use self::{
    remote::{Found, NoKey, RemoteKeys, Search},
    source::Location,
};
