//! sapl-base
