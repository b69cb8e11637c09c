use super::*;

fn texts(value: Outcome<'_>) -> Vec<String> {
    let value = value.unwrap();
    let texts = value
        .as_array()
        .unwrap()
        .iter()
        .map(|element| element.to_string().replace('"', ""));
    texts.collect()
}

#[test]
fn empty_matches_follow_right_behind_others() {
    assert_eq!(texts(find_matches(&["a*".into(), "aab".into()])), ["aa", "", ""]);
    assert_eq!(
        replace_all(&["é".into(), "".into(), "-".into()]),
        Ok("-é-".into())
    );
}

#[test]
fn a_split_keeps_empty_parts_but_none_before_an_empty_match_at_the_start() {
    assert_eq!(texts(split(&[",".into(), ",a,".into()])), ["", "a", ""]);
    assert_eq!(texts(split(&["".into(), "ab".into()])), ["a", "b", ""]);
    assert_eq!(texts(split(&["^".into(), "ab".into()])), ["ab"]);
    assert_eq!(texts(split(&["x".into(), "".into()])), [""]);
}

#[test]
fn what_is_given_ends_at_its_limits() {
    let many = "a".repeat(MAX_MATCHES + 5);
    let found = |limit: usize| find_matches(&["a".into(), many.as_str().into(), limit.into()]);
    assert_eq!(texts(found(MAX_MATCHES - 1)).len(), MAX_MATCHES - 1);
    assert_eq!(texts(found(MAX_MATCHES)).len(), MAX_MATCHES);
    assert_eq!(texts(found(MAX_MATCHES + 1)).len(), MAX_MATCHES);
    assert_eq!(
        texts(split(&["a".into(), many.as_str().into()])).len(),
        MAX_MATCHES
    );
    let searched =
        |pattern: usize, text: usize| find_matches(&["a".repeat(pattern).into(), "b".repeat(text).into()]);
    assert!(searched(MAX_PATTERN, MAX_INPUT).is_ok());
    assert!(searched(MAX_PATTERN + 1, MAX_INPUT).is_err());
    assert!(searched(MAX_PATTERN, MAX_INPUT + 1).is_err());
}

#[test]
fn a_replacement_that_is_not_used_is_not_read() {
    assert_eq!(
        replace_all(&["b".into(), "a".into(), "$9".into()]),
        Ok("b".into())
    );
    assert!(replace_all(&["a".into(), "a".into(), "$9".into()]).is_err());
}

#[test]
fn replaced_texts_end_at_the_longest_text() {
    let long = "x".repeat(MAX_TEXT / 4);
    let replaced = |count: usize| replace_all(&["a".repeat(count).into(), "a".into(), long.as_str().into()]);
    assert!(replaced(4).is_ok());
    assert_eq!(replaced(5), Err(ErrorKind::OutputLimit));
}

#[test]
fn replacements_end_at_their_limits() {
    // Each reference adds nothing, but is read for each match.
    let replaced = |length: usize| {
        replace_all(&[
            "a".repeat(100_000).into(),
            "a()".into(),
            "$1".repeat(length).into(),
        ])
    };
    assert_eq!(replaced(10).err(), None);
    assert_eq!(replaced(500).err(), Some(ErrorKind::PatternTooExpensive));
    // Each one adds all of the text.
    let grown =
        |count: usize| replace_all(&["a".repeat(1 << 16).into(), "a+".into(), "$0".repeat(count).into()]);
    assert!(grown(MAX_TEXT >> 16).is_ok());
    assert_eq!(grown((MAX_TEXT >> 16) + 1).err(), Some(ErrorKind::OutputLimit));
    assert_eq!(grown(500_000).err(), Some(ErrorKind::OutputLimit));
}

#[test]
fn groups_that_are_given_end_at_their_limit() {
    let many = "()".repeat(MAX_GROUPS / MAX_MATCHES);
    let found = |matches: usize| find_groups(&[format!("a{many}").into(), "a".repeat(matches).into()]);
    let each = MAX_GROUPS / MAX_MATCHES + 1;
    assert!(found(MAX_GROUPS / each).is_ok());
    assert_eq!(found(MAX_GROUPS / each + 1).err(), Some(ErrorKind::OutputLimit));
}

#[test]
fn searching_for_all_matches_ends_at_the_most_work() {
    // For each match the whole text is looked through.
    let search = |length: usize| find_matches(&["a.*z|a".into(), "a".repeat(length).into()]);
    assert!(search(2_000).is_ok());
    assert_eq!(search(MAX_INPUT).err(), Some(ErrorKind::PatternTooExpensive));
}
