//! Replacement texts: `$1` and `${name}` stand for groups, a backslash takes the next character by itself.

use crate::function::MAX_TEXT;
use crate::pattern::{Groups, Pattern};
use crate::value::ErrorKind;

const INVALID: ErrorKind =
    ErrorKind::Function("the replacement names a group that the pattern does not have");

/// Appends what stands in place of a match of `pattern` in `text`, to a text of at most [`MAX_TEXT`].
pub(super) fn append(
    result: &mut String,
    replacement: &str,
    pattern: &Pattern,
    text: &str,
    groups: &Groups,
) -> Result<(), ErrorKind> {
    let mut rest = replacement.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => result.push(rest.next().ok_or(INVALID)?),
            '$' => {
                let group = if let Some(behind) = rest.as_str().strip_prefix('{') {
                    let (name, behind) = behind.split_once('}').ok_or(INVALID)?;
                    rest = behind.chars();
                    pattern.group_named(name).ok_or(INVALID)?
                } else {
                    let (group, length) = numbered(rest.as_str(), groups.len()).ok_or(INVALID)?;
                    rest = rest.as_str().get(length..).unwrap_or_default().chars();
                    group
                };
                let (start, end) = groups.get(group).copied().ok_or(INVALID)?.unwrap_or_default();
                result.push_str(text.get(start..end).unwrap_or_default());
            }
            character => result.push(character),
        }
        if result.len() > MAX_TEXT {
            return Err(ErrorKind::OutputLimit);
        }
    }
    Ok(())
}

/// The group whose number `text` begins with, and how many digits it has: as many as make a group that exists, but
/// at least one.
fn numbered(text: &str, groups: usize) -> Option<(usize, usize)> {
    let mut digits = text
        .chars()
        .map_while(|character| character.to_digit(10))
        .map(|digit| digit as usize);
    let mut group = digits.next().filter(|&group| group < groups)?;
    let mut length = 1;
    for digit in digits {
        match group.checked_mul(10).and_then(|group| group.checked_add(digit)) {
            Some(longer) if longer < groups => group = longer,
            _ => break,
        }
        length += 1;
    }
    Some((group, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(replacement: &str) -> Result<String, ErrorKind> {
        let pattern = Pattern::new("(?<first>a)(b)?").unwrap();
        let groups = pattern.captures_at("a", 0)?.unwrap();
        let mut result = String::new();
        append(&mut result, replacement, &pattern, "a", &groups).map(|()| result)
    }

    #[test]
    fn groups_are_named_by_number_or_name() {
        assert_eq!(replaced("<$1$2${first}$0>").as_deref(), Ok("<aaa>"));
        assert_eq!(replaced("$10").as_deref(), Ok("a0"));
        assert_eq!(replaced("\\$1\\\\").as_deref(), Ok("$1\\"));
    }

    #[test]
    fn what_names_no_group_is_an_error() {
        for replacement in ["$3", "$", "$x", "${", "${none}", "\\"] {
            assert_eq!(replaced(replacement), Err(INVALID), "{replacement}");
        }
    }
}
