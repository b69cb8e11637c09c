//! Reading the fields of a constraint, strictly: an option that is misspelt must not be ignored.

use serde_json::{Map, Value};

use crate::constraint::HandlerError;

/// The entries of a constraint's list, each an object that has no other fields than `known`.
pub(super) fn entries<'c>(
    constraint: &'c Value,
    list: &str,
    known: &'static [&'static str],
) -> Result<Option<Vec<Entry<'c>>>, HandlerError> {
    let Some(entries) = constraint.get(list) else {
        return Ok(None);
    };
    let entries = entries
        .as_array()
        .ok_or_else(|| HandlerError::new(format_args!("`{list}` is not a list")))?;
    let entry = |(index, entry): (usize, &'c Value)| {
        let place = Place {
            list: list.to_owned(),
            index,
        };
        let fields = entry.as_object().ok_or_else(|| place.error("is not an object"))?;
        match fields.keys().any(|field| !known.contains(&field.as_str())) {
            true => Err(place.error(&format!("has another field than {}", known.join(", ")))),
            false => Ok(Entry { fields, place }),
        }
    };
    entries
        .iter()
        .enumerate()
        .map(entry)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// An action or a condition.
pub(super) struct Entry<'c> {
    fields: &'c Map<String, Value>,
    place: Place,
}

struct Place {
    list: String,
    index: usize,
}

impl<'c> Entry<'c> {
    pub(super) fn optional(&self, field: &str) -> Option<&'c Value> {
        self.fields.get(field)
    }

    pub(super) fn required(&self, field: &str) -> Result<&'c Value, HandlerError> {
        self.optional(field)
            .ok_or_else(|| self.error(&format!("has no `{field}`")))
    }

    pub(super) fn text(&self, field: &str) -> Result<&'c str, HandlerError> {
        let text = self.required(field)?.as_str();
        text.ok_or_else(|| self.error(&format!("has a `{field}` that is not a text")))
    }

    pub(super) fn optional_text(&self, field: &str) -> Result<Option<&'c str>, HandlerError> {
        self.optional(field).map(|_| self.text(field)).transpose()
    }

    /// A whole number that is not negative.
    pub(super) fn optional_count(&self, field: &str) -> Result<Option<usize>, HandlerError> {
        self.optional(field)
            .map(|value| {
                let whole = value
                    .as_f64()
                    .filter(|float| float.fract() == 0.0 && *float >= 0.0);
                let count = value.as_u64().or_else(|| whole.map(|float| float as u64));
                count
                    .map(|count| usize::try_from(count).unwrap_or(usize::MAX))
                    .ok_or_else(|| self.error(&format!("has a `{field}` that is not a whole number from 0")))
            })
            .transpose()
    }

    /// Says in which entry it was, not what stands there.
    pub(super) fn error(&self, what: &str) -> HandlerError {
        self.place.error(what)
    }

    /// Says in which entry an error was.
    pub(super) fn locate(&self, error: &HandlerError) -> HandlerError {
        self.place.error(&format!("failed: {}", error.message()))
    }
}

impl Place {
    fn error(&self, what: &str) -> HandlerError {
        HandlerError::new(format_args!("`{}[{}]` {what}", self.list, self.index))
    }
}
