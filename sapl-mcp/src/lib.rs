//! sapl-mcp
