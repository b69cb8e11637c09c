//! JSONPath (RFC 9535): reading paths, and finding and changing what they select.
//!
//! A policy is not trusted to be reasonable: reading takes linear time, and finding takes a bounded number of steps
//! and a bounded stack.

mod budget;
mod evaluate;
mod parse;
mod selection;
mod singular;
#[cfg(test)]
mod tests;
mod tree;

use serde_json::Value;

pub(super) use budget::Budget;
use evaluate::{Stop, Walk};
use selection::Selection;
use singular::Key;
use tree::Segment;

use crate::constraint::HandlerError;

/// The most bytes that a path may have.
pub const MAX_PATH_BYTES: usize = 4096;

/// How deep filters, parentheses and functions may be nested in a path.
pub const MAX_PATH_NESTING: usize = 32;

/// The most nodes that a path may select.
pub const MAX_SELECTED_NODES: usize = 10_000;

/// The most steps that the paths of one constraint may take on one value. Each visited node is about one.
pub const MAX_STEPS: usize = 5_000_000;

/// How deep a path may go into a value, the queries in its filters included.
pub const MAX_DEPTH: usize = 512;

/// How many bytes of text are looked at for one step.
const BYTES_A_STEP: usize = 64;

/// How many steps it costs to compile a pattern that stands in the value.
const PATTERN_COST: usize = 10_000;

/// A path that has been read.
#[derive(Clone, Debug)]
pub(super) struct Path(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Only names and indices: at most one node, reached without any bookkeeping.
    Singular(Vec<Key>),
    General(Vec<Segment>),
}

impl Path {
    /// Reads a path.
    pub(super) fn parse(text: &str) -> Result<Self, HandlerError> {
        let segments = parse::parse(text)?;
        let keys = segments
            .iter()
            .map(|segment| segment.singular().and_then(Key::of))
            .collect();
        Ok(Self(match keys {
            Some(keys) => Form::Singular(keys),
            None => Form::General(segments),
        }))
    }

    /// Whether the path selects something, and all that it selects passes `test`.
    pub(super) fn all(
        &self,
        root: &Value,
        budget: &mut Budget,
        mut test: impl FnMut(&Value) -> bool,
    ) -> Result<bool, HandlerError> {
        match &self.0 {
            Form::Singular(keys) => {
                budget.spend(1 + keys.len())?;
                Ok(singular::find(keys, root).is_some_and(test))
            }
            Form::General(segments) => {
                let mut count = 0;
                let mut all = true;
                let outcome = Walk::new(root, budget).segments(segments, root, &mut |node, _| {
                    count_node(&mut count)?;
                    all = all && test(node);
                    Ok(())
                });
                finish(outcome).map(|()| all && count > 0)
            }
        }
    }

    /// Changes each node that the path selects, those within others first.
    pub(super) fn change(
        &self,
        root: &mut Value,
        budget: &mut Budget,
        mut change: impl FnMut(&mut Value) -> Result<(), HandlerError>,
    ) -> Result<(), HandlerError> {
        match &self.0 {
            Form::Singular(keys) => {
                budget.spend(1 + keys.len())?;
                singular::find_mut(keys, root).map_or(Ok(()), change)
            }
            Form::General(segments) => select(segments, root, budget)?.change(root, &mut change),
        }
    }

    /// Takes each node that the path selects out of the object or array that it is in.
    pub(super) fn delete(&self, root: &mut Value, budget: &mut Budget) -> Result<(), HandlerError> {
        match &self.0 {
            Form::Singular(keys) => {
                budget.spend(1 + keys.len())?;
                let (last, parents) = keys.split_last().ok_or_else(no_parent)?;
                if let Some(parent) = singular::find_mut(parents, root) {
                    last.remove_from(parent);
                }
                Ok(())
            }
            Form::General(segments) => {
                let selection = select(segments, root, budget)?;
                selection.delete(root).then_some(()).ok_or_else(no_parent)
            }
        }
    }
}

fn select(segments: &[Segment], root: &Value, budget: &mut Budget) -> Result<Selection, HandlerError> {
    let mut selection = Selection::default();
    let mut count = 0;
    let outcome = Walk::with_trail(root, budget).segments(segments, root, &mut |_, trail| {
        count_node(&mut count)?;
        selection.add(trail);
        Ok(())
    });
    finish(outcome).map(|()| selection)
}

fn count_node(count: &mut usize) -> Result<(), HandlerError> {
    *count += 1;
    if *count > MAX_SELECTED_NODES {
        return Err(HandlerError::new(format_args!(
            "a path selects more than {MAX_SELECTED_NODES} nodes"
        )));
    }
    Ok(())
}

fn finish(outcome: Result<(), Stop>) -> Result<(), HandlerError> {
    match outcome {
        Ok(()) | Err(Stop::Enough) => Ok(()),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn no_parent() -> HandlerError {
    HandlerError::new("the value as a whole can't be deleted")
}
