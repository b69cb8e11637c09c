//! Policy enforcement for MCP servers written with [`rmcp`].

mod identity;
mod rule;
mod subscription;

pub use identity::Identity;
pub use rule::{
    EnforceExt, FinalizeFn, InputRequired, Listing, OutputSchema, Rule, RuleHandle, post_enforce, pre_enforce,
};
pub use sapl_base::{AuthorizationDecision, Secret};
pub use subscription::{
    Component, ComponentAnnotations, ComponentKind, Operation, Outcome, Slot, Slots, SubscriptionContext,
};
