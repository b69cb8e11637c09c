//! sapl-pdp
