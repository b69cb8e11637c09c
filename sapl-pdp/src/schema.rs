//! JSON Schema: what `enforced schema` asks of a subscription, and the functions of `jsonschema`.
//!
//! Without the feature `jsonschema` there are no schemas, and whoever needs one is told so.

#[cfg(not(feature = "jsonschema"))]
mod absent;
#[cfg(feature = "jsonschema")]
mod cache;
#[cfg(feature = "jsonschema")]
mod cost;
#[cfg(feature = "jsonschema")]
mod message;
#[cfg(feature = "jsonschema")]
mod names;
#[cfg(feature = "jsonschema")]
mod pattern;
#[cfg(feature = "jsonschema")]
mod validation;

#[cfg(not(feature = "jsonschema"))]
pub(crate) use absent::Schema;
#[cfg(all(test, feature = "jsonschema"))]
pub(crate) use validation::MAX_STEPS_DOWN;
#[cfg(feature = "jsonschema")]
pub(crate) use validation::{Schema, Violation};

/// A value or schema that JSON can't say.
pub(crate) const NO_JSON: crate::value::ErrorKind =
    crate::value::ErrorKind::Function("a value or schema has no JSON form");
