//! What is told of violations, in the words that SAPL has for them.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value as Json;

/// The keyword that is violated.
pub(super) fn keyword<'e>(error: &'e ValidationError<'_>) -> &'e str {
    match error.kind() {
        ValidationErrorKind::Contains => "minContains",
        ValidationErrorKind::FalseSchema => "false",
        kind => kind.keyword(),
    }
}

/// The message for a violation.
pub(super) fn of(error: &ValidationError<'_>) -> String {
    let size = || match &**error.instance() {
        Json::Array(elements) => elements.len(),
        _ => 0,
    };
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let expected = match kind {
                TypeKind::Single(kind) => kind.to_string(),
                TypeKind::Multiple(kinds) => {
                    let kinds: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
                    format!("[{}]", kinds.join(", "))
                }
            };
            format!("{} found, {expected} expected", kind_of(error.instance()))
        }
        ValidationErrorKind::Minimum { limit } => format!("must have a minimum value of {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must have a maximum value of {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("must have an exclusive minimum value of {limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("must have an exclusive maximum value of {limit}")
        }
        ValidationErrorKind::MultipleOf { multiple_of } => format!("must be multiple of {multiple_of}"),
        ValidationErrorKind::MinLength { limit } => format!("must be at least {limit} characters long"),
        ValidationErrorKind::MaxLength { limit } => format!("must be at most {limit} characters long"),
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        ValidationErrorKind::MinItems { limit } => {
            format!("must have at least {limit} items but found {}", size())
        }
        ValidationErrorKind::MaxItems { limit } => {
            format!("must have at most {limit} items but found {}", size())
        }
        ValidationErrorKind::UniqueItems => "must have only unique items in the array".to_owned(),
        ValidationErrorKind::MinProperties { limit } => format!("must have at least {limit} properties"),
        ValidationErrorKind::MaxProperties { limit } => format!("must have at most {limit} properties"),
        ValidationErrorKind::Required { property } => {
            format!("required property '{}' not found", plain(property))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = match &**options {
                Json::Array(options) => options.iter().map(Json::to_string).collect(),
                option => vec![option.to_string()],
            };
            format!(
                "does not have a value in the enumeration [{}]",
                options.join(", ")
            )
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("must be the constant value '{}'", plain(expected_value))
        }
        ValidationErrorKind::Not { schema } => format!("must not be valid to the schema {schema}"),
        ValidationErrorKind::OneOfNotValid { .. } => {
            "must be valid to one and only one schema, but 0 are valid".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => format!(
            "property '{}' is not defined in the schema and the schema does not allow additional properties",
            unexpected.join("', '")
        ),
        ValidationErrorKind::UnevaluatedProperties { unexpected } => format!(
            "property '{}' is not evaluated and the schema does not allow unevaluated properties",
            unexpected.join("', '")
        ),
        ValidationErrorKind::PropertyNames { error } => {
            format!(
                "property '{}' name is not valid: {}",
                plain(error.instance()),
                of(error)
            )
        }
        _ => error.to_string(),
    }
}

/// A text without quotes, anything else as JSON.
fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}
