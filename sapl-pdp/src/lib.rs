//! sapl-pdp

pub mod function;
pub mod pattern;
pub mod source;
pub mod syntax;
pub mod value;
