//! Arrays: part of a JSON tree, of a program, or computed.

use std::sync::Arc;

use super::{Value, weight};

/// An array of values, borrowed from a JSON tree or from other values, or shared.
#[derive(Clone, Debug)]
pub struct Array<'a>(Repr<'a>);

#[derive(Clone, Debug)]
enum Repr<'a> {
    Json(&'a [serde_json::Value]),
    Borrowed(&'a Elements<'a>),
    Shared(Arc<Elements<'a>>),
}

#[derive(Debug)]
struct Elements<'a> {
    values: Box<[Value<'a>]>,
    weight: u64,
}

impl<'a> Array<'a> {
    /// The array without elements.
    pub const EMPTY: Self = Self(Repr::Json(&[]));

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
            Repr::Borrowed(elements) => elements.values.len(),
            Repr::Shared(elements) => elements.values.len(),
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
            Repr::Borrowed(elements) => elements.values.get(index).map(Value::reborrow),
            Repr::Shared(elements) => elements.values.get(index).cloned(),
        }
    }

    /// The elements in order, each borrowed.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Value<'_>> + ExactSizeIterator {
        let (json, values): (&[serde_json::Value], &[Value<'a>]) = match &self.0 {
            Repr::Json(elements) => (elements, &[]),
            Repr::Borrowed(elements) => (&[], &elements.values),
            Repr::Shared(elements) => (&[], &elements.values),
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

    /// See [`Value::weight`]; known beforehand for what is no part of a JSON tree.
    pub(crate) fn weight(&self) -> u64 {
        match &self.0 {
            Repr::Json(elements) => weight::of_elements(elements),
            Repr::Borrowed(elements) => elements.weight,
            Repr::Shared(elements) => elements.weight,
        }
    }

    /// The array with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Array<'static> {
        self.elements().map(Value::into_owned).collect()
    }
}

impl<'a> FromIterator<Value<'a>> for Array<'a> {
    fn from_iter<I: IntoIterator<Item = Value<'a>>>(elements: I) -> Self {
        Self::from(elements.into_iter().collect::<Vec<_>>())
    }
}

impl<'a> From<Vec<Value<'a>>> for Array<'a> {
    fn from(elements: Vec<Value<'a>>) -> Self {
        let weight = elements.iter().fold(weight::OF_VALUE, |weight, element| {
            weight.saturating_add(element.weight())
        });
        let values = elements.into_boxed_slice();
        Self(Repr::Shared(Arc::new(Elements { values, weight })))
    }
}
