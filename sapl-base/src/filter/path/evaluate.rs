//! Walking a value along a path: RFC 9535, section 2, depth first, so that memory is bounded by the depth of the
//! value and not by what a path could select.

mod expression;

use serde_json::Value;

use super::{
    Budget,
    tree::{Segment, Selector, Slice},
};
use crate::constraint::HandlerError;

/// A step to a child.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'v> {
    Name(&'v str),
    Index(usize),
}

/// Why a walk ends before its end.
pub(super) enum Stop {
    /// The visitor has seen enough.
    Enough,
    Failed(HandlerError),
}

/// What is told of each selected node: the node, and how it was reached if that is kept.
pub(super) type Visitor<'s, 'v> = dyn FnMut(&'v Value, &[Step<'v>]) -> Result<(), Stop> + 's;

pub(super) struct Walk<'v, 'b> {
    root: &'v Value,
    budget: &'b mut Budget,
    /// The way to the node under the hand; none where nobody asks for it.
    trail: Option<Vec<Step<'v>>>,
}

impl<'v, 'b> Walk<'v, 'b> {
    /// A walk that keeps the way to each node.
    pub(super) const fn with_trail(root: &'v Value, budget: &'b mut Budget) -> Self {
        Self {
            root,
            budget,
            trail: Some(Vec::new()),
        }
    }

    /// A walk that keeps no way.
    pub(super) const fn new(root: &'v Value, budget: &'b mut Budget) -> Self {
        Self {
            root,
            budget,
            trail: None,
        }
    }

    /// Tells `visit` of each node that `segments` select from `node`, in the order of RFC 9535.
    pub(super) fn segments(
        &mut self,
        segments: &[Segment],
        node: &'v Value,
        visit: &mut Visitor<'_, 'v>,
    ) -> Result<(), Stop> {
        match segments.split_first() {
            None => visit(node, self.trail.as_deref().unwrap_or_default()),
            Some((Segment::Child(selectors), rest)) => self.children(selectors, rest, node, visit),
            Some((Segment::Descendant(selectors), rest)) => self.descendants(selectors, rest, node, visit),
        }
    }

    /// Selects children of `node` and goes on from each.
    fn children(
        &mut self,
        selectors: &[Selector],
        rest: &[Segment],
        node: &'v Value,
        visit: &mut Visitor<'_, 'v>,
    ) -> Result<(), Stop> {
        for selector in selectors {
            self.budget.spend(1)?;
            match selector {
                Selector::Name(name) => {
                    if let Some((name, child)) =
                        node.as_object().and_then(|object| object.get_key_value(name))
                    {
                        self.enter(Step::Name(name), |walk| walk.segments(rest, child, visit))?;
                    }
                }
                Selector::Index(index) => {
                    let array = node.as_array().map(Vec::as_slice).unwrap_or_default();
                    let index = normalized(*index, array.len());
                    if let Some((index, child)) = index.and_then(|at| Some((at, array.get(at)?))) {
                        self.enter(Step::Index(index), |walk| walk.segments(rest, child, visit))?;
                    }
                }
                Selector::Slice(slice) => {
                    let array = node.as_array().map(Vec::as_slice).unwrap_or_default();
                    for index in slice.indices(array.len()) {
                        if let Some(child) = array.get(index) {
                            self.budget.spend(1)?;
                            self.enter(Step::Index(index), |walk| walk.segments(rest, child, visit))?;
                        }
                    }
                }
                Selector::Wildcard => {
                    self.each_child(node, |walk, child| walk.segments(rest, child, visit))?
                }
                Selector::Filter(filter) => self.each_child(node, |walk, child| {
                    if walk.holds(filter, child)? {
                        walk.segments(rest, child, visit)
                    } else {
                        Ok(())
                    }
                })?,
            }
        }
        Ok(())
    }

    /// Selects children of `node` and of everything below it.
    fn descendants(
        &mut self,
        selectors: &[Selector],
        rest: &[Segment],
        node: &'v Value,
        visit: &mut Visitor<'_, 'v>,
    ) -> Result<(), Stop> {
        self.children(selectors, rest, node, visit)?;
        self.each_child(node, |walk, child| {
            walk.descendants(selectors, rest, child, visit)
        })
    }

    fn each_child(
        &mut self,
        node: &'v Value,
        mut go: impl FnMut(&mut Self, &'v Value) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        match node {
            Value::Array(array) => {
                for (index, child) in array.iter().enumerate() {
                    self.budget.spend(1)?;
                    self.enter(Step::Index(index), |walk| go(walk, child))?;
                }
            }
            Value::Object(object) => {
                for (name, child) in object {
                    self.budget.spend(1)?;
                    self.enter(Step::Name(name), |walk| go(walk, child))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, step: Step<'v>, go: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        self.budget.descend()?;
        if let Some(trail) = &mut self.trail {
            trail.push(step);
        }
        let outcome = go(self);
        if let Some(trail) = &mut self.trail {
            trail.pop();
        }
        self.budget.ascend();
        outcome
    }
}

impl From<HandlerError> for Stop {
    fn from(error: HandlerError) -> Self {
        Self::Failed(error)
    }
}

/// The place that an index means, counted from the end when it is negative.
pub(super) fn normalized(index: i64, length: usize) -> Option<usize> {
    let distance = usize::try_from(index.unsigned_abs()).ok()?;
    let place = if index < 0 {
        length.checked_sub(distance)?
    } else {
        distance
    };
    (place < length).then_some(place)
}

impl Slice {
    /// The indices that the slice selects, in its order (RFC 9535, section 2.3.4.2.2).
    fn indices(self, length: usize) -> impl Iterator<Item = usize> {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from_end = |index: i64| {
            if index < 0 {
                length.saturating_add(index)
            } else {
                index
            }
        };
        let (first, last) = if self.step >= 0 {
            let start = from_end(self.start.unwrap_or(0)).clamp(0, length);
            let end = from_end(self.end.unwrap_or(length)).clamp(0, length);
            (start, end)
        } else {
            let start = self.start.map_or(length - 1, from_end).clamp(-1, length - 1);
            let end = self.end.map_or(-1, from_end).clamp(-1, length - 1);
            (start, end)
        };
        let step = self.step;
        let inside = move |index: &i64| {
            if step > 0 {
                *index < last
            } else {
                step < 0 && *index > last
            }
        };
        std::iter::successors(Some(first), move |index| index.checked_add(step))
            .take_while(inside)
            .filter_map(|index| usize::try_from(index).ok())
    }
}
