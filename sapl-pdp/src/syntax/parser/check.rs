//! Names that may be declared only once.

use std::collections::HashSet;

use super::{Parsed, Parser};
use crate::syntax::tree::{Policy, VariableDefinition};

/// The variables that are declared at a place.
#[derive(Default)]
pub(super) struct Scope<'o> {
    outer: Option<&'o Scope<'o>>,
    names: HashSet<Box<str>>,
}

impl Scope<'_> {
    /// A scope in which the names of this one are declared already.
    pub(super) fn inner(&self) -> Scope<'_> {
        Scope {
            outer: Some(self),
            names: HashSet::new(),
        }
    }

    /// Notes a variable; a name can't be declared twice.
    pub(super) fn declare(&mut self, parser: &Parser<'_>, variable: &VariableDefinition) -> Parsed<()> {
        let name = &variable.name.name;
        let declared_outside = self.outer.is_some_and(|outer| outer.declares(name));
        if declared_outside || !self.names.insert(name.clone()) {
            return Err(parser.error(format!("variable `{name}` is declared already"), variable.span));
        }
        Ok(())
    }

    fn declares(&self, name: &str) -> bool {
        self.names.contains(name) || self.outer.is_some_and(|outer| outer.declares(name))
    }
}

/// Refuses a set that has two policies of one name.
pub(super) fn refuse_second(parser: &Parser<'_>, policies: &[Policy]) -> Parsed<()> {
    let mut names = HashSet::new();
    match policies.iter().find(|policy| !names.insert(&policy.name.value)) {
        Some(second) => {
            let message = format!("the set has two policies named `{}`", second.name.value);
            Err(parser.error(message, second.name.span))
        }
        None => Ok(()),
    }
}
