//! An embedded policy decision point for SAPL.

pub mod attribute;
pub mod explain;
pub mod function;
pub mod pattern;
pub mod source;
pub mod syntax;
pub mod value;

mod combine;
mod compile;
mod eval;
mod index;
mod json;
mod lint;
mod memo;
mod pdp;
mod schema;

pub use compile::{
    CONSTANT_STEPS_PER_BYTE, CONSTANTS_PER_BYTE, CompiledExpression, MAX_CONSTANT_STEPS, MAX_CONSTANTS,
    MAX_EXPRESSION_DEPTH,
};
pub use eval::{Input, Limits};
pub use json::MAX_SUBSCRIPTION_DEPTH;
pub use pdp::{
    EmbeddedPdp, Following, Health, LOOK_EVERY, LOOK_EVERY_NOTIFIED, LiveDecisions, MAX_ROUNDS,
    MAX_WAIT_FOR_QUIET, QUIET, RETRY_NOTIFICATIONS, SOURCE_PAUSE, WatchEvent, WatchOptions,
};
pub use source::{Configuration, ConfigurationError};
