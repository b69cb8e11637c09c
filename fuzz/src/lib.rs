//! Fuzz targets of sapl-pdp.

pub mod targets;
