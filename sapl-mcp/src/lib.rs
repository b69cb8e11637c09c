//! Policy enforcement for MCP servers written with [`rmcp`].

mod identity;

pub use identity::Identity;
pub use sapl_base::Secret;
