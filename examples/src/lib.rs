//! Runnable servers and clients for `sapl-mcp`.
//!
//! [`analytics`] is a whole one: a server, its policies, and a client that checks every outcome.

pub mod analytics;
