//! sapl-pdp

pub mod function;
pub mod syntax;
pub mod value;
