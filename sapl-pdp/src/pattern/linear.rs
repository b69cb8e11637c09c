//! Patterns whose time is linear in the text.
//!
//! Linear, but not short: the time is that of the text times the states of the pattern where automata that are made on the
//! way don't fit into their memory, and whoever looks for all matches may look through the whole text for each.
//! So what could take long goes another way, on which every byte counts.

use std::sync::OnceLock;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::primitives::PatternID;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::{Effort, Groups, MAX_COMPILED_SIZE};
use crate::value::ErrorKind;

/// Up to so many bytes times states nothing takes long.
const SHORT: u64 = 1 << 16;

/// When so much has been done already, every byte counts even where nothing takes long.
const LITTLE: u64 = 1 << 20;

/// So many states of a pattern look at a byte in about the time in which an automaton does.
const STATES_AT_ONCE: u64 = 8;

/// How often an automaton may forget its states to make room for others.
const MAX_CLEARS: usize = 8;

/// A pattern that needs to look at each byte once for each of its states at most.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    regex: Regex,
    nfa: NFA,
    automaton: OnceLock<Option<Box<DFA>>>,
}

/// What a search keeps for the next one in the same text.
#[derive(Debug, Default)]
pub(crate) struct Scratch(Option<Box<Cache>>);

impl Linear {
    /// Compiles a pattern; nothing for what is of another kind.
    ///
    /// # Errors
    ///
    /// When the pattern is too large.
    pub(super) fn new(pattern: &str) -> Result<Option<Self>, ErrorKind> {
        let regex = meta::Builder::new()
            .configure(
                meta::Config::new()
                    .nfa_size_limit(Some(MAX_COMPILED_SIZE))
                    .hybrid_cache_capacity(MAX_COMPILED_SIZE),
            )
            .build(pattern);
        let regex = match regex {
            Ok(regex) => regex,
            Err(error) if error.size_limit().is_some() => return Err(ErrorKind::InvalidPattern),
            Err(_) => return Ok(None),
        };
        let nfa = NFA::compiler()
            .configure(NFA::config().nfa_size_limit(Some(2 * MAX_COMPILED_SIZE)))
            .syntax(syntax::Config::new())
            .build(pattern)
            .map_err(|_| ErrorKind::InvalidPattern)?;
        Ok(Some(Self {
            regex,
            nfa,
            automaton: OnceLock::new(),
        }))
    }

    pub(super) fn group_named(&self, name: &str) -> Option<usize> {
        self.regex.group_info().to_index(PatternID::ZERO, name)
    }

    /// Whether some part of the text matches.
    pub(super) fn is_found(&self, text: &str, effort: &mut Effort) -> Result<bool, ErrorKind> {
        let work = self.work(text.len());
        if work <= SHORT && effort.spent() < LITTLE {
            effort.spend(text.len() as u64 + work / STATES_AT_ONCE)?;
            return Ok(self.regex.is_match(text));
        }
        let found = self.end(text, 0, true, &mut Scratch::default(), effort)?;
        Ok(found.is_some())
    }

    /// The groups of the first match at or behind a start, the whole first.
    pub(super) fn groups(
        &self,
        text: &str,
        start: usize,
        scratch: &mut Scratch,
        effort: &mut Effort,
    ) -> Result<Option<Groups>, ErrorKind> {
        let mut groups = self.regex.create_captures();
        let places = 2 * groups.group_len() as u64;
        let rest = text.len().saturating_sub(start);
        let work = self.work(rest).saturating_mul(places);
        let end = if work <= SHORT && effort.spent() < LITTLE {
            effort.spend(rest as u64 + work / STATES_AT_ONCE)?;
            text.len()
        } else {
            let Some(end) = self.end(text, start, false, scratch, effort)? else {
                return Ok(None);
            };
            let work = self.work(end - start).saturating_mul(places);
            effort.spend(work / STATES_AT_ONCE)?;
            end
        };
        // What is behind the end of the first match has no say in it any more, but is looked at where words and lines end.
        self.regex
            .search_captures(&Input::new(text).span(start..end), &mut groups);
        if !groups.is_match() {
            return Ok(None);
        }
        let spans = groups.iter();
        Ok(Some(
            spans
                .map(|span| span.map(|span| (span.start, span.end)))
                .collect(),
        ))
    }

    fn work(&self, length: usize) -> u64 {
        (length as u64).saturating_mul(self.nfa.states().len() as u64)
    }

    /// Where the first match ends, or any match where the `earliest` will do: byte by byte, so that each counts.
    fn end(
        &self,
        text: &str,
        start: usize,
        earliest: bool,
        scratch: &mut Scratch,
        effort: &mut Effort,
    ) -> Result<Option<usize>, ErrorKind> {
        let expensive = |_| ErrorKind::PatternTooExpensive;
        let automaton = self.automaton.get_or_init(|| automaton(&self.nfa)).as_deref();
        let automaton = automaton.ok_or(ErrorKind::PatternTooExpensive)?;
        let cache = scratch
            .0
            .get_or_insert_with(|| Box::new(automaton.create_cache()));
        let input = Input::new(text).span(start..text.len()).anchored(Anchored::No);
        let mut state = automaton
            .start_state_forward(cache, &input)
            .map_err(|_| ErrorKind::PatternTooExpensive)?;
        let mut end = None;
        for (looked_at, byte) in text.bytes().enumerate().skip(start) {
            effort.spend(1)?;
            state = automaton.next_state(cache, state, byte).map_err(expensive)?;
            if !state.is_tagged() {
                continue;
            }
            // A match is known one byte behind its end.
            if state.is_match() {
                end = Some(looked_at);
                if earliest {
                    return Ok(end);
                }
            } else if state.is_dead() {
                return Ok(end);
            } else if state.is_quit() {
                return Err(ErrorKind::PatternTooExpensive);
            }
        }
        let last = automaton.next_eoi_state(cache, state).map_err(expensive)?;
        Ok(if last.is_match() { Some(text.len()) } else { end })
    }
}

fn automaton(nfa: &NFA) -> Option<Box<DFA>> {
    let builder = DFA::builder()
        .configure(
            DFA::config()
                .cache_capacity(MAX_COMPILED_SIZE)
                .skip_cache_capacity_check(true)
                .minimum_cache_clear_count(Some(MAX_CLEARS)),
        )
        .build_from_nfa(nfa.clone());
    builder.ok().map(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_that_are_looked_at_count() {
        let pattern = Linear::new("a(?:.*z)?").unwrap().unwrap();
        let mut text = "a".repeat(10_000);
        let find = |text: &str, start, effort: &mut Effort| {
            let groups = pattern.groups(text, start, &mut Scratch::default(), effort);
            groups.map(|groups| groups.and_then(|groups| groups[0]))
        };
        let mut effort = Effort::of(1 << 20);
        assert_eq!(find(&text, 0, &mut effort), Ok(Some((0, 1))));
        assert!(effort.spent() >= 10_000);
        text.push('z');
        assert_eq!(find(&text, 0, &mut effort), Ok(Some((0, 10_001))));
        text.pop();
        let mut start = 0;
        let outcome = loop {
            match find(&text, start % 5_000, &mut effort) {
                Ok(_) => start += 1,
                Err(kind) => break kind,
            }
        };
        assert_eq!(outcome, ErrorKind::PatternTooExpensive);
        assert!((90..200).contains(&start), "{start}");
    }

    #[test]
    fn an_automaton_that_needs_too_many_states_is_given_up() {
        // Which of the last characters were `a`: twice as many states for each.
        let pattern = Linear::new("[ab]*a[ab]{200}c").unwrap().unwrap();
        let mut number = 1_u32;
        let text: String = (0..200_000)
            .map(|_| {
                number = number.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                if number & 0x1_0000 == 0 { 'a' } else { 'b' }
            })
            .collect();
        assert_eq!(
            pattern.is_found(&text, &mut Effort::new()),
            Err(ErrorKind::PatternTooExpensive)
        );
        assert_eq!(
            pattern.is_found(text.get(..300).unwrap(), &mut Effort::new()),
            Ok(false)
        );
        let plain = Linear::new("[ab]*c").unwrap().unwrap();
        assert_eq!(plain.is_found(&text, &mut Effort::new()), Ok(false));
    }

    #[test]
    fn a_match_is_the_same_on_both_ways() {
        let padding = "-".repeat(20_000);
        for (pattern, text) in [
            (r"(a)b$|(.)b", "xab-"),
            (r"(a|ab)(c|bcd)(d*)", "abcd"),
            (r"(?-u:\b)b", "ab b-"),
            (r"(b|c)??(c|$)", "bc"),
            (r"é(?:à)?|à", "xéàa"),
        ] {
            let linear = Linear::new(pattern).unwrap().unwrap();
            let whole = format!("{text}{padding}");
            let find = |text: &str, start| {
                let groups = linear.groups(text, start, &mut Scratch::default(), &mut Effort::new());
                groups.unwrap()
            };
            let regex = regex::Regex::new(pattern).unwrap();
            for start in [0, 1] {
                let expected = regex.captures_at(&whole, start).map(|groups| {
                    let spans = groups.iter();
                    spans
                        .map(|span| span.map(|span| (span.start(), span.end())))
                        .collect()
                });
                assert_eq!(find(&whole, start), expected, "{pattern}");
            }
        }
    }
}
