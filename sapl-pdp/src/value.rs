//! Values of the policy language.
//!
//! A [`Value`] borrows: from the subscription's JSON tree, which is never converted or cloned, and from the constants
//! of the compiled program. What is computed is shared, so that a clone is cheap. Undefined and errors are values.
//!
//! A function of a library gets and gives such values:
//!
//! ```
//! use sapl_pdp::value::{Number, Value};
//!
//! let claims = serde_json::json!({"roles": ["analyst", "admin"], "level": 3});
//! let value = Value::from_json(&claims);
//! let Value::Object(claims) = &value else { return };
//! let Some(Value::Array(roles)) = claims.get("roles") else { return };
//! assert_eq!(roles.get(1), Some(Value::from("admin")));
//! assert_eq!(claims.get("level"), Some(Value::from(Number::from(3_i64))));
//! assert_eq!(format!("{value}"), r#"{"level"=3, "roles"=["analyst", "admin"]}"#);
//! ```

pub use array::Array;
pub use decimal::Decimal;
pub use error::{ErrorKind, EvaluationError, NodeId};
pub use json::NotJson;
pub use number::{MAX_NUMBER_LENGTH, MAX_SCALE, Number};
pub use object::Object;
pub use text::Text;

mod array;
mod decimal;
mod error;
mod json;
mod number;
mod object;
mod text;
mod weight;

use std::fmt;

/// How deep values may be nested to be compared, shown or written. JSON documents stay far below.
pub const MAX_DEPTH: u32 = 192;

/// A value of the policy language.
#[derive(Clone, Debug, Default)]
pub enum Value<'a> {
    /// No value: a missing key, an unknown name.
    #[default]
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A decimal number.
    Number(Number),
    /// A text.
    Text(Text<'a>),
    /// An array; it may hold undefined only as a result of `::`.
    Array(Array<'a>),
    /// An object.
    Object(Object<'a>),
    /// What came out of an operation that failed.
    Error(EvaluationError),
}

/// What a value is, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`Value::Undefined`]
    Undefined,
    /// [`Value::Null`]
    Null,
    /// [`Value::Boolean`]
    Boolean,
    /// [`Value::Number`]
    Number,
    /// [`Value::Text`]
    Text,
    /// [`Value::Array`]
    Array,
    /// [`Value::Object`]
    Object,
    /// [`Value::Error`]
    Error,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Error => "an error",
        })
    }
}

impl<'a> Value<'a> {
    /// An error whose place the evaluator fills in.
    #[must_use]
    pub const fn error(kind: ErrorKind) -> Self {
        Value::Error(EvaluationError::at(kind, NodeId::NOWHERE))
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Value::Undefined => Kind::Undefined,
            Value::Null => Kind::Null,
            Value::Boolean(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::Text(_) => Kind::Text,
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
            Value::Error(_) => Kind::Error,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub const fn as_boolean(&self) -> Option<bool> {
        match self {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub const fn as_array(&self) -> Option<&Array<'a>> {
        match self {
            Value::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether both are equal, as `==` of the language has it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NestingLimit`] when that can't be told within [`MAX_DEPTH`] levels.
    pub fn equals(&self, other: &Value<'_>) -> Result<bool, ErrorKind> {
        equal(self, other, 0, &mut 0)
    }

    /// As [`equals`](Self::equals), and how many values of arrays and objects were looked at.
    pub(crate) fn equals_counted(&self, other: &Value<'_>) -> (Result<bool, ErrorKind>, usize) {
        let mut count = 0;
        (equal(self, other, 0, &mut count), count)
    }

    /// How large the value is when it is written out: the bytes of its texts and keys, and eight for each value in it,
    /// wherever it stands; known beforehand for all that is no part of a JSON tree.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match self {
            Value::Text(text) => weight::OF_VALUE.saturating_add(weight::of_text(text)),
            Value::Array(array) => array.weight(),
            Value::Object(object) => object.weight(),
            _ => weight::OF_VALUE,
        }
    }

    /// Whether it is undefined.
    #[must_use]
    pub const fn is_undefined(&self) -> bool {
        matches!(self, Value::Undefined)
    }

    /// The same value, borrowed from this one.
    #[must_use]
    pub fn reborrow<'b>(&'b self) -> Value<'b> {
        match self {
            Value::Undefined => Value::Undefined,
            Value::Null => Value::Null,
            Value::Boolean(value) => Value::Boolean(*value),
            Value::Number(number) => Value::Number(number.clone()),
            Value::Text(text) => Value::Text(text.reborrow()),
            Value::Array(array) => Value::Array(array.reborrow()),
            Value::Object(object) => Value::Object(object.reborrow()),
            Value::Error(error) => Value::Error(*error),
        }
    }

    /// The value with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Undefined => Value::Undefined,
            Value::Null => Value::Null,
            Value::Boolean(value) => Value::Boolean(value),
            Value::Number(number) => Value::Number(number),
            Value::Text(text) => Value::Text(text.into_owned()),
            Value::Array(array) => Value::Array(array.into_owned()),
            Value::Object(object) => Value::Object(object.into_owned()),
            Value::Error(error) => Value::Error(error),
        }
    }
}

/// Equality of the language: by value, without regard to the order of members or the scale of numbers. Errors are
/// equal when kind and place are. See [`Value::equals`] for values nested deeper than [`MAX_DEPTH`].
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other).unwrap_or(false)
    }
}

// Arrays and objects have functions of their own so that a level of nesting takes little stack.

fn equal(left: &Value<'_>, right: &Value<'_>, depth: u32, count: &mut usize) -> Result<bool, ErrorKind> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Ok(left == right),
        (Value::Number(left), Value::Number(right)) => Ok(left == right),
        (Value::Boolean(left), Value::Boolean(right)) => Ok(left == right),
        (Value::Null, Value::Null) | (Value::Undefined, Value::Undefined) => Ok(true),
        (Value::Array(left), Value::Array(right)) => equal_arrays(left, right, depth + 1, count),
        (Value::Object(left), Value::Object(right)) => equal_objects(left, right, depth + 1, count),
        (Value::Error(left), Value::Error(right)) => Ok(left == right),
        _ => Ok(false),
    }
}

#[inline(never)]
fn equal_arrays(
    left: &Array<'_>,
    right: &Array<'_>,
    depth: u32,
    count: &mut usize,
) -> Result<bool, ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.iter().zip(right.iter()) {
        *count += 1;
        if !equal(&left, &right, depth, count)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[inline(never)]
fn equal_objects(
    left: &Object<'_>,
    right: &Object<'_>,
    depth: u32,
    count: &mut usize,
) -> Result<bool, ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    if left.len() != right.len() {
        return Ok(false);
    }
    for (key, left) in left.iter() {
        *count += 1;
        match right.get(key) {
            Some(right) if equal(&left, &right, depth, count)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<Number> for Value<'_> {
    fn from(number: Number) -> Self {
        Value::Number(number)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Number(value.into())
    }
}

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Value::Number(value.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl<'a> From<Text<'a>> for Value<'a> {
    fn from(text: Text<'a>) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<Array<'a>> for Value<'a> {
    fn from(array: Array<'a>) -> Self {
        Value::Array(array)
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Object(object)
    }
}

impl From<EvaluationError> for Value<'_> {
    fn from(error: EvaluationError) -> Self {
        Value::Error(error)
    }
}

impl From<ErrorKind> for Value<'_> {
    fn from(kind: ErrorKind) -> Self {
        Value::error(kind)
    }
}

/// The text form of the language: `[1, "a"]`, `{"k"=1}`, `undefined`; quotes inside of texts are not escaped.
///
/// A text shows its quotes here; `+` appends texts without them. What is nested deeper than [`MAX_DEPTH`] is shown as `…`.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, f, 0)
    }
}

/// The text form of a value that must be whole: nested deeper than [`MAX_DEPTH`] it is an error of the formatter.
pub(crate) struct Whole<'v, 'a>(pub(crate) &'v Value<'a>);

impl fmt::Display for Whole<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self.0, f, WHOLE)
    }
}

/// Added to the depth when nothing may be left out.
const WHOLE: u32 = 1 << 16;

/// What stands for the depth that is left out.
fn left_out(f: &mut fmt::Formatter<'_>, depth: u32) -> fmt::Result {
    if depth >= WHOLE {
        return Err(fmt::Error);
    }
    f.write_str("…")
}

fn show(value: &Value<'_>, f: &mut fmt::Formatter<'_>, depth: u32) -> fmt::Result {
    match value {
        Value::Undefined => f.write_str("undefined"),
        Value::Null => f.write_str("null"),
        Value::Boolean(value) => write!(f, "{value}"),
        Value::Number(number) => write!(f, "{number}"),
        Value::Text(text) => write!(f, "\"{text}\""),
        Value::Array(array) => show_array(array, f, depth + 1),
        Value::Object(object) => show_object(object, f, depth + 1),
        Value::Error(error) => write!(f, "{error}"),
    }
}

#[inline(never)]
fn show_array(array: &Array<'_>, f: &mut fmt::Formatter<'_>, depth: u32) -> fmt::Result {
    if depth % WHOLE > MAX_DEPTH {
        return left_out(f, depth);
    }
    f.write_str("[")?;
    for (index, element) in array.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        show(&element, f, depth)?;
    }
    f.write_str("]")
}

#[inline(never)]
fn show_object(object: &Object<'_>, f: &mut fmt::Formatter<'_>, depth: u32) -> fmt::Result {
    if depth % WHOLE > MAX_DEPTH {
        return left_out(f, depth);
    }
    f.write_str("{")?;
    for (index, (key, value)) in object.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "\"{key}\"=")?;
        show(&value, f, depth)?;
    }
    f.write_str("}")
}

#[cfg(test)]
mod tests;
