//! How many people are being asked at the moment.

use std::{
    collections::HashMap,
    fmt,
    hash::RandomState,
    sync::{Mutex, PoisonError},
};

use crate::identity::{Principal, Whose};

/// How many calls of a layer may wait for approvals at once.
pub const MAX_PENDING_APPROVALS: usize = 1024;

/// How many calls of one principal may.
pub const MAX_PENDING_APPROVALS_PER_PRINCIPAL: usize = 16;

/// Counts the calls that wait.
#[derive(Default)]
pub(crate) struct Pending {
    key: RandomState,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    all: usize,
    by_principal: HashMap<Principal, usize>,
}

/// A place among those who wait, until it is dropped.
#[must_use]
pub(crate) struct Place<'a> {
    pending: &'a Pending,
    principal: Principal,
}

/// There is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// Too many calls wait.
    All,
    /// Too many of this principal's calls wait.
    Own,
}

impl Pending {
    /// Takes a place.
    ///
    /// # Errors
    /// When as many wait already as may.
    pub(crate) fn enter(&self, whose: &Whose<'_>) -> Result<Place<'_>, Full> {
        let principal = Principal::new(whose, &self.key);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.all >= MAX_PENDING_APPROVALS {
            return Err(Full::All);
        }
        let own = waiting.by_principal.entry(principal).or_default();
        if *own >= MAX_PENDING_APPROVALS_PER_PRINCIPAL {
            return Err(Full::Own);
        }
        *own += 1;
        waiting.all += 1;
        Ok(Place {
            pending: self,
            principal,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self
            .pending
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.all = waiting.all.saturating_sub(1);
        if let Some(own) = waiting.by_principal.get_mut(&self.principal) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                waiting.by_principal.remove(&self.principal);
            }
        }
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_has_as_many_places_as_the_limit_and_gets_them_back() {
        let pending = Pending::default();
        let mara = Whose::Token("mara");
        let mut places: Vec<_> = (0..MAX_PENDING_APPROVALS_PER_PRINCIPAL)
            .map(|_| pending.enter(&mara).ok().unwrap())
            .collect();
        assert_eq!(pending.enter(&mara).err(), Some(Full::Own));
        assert!(pending.enter(&Whose::Anonymous).is_ok());
        places.pop();
        assert!(pending.enter(&mara).is_ok());
        drop(places);
        assert!(pending.waiting.lock().unwrap().by_principal.is_empty());
    }

    #[test]
    fn all_together_have_as_many_places_as_the_limit() {
        let pending = Pending::default();
        let names: Vec<String> = (0..=MAX_PENDING_APPROVALS).map(|at| at.to_string()).collect();
        let mut places: Vec<_> = names
            .iter()
            .take(MAX_PENDING_APPROVALS)
            .map(|name| pending.enter(&Whose::Token(name)).ok().unwrap())
            .collect();
        let last = Whose::Token(&names[MAX_PENDING_APPROVALS]);
        assert_eq!(pending.enter(&last).err(), Some(Full::All));
        places.pop();
        assert!(pending.enter(&last).is_ok());
    }
}
