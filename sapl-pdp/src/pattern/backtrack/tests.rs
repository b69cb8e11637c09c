use super::super::Effort;
use super::machine::{MAX_BRANCHES, STEP};
use super::*;
use crate::value::ErrorKind;

/// So much that tests of what takes too much don't take long.
const LITTLE: u64 = 1 << 20;

type Found = Result<Option<Vec<Option<(usize, usize)>>>, ErrorKind>;

fn found(pattern: &str, text: &str) -> Found {
    run(
        &Program::new(pattern).expect(pattern),
        text,
        0,
        &mut Effort::of(LITTLE),
    )
}

fn whole(pattern: &str, text: &str) -> Option<(usize, usize)> {
    found(pattern, text).unwrap().and_then(|groups| groups[0])
}

#[test]
fn what_is_around_a_place_is_looked_at() {
    assert_eq!(whole("a(?=b)", "aab"), Some((1, 2)));
    assert_eq!(whole("a(?!a)", "aab"), Some((1, 2)));
    assert_eq!(whole("(?<=äb?)c", "cäbc"), Some((4, 5)));
    assert_eq!(whole("(?<!b)c", "bcc"), Some((2, 3)));
    assert_eq!(whole("(?<!^a{1,3})c", "aac aaaac"), Some((8, 9)));
    assert_eq!(whole("(?<=(?<!x)a)b", "xab ab"), Some((5, 6)));
    assert_eq!(whole("(?=(a+))a*b\\1", "baaabac"), Some((3, 6)));
    assert!(Program::new("(?<=a*)b").is_none());
    assert!(Program::new("(a)(?<=\\1)b").is_none());
}

#[test]
fn groups_are_those_of_the_way_that_was_taken() {
    let groups = |pattern, text| found(pattern, text).unwrap().unwrap();
    assert_eq!(
        groups("(a|ab)(c|bcd)(d*)\\b", "abcd"),
        [Some((0, 4)), Some((0, 1)), Some((1, 4)), Some((4, 4))]
    );
    assert_eq!(groups("(?:(a)|b)*\\B", "abc"), [Some((0, 2)), Some((0, 1))]);
    assert_eq!(
        groups("(?!(a)b)a|(b)\\2?", "ab"),
        [Some((1, 2)), None, Some((1, 2))]
    );
    // What an atomic group has matched is undone as a whole.
    assert_eq!(
        groups("(?>(a)|b)c|a(b)", "ab"),
        [Some((0, 2)), None, Some((1, 2))]
    );
}

#[test]
fn possessive_and_atomic_parts_give_nothing_back() {
    assert_eq!(whole("a*+a", "aaa"), None);
    assert_eq!(whole("(?>a|ab)c", "abc"), None);
    assert_eq!(whole("(?>ab|a)c", "abc"), Some((0, 3)));
    assert_eq!(whole("a{2}+a", "aaa"), Some((0, 3)));
}

#[test]
fn loops_end_that_match_nothing() {
    assert_eq!(whole("(?:a?)*b(?=c)", "aabc"), Some((0, 3)));
    assert_eq!(whole("(?:(?=a)|)*+a", "a"), Some((0, 1)));
    assert_eq!(whole("(?:(?=a)|b){1000000000}a", "a"), Some((0, 1)));
    assert_eq!(whole("(?:a|(?=b)){2,}?b(?!a)", "ab"), Some((0, 2)));
    assert_eq!(whole("(?:ab){2,3}(?!a)", "abababab"), Some((2, 8)));
    assert_eq!(whole("(?:ab){0}c(?!a)", "abc"), Some((2, 3)));
    assert_eq!(whole("a{1,2}?(?=a)", "aaa"), Some((0, 1)));
}

#[test]
fn lines_and_words_begin_and_end() {
    assert_eq!(whole("(?m:^)b(?!x)", "a\nb"), Some((2, 3)));
    assert_eq!(whole("(?m:a$)(?!x)", "aa\nb"), Some((1, 2)));
    assert_eq!(whole("(?=b)\\bb", "ab b"), Some((3, 4)));
    assert_eq!(whole("(?=b)\\Bb", "b ab"), Some((3, 4)));
    assert_eq!(whole(r"\A(?:a(?!b))\z", "a"), Some((0, 1)));
    assert_eq!(whole(r"\A(?:a(?!b))\z", "aa"), None);
}

#[test]
fn every_step_counts() {
    let program = Program::new(r"\A(?:a(?!b))\z").unwrap();
    let mut effort = Effort::new();
    assert_eq!(run(&program, "b", 0, &mut effort), Ok(None));
    // The registers of the group and of the look-around, the start that is noted, the start of the text, and a character that is
    // not there; then what was noted is undone.
    assert_eq!(effort.spent(), 4 + 3 * STEP + 1);
    for pattern in [
        "(?:a+)+(?!b)c",
        "(?:(?=a*)a)+c",
        "(a*)*\\1c",
        &"(?=a*)".repeat(1_000),
        "(?:(?:(?=a*)a){1000}){1000}",
        "(?<=(?:a{1,500}){1,100})c",
    ] {
        let outcome = found(pattern, &"a".repeat(2_000));
        assert_ne!(
            outcome.is_err(),
            outcome.is_ok_and(|found| found.is_none()),
            "{pattern}"
        );
    }
    let mut effort = Effort::of(LITTLE);
    let text = "a".repeat(100_000);
    let long = run(
        &Program::new("(?:a|b)*(?!a)\\1?c()").unwrap(),
        &text,
        0,
        &mut effort,
    );
    assert_eq!(long, Err(ErrorKind::PatternTooExpensive));
    assert_eq!(effort.spent(), LITTLE);
}

#[test]
fn open_ways_end_at_their_limit() {
    // One way for each character.
    let text = "a".repeat(MAX_BRANCHES);
    let open = |length: usize| {
        let program = Program::new("(?=a)a*").unwrap();
        let outcome = run(&program, text.get(..length).unwrap(), 0, &mut Effort::new());
        outcome.map(|found| found.is_some())
    };
    let kept = 4;
    assert_eq!(open(MAX_BRANCHES - kept), Ok(true));
    assert_eq!(open(MAX_BRANCHES - kept + 1), Err(ErrorKind::PatternTooExpensive));
}

#[test]
fn programs_have_a_largest_size() {
    let alternatives = |count: usize| format!("(?!x)(?:{}a)", "a|".repeat(count));
    // Three instructions for each, and those around them.
    let around = 8;
    let most = (MAX_INSTRUCTIONS - around) / 3;
    assert!(Program::new(&alternatives(most)).is_some());
    assert!(Program::new(&alternatives(most + 1)).is_none());
    assert!(Program::new(&"(?:".repeat(100_000)).is_none());
}
