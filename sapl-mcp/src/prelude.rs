//! What a server author needs on most days: `use sapl_mcp::prelude::*;`.

pub use serde_json::json;

pub use crate::{
    AuthorizationDecision, EnforceExt as _, Identity, Outcome, Slots, SubscriptionContext, post_enforce,
    pre_enforce,
};
