//! Arrays: part of a JSON tree, of a program, or computed.

use std::sync::Arc;

use super::Value;

/// An array of values, borrowed from a JSON tree or from other values, or shared.
#[derive(Clone, Debug)]
pub struct Array<'a>(Repr<'a>);

#[derive(Clone, Debug)]
enum Repr<'a> {
    Json(&'a [serde_json::Value]),
    Borrowed(&'a [Value<'a>]),
    Shared(Arc<[Value<'a>]>),
}

impl<'a> Array<'a> {
    /// The array without elements.
    pub const EMPTY: Self = Self(Repr::Borrowed(&[]));

    /// An array of a JSON tree.
    #[must_use]
    pub const fn from_json(elements: &'a [serde_json::Value]) -> Self {
        Self(Repr::Json(elements))
    }

    /// The array of the JSON tree that it is, if it is one.
    #[must_use]
    pub const fn as_json(&self) -> Option<&'a [serde_json::Value]> {
        match self.0 {
            Repr::Json(elements) => Some(elements),
            _ => None,
        }
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Json(elements) => elements.len(),
            Repr::Borrowed(elements) => elements.len(),
            Repr::Shared(elements) => elements.len(),
        }
    }

    /// Whether it has no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at an index from 0; cheap, borrowed where that is possible.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        match &self.0 {
            Repr::Json(elements) => elements.get(index).map(Value::from_json),
            Repr::Borrowed(elements) => elements.get(index).map(Value::reborrow),
            Repr::Shared(elements) => elements.get(index).cloned(),
        }
    }

    /// The elements in order, each borrowed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Value<'_>> + ExactSizeIterator {
        let (json, values): (&[serde_json::Value], &[Value<'a>]) = match &self.0 {
            Repr::Json(elements) => (elements, &[]),
            Repr::Borrowed(elements) => (&[], elements),
            Repr::Shared(elements) => (&[], elements),
        };
        (0..self.len()).map(move |index| match json.get(index) {
            Some(element) => Value::from_json(element),
            None => values.get(index).map_or(Value::Undefined, Value::reborrow),
        })
    }

    /// The elements in order, for building other arrays of them.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = Value<'a>> + ExactSizeIterator {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// The same array, borrowed from this one.
    #[must_use]
    pub fn reborrow<'b>(&'b self) -> Array<'b> {
        Array(match &self.0 {
            Repr::Json(elements) => Repr::Json(elements),
            Repr::Borrowed(elements) => Repr::Borrowed(elements),
            Repr::Shared(elements) => Repr::Borrowed(elements),
        })
    }

    /// The array with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Array<'static> {
        self.elements().map(Value::into_owned).collect()
    }
}

impl<'a> FromIterator<Value<'a>> for Array<'a> {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(elements: I) -> Self {
        Self(Repr::Shared(elements.into_iter().collect()))
    }
}

impl<'a> From<Vec<Value<'a>>> for Array<'a> {
    fn from(elements: Vec<Value<'a>>) -> Self {
        Self(Repr::Shared(elements.into()))
    }
}
