//! Fields of one name in a result: whether they can be one field.

use std::collections::{HashMap, HashSet};

use super::schema::Schema;
use super::tree::{Arguments, Field, Fragment, Selection, SelectionKind, Type, TypeDefinition};
use super::validation::TOO_MUCH;
use crate::value::{ErrorKind, MAX_DEPTH};

/// A path in the result, and why its fields can't be one.
pub(super) type Conflict = (String, String);

/// The conflicts in the selections of an operation whose fragments end; each selection is a step of those that are left.
///
/// # Errors
///
/// When it takes too much to tell.
pub(super) fn of<'d>(
    schema: &'d Schema,
    fragments: &HashMap<&'d str, &'d Fragment>,
    root: &'d TypeDefinition,
    selections: &'d [Selection],
    steps: &mut usize,
) -> Result<Vec<Conflict>, ErrorKind> {
    let mut search = Search {
        schema,
        fragments,
        steps,
        conflicts: Vec::new(),
    };
    search.selections(&[(Some(root), selections)], &mut Vec::new())?;
    Ok(search.conflicts)
}

struct Search<'d, 's> {
    schema: &'d Schema,
    fragments: &'s HashMap<&'d str, &'d Fragment>,
    steps: &'s mut usize,
    conflicts: Vec<Conflict>,
}

/// A field that is asked for, of which type, and its definition if that has it.
#[derive(Clone, Copy)]
struct Asked<'d> {
    of: Option<&'d TypeDefinition>,
    name: &'d str,
    arguments: &'d Arguments,
    field: Option<&'d Field>,
    selections: &'d [Selection],
}

impl<'d> Search<'d, '_> {
    fn selections(
        &mut self,
        selections: &[(Option<&'d TypeDefinition>, &'d [Selection])],
        path: &mut Vec<&'d str>,
    ) -> Result<(), ErrorKind> {
        if path.len() > MAX_DEPTH as usize {
            return Err(TOO_MUCH);
        }
        for (key, asked) in self.collected(selections)? {
            path.push(key);
            self.charge(&asked)?;
            if let Some(reason) = conflict(&asked) {
                self.conflicts.push((path.join("/"), reason));
            } else {
                let below: Vec<_> = asked
                    .iter()
                    .filter(|asked| !asked.selections.is_empty())
                    .map(|asked| {
                        let of = asked.field.and_then(|field| self.schema.get(field.kind.name()));
                        (of, asked.selections)
                    })
                    .collect();
                self.selections(&below, path)?;
            }
            path.pop();
        }
        Ok(())
    }

    /// Counts the comparisons of arguments, each with each.
    fn charge(&mut self, asked: &[Asked<'d>]) -> Result<(), ErrorKind> {
        if let Some((first, others)) = asked.split_first() {
            for other in others {
                let pairs = first.arguments.len().saturating_mul(other.arguments.len());
                *self.steps = self.steps.checked_sub(pairs).ok_or(TOO_MUCH)?;
            }
        }
        Ok(())
    }

    /// The fields by their names in the result, in the order of the first of each name, with those of fragments.
    fn collected(
        &mut self,
        selections: &[(Option<&'d TypeDefinition>, &'d [Selection])],
    ) -> Result<Vec<(&'d str, Vec<Asked<'d>>)>, ErrorKind> {
        let mut groups: Vec<(&'d str, Vec<Asked<'d>>)> = Vec::new();
        let mut places: HashMap<&'d str, usize> = HashMap::new();
        let mut seen = HashSet::new();
        let mut rest: Vec<(Option<&'d TypeDefinition>, &'d Selection)> = Vec::new();
        let all = selections.iter().rev();
        rest.extend(
            all.flat_map(|(of, selections)| selections.iter().rev().map(move |selection| (*of, selection))),
        );
        while let Some((of, selection)) = rest.pop() {
            *self.steps = self.steps.checked_sub(1).ok_or(TOO_MUCH)?;
            let below = selection.selections.iter().rev();
            match &selection.kind {
                SelectionKind::Field {
                    alias,
                    name,
                    arguments,
                } => {
                    let key = alias.as_ref().unwrap_or(name);
                    let place = *places.entry(key).or_insert_with(|| {
                        groups.push((key, Vec::new()));
                        groups.len() - 1
                    });
                    let asked = Asked {
                        of,
                        name,
                        arguments,
                        field: of.and_then(|of| self.schema.field(of, name)),
                        selections: &selection.selections,
                    };
                    if let Some((_, group)) = groups.get_mut(place) {
                        group.push(asked);
                    }
                }
                SelectionKind::Inline(on) => {
                    let of = on.as_ref().map_or(of, |on| self.schema.get(on));
                    rest.extend(below.map(|selection| (of, selection)));
                }
                SelectionKind::Spread(name) => {
                    if let Some(fragment) = self.fragments.get(&**name).filter(|_| seen.insert(name)) {
                        let of = self.schema.get(&fragment.on);
                        rest.extend(fragment.selections.iter().rev().map(|selection| (of, selection)));
                    }
                }
            }
        }
        Ok(groups)
    }
}

/// Why the fields can't be one: each is compared with the first of those with a definition.
fn conflict(asked: &[Asked<'_>]) -> Option<String> {
    let mut defined = asked.iter().filter_map(|asked| asked.field);
    if let Some(first) = defined.next()
        && let Some(reason) = defined.find_map(|field| different_shape(&first.kind, &field.kind))
    {
        return Some(reason);
    }
    // Those of different objects never meet in one.
    let mut firsts: HashMap<Option<&str>, &Asked<'_>> = HashMap::new();
    asked.iter().find_map(|asked| {
        let of = asked.of.map(|of| &*of.name);
        let first = firsts.entry(of).or_insert(asked);
        if first.name != asked.name {
            return Some(format!(
                "'{}' and '{}' are different fields",
                first.name, asked.name
            ));
        }
        let has =
            |arguments: &Arguments, wanted: &(String, _)| arguments.iter().any(|argument| argument == wanted);
        let is_same = first.arguments.len() == asked.arguments.len()
            && first
                .arguments
                .iter()
                .all(|argument| has(asked.arguments, argument));
        (!is_same).then(|| "fields have different arguments".to_owned())
    })
}

fn different_shape(one: &Type, other: &Type) -> Option<String> {
    match (one, other) {
        (Type::NonNull(one), Type::NonNull(other)) => different_shape(one, other),
        (Type::NonNull(_), _) | (_, Type::NonNull(_)) => {
            Some("fields have different nullability shapes".to_owned())
        }
        (Type::List(one), Type::List(other)) => different_shape(one, other),
        (Type::List(_), _) | (_, Type::List(_)) => Some("fields have different list shapes".to_owned()),
        (Type::Named(one), Type::Named(other)) => {
            (one != other).then(|| format!("returns different types '{one}' and '{other}'"))
        }
    }
}
