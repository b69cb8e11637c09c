//! Runnable servers and clients for `sapl-mcp`.
//!
//! [`analytics`] is a whole one: a server, its policies, and a client that checks every outcome. [`gate`] is a smaller
//! server whose components are behind gates, checked by the same client. [`executor`] is the other side: a model's calls,
//! decided by a guard and a person.

pub mod analytics;
pub mod executor;
pub mod gate;
