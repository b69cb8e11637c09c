//! Members that may apply.

use std::iter::Peekable;
use std::slice::Iter;

/// So many members are found without an allocation.
const IN_PLACE: usize = 24;

/// The members that may apply, in ascending order.
#[derive(Debug)]
pub(crate) enum Candidates<'i> {
    /// Each of so many.
    All(usize),
    /// Those of a list and those that were found.
    Few { always: &'i [u32], found: InPlace },
    /// A bit for each.
    Many(Vec<u64>),
}

/// A few ids, in ascending order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InPlace {
    ids: [u32; IN_PLACE],
    length: usize,
}

impl<'i> Candidates<'i> {
    pub(crate) const fn all(members: usize) -> Self {
        Self::All(members)
    }

    /// The candidates with their places among `members`.
    pub(crate) fn of<'c, 'm, M>(
        &'c self,
        members: &'m [M],
    ) -> impl Iterator<Item = (usize, &'m M)> + use<'i, 'c, 'm, M> {
        self.places()
            .filter_map(|place| members.get(place).map(|member| (place, member)))
    }

    fn places(&self) -> Places<'_> {
        match self {
            Self::All(members) => Places::All(0..*members),
            Self::Few { always, found } => Places::Few {
                always: always.iter().peekable(),
                found: found.as_slice().iter().peekable(),
            },
            Self::Many(words) => Places::Many {
                word: words.first().copied().unwrap_or(0),
                base: 0,
                rest: words.get(1..).unwrap_or_default().iter(),
            },
        }
    }
}

enum Places<'c> {
    All(std::ops::Range<usize>),
    Few {
        always: Peekable<Iter<'c, u32>>,
        found: Peekable<Iter<'c, u32>>,
    },
    Many {
        /// The bits of the word that starts at `base` that are left.
        word: u64,
        base: usize,
        rest: Iter<'c, u64>,
    },
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::All(range) => range.next(),
            Self::Few { always, found } => {
                let next = match (always.peek(), found.peek()) {
                    (Some(one), Some(other)) if one <= other => {
                        if one == other {
                            found.next();
                        }
                        always.next()
                    }
                    (Some(_), None) => always.next(),
                    _ => found.next(),
                };
                next.map(|id| *id as usize)
            }
            Self::Many { word, base, rest } => {
                while *word == 0 {
                    *word = *rest.next()?;
                    *base += WORD;
                }
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                Some(*base + bit)
            }
        }
    }
}

/// What a search has found so far.
#[derive(Debug)]
pub(super) struct Found {
    members: usize,
    few: InPlace,
    many: Option<Vec<u64>>,
}

/// Bits of a word.
const WORD: usize = 64;

impl Found {
    pub(super) const fn new(members: usize) -> Self {
        let few = InPlace {
            ids: [0; IN_PLACE],
            length: 0,
        };
        Self {
            members,
            few,
            many: None,
        }
    }

    /// Adds members, which may be there already.
    pub(super) fn extend(&mut self, ids: &[u32]) {
        if self.many.is_none() {
            let end = self.few.length.saturating_add(ids.len());
            if let Some(places) = self.few.ids.get_mut(self.few.length..end) {
                places.copy_from_slice(ids);
                self.few.length = end;
                return;
            }
        }
        let many = self.many.get_or_insert_with(|| {
            let mut words = vec![0; self.members.div_ceil(WORD)];
            mark(&mut words, self.few.as_slice());
            words
        });
        mark(many, ids);
    }

    /// Those that were found, and others, which are in ascending order.
    pub(super) fn and(mut self, always: &[u32]) -> Candidates<'_> {
        match self.many {
            Some(mut words) => {
                mark(&mut words, always);
                Candidates::Many(words)
            }
            None => {
                self.few.sort();
                Candidates::Few {
                    always,
                    found: self.few,
                }
            }
        }
    }
}

impl InPlace {
    fn as_slice(&self) -> &[u32] {
        self.ids.get(..self.length).unwrap_or_default()
    }

    /// Sorts them and drops what is there twice.
    fn sort(&mut self) {
        let Some(ids) = self.ids.get_mut(..self.length) else {
            return;
        };
        if ids.is_sorted_by(|left, right| left < right) {
            return;
        }
        ids.sort_unstable();
        let mut kept = 0;
        let mut last = None;
        for from in 0..self.length {
            let id = self.ids.get(from).copied();
            if id != last
                && let (Some(id), Some(place)) = (id, self.ids.get_mut(kept))
            {
                *place = id;
                kept += 1;
                last = Some(id);
            }
        }
        self.length = kept;
    }
}

fn mark(words: &mut [u64], ids: &[u32]) {
    for id in ids {
        let id = *id as usize;
        if let Some(word) = words.get_mut(id / WORD) {
            *word |= 1 << (id % WORD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(found: &[&[u32]], always: &[u32]) -> Vec<usize> {
        let mut search = Found::new(1_000);
        for ids in found {
            search.extend(ids);
        }
        search.and(always).places().collect()
    }

    #[test]
    fn what_is_found_several_times_is_one_candidate_and_all_are_in_order() {
        assert_eq!(
            candidates(&[&[7, 9], &[3, 7], &[3]], &[1, 7, 8, 999]),
            [1, 3, 7, 8, 9, 999]
        );
        assert_eq!(candidates(&[], &[]), [0; 0]);
        assert_eq!(candidates(&[&[0]], &[]), [0]);
        assert_eq!(candidates(&[], &[63, 64]), [63, 64]);
    }

    #[test]
    fn more_than_fit_in_place_are_found_too() {
        for count in [IN_PLACE, IN_PLACE + 1, 500] {
            let ids: Vec<u32> = (0..count).map(|id| u32::try_from(id * 2).unwrap()).collect();
            let (first, second) = ids.split_at(count / 2);
            let mut expected: Vec<usize> = (0..count).map(|id| id * 2).collect();
            expected.insert(1, 1);
            assert_eq!(candidates(&[second, first], &[1]), expected, "{count}");
            assert_eq!(candidates(&[second, first, second], &[1]), expected, "{count}");
        }
    }

    #[test]
    fn each_of_all_is_a_candidate() {
        assert_eq!(Candidates::all(3).of(&["a", "b", "c"]).count(), 3);
    }
}
