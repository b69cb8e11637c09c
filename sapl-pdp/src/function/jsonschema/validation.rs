//! Validation in bounds.

use std::thread;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Registry, ValidationError, Validator};
use serde_json::{Value as Json, json};

use super::message;
use crate::value::ErrorKind;

/// The most objects and arrays in the schemas, times the most levels of the value: how deep validation may get at most,
/// since references of the schemas can repeat all of them at each level.
pub(super) const MAX_STEPS_DOWN: usize = 8192;

/// What a step down takes of the stack, generously.
const STEP_STACK: usize = 16 * 1024;

/// What validation takes of the stack besides.
const LEAST_STACK: usize = 512 * 1024;

/// Steps back of a regular expression before it is given up.
const MAX_BACKTRACKING: usize = 100_000;

const INVALID: ErrorKind = ErrorKind::Function("the schema is invalid or refers to an unknown one");
const INTERNAL: ErrorKind = ErrorKind::Function("the schema could not be applied");

/// A violation.
pub(super) struct Found {
    /// Where in the value, as a JSON pointer.
    pub(super) path: String,
    pub(super) message: String,
    pub(super) keyword: String,
    /// By which part of the schema, with the references on the way.
    pub(super) schema_path: String,
}

/// Up to so many violations of a schema, to which others are known by their names.
///
/// # Errors
///
/// For a schema that is none, and beyond the limits of this module.
pub(super) fn validate(
    subject: &Json,
    mut schema: Json,
    mut external: Vec<(String, Json)>,
    limit: usize,
) -> Result<Vec<Found>, ErrorKind> {
    let size = external.iter().map(|(_, schema)| size(schema)).sum::<usize>() + size(&schema);
    let steps = size.saturating_mul(levels(subject));
    if steps > MAX_STEPS_DOWN {
        return Err(ErrorKind::NestingLimit);
    }
    without_unknown_types(&mut schema);
    for (_, schema) in &mut external {
        without_unknown_types(schema);
    }
    // The validator recurses into schema and value, so it gets a stack that surely suffices.
    thread::scope(|scope| {
        let stack = LEAST_STACK + steps * STEP_STACK;
        let thread = thread::Builder::new().stack_size(stack);
        let thread = thread.spawn_scoped(scope, || found(subject, &schema, external, limit));
        let outcome = thread.map_err(|_| INTERNAL)?.join();
        outcome.unwrap_or(Err(INTERNAL))
    })
}

fn found(
    subject: &Json,
    schema: &Json,
    external: Vec<(String, Json)>,
    limit: usize,
) -> Result<Vec<Found>, ErrorKind> {
    let validator = validator(schema, external)?;
    let mut found = Vec::new();
    for error in validator.iter_errors(subject) {
        add(&error, &mut found)?;
        if found.len() >= limit {
            found.truncate(limit);
            break;
        }
    }
    Ok(found)
}

fn validator(schema: &Json, external: Vec<(String, Json)>) -> Result<Validator, ErrorKind> {
    let mut registry = Registry::new();
    for (id, schema) in external {
        registry = registry.add(id, schema).map_err(|_| INVALID)?;
    }
    let registry = registry
        .draft(Draft::Draft202012)
        .prepare()
        .map_err(|_| INVALID)?;
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_registry(&registry)
        .offline()
        .should_validate_formats(false)
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKING))
        .build(schema)
        .map_err(|_| INVALID)
}

/// Adds a violation, instead of one of several alternatives those of all.
fn add(error: &ValidationError<'_>, found: &mut Vec<Found>) -> Result<(), ErrorKind> {
    match error.kind() {
        ValidationErrorKind::BacktrackLimitExceeded { .. }
        | ValidationErrorKind::RegexEngineFailure { .. } => {
            return Err(ErrorKind::PatternTooExpensive);
        }
        ValidationErrorKind::Referencing(_) => return Err(INVALID),
        ValidationErrorKind::AnyOf { context } => {
            for error in context.iter().flatten() {
                add(error, found)?;
            }
        }
        ValidationErrorKind::OneOfNotValid { context } => {
            found.push(one(error));
            for error in context.iter().flatten() {
                add(error, found)?;
            }
        }
        _ => found.push(one(error)),
    }
    Ok(())
}

fn one(error: &ValidationError<'_>) -> Found {
    Found {
        path: error.instance_path().to_string(),
        message: message::of(error),
        keyword: message::keyword(error).to_owned(),
        schema_path: error.evaluation_path().to_string(),
    }
}

/// How many objects and arrays there are.
fn size(json: &Json) -> usize {
    match json {
        Json::Array(elements) => 1 + elements.iter().map(size).sum::<usize>(),
        Json::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 0,
    }
}

/// How deep values are nested, from one.
fn levels(json: &Json) -> usize {
    1 + match json {
        Json::Array(elements) => elements.iter().map(levels).max().unwrap_or(0),
        Json::Object(members) => members.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}

/// Makes the name of an unknown type one that no value has, as in SAPL, where it would make the schema invalid.
fn without_unknown_types(schema: &mut Json) {
    const TYPES: &[&str] = &[
        "array", "boolean", "integer", "null", "number", "object", "string",
    ];
    const VALUES: &[&str] = &["const", "default", "enum", "examples"];
    match schema {
        Json::Array(elements) => elements.iter_mut().for_each(without_unknown_types),
        Json::Object(members) => {
            let is_unknown = |name: &Json| name.as_str().is_some_and(|name| !TYPES.contains(&name));
            match members.get_mut("type") {
                Some(Json::Array(names)) => names.retain(|name| !is_unknown(name)),
                Some(name) if is_unknown(name) => *name = json!([]),
                _ => {}
            }
            if members.get("type").is_some_and(|names| *names == json!([])) {
                members.remove("type");
                match members.entry("allOf").or_insert_with(|| json!([])) {
                    Json::Array(schemas) => schemas.push(false.into()),
                    other => *other = json!([false]),
                }
            }
            for (name, value) in members {
                if !VALUES.contains(&&**name) {
                    without_unknown_types(value);
                }
            }
        }
        _ => {}
    }
}
