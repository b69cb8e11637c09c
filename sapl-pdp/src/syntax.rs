//! The text of a SAPL document: spans, syntax tree, lexer, parser and diagnostics.
//!
//! A tree that the parser returns is complete for the grammar, and its names of functions and attributes
//! are already resolved against the imports of the document. What needs values (constant errors, patterns,
//! enforced schemas) is left to compilation.

pub mod algorithm;
pub mod span;
pub mod tree;

pub use algorithm::{CombiningAlgorithm, DefaultDecision, ErrorHandling, VotingMode};
pub use span::Span;
