//! `jsonschema`: whether values comply with JSON Schema, of the draft 2020-12 where a schema does not name another.
//!
//! Nothing is fetched: a reference beyond the schema and the external schemas that are given is an error. Formats are
//! not checked.

use super::arguments::{any, object};
use super::{Function, Parameter};
use crate::schema::{NO_JSON, Schema, Violation};
use crate::value::{Array, ErrorKind, Object, Text, Value};

const NAME: &str = "jsonschema";

const PLAIN: &[Parameter] = &[
    Parameter::any("validationSubject"),
    Parameter::object("jsonSchema"),
];
const EXTERNAL: &[Parameter] = &[
    Parameter::any("validationSubject"),
    Parameter::object("jsonSchema"),
    Parameter::any("externalSchemas"),
];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "isCompliant",
        PLAIN,
        "whether the value complies with the schema; undefined does not",
        |arguments| found(arguments, 1).map_or_else(Value::error, |found| found.is_none().into()),
    ),
    Function::new(
        NAME,
        "isCompliantWithExternalSchemas",
        EXTERNAL,
        "whether the value complies with the schema, which may refer to those of an array by their `$id`",
        |arguments| found(arguments, 1).map_or_else(Value::error, |found| found.is_none().into()),
    ),
    Function::new(
        NAME,
        "validate",
        PLAIN,
        "whether the value complies with the schema, and what does not",
        |arguments| found(arguments, MAX_FOUND).map_or_else(Value::error, result),
    ),
    Function::new(
        NAME,
        "validateWithExternalSchemas",
        EXTERNAL,
        "whether the value complies with the schema, which may refer to those of an array, and what does not",
        |arguments| found(arguments, MAX_FOUND).map_or_else(Value::error, result),
    ),
];

/// The most violations that are told.
const MAX_FOUND: usize = 1000;

/// Up to so many violations; none at all when the value complies.
fn found(arguments: &[Value<'_>], limit: usize) -> Result<Option<Vec<Violation>>, ErrorKind> {
    let subject = any(arguments, 0)?;
    if subject.is_undefined() {
        return Ok(Some(Vec::new()));
    }
    let subject = subject.to_bounded_json().map_err(|_| NO_JSON)?;
    let schema = Value::Object(object(arguments, 1)?.reborrow());
    let schema = schema.to_json().map_err(|_| NO_JSON)?;
    let mut external = Vec::new();
    if let Some(Value::Array(schemas)) = arguments.get(2) {
        for schema in schemas.iter() {
            let id = schema.as_object().and_then(|schema| schema.get("$id"));
            if let Some(Value::Text(id)) = id {
                external.push((id.to_string(), schema.to_json().map_err(|_| NO_JSON)?));
            }
        }
    }
    let found = Schema::of(schema, external)?.violations(&subject, limit)?;
    Ok(Some(found).filter(|found| !found.is_empty()))
}

/// The result that policies see.
fn result<'a>(found: Option<Vec<Violation>>) -> Value<'a> {
    let object = |members: Vec<(&'static str, Value<'a>)>| {
        let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
        Value::Object(members.collect::<Object<'a>>())
    };
    let is_valid = found.is_none();
    let errors = found.into_iter().flatten().map(|found| {
        object(vec![
            ("path", found.path.into()),
            ("message", found.message.into()),
            ("type", found.keyword.into()),
            ("schemaPath", found.schema_path.into()),
        ])
    });
    let errors = Value::Array(errors.collect::<Array<'a>>());
    object(vec![("valid", is_valid.into()), ("errors", errors)])
}

#[cfg(test)]
mod tests;
