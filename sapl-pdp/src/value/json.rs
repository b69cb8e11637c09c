//! From and to the JSON trees of `serde_json`.

use serde_json::{Map, Value as Json};

use super::{Array, MAX_DEPTH, Number, Object, Text, Value};

impl<'a> Value<'a> {
    /// The value of a JSON tree, borrowed from it: nothing is converted until it is looked at.
    #[must_use]
    pub fn from_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Boolean(*value),
            // JSON has no infinities, so every number of a tree has a decimal form.
            Json::Number(number) => Number::from_json(number).map_or(Value::Undefined, Value::Number),
            Json::String(text) => Value::Text(Text::from(text.as_str())),
            Json::Array(elements) => Value::Array(Array::from_json(elements)),
            Json::Object(members) => Value::Object(Object::from_json(members)),
        }
    }

    /// The value as a JSON tree: integers exactly when they fit 64 bits, other numbers as the nearest double.
    ///
    /// # Errors
    ///
    /// [`NotJson`] for what JSON can't say: undefined, errors, numbers beyond every double, nesting deeper than
    /// [`MAX_DEPTH`].
    pub fn to_json(&self) -> Result<Json, NotJson> {
        to_json(self, number_to_json, 0)
    }

    /// The value as a JSON tree to be validated: numbers beyond every double are the outermost ones, and those below
    /// every double the least.
    ///
    /// A larger fraction that would be an integer as a double has no such form: a schema would take it for one.
    pub(crate) fn to_bounded_json(&self) -> Result<Json, NotJson> {
        let bounded = |number: &Number| {
            let signed = |size: f64| {
                let number = if number.is_negative() { -size } else { size };
                serde_json::Number::from_f64(number).ok_or(NotJson)
            };
            let Ok(json) = number_to_json(number) else {
                return signed(f64::MAX);
            };
            match json.as_f64().filter(|_| json.is_f64()) {
                Some(0.0) if !number.is_zero() => signed(f64::from_bits(1)),
                Some(double) if double.fract() == 0.0 && number.to_integer().is_none() => Err(NotJson),
                _ => Ok(json),
            }
        };
        to_json(self, bounded, 0)
    }
}

/// A value has no JSON form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotJson;

impl std::fmt::Display for NotJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the value can't be written as JSON")
    }
}

impl std::error::Error for NotJson {}

type Write = fn(&Number) -> Result<serde_json::Number, NotJson>;

fn to_json(value: &Value<'_>, write: Write, depth: u32) -> Result<Json, NotJson> {
    Ok(match value {
        Value::Undefined | Value::Error(_) => return Err(NotJson),
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Number(number) => Json::Number(write(number)?),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Array(array) => array_to_json(array, write, depth + 1)?,
        Value::Object(object) => object_to_json(object, write, depth + 1)?,
    })
}

#[inline(never)]
fn array_to_json(array: &Array<'_>, write: Write, depth: u32) -> Result<Json, NotJson> {
    if depth > MAX_DEPTH {
        return Err(NotJson);
    }
    let mut elements = Vec::with_capacity(array.len());
    for element in array.iter() {
        elements.push(to_json(&element, write, depth)?);
    }
    Ok(Json::Array(elements))
}

#[inline(never)]
fn object_to_json(object: &Object<'_>, write: Write, depth: u32) -> Result<Json, NotJson> {
    if depth > MAX_DEPTH {
        return Err(NotJson);
    }
    let mut members = Map::new();
    for (key, value) in object.iter() {
        members.insert(key.to_owned(), to_json(&value, write, depth)?);
    }
    Ok(Json::Object(members))
}

fn number_to_json(number: &Number) -> Result<serde_json::Number, NotJson> {
    if let Some(integer) = number.to_i64() {
        return Ok(integer.into());
    }
    if let Some(integer) = number.to_u64() {
        return Ok(integer.into());
    }
    serde_json::Number::from_f64(number.to_f64()).ok_or(NotJson)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_json_tree_comes_back_as_it_was() {
        let tree = json!({"a": [1, 2.5, -7, u64::MAX, true, null, "t"], "b": {"c": {}}});
        assert_eq!(Value::from_json(&tree).to_json(), Ok(tree.clone()));
        assert_eq!(Value::from_json(&tree).into_owned().to_json(), Ok(tree));
    }

    #[test]
    fn numbers_become_integers_where_they_fit_and_doubles_elsewhere() {
        let json = |text: &str| Number::parse(text).map(|number| Value::Number(number).to_json());
        assert_eq!(json("1e3"), Some(Ok(json!(1000))));
        assert_eq!(json("2.50"), Some(Ok(json!(2.5))));
        assert_eq!(json("18446744073709551615"), Some(Ok(json!(u64::MAX))));
        assert_eq!(
            json("18446744073709551616"),
            Some(Ok(json!(18_446_744_073_709_551_616.0)))
        );
        assert_eq!(json("1e-400"), Some(Ok(json!(0.0))));
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        assert_eq!(Value::Undefined.to_json(), Err(NotJson));
        let array: Array<'_> = [Value::Null, Value::Undefined].into_iter().collect();
        assert_eq!(Value::Array(array).to_json(), Err(NotJson));
        assert_eq!(
            Number::parse("1e400").map(|number| Value::Number(number).to_json()),
            Some(Err(NotJson))
        );
    }

    #[test]
    fn what_is_validated_has_the_outermost_numbers_for_those_beyond() {
        let bounded = |text: &str| Number::parse(text).map(|number| Value::Number(number).to_bounded_json());
        assert_eq!(bounded("1e400"), Some(Ok(json!(f64::MAX))));
        assert_eq!(bounded("-1e400"), Some(Ok(json!(f64::MIN))));
        assert_eq!(bounded("1e3"), Some(Ok(json!(1000))));
        assert_eq!(bounded("1e30"), Some(Ok(json!(1e30))));
        assert_eq!(bounded("-1e-400"), Some(Ok(json!(-5e-324))));
        assert_eq!(bounded("57128918749639112672863197.1319"), Some(Err(NotJson)));
        assert_eq!(bounded("9007199254740993.5"), Some(Err(NotJson)));
        assert_eq!(Value::Undefined.to_bounded_json(), Err(NotJson));
    }

    #[test]
    fn nesting_is_written_up_to_its_limit() {
        let nested = |levels: u32| {
            let mut value = Value::Null;
            for _ in 0..levels {
                value = Value::Array([value].into_iter().collect());
            }
            value
        };
        assert!(nested(MAX_DEPTH).to_json().is_ok());
        assert_eq!(nested(MAX_DEPTH + 1).to_json(), Err(NotJson));
    }
}
