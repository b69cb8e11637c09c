//! The parts of SAPL that every policy enforcement point shares: what is asked ([`AuthorizationSubscription`]),
//! what is answered ([`AuthorizationDecision`]), who answers ([`PolicyDecisionPoint`]), and how the obligations
//! and advice of an answer are carried out ([`constraint`]).
//!
//! Nothing here knows MCP. The terms are those of the SAPL documentation.

#[cfg(feature = "http")]
mod caching;
pub mod constraint;
mod decision;
pub mod filter;
#[cfg(feature = "http")]
pub mod http;
mod pdp;
mod secret;
mod subscription;
pub mod text;

#[cfg(feature = "http")]
pub use caching::{
    ASKED_TWICE_WITHIN, CachingPdp, DEFAULT_IDLE_TIME, DEFAULT_MAX_STREAMS, MAX_FOLLOWED_BYTES,
};
pub use decision::{AuthorizationDecision, Decision, MAX_DECISION_BYTES, MalformedDecision};
pub use pdp::{
    DecideFn, Deciding, IdentifiableAuthorizationDecision, MultiAuthorizationDecision, PolicyDecisionPoint,
    PolicySnapshot, decide_fn,
};
pub use secret::Secret;
pub use subscription::{
    AuthorizationSubscription, InvalidSubscription, MultiAuthorizationSubscription, SubscriptionField,
};
