//! Validation in bounds.

use std::{fmt, thread};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Registry, ValidationError, Validator};
use serde_json::{Value as Json, json};

use super::cost::{MAX_APPLICATIONS, MAX_TOLD_APPLICATIONS, Sources, values};
use super::{message, names, pattern};
use crate::function::work;
use crate::pattern::MAX_EFFORT;
use crate::value::ErrorKind;

/// The most objects and arrays in the schemas, times the most levels of the value: how deep validation may get at most,
/// since references of the schemas can repeat all of them at each level.
pub(crate) const MAX_STEPS_DOWN: usize = 8192;

/// What a step down takes of the stack, generously.
const STEP_STACK: usize = 16 * 1024;

/// What validation takes of the stack besides.
const LEAST_STACK: usize = 512 * 1024;

/// So many schemas within each other are no danger for any stack.
const LEVELS_IN_PLACE: usize = 8;

/// The most memory that a compiled pattern for names of properties may take, in bytes.
const MAX_PATTERN_SIZE: usize = 1 << 20;

const INVALID: ErrorKind = ErrorKind::Function("the schema is invalid or refers to an unknown one");
const TOO_MUCH: ErrorKind = ErrorKind::Function("applying the schema takes too much");
const INTERNAL: ErrorKind = ErrorKind::Function("the schema could not be applied");

/// A schema, compiled once for any number of values.
pub(crate) struct Schema {
    validator: Validator,
    size: usize,
    /// How deep schemas lie within each other, unless references make that endless.
    levels: Option<usize>,
    /// How much all parts of the schema are, and
    parts: u64,
    /// what its references refer to.
    sources: Option<Sources>,
    /// How much there is to do for each byte of the names of properties.
    name_states: u64,
}

/// What does not comply, and where.
pub(crate) struct Violation {
    /// Where in the value, as a JSON pointer.
    pub(crate) path: String,
    pub(crate) message: String,
    pub(crate) keyword: String,
    /// By which part of the schema, with the references on the way.
    pub(crate) schema_path: String,
}

impl Schema {
    /// Compiles a schema to which others are known by their names.
    ///
    /// # Errors
    ///
    /// When it is no schema, refers to an unknown one, or is larger than [`MAX_STEPS_DOWN`].
    pub(crate) fn new(mut schema: Json, mut others: Vec<(String, Json)>) -> Result<Self, ErrorKind> {
        let size = others.iter().map(|(_, schema)| size(schema)).sum::<usize>() + size(&schema);
        if size > MAX_STEPS_DOWN {
            return Err(ErrorKind::NestingLimit);
        }
        without_unknown_types(&mut schema);
        for (_, schema) in &mut others {
            without_unknown_types(schema);
        }
        let levels = (!has_references(&schema)).then(|| levels(&schema));
        let sources = levels
            .is_none()
            .then(|| Sources::new(schema.clone(), others.clone()));
        let parts = values(&schema);
        let schemas = others.iter().map(|(_, schema)| schema);
        let name_states = schemas.chain([&schema]).map(names::states).sum();
        let validator = on_stack(size, || validator(&schema, others))?;
        Ok(Self {
            parts,
            name_states,
            validator,
            size,
            levels,
            sources,
        })
    }

    /// Whether a value complies.
    ///
    /// # Errors
    ///
    /// When it takes too much to tell.
    pub(crate) fn is_valid(&self, subject: &Json) -> Result<bool, ErrorKind> {
        self.bounded(subject, MAX_APPLICATIONS, || self.validator.is_valid(subject))
    }

    /// Up to so many violations.
    ///
    /// # Errors
    ///
    /// When it takes too much to find them.
    pub(crate) fn violations(&self, subject: &Json, limit: usize) -> Result<Vec<Violation>, ErrorKind> {
        self.bounded(subject, MAX_TOLD_APPLICATIONS, || {
            let mut found = Vec::new();
            for error in self.validator.iter_errors(subject) {
                add(&error, &mut found)?;
                if found.len() >= limit {
                    found.truncate(limit);
                    break;
                }
            }
            Ok(found)
        })?
    }

    /// Runs a validation where the stack suffices; that of the caller does for most schemas.
    fn bounded<T: Send>(
        &self,
        subject: &Json,
        most: u64,
        run: impl FnOnce() -> T + Send,
    ) -> Result<T, ErrorKind> {
        let steps = self.size.saturating_mul(levels(subject));
        if steps > MAX_STEPS_DOWN {
            return Err(ErrorKind::NestingLimit);
        }
        let depth = levels(subject);
        let run = || {
            let applications = match &self.sources {
                Some(sources) => sources.applications(depth, values(subject)),
                None => self.parts.saturating_mul(values(subject)),
            };
            let matches = match self.name_states {
                0 => 0,
                states => states.saturating_mul(names::length(subject)),
            };
            if applications > most || matches > MAX_EFFORT {
                return Err(TOO_MUCH);
            }
            let (outcome, is_given_up, effort) = pattern::watched(run);
            Ok((outcome, is_given_up, effort.saturating_add(applications)))
        };
        let watched = match self.levels {
            Some(levels) if levels <= LEVELS_IN_PLACE => run(),
            levels => on_stack(levels.unwrap_or(steps), run),
        };
        let (outcome, is_given_up, effort) = watched?;
        work::note(effort);
        if is_given_up {
            return Err(ErrorKind::PatternTooExpensive);
        }
        Ok(outcome)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Runs what recurses into schemas and values on a stack that surely suffices.
fn on_stack<T: Send>(
    steps: usize,
    run: impl FnOnce() -> Result<T, ErrorKind> + Send,
) -> Result<T, ErrorKind> {
    thread::scope(|scope| {
        let stack = LEAST_STACK + steps * STEP_STACK;
        let thread = thread::Builder::new().stack_size(stack);
        let thread = thread.spawn_scoped(scope, run).map_err(|_| INTERNAL)?;
        thread.join().unwrap_or(Err(INTERNAL))
    })
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
    // Names of properties are matched by patterns whose time is linear.
    let patterns = PatternOptions::regex()
        .size_limit(MAX_PATTERN_SIZE)
        .dfa_size_limit(MAX_PATTERN_SIZE);
    // Without a `$schema` that names another, a schema is one of the draft 2020-12.
    jsonschema::options()
        .with_registry(&registry)
        .offline()
        .should_validate_formats(false)
        .with_pattern_options(patterns)
        .with_keyword("pattern", pattern::keyword)
        .build(schema)
        .map_err(|_| INVALID)
}

/// Adds a violation, instead of one of several alternatives those of all.
fn add(error: &ValidationError<'_>, found: &mut Vec<Violation>) -> Result<(), ErrorKind> {
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

fn one(error: &ValidationError<'_>) -> Violation {
    Violation {
        path: error.instance_path().to_string(),
        message: message::of(error),
        keyword: message::keyword(error).to_owned(),
        schema_path: error.evaluation_path().to_string(),
    }
}

/// Whether schemas may lie within each other endlessly.
fn has_references(schema: &Json) -> bool {
    match schema {
        Json::Array(elements) => elements.iter().any(has_references),
        Json::Object(members) => members.iter().any(|(name, value)| {
            ["$ref", "$dynamicRef", "$recursiveRef", "$schema"].contains(&&**name) || has_references(value)
        }),
        _ => false,
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
