//! What the decision point is asked: the context that the author's functions see, and the defaults.

mod component;
mod context;
mod defaults;
mod definition;
mod operation;
mod present;
mod slots;

pub use component::{Component, ComponentAnnotations};
pub use context::SubscriptionContext;
pub(crate) use definition::{Definition, resource_of};
pub use operation::{ComponentKind, Operation, Outcome};
pub(crate) use present::present;
pub use slots::{Slot, Slots};

#[cfg(test)]
mod tests;
