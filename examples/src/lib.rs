//! Runnable servers and clients for `sapl-mcp`.
//!
//! [`analytics`] is a whole one: a server, its policies, and a client that checks every outcome. [`gate`] is a smaller
//! server whose components are behind gates, checked by the same client.

pub mod analytics;
pub mod gate;
