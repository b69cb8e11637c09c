//! sapl-pdp

pub mod syntax;
