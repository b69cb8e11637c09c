//! From requirements to tables.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::key::Key;
use super::requirement::{Requirement, Requirements};
use super::{Branch, Entry, Index, List, Map, Probe, Table};
use crate::compile::{Member, Policy};

/// Fewer members than this are looked at one by one.
pub(crate) const INDEXED_FROM: usize = 5;

/// More members than this under one value are told apart by another path, where that helps.
const SPLIT_ABOVE: usize = 8;

/// How many paths may tell members apart, one below the other.
const MAX_LEVELS: u8 = 3;

/// How many places in tables there are for each member, and for all together.
const PLACES_EACH: usize = 8;
const PLACES: usize = 65_536;

impl Index {
    /// An index of the members of a configuration, if there are so many and it helps.
    pub(crate) fn of_members(
        requirements: &mut Requirements<'_>,
        members: &[Member],
        indexed_from: usize,
    ) -> Option<Self> {
        Self::of(requirements, members, indexed_from, Requirements::of_member)
    }

    /// An index of the policies of a set, if there are so many and it helps.
    pub(crate) fn of_policies(
        requirements: &mut Requirements<'_>,
        policies: &[Policy],
        indexed_from: usize,
    ) -> Option<Self> {
        Self::of(requirements, policies, indexed_from, Requirements::of_policy)
    }

    fn of<'p, M>(
        requirements: &mut Requirements<'p>,
        members: &[M],
        indexed_from: usize,
        of: impl Fn(&mut Requirements<'p>, &M) -> Vec<Rc<Requirement>>,
    ) -> Option<Self> {
        if members.len() < indexed_from {
            return None;
        }
        let items: Vec<Item> = members
            .iter()
            .zip(0..)
            .map(|(member, id)| Item {
                id,
                requires: of(requirements, member),
            })
            .collect();
        if items.iter().all(|item| item.requires.is_empty()) {
            return None;
        }
        let mut builder = Builder {
            probes: &requirements.probes,
            branches: Vec::new(),
            ids: Vec::new(),
            places: members.len() * PLACES_EACH + PLACES,
        };
        builder.branch(&items, 1);
        Some(Self {
            members: members.len(),
            branches: builder.branches.into(),
            ids: builder.ids.into(),
        })
    }
}

/// A member, and what it requires in any case that was not looked at yet.
#[derive(Clone, Debug)]
struct Item {
    id: u32,
    requires: Vec<Rc<Requirement>>,
}

struct Builder<'r> {
    probes: &'r [Probe],
    branches: Vec<Branch>,
    ids: Vec<u32>,
    /// How many places are left.
    places: usize,
}

/// The tables of a branch by probe, with members as places among the items of the branch.
type Tables<'i> = BTreeMap<u32, Entered<'i>>;

#[derive(Default)]
struct Entered<'i> {
    /// All of them, also those that no key finds.
    all: Vec<usize>,
    by_key: Map<&'i Key<'static>, Vec<usize>>,
}

impl Builder<'_> {
    /// Adds a branch for the items, which are in the order of their ids.
    fn branch(&mut self, items: &[Item], level: u8) -> u32 {
        let chosen = choices(items);
        let number = u32::try_from(self.branches.len()).unwrap_or(u32::MAX);
        self.branches.push(Branch {
            always: List::EMPTY,
            tables: Box::default(),
        });
        let mut always = Vec::new();
        let mut tables = Tables::new();
        for (place, (item, choice)) in items.iter().zip(&chosen).enumerate() {
            let required = choice.and_then(|choice| item.requires.get(choice));
            match required.and_then(|required| Some((required, self.places.checked_sub(required.keys())?))) {
                Some((required, left)) => {
                    self.places = left;
                    enter(&mut tables, place, required);
                }
                None => always.push(item.id),
            }
        }
        let always = self.list(&always);
        let tables = tables
            .into_iter()
            .filter_map(|(probe, entered)| self.table(probe, entered, items, &chosen, level))
            .collect();
        if let Some(branch) = self.branches.get_mut(number as usize) {
            *branch = Branch { always, tables };
        }
        number
    }

    fn table(
        &mut self,
        probe: u32,
        entered: Entered<'_>,
        items: &[Item],
        chosen: &[Option<usize>],
        level: u8,
    ) -> Option<Table> {
        let all = entered.all.iter().filter_map(|place| items.get(*place));
        let all: Vec<u32> = all.map(|item| item.id).collect();
        let mut entries = Map::with_capacity_and_hasher(entered.by_key.len(), Default::default());
        for (key, places) in entered.by_key {
            let members = places.iter().filter_map(|place| {
                let item = items.get(*place)?;
                let mut requires = item.requires.clone();
                if let Some(Some(choice)) = chosen.get(*place) {
                    requires.remove(*choice);
                }
                Some(Item {
                    id: item.id,
                    requires,
                })
            });
            let members: Vec<Item> = members.collect();
            entries.insert(key.clone(), self.entry(&members, level));
        }
        Some(Table {
            probe: *self.probes.get(probe as usize)?,
            all: self.list(&all),
            entries,
        })
    }

    fn entry(&mut self, members: &[Item], level: u8) -> Entry {
        if members.len() > SPLIT_ABOVE && level < MAX_LEVELS && is_told_apart(members) {
            return Entry::Branch(self.branch(members, level + 1));
        }
        let ids: Vec<u32> = members.iter().map(|member| member.id).collect();
        Entry::List(self.list(&ids))
    }

    fn list(&mut self, ids: &[u32]) -> List {
        let start = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.extend_from_slice(ids);
        List {
            start,
            length: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        }
    }
}

fn enter<'i>(tables: &mut Tables<'i>, place: usize, required: &'i Requirement) {
    for atom in &required.atoms {
        let table = tables.entry(atom.probe).or_default();
        add(&mut table.all, place);
        for key in atom.keys.iter() {
            add(table.by_key.entry(key).or_default(), place);
        }
    }
}

/// Adds the place that is not lower than the last, unless it is there.
fn add(places: &mut Vec<usize>, place: usize) {
    if places.last() != Some(&place) {
        places.push(place);
    }
}

/// For each item which of the things that it requires the fewest others share; none when it requires nothing.
fn choices(items: &[Item]) -> Vec<Option<usize>> {
    let shared = sharing(items);
    let choice = |item: &Item| {
        let ranked = item.requires.iter().enumerate().min_by_key(|(_, required)| {
            let cost = cost(required, &shared);
            (cost, required.atoms.len(), required.keys())
        });
        ranked.map(|(choice, _)| choice)
    };
    items.iter().map(choice).collect()
}

/// Whether another table leaves less than half of the members.
fn is_told_apart(items: &[Item]) -> bool {
    let shared = sharing(items);
    let left: usize = items
        .iter()
        .map(|item| {
            let costs = item.requires.iter().map(|required| cost(required, &shared));
            costs.min().unwrap_or(items.len())
        })
        .sum();
    left.saturating_mul(2) < items.len().saturating_mul(items.len())
}

/// How many items share a key under a probe.
type Sharing<'i> = Map<(u32, &'i Key<'static>), usize>;

fn sharing(items: &[Item]) -> Sharing<'_> {
    let mut shared = Sharing::default();
    for atom in items
        .iter()
        .flat_map(|item| &item.requires)
        .flat_map(|required| &required.atoms)
    {
        for key in atom.keys.iter() {
            *shared.entry((atom.probe, key)).or_default() += 1;
        }
    }
    shared
}

/// With how many items this one is found, at worst.
fn cost(required: &Requirement, shared: &Sharing<'_>) -> usize {
    let of_atom = |atom: &super::requirement::Atom| {
        let counts = atom
            .keys
            .iter()
            .map(|key| shared.get(&(atom.probe, key)).copied());
        counts.flatten().max().unwrap_or_default()
    };
    required.atoms.iter().map(of_atom).sum()
}

impl List {
    const EMPTY: Self = Self { start: 0, length: 0 };
}
