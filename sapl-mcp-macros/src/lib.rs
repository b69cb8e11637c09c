//! sapl-mcp-macros
