//! Whether values that are written fit their types.

use super::schema::Schema;
use super::tree::{Literal, Type, TypeKind};

/// What is wrong with a value for a type; `path` names the argument and the parts of it on the way. Variables fit here.
pub(super) fn problem(schema: &Schema, value: &Literal, kind: &Type, path: &str) -> Option<String> {
    problem_in(schema, value, value, kind, path)
}

/// What is wrong with a part of the `whole`.
fn problem_in(schema: &Schema, whole: &Literal, value: &Literal, kind: &Type, path: &str) -> Option<String> {
    match (kind, value) {
        (_, Literal::Variable(_)) => None,
        (Type::NonNull(_), Literal::Null) => {
            Some(format!("argument '{path}' with value '{value}' must not be null"))
        }
        (Type::NonNull(inner), _) => problem_in(schema, whole, value, inner, path),
        (_, Literal::Null) => None,
        (Type::List(inner), Literal::List(elements)) => {
            let mut numbered = elements.iter().enumerate();
            numbered.find_map(|(index, element)| {
                problem_in(schema, whole, element, inner, &format!("{path}[{index}]"))
            })
        }
        (Type::List(inner), _) => problem_in(schema, whole, value, inner, path),
        (Type::Named(name), _) => of_name(schema, whole, value, name, path),
    }
}

fn of_name(schema: &Schema, whole: &Literal, value: &Literal, name: &str, path: &str) -> Option<String> {
    // An unknown type is told elsewhere.
    let definition = schema.get(name)?;
    let wrong = |reason: String| {
        Some(format!(
            "argument '{path}' with value '{value}' is not a valid '{name}' - {reason}"
        ))
    };
    let expected = |kinds: &str| format!("Expected an AST type of {kinds} but it was a '{}'", value.kind());
    match (definition.kind, value) {
        (TypeKind::Enum, Literal::Enum(of_value)) => {
            if definition.values.iter().any(|(known, _)| known == of_value) {
                return None;
            }
            wrong(format!(
                "Literal value not in allowable values for enum '{name}' - '{value}'"
            ))
        }
        (TypeKind::Enum, _) => wrong(expected("'EnumValue'")),
        (TypeKind::Input, Literal::Object(members)) => {
            let required = definition
                .fields
                .iter()
                .filter(|field| field.kind.is_non_null() && field.default.is_none());
            let missing: Vec<&str> = required
                .filter(|field| !members.iter().any(|(name, _)| *name == field.name))
                .map(|field| &*field.name)
                .collect();
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return Some(format!(
                    "argument '{path}' with value '{whole}' is missing required fields '[{missing}]'"
                ));
            }
            members.iter().find_map(|(member, of_member)| {
                match definition.fields.iter().find(|field| field.name == *member) {
                    Some(field) => {
                        problem_in(schema, whole, of_member, &field.kind, &format!("{path}.{member}"))
                    }
                    None => Some(format!(
                        "argument '{path}' with value '{value}' contains a field not in '{name}': '{member}'"
                    )),
                }
            })
        }
        (TypeKind::Input, _) => Some(format!(
            "argument '{path}' with value '{value}' must be an object type"
        )),
        (TypeKind::Scalar, _) => match (name, value) {
            ("Int", Literal::Integer(text, number)) => {
                let is_in_range = number
                    .to_i64()
                    .is_some_and(|number| i32::try_from(number).is_ok());
                if is_in_range {
                    return None;
                }
                wrong(format!(
                    "Expected value to be in the integer range, but it was a '{text}'"
                ))
            }
            ("Float", Literal::Integer(..) | Literal::Float(..))
            | ("String" | "ID", Literal::Text(_))
            | ("ID", Literal::Integer(..))
            | ("Boolean", Literal::Boolean(_)) => None,
            ("Int", _) => wrong(expected("'IntValue'")),
            ("Float", _) => wrong(expected("'IntValue' or 'FloatValue'")),
            ("String", _) => wrong(expected("'StringValue'")),
            ("ID", _) => wrong(expected("'IntValue' or 'StringValue'")),
            ("Boolean", _) => wrong(expected("'BooleanValue'")),
            _ => None,
        },
        (TypeKind::Object | TypeKind::Interface | TypeKind::Union, _) => None,
    }
}
