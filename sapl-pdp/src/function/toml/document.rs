//! The tables of a document while it is read.

use std::collections::HashMap;

use super::reader::INVALID;
use crate::value::{ErrorKind, MAX_DEPTH, Object, Text, Value};

/// Tables by number, so that nothing is nested while it grows.
pub(super) struct Document {
    tables: Vec<Table>,
}

/// A table of a document.
struct Table {
    origin: Origin,
    depth: u32,
    members: Vec<(String, Member)>,
    places: HashMap<String, usize>,
}

/// How a table came to be, which tells what may be added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The way to another table in a header.
    Implicit,
    /// A header of its own.
    Header,
    /// The way to a member in a dotted key.
    Dotted,
    /// Braces.
    Inline,
}

enum Member {
    Value(Value<'static>),
    Table(usize),
    Tables(Vec<usize>),
}

/// The table that has no name.
pub(super) const ROOT: usize = 0;

impl Document {
    pub(super) fn new() -> Self {
        let mut document = Self { tables: Vec::new() };
        document.add(Origin::Header, 0);
        document
    }

    fn add(&mut self, origin: Origin, depth: u32) -> usize {
        self.tables.push(Table {
            origin,
            depth,
            members: Vec::new(),
            places: HashMap::new(),
        });
        self.tables.len() - 1
    }

    /// A table in braces within another one.
    pub(super) fn inline(&mut self, depth: u32) -> Result<usize, ErrorKind> {
        check(depth)?;
        Ok(self.add(Origin::Inline, depth))
    }

    pub(super) fn depth(&self, table: usize) -> u32 {
        self.tables.get(table).map_or(0, |table| table.depth)
    }

    fn member(&self, table: usize, key: &str) -> Option<&Member> {
        let table = self.tables.get(table)?;
        table
            .members
            .get(*table.places.get(key)?)
            .map(|(_, member)| member)
    }

    fn insert(&mut self, table: usize, key: String, member: Member) -> Result<(), ErrorKind> {
        let table = self.tables.get_mut(table).ok_or(INVALID)?;
        if table.places.insert(key.clone(), table.members.len()).is_some() {
            return Err(INVALID);
        }
        table.members.push((key, member));
        Ok(())
    }

    fn insert_table(&mut self, table: usize, key: String, origin: Origin) -> Result<usize, ErrorKind> {
        let depth = self.depth(table) + 1;
        check(depth)?;
        let new = self.add(origin, depth);
        self.insert(table, key, Member::Table(new))?;
        Ok(new)
    }

    /// The table of a header; with two brackets a new one in an array.
    pub(super) fn header(&mut self, mut path: Vec<String>, in_array: bool) -> Result<usize, ErrorKind> {
        let key = path.pop().ok_or(INVALID)?;
        let mut table = ROOT;
        for key in path {
            table = match self.member(table, &key) {
                Some(Member::Table(inner)) => *inner,
                Some(Member::Tables(tables)) => *tables.last().ok_or(INVALID)?,
                Some(Member::Value(_)) => return Err(INVALID),
                None => self.insert_table(table, key, Origin::Implicit)?,
            };
            if self.origin(table) == Some(Origin::Inline) {
                return Err(INVALID);
            }
        }
        if in_array {
            return self.next_of_array(table, key);
        }
        let Some(member) = self.member(table, &key) else {
            return self.insert_table(table, key, Origin::Header);
        };
        let Member::Table(inner) = *member else {
            return Err(INVALID);
        };
        match self.tables.get_mut(inner) {
            Some(table) if table.origin == Origin::Implicit => table.origin = Origin::Header,
            _ => return Err(INVALID),
        }
        Ok(inner)
    }

    fn next_of_array(&mut self, table: usize, key: String) -> Result<usize, ErrorKind> {
        // The array is a level of its own.
        let depth = self.depth(table) + 2;
        check(depth)?;
        let new = self.add(Origin::Header, depth);
        let owner = self.tables.get_mut(table).ok_or(INVALID)?;
        match owner
            .places
            .get(&key)
            .and_then(|place| owner.members.get_mut(*place))
        {
            Some((_, Member::Tables(tables))) => tables.push(new),
            Some(_) => return Err(INVALID),
            None => self.insert(table, key, Member::Tables(vec![new]))?,
        }
        Ok(new)
    }

    fn origin(&self, table: usize) -> Option<Origin> {
        self.tables.get(table).map(|table| table.origin)
    }

    /// The table in which the last of some keys belongs.
    pub(super) fn on_the_way(&mut self, table: usize, keys: &[String]) -> Result<usize, ErrorKind> {
        let mut table = table;
        for key in keys {
            table = match self.member(table, key) {
                Some(Member::Table(inner)) if self.origin(*inner) == Some(Origin::Dotted) => *inner,
                Some(_) => return Err(INVALID),
                None => self.insert_table(table, key.clone(), Origin::Dotted)?,
            };
        }
        Ok(table)
    }

    pub(super) fn set(&mut self, table: usize, key: String, value: Value<'static>) -> Result<(), ErrorKind> {
        self.insert(table, key, Member::Value(value))
    }

    /// What a table holds, as a value.
    pub(super) fn value(&mut self, table: usize) -> Value<'static> {
        let members = match self.tables.get_mut(table) {
            Some(table) => std::mem::take(&mut table.members),
            None => Vec::new(),
        };
        let mut values = Vec::with_capacity(members.len());
        for (key, member) in members {
            let value = match member {
                Member::Value(value) => value,
                Member::Table(table) => self.value(table),
                Member::Tables(tables) => {
                    Value::Array(tables.into_iter().map(|table| self.value(table)).collect())
                }
            };
            values.push((Text::from(key), value));
        }
        Value::Object(values.into_iter().collect::<Object<'static>>())
    }
}

fn check(depth: u32) -> Result<(), ErrorKind> {
    if depth >= MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    Ok(())
}
