//! `graphql`: what a GraphQL query asks for.
//!
//! A query is validated against a schema of objects, enums and input objects; nothing here can resolve interfaces, unions and
//! scalars of its own, so a schema with them is refused, as in SAPL.

use super::arguments::{Outcome, code, object, text};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Object, Value};

use tree::{Definitions, TypeDefinition, TypeKind};

mod analysis;
mod conflict;
mod definitions;
mod lexer;
mod literal;
mod query;
mod schema;
mod tree;
mod validation;

const NAME: &str = "graphql";

/// The longest query or schema that is read, in bytes.
const MAX_QUERY: usize = 512 * 1024;

/// The most members that a type of a schema may have.
const MAX_MEMBERS: usize = 1000;

const NO_OPERATION: &str = "No operation definition found.";
const TOO_WIDE: ErrorKind = ErrorKind::Function("a type of the schema has too many members");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "analyzeQuery",
        &[Parameter::text("query")],
        "the fields, the depth, the arguments and other measures of a query",
        code!(analyze_query),
    ),
    Function::new(
        NAME,
        "complexity",
        &[Parameter::object("parsed"), Parameter::object("fieldWeights")],
        "the weights of the fields of an analysed query, 1 for others, and twice its depth",
        code!(complexity),
    ),
    Function::new(
        NAME,
        "parseSchema",
        &[Parameter::text("schema")],
        "the types and directives that a schema defines",
        code!(parse_schema),
    ),
    Function::new(
        NAME,
        "validateQuery",
        &[Parameter::text("query"), Parameter::text("schema")],
        "whether a query fits a schema, why not, and what `analyzeQuery` tells",
        code!(validate_query),
    ),
];

fn analyze_query<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    if text.len() > MAX_QUERY {
        return Ok(analysis::invalid(&too_large("Query")));
    }
    Ok(match query::parse(text) {
        Ok(document) if document.operations.is_empty() => analysis::invalid(NO_OPERATION),
        Ok(document) => analysis::of(&document),
        Err(problem) => analysis::invalid(&problem.message),
    })
}

fn complexity<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (parsed, weights) = (object(arguments, 0)?, object(arguments, 1)?);
    let Some(Value::Array(fields)) = parsed.get("fields") else {
        return Ok(Value::from(0_i64));
    };
    let whole = |value: Option<Value<'_>>, otherwise: i64| match value {
        Some(Value::Number(number)) => truncated(&number).ok_or(ErrorKind::NumberOutOfRange),
        _ => Ok(otherwise),
    };
    let mut complexity = whole(parsed.get("depth"), 1)?.saturating_mul(2);
    for field in fields.iter() {
        if let Value::Text(field) = field {
            complexity = complexity.saturating_add(whole(weights.get(&field), 1)?);
        }
    }
    Ok(complexity.into())
}

fn too_large(what: &str) -> String {
    format!("{what} exceeds maximum size of {MAX_QUERY} bytes.")
}

fn parse_schema<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let definitions = if text.len() > MAX_QUERY {
        Err(too_large("Schema"))
    } else {
        definitions::parse(text)
    };
    Ok(match definitions {
        Ok(definitions) => analysis::named(vec![("valid", true.into()), ("ast", defined(&definitions))]),
        Err(problem) => analysis::named(vec![
            ("valid", false.into()),
            ("ast", Value::Object(Object::default())),
            ("errors", analysis::texts(vec![problem])),
        ]),
    })
}

/// What a schema defines, and the scalars that every schema has.
fn defined<'a>(definitions: &Definitions) -> Value<'a> {
    let node = |(kind, name): (&'static str, &str)| {
        analysis::named(vec![("kind", kind.into()), ("name", name.to_owned().into())])
    };
    let own = definitions
        .types
        .iter()
        .filter(|definition| !definition.is_extension);
    let is_scalar = |definition: &&TypeDefinition| definition.kind == TypeKind::Scalar;
    let types = own
        .clone()
        .filter(|definition| !is_scalar(definition))
        .map(|definition| {
            let kind = match definition.kind {
                TypeKind::Object => "ObjectTypeDefinition",
                TypeKind::Interface => "InterfaceTypeDefinition",
                TypeKind::Union => "UnionTypeDefinition",
                TypeKind::Enum => "EnumTypeDefinition",
                TypeKind::Input => "InputObjectTypeDefinition",
                TypeKind::Scalar => "ScalarTypeDefinition",
            };
            (kind, &*definition.name)
        });
    let is_new = |name: &&str| !schema::SCALARS.contains(name);
    let own_scalars = own
        .filter(is_scalar)
        .map(|definition| &*definition.name)
        .filter(is_new);
    let scalars = schema::SCALARS.iter().copied().chain(own_scalars);
    let scalars = scalars.map(|name| ("ScalarTypeDefinition", name));
    let directives = definitions
        .directives
        .iter()
        .map(|definition| analysis::named(vec![("name", definition.name.clone().into())]));
    analysis::named(vec![
        ("types", Value::Array(types.chain(scalars).map(node).collect())),
        ("directives", Value::Array(directives.collect())),
    ])
}

fn validate_query<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (query, schema) = (text(arguments, 0)?, text(arguments, 1)?);
    if query.len() > MAX_QUERY {
        return Ok(analysis::invalid(&too_large("Query")));
    }
    let document = match query::parse(query) {
        Ok(document) => document,
        Err(problem) => return Ok(analysis::invalid(&problem.message)),
    };
    if schema.len() > MAX_QUERY {
        return Ok(analysis::invalid(&too_large("Schema")));
    }
    let refused = |problem: &str| {
        Ok(analysis::failed(vec![format!(
            "Schema parsing failed: {problem}"
        )]))
    };
    let definitions = match definitions::parse(schema) {
        Ok(definitions) => definitions,
        Err(problem) => return refused(&problem),
    };
    let is_wide = |definition: &TypeDefinition| {
        let arguments = definition.fields.iter().map(|field| field.arguments.len());
        let widest = arguments.max().unwrap_or(0).max(definition.fields.len());
        widest.max(definition.values.len()) > MAX_MEMBERS
    };
    if definitions.types.iter().any(is_wide) {
        return Err(TOO_WIDE);
    }
    let schema = match schema::Schema::new(definitions) {
        Ok(schema) => schema,
        Err(schema::Unusable::Told(problem)) => return refused(&problem),
        Err(schema::Unusable::Error(kind)) => return Err(kind),
    };
    let errors = validation::errors(&document, &schema)?;
    Ok(if !errors.is_empty() {
        analysis::failed(errors)
    } else if document.operations.is_empty() {
        analysis::invalid(NO_OPERATION)
    } else {
        analysis::of(&document)
    })
}

/// The number without its fraction, if it is small enough to count with.
fn truncated(number: &crate::value::Number) -> Option<i64> {
    let value = number.to_f64();
    let is_small = value.abs() < f64::from(i32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is small, and its fraction is cut off"
    )]
    is_small.then_some(value as i64)
}

#[cfg(test)]
mod tests;
