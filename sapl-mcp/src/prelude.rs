//! What a server author needs on most days: `use sapl_mcp::prelude::*;`.

pub use serde_json::json;

#[cfg(feature = "embedded")]
pub use crate::EmbeddedPdp;
#[cfg(feature = "jwt")]
pub use crate::JwtVerifier;
#[cfg(feature = "http")]
pub use crate::http::{HttpPdp, PdpConfig};
pub use crate::{
    AuthorizationDecision, BearerAuthLayer, ConfigError, Decision, EnforceExt as _, Identity, Outcome,
    SaplLayer, Slots, StaticTokens, SubscriptionContext, constraint::ConstraintEnforcementService, decide_fn,
    gate, post_enforce, pre_enforce,
};
