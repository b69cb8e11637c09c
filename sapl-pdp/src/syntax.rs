//! The text of a SAPL document: spans, syntax tree, lexer, parser and diagnostics.
//!
//! A tree that [`parse`] returns is complete for the grammar, and its names of functions and attributes
//! are already resolved against the imports of the document. What needs values (constant errors, patterns,
//! enforced schemas) is left to compilation.
//!
//! Documents are untrusted: size, nesting and literals are bounded by the `MAX_…` constants, so walking and
//! dropping a tree by recursion is safe.

pub mod algorithm;
pub mod diagnostic;
mod format;
mod lexer;
mod parser;
pub mod span;
mod token;
pub mod tree;

pub use algorithm::{CombiningAlgorithm, DefaultDecision, ErrorHandling, VotingMode};
pub use diagnostic::{Diagnostic, Severity};
pub use format::{INDENT, MAX_INDENT, MAX_WIDTH, format};
pub use parser::{
    MAX_DOCUMENT_BYTES, MAX_NESTING, MAX_NUMBER_LENGTH, MAX_NUMBER_SCALE, MAX_PROBLEMS, MAX_TREE_DEPTH,
    parse, parse_all,
};
pub use span::Span;
