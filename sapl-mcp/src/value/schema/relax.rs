//! A schema without `required`, so that a redacted result still fits what clients are told.

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

/// Keywords whose value maps names to schemas.
const NAME_MAPS: [&str; 6] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "dependencies",
];

/// Keywords whose value is a schema or a list of schemas.
const SCHEMAS: [&str; 14] = [
    "items",
    "prefixItems",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "allOf",
    "anyOf",
    "oneOf",
    "then",
    "else",
    "contentSchema",
];

/// The schema without the keyword `required`, at every depth: whatever fits `schema` still does after any of its
/// properties was deleted, as far as `required` decides that.
///
/// Only the keyword goes, not a property of that name, and nothing inside of data (`enum`, `const`, `default`,
/// `examples`). Relaxing has to admit more, never less, so two places get special care. Below `not` and `if` a `required` is
/// a condition and stays: without it, `not` would refuse everything. And a `oneOf` that loses a `required` becomes an
/// `anyOf`, since its branches may no longer exclude each other.
pub(crate) fn relaxed(schema: &JsonObject) -> JsonObject {
    let mut relaxed = schema.clone();
    relax(&mut relaxed);
    relaxed
}

/// Whether anything was taken away.
fn relax(schema: &mut Map<String, Value>) -> bool {
    let mut changed = schema.remove("required").is_some();
    for keyword in NAME_MAPS {
        if let Some(Value::Object(named)) = schema.get_mut(keyword) {
            for schema in named.values_mut() {
                changed |= relax_value(schema);
            }
        }
    }
    for keyword in SCHEMAS {
        let Some(below) = schema.get_mut(keyword) else {
            continue;
        };
        if relax_value(below) {
            changed = true;
            if keyword == "oneOf" {
                one_to_any(schema);
            }
        }
    }
    changed
}

/// Relaxes a schema, or each of a list of schemas. Anything else (`true`, a malformed schema) stays.
fn relax_value(value: &mut Value) -> bool {
    match value {
        Value::Object(schema) => relax(schema),
        Value::Array(schemas) => schemas
            .iter_mut()
            .fold(false, |changed, schema| relax_value(schema) | changed),
        _ => false,
    }
}

/// Makes the `oneOf` of a schema an `anyOf`, beside the one that it may have.
fn one_to_any(schema: &mut Map<String, Value>) {
    let Some(branches) = schema.remove("oneOf") else {
        return;
    };
    if !schema.contains_key("anyOf") {
        schema.insert("anyOf".to_owned(), branches);
        return;
    }
    let branches = Value::Object(Map::from_iter([("anyOf".to_owned(), branches)]));
    match schema.get_mut("allOf") {
        Some(Value::Array(all)) => all.push(branches),
        _ => {
            schema.insert("allOf".to_owned(), Value::Array(vec![branches]));
        }
    }
}
