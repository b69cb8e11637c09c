//! Which members of a configuration or set a subscription can concern at all.
//!
//! A member whose condition has a false part does not apply, whatever else errs. So a conjunct such as
//! `resource.name == "report"` or `"admin" in subject.roles` need not be evaluated to know that most members don't apply:
//! a table finds those that are left by the value of the path. Each member stands in the tables of one of its conjuncts,
//! that which the fewest others share; where many share it all the same, a table below that one tells them apart by
//! another conjunct. So memory grows with the number of members, not with its square.
//!
//! What can't be told from a table prunes nothing: a path whose value is an error, or membership in something that is
//! no array or object. Members without such a conjunct are always candidates. Candidates are evaluated as if there
//! were no index, in the same order.

use std::collections::HashMap;

use crate::eval::Evaluator;
use crate::value::{NodeId, Value};
pub(crate) use build::INDEXED_FROM;
pub(crate) use candidates::Candidates;
use candidates::Found;
pub(crate) use key::Key;
pub(crate) use requirement::Requirements;

mod build;
mod candidates;
mod key;
mod requirement;

/// A table that is made by who writes policies, and so needs no protection from keys that collide on purpose.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Finds the members that a subscription can concern.
#[derive(Debug)]
pub(crate) struct Index {
    /// How many members there are.
    members: usize,
    /// The first is where a search begins.
    branches: Box<[Branch]>,
    /// What the branches, tables and entries are lists of.
    ids: Box<[u32]>,
}

/// Looks something up by the value of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Probe {
    form: Form,
    /// A node that is a part of the subscription.
    path: NodeId,
}

/// How the value of a path is compared with constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Form {
    /// `path == constant` or `path in [constants]`: the value itself.
    Equal,
    /// `constant in path`: the elements of an array or the values of an object.
    Member,
    /// `path any in [constants]`: the elements of an array.
    Element,
}

/// Where members are told apart by some paths.
#[derive(Debug)]
struct Branch {
    /// Members that no table has.
    always: List,
    tables: Box<[Table]>,
}

/// Members by the value of one path.
#[derive(Debug)]
struct Table {
    probe: Probe,
    /// All members of the table.
    all: List,
    entries: Map<Key<'static>, Entry>,
}

/// The members of one value.
#[derive(Clone, Copy, Debug)]
enum Entry {
    List(List),
    Branch(u32),
}

/// A part of the ids, in ascending order.
#[derive(Clone, Copy, Debug)]
struct List {
    start: u32,
    length: u32,
}

impl Index {
    /// The members that may apply, in order; all others don't.
    pub(crate) fn candidates(&self, evaluator: &Evaluator<'_>) -> Candidates<'_> {
        let mut found = Found::new(self.members);
        let Some((root, _)) = self.branches.split_first() else {
            return Candidates::all(self.members);
        };
        self.search_tables(root, evaluator, &mut found);
        found.and(self.list(root.always))
    }

    fn search_tables(&self, branch: &Branch, evaluator: &Evaluator<'_>, found: &mut Found) {
        for table in &branch.tables {
            self.search(table, evaluator, found);
        }
    }

    fn search(&self, table: &Table, evaluator: &Evaluator<'_>, found: &mut Found) {
        let value = evaluator.subscription_value(table.probe.path);
        let looked_up = match (table.probe.form, &value) {
            (_, Value::Error(_)) => None,
            (Form::Equal, value) => self.look_up(table, value, evaluator, found),
            (Form::Member | Form::Element, Value::Array(array)) => match array.as_json() {
                Some(elements) => elements.iter().try_for_each(|element| {
                    self.look_up(table, &Value::from_json(element), evaluator, found)
                }),
                None => array
                    .iter()
                    .try_for_each(|element| self.look_up(table, &element, evaluator, found)),
            },
            (Form::Member, Value::Object(object)) => object
                .iter()
                .try_for_each(|(_, value)| self.look_up(table, &value, evaluator, found)),
            _ => None,
        };
        if looked_up.is_none() {
            found.extend(self.list(table.all));
        }
    }

    /// Adds the members of one value; `None` when they can't be told from the others.
    fn look_up(
        &self,
        table: &Table,
        value: &Value<'_>,
        evaluator: &Evaluator<'_>,
        found: &mut Found,
    ) -> Option<()> {
        let Some(key) = Key::of(value)? else {
            return Some(());
        };
        match table.entries.get(&key) {
            None => evaluator.spend(1)?,
            Some(Entry::List(list)) => {
                evaluator.spend(list.length.saturating_add(1))?;
                found.extend(self.list(*list));
            }
            Some(Entry::Branch(branch)) => {
                let branch = self.branches.get(*branch as usize)?;
                evaluator.spend(branch.always.length.saturating_add(1))?;
                found.extend(self.list(branch.always));
                self.search_tables(branch, evaluator, found);
            }
        }
        Some(())
    }

    fn list(&self, list: List) -> &[u32] {
        let start = list.start as usize;
        self.ids
            .get(start..start.saturating_add(list.length as usize))
            .unwrap_or_default()
    }
}
