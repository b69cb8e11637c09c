//! The seed corpus of the fuzz target for requests, as ordinary tests: as it is, and changed at random.

use std::{fs, path::Path};

/// What the target does.
#[path = "../../../fuzz/src/jsonrpc.rs"]
#[expect(unreachable_pub, reason = "it is public where it belongs")]
mod jsonrpc;

/// How many changed inputs are tried, if `SAPL_MUTATIONS` does not say.
const MUTATIONS: usize = 300;

fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/jsonrpc");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut seeds: Vec<_> = paths
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    assert!(seeds.len() > 20, "{seeds:?}");
    seeds
}

#[test]
fn requests_of_any_form_give_no_content_without_a_permit() {
    for (name, seed) in seeds() {
        // The last one that is named is the one that fails.
        println!("{name}");
        jsonrpc::jsonrpc(&seed);
    }
}

#[test]
fn requests_that_are_changed_at_random_give_no_content_without_a_permit() {
    let count = std::env::var("SAPL_MUTATIONS").map_or(MUTATIONS, |count| count.parse().unwrap());
    let seeds = seeds();
    let words = include_str!("../../../fuzz/mcp.dict").lines();
    let words: Vec<&[u8]> = words.map(|word| word.trim_matches('"').as_bytes()).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..count {
        let mut input = random.one_of(&seeds).1.clone();
        for _ in 0..=random.below(4) {
            random.change(&mut input, &words, &seeds);
        }
        // The last one that is shown is the one that fails.
        println!("{}", input.escape_ascii());
        jsonrpc::jsonrpc(&input);
    }
}

/// A sequence that is the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// One change of one place.
    fn change(&mut self, input: &mut Vec<u8>, words: &[&[u8]], seeds: &[(String, Vec<u8>)]) {
        let place = self.below(input.len());
        let end = (place + self.below(24)).min(input.len());
        match self.below(6) {
            0 => drop(input.drain(place..end)),
            1 => {
                let word = self.one_of(words);
                input.splice(place..end, word.iter().copied());
            }
            2 => {
                let again: Vec<u8> = input[place..end].to_vec();
                input.splice(place..place, again);
            }
            3 => {
                let other = &self.one_of(seeds).1;
                let from = self.below(other.len());
                input.truncate(place);
                input.extend_from_slice(&other[from..]);
            }
            4 => {
                // One text for another: a name, a method, a key.
                let quotes: Vec<usize> = (0..input.len()).filter(|at| input[*at] == b'"').collect();
                let at = self.below(quotes.len().saturating_sub(1));
                if let [start, stop] = quotes.get(at..at + 2).unwrap_or_default() {
                    let word = self.one_of(words);
                    input.splice(start + 1..*stop, word.iter().copied());
                }
            }
            _ => {
                if let Some(byte) = input.get_mut(place) {
                    *byte ^= 1 << self.below(8);
                }
            }
        }
    }
}
