//! The built-in content filters: `filterJsonContent` and `jsonContentFilterPredicate`.
//!
//! Both work on a JSON object or a list of objects, with paths of RFC 9535, and skip nothing in silence: what they
//! can't do is a failure of the constraint.
//!
//! Policies are not trusted to be reasonable, so reading a constraint takes linear time, and running it a bounded
//! number of steps on a bounded stack: see the constants. Past any of them the constraint has failed.
//!
//! ```
//! use sapl_base::{AuthorizationDecision, constraint::{ConstraintEnforcementService, EnforcementPoint}};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let decision = AuthorizationDecision::permit()
//!     .with_obligation(json!({
//!         "type": "jsonContentFilterPredicate",
//!         "conditions": [{"path": "$.classification", "type": "!=", "value": "secret"}],
//!     }))
//!     .with_obligation(json!({
//!         "type": "filterJsonContent",
//!         "actions": [
//!             {"type": "blacken", "path": "$.ssn", "discloseRight": 4, "replacement": "*"},
//!             {"type": "delete", "path": "$..note"},
//!             {"type": "replace", "path": "$.classification", "replacement": "REDACTED"},
//!         ],
//!     }));
//! let mut bundle = ConstraintEnforcementService::default().resolve(&decision, EnforcementPoint::PreEnforce)?;
//! let output = bundle.output(json!([
//!     {"ssn": "123-45-6789", "note": "x", "visit": {"note": "y"}, "classification": "internal"},
//!     {"ssn": "987-65-4321", "classification": "secret"},
//! ]))?;
//! assert_eq!(output.value, json!([{"ssn": "*******6789", "visit": {}, "classification": "REDACTED"}]));
//! # Ok(()) }
//! ```

mod action;
mod blacken;
mod compare;
mod condition;
mod content;
mod path;
mod pattern;
mod predicate;
mod read;
#[cfg(test)]
mod tests;

pub use blacken::MAX_MASK_CHARS;
pub use content::FilterJsonContent;
pub use path::{MAX_DEPTH, MAX_PATH_BYTES, MAX_PATH_NESTING, MAX_SELECTED_NODES, MAX_STEPS};
pub use pattern::MAX_PATTERN_BYTES;
pub use predicate::JsonContentFilterPredicate;
