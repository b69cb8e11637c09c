//! Fuzz targets of sapl-pdp and sapl-mcp.

pub mod jsonrpc;
pub mod targets;
