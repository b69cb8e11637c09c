//! Patterns of names.

/// How the name of a tool has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NamePattern {
    /// Just so.
    Exact(String),
    /// It begins so.
    Prefix(String),
    /// `*` stands for any text, also none, `?` for one character, everything else for itself.
    Glob(Vec<char>),
}

impl NamePattern {
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Glob(pattern) => glob(pattern, name),
        }
    }
}

/// Takes steps in the order of the product of both lengths at most: of all `*`, only the last one is ever tried again.
fn glob(pattern: &[char], name: &str) -> bool {
    let mut rest = pattern;
    let mut text = name.chars();
    // What follows the last `*`, and where the text goes on after one character more for it.
    let mut again: Option<(&[char], std::str::Chars<'_>)> = None;
    loop {
        if let [first, behind @ ..] = rest {
            if *first == '*' {
                rest = behind;
                again = Some((rest, text.clone()));
                continue;
            }
            let mut ahead = text.clone();
            if let Some(character) = ahead.next()
                && (*first == '?' || *first == character)
            {
                rest = behind;
                text = ahead;
                continue;
            }
        } else if text.as_str().is_empty() {
            return true;
        }
        let Some((behind, from)) = &mut again else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        rest = behind;
        text = from.clone();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        glob(&pattern.chars().collect::<Vec<_>>(), name)
    }

    #[test]
    fn a_star_stands_for_any_text_and_a_question_mark_for_one_character() {
        for (pattern, fits, others) in [
            ("", &[""][..], &["a", "*"][..]),
            ("*", &["", "any thing"], &[]),
            ("a*", &["a", "abc"], &["ba", ""]),
            ("*_admin", &["_admin", "drop_admin"], &["admin", "_admins"]),
            ("a*b*c", &["abc", "a__b_bc"], &["acb", "ab"]),
            ("?", &["x", "\u{e9}"], &["", "xy"]),
            ("a?c*", &["abc", "axcd"], &["ac", "abd"]),
            ("**", &["", "x"], &[]),
        ] {
            for name in fits {
                assert!(matches(pattern, name), "{pattern} fits {name}");
            }
            for name in others {
                assert!(!matches(pattern, name), "{pattern} does not fit {name}");
            }
        }
    }

    /// The obvious way, which takes exponential time.
    fn obvious(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], name) => name.is_empty(),
            (['*', rest @ ..], name) => (0..=name.len()).any(|at| obvious(rest, &name[at..])),
            ([_, ..], []) => false,
            ([one, rest @ ..], [first, name @ ..]) => (*one == '?' || one == first) && obvious(rest, name),
        }
    }

    proptest! {
        #[test]
        fn patterns_match_as_the_obvious_way_says(pattern in "[ab*?]{0,7}", name in "[ab]{0,8}") {
            let characters: Vec<char> = pattern.chars().collect();
            let expected = obvious(&characters, &name.chars().collect::<Vec<_>>());
            prop_assert_eq!(glob(&characters, &name), expected);
        }
    }

    #[test]
    fn a_long_name_takes_no_exponential_time() {
        assert!(!matches(&"a*".repeat(40), &"b".repeat(2000)));
        assert!(!matches(&("*a".repeat(40) + "b"), &"a".repeat(2000)));
    }
}
