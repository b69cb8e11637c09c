//! Paths of names and indices only, such as `$.a.b[0]`.

use serde_json::Value;

use super::{evaluate::normalized, tree::Selector};

/// One step of such a path.
#[derive(Clone, Debug)]
pub(super) enum Key {
    Name(String),
    Index(i64),
}

impl Key {
    pub(super) fn of(selector: &Selector) -> Option<Self> {
        match selector {
            Selector::Name(name) => Some(Self::Name(name.clone())),
            Selector::Index(index) => Some(Self::Index(*index)),
            _ => None,
        }
    }

    /// Takes the child out of its parent, if it is there.
    pub(super) fn remove_from(&self, parent: &mut Value) {
        match (self, parent) {
            (Self::Name(name), Value::Object(object)) => {
                object.remove(name);
            }
            (Self::Index(index), Value::Array(array)) => {
                if let Some(place) = normalized(*index, array.len()) {
                    array.remove(place);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn find<'v>(keys: &[Key], root: &'v Value) -> Option<&'v Value> {
    keys.iter().try_fold(root, |node, key| match (key, node) {
        (Key::Name(name), Value::Object(object)) => object.get(name),
        (Key::Index(index), Value::Array(array)) => array.get(normalized(*index, array.len())?),
        _ => None,
    })
}

pub(super) fn find_mut<'v>(keys: &[Key], root: &'v mut Value) -> Option<&'v mut Value> {
    keys.iter().try_fold(root, |node, key| match (key, node) {
        (Key::Name(name), Value::Object(object)) => object.get_mut(name),
        (Key::Index(index), Value::Array(array)) => {
            let place = normalized(*index, array.len())?;
            array.get_mut(place)
        }
        _ => None,
    })
}
