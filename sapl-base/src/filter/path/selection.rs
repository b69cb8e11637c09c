//! The nodes that a path selects, as a tree, so that changing one does not move or lose another.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evaluate::Step;
use crate::constraint::HandlerError;

/// A node: whether it is selected, and which below it are.
#[derive(Debug, Default)]
pub(super) struct Selection {
    selected: bool,
    members: BTreeMap<String, Selection>,
    elements: BTreeMap<usize, Selection>,
}

impl Selection {
    /// Adds the node at the end of `trail`. Adding it again changes nothing.
    pub(super) fn add(&mut self, trail: &[Step<'_>]) {
        let mut node = self;
        for step in trail {
            node = match step {
                Step::Name(name) => node.members.entry((*name).to_owned()).or_default(),
                Step::Index(index) => node.elements.entry(*index).or_default(),
            };
        }
        node.selected = true;
    }

    /// Changes all selected nodes, those within others first.
    pub(super) fn change(
        &self,
        node: &mut Value,
        change: &mut dyn FnMut(&mut Value) -> Result<(), HandlerError>,
    ) -> Result<(), HandlerError> {
        for (name, below) in &self.members {
            if let Some(child) = node.get_mut(name) {
                below.change(child, change)?;
            }
        }
        for (index, below) in &self.elements {
            if let Some(child) = node.get_mut(*index) {
                below.change(child, change)?;
            }
        }
        if self.selected { change(node) } else { Ok(()) }
    }

    /// Deletes all selected nodes below `node`. False when `node` is selected itself: then nothing is done.
    pub(super) fn delete(&self, node: &mut Value) -> bool {
        if self.selected {
            return false;
        }
        match node {
            Value::Object(object) => {
                for (name, below) in &self.members {
                    if object.get_mut(name).is_some_and(|child| !below.delete(child)) {
                        object.remove(name);
                    }
                }
            }
            Value::Array(array) => {
                let mut index = 0;
                array.retain_mut(|child| {
                    let below = self.elements.get(&index);
                    index += 1;
                    below.is_none_or(|below| below.delete(child))
                });
            }
            _ => {}
        }
        true
    }
}
