//! Policy enforcement for MCP servers written with [`rmcp`].

#[cfg(test)]
extern crate self as sapl_mcp;

#[doc(hidden)]
pub mod __private;
mod identity;
pub mod prelude;
mod rule;
mod subscription;
mod value;

pub use identity::{
    BearerAuth, BearerAuthBody, BearerAuthFuture, BearerAuthLayer, Identity, IdentityConfigError,
    MAX_TOKEN_BYTES, StaticTokens, TokenError, TokenErrorKind, TokenVerifier,
};
#[cfg(feature = "jwt")]
pub use identity::{CLOCK_LEEWAY, JwtVerifier, MAX_REMEMBERED_TOKENS};
pub use rule::{
    EnforceExt, FinalizeFn, InputRequired, Listing, OutputSchema, Rule, RuleHandle, post_enforce, pre_enforce,
};
pub use sapl_base::{AuthorizationDecision, Secret};
pub use sapl_mcp_macros::{post_enforce, pre_enforce};
pub use subscription::{
    Component, ComponentAnnotations, ComponentKind, Operation, Outcome, Slot, Slots, SubscriptionContext,
};
