//! `string`: functions of texts, which are measured in UTF-16 units.

use super::arguments::{Outcome, array, code, integer, text};
use super::white_space::is_white_space;
use super::{Function, Kinds, MAX_TEXT, Parameter, utf16};
use crate::value::{ErrorKind, Text, Value};

const NAME: &str = "string";

/// How often a text can be repeated, and the longest padded text.
pub(super) const MAX_REPEAT: i32 = 10_000;

const fn textual(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::TEXT)
}

const fn numeric(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::NUMBER)
}

const STR: &[Parameter] = &[textual("str")];
const SEARCH: &[Parameter] = &[textual("str"), textual("substring")];
const REPLACE: &[Parameter] = &[textual("str"), textual("target"), textual("replacement")];
const PAD: &[Parameter] = &[textual("str"), numeric("length"), textual("padChar")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "concat",
        &[],
        "the texts one behind the other",
        code!(concat),
    )
    .variadic(textual("strings")),
    Function::new(
        NAME,
        "contains",
        SEARCH,
        "whether the second text is part of the first",
        code!(contains),
    ),
    Function::new(
        NAME,
        "endsWith",
        &[textual("str"), textual("suffix")],
        "whether the first text ends with the second",
        code!(ends_with),
    ),
    Function::new(
        NAME,
        "equalsIgnoreCase",
        &[textual("str1"), textual("str2")],
        "whether the texts are equal but for the case of letters",
        code!(equals_ignore_case),
    ),
    Function::new(
        NAME,
        "indexOf",
        SEARCH,
        "where the second text is first found, or -1",
        code!(index_of),
    ),
    Function::new(
        NAME,
        "isBlank",
        STR,
        "whether the text is white space only",
        code!(is_blank),
    ),
    Function::new(
        NAME,
        "isEmpty",
        STR,
        "whether the text has no characters",
        code!(is_empty),
    ),
    Function::new(
        NAME,
        "join",
        &[Parameter::new("elements", Kinds::ARRAY), textual("delimiter")],
        "the texts of the array with the delimiter between them",
        code!(join),
    ),
    Function::new(
        NAME,
        "lastIndexOf",
        SEARCH,
        "where the second text is last found, or -1",
        code!(last_index_of),
    ),
    Function::new(
        NAME,
        "leftPad",
        PAD,
        "the text, filled up at its left to a length",
        code!(left_pad),
    ),
    Function::new(
        NAME,
        "length",
        STR,
        "how many UTF-16 units the text has",
        code!(length),
    ),
    Function::new(
        NAME,
        "repeat",
        &[textual("str"), numeric("count")],
        "the text several times",
        code!(repeat),
    ),
    Function::new(
        NAME,
        "replace",
        REPLACE,
        "the text with all places of another replaced",
        code!(replace),
    ),
    Function::new(
        NAME,
        "replaceFirst",
        REPLACE,
        "the text with the first place of another replaced",
        code!(replace_first),
    ),
    Function::new(
        NAME,
        "reverse",
        STR,
        "the text from its end to its beginning",
        code!(reverse),
    ),
    Function::new(
        NAME,
        "rightPad",
        PAD,
        "the text, filled up at its right to a length",
        code!(right_pad),
    ),
    Function::new(
        NAME,
        "startsWith",
        &[textual("str"), textual("prefix")],
        "whether the first text begins with the second",
        code!(starts_with),
    ),
    Function::new(
        NAME,
        "substring",
        &[textual("str"), numeric("start")],
        "the text from an index to its end",
        code!(substring),
    ),
    Function::new(
        NAME,
        "substringRange",
        &[textual("str"), numeric("start"), numeric("end")],
        "the text from an index up to and without another",
        code!(substring_range),
    ),
    Function::new(
        NAME,
        "toLowerCase",
        STR,
        "the text in small letters",
        code!(to_lower_case),
    ),
    Function::new(
        NAME,
        "toUpperCase",
        STR,
        "the text in capitals",
        code!(to_upper_case),
    ),
    Function::new(
        NAME,
        "trim",
        STR,
        "the text without blanks and control characters around it",
        code!(trim),
    ),
    Function::new(
        NAME,
        "trimEnd",
        STR,
        "the text without white space at its end",
        code!(trim_end),
    ),
    Function::new(
        NAME,
        "trimStart",
        STR,
        "the text without white space at its start",
        code!(trim_start),
    ),
];

fn concat<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut result = String::new();
    for index in 0..arguments.len() {
        push(&mut result, text(arguments, index)?)?;
    }
    Ok(result.into())
}

fn join<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let delimiter = text(arguments, 1)?;
    let mut result = String::new();
    for element in array(arguments, 0)?.iter() {
        let Some(element) = element.as_text() else {
            return Err(ErrorKind::Function("the elements must be texts"));
        };
        // Empty texts at the start are not followed by a delimiter, as in SAPL.
        if !result.is_empty() {
            push(&mut result, delimiter)?;
        }
        push(&mut result, element)?;
    }
    Ok(result.into())
}

fn push(result: &mut String, part: &str) -> Result<(), ErrorKind> {
    if result.len() + part.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    result.push_str(part);
    Ok(())
}

fn contains<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.contains(&**text(arguments, 1)?).into())
}

fn starts_with<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.starts_with(&**text(arguments, 1)?).into())
}

fn ends_with<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.ends_with(&**text(arguments, 1)?).into())
}

fn equals_ignore_case<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(left.chars().map(folded).eq(right.chars().map(folded)).into())
}

/// The character without its case: the small letter of its capital, one character for one.
fn folded(character: char) -> char {
    let mut capitals = character.to_uppercase();
    let capital = match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => character,
    };
    // The small letter of a dotted capital i is two characters by itself, and one without regard to context.
    let mut small = capital.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        (Some(small), Some('\u{307}')) => small,
        _ => capital,
    }
}

fn index_of<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    Ok(place(text, text.find(&**super::arguments::text(arguments, 1)?)))
}

fn last_index_of<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    Ok(place(text, text.rfind(&**super::arguments::text(arguments, 1)?)))
}

/// An offset in bytes as a place in units, or -1.
fn place<'a>(text: &str, offset: Option<usize>) -> Value<'a> {
    match offset.and_then(|offset| text.get(..offset)) {
        Some(before) => Value::from(utf16::length(before)),
        None => Value::from(-1_i64),
    }
}

fn is_blank<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.chars().all(is_white_space).into())
}

fn is_empty<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.is_empty().into())
}

fn length<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(utf16::length(text(arguments, 0)?).into())
}

fn repeat<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let count = integer(arguments, 1)?;
    if count > MAX_REPEAT {
        return Err(ErrorKind::OutputLimit);
    }
    let count = usize::try_from(count).map_err(|_| ErrorKind::Function("a count must not be negative"))?;
    if text.len().saturating_mul(count) > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(text.repeat(count).into())
}

fn replace<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, target, replacement) = replacing(arguments)?;
    let mut result = String::new();
    let mut kept = 0;
    for (offset, found) in text.match_indices(target) {
        push(&mut result, text.get(kept..offset).unwrap_or_default())?;
        push(&mut result, replacement)?;
        kept = offset + found.len();
    }
    push(&mut result, text.get(kept..).unwrap_or_default())?;
    Ok(result.into())
}

fn replace_first<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, target, replacement) = replacing(arguments)?;
    if text.len() + replacement.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(text.replacen(target, replacement, 1).into())
}

fn replacing<'v>(arguments: &'v [Value<'_>]) -> Result<(&'v str, &'v str, &'v str), ErrorKind> {
    let target = text(arguments, 1)?;
    if target.is_empty() {
        return Err(ErrorKind::Function("the text to be replaced must not be empty"));
    }
    Ok((text(arguments, 0)?, target, text(arguments, 2)?))
}

fn left_pad<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let padding = padding(arguments)?;
    Ok((padding + text(arguments, 0)?).into())
}

fn right_pad<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let padding = padding(arguments)?;
    Ok((text(arguments, 0)?.to_string() + &padding).into())
}

fn padding(arguments: &[Value<'_>]) -> Result<String, ErrorKind> {
    let wanted = integer(arguments, 1)?;
    let character = text(arguments, 2)?;
    if utf16::length(character) != 1 {
        return Err(ErrorKind::Function("the padding must be one character"));
    }
    let length = utf16::length(text(arguments, 0)?);
    let missing = usize::try_from(wanted).unwrap_or(0).saturating_sub(length);
    if missing > 0 && wanted > MAX_REPEAT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(character.repeat(missing))
}

fn reverse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.chars().rev().collect::<String>().into())
}

fn substring<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let start = offset(text, integer(arguments, 1)?)?;
    Ok(utf16::part(text, start, text.len()))
}

fn substring_range<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let (start, end) = (
        offset(text, integer(arguments, 1)?)?,
        offset(text, integer(arguments, 2)?)?,
    );
    if start > end {
        return Err(ErrorKind::Function("the end must not be before the start"));
    }
    Ok(utf16::part(text, start, end))
}

fn offset(text: &str, index: i32) -> Result<usize, ErrorKind> {
    let index = usize::try_from(index).map_err(|_| ErrorKind::Function("an index must not be negative"))?;
    utf16::offset(text, index)
}

fn to_lower_case<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.to_lowercase().into())
}

fn to_upper_case<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(text(arguments, 0)?.to_uppercase().into())
}

fn trim<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    let start = text.trim_start_matches(|character| character <= ' ').len();
    let end = text.trim_end_matches(|character| character <= ' ').len();
    let start = (text.len() - start).min(end);
    Ok(utf16::part(text, start, end))
}

fn trim_start<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text: &Text<'a> = text(arguments, 0)?;
    Ok(utf16::part(
        text,
        text.len() - text.trim_start_matches(is_white_space).len(),
        text.len(),
    ))
}

fn trim_end<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    Ok(utf16::part(text, 0, text.trim_end_matches(is_white_space).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_and_repeating_end_at_their_limits() {
        let padded = |length: i32| left_pad(&["a".into(), i64::from(length).into(), "-".into()]);
        assert!(padded(MAX_REPEAT).is_ok());
        assert_eq!(padded(MAX_REPEAT + 1).err(), Some(ErrorKind::OutputLimit));
        let repeated = |text: &str, count: i32| repeat(&[text.to_owned().into(), i64::from(count).into()]);
        assert!(repeated("a", MAX_REPEAT).is_ok());
        assert_eq!(repeated("", MAX_REPEAT + 1).err(), Some(ErrorKind::OutputLimit));
        assert!(repeated(&"a".repeat(MAX_TEXT / 64), 64).is_ok());
        assert_eq!(
            repeated(&"a".repeat(MAX_TEXT / 64 + 1), 64).err(),
            Some(ErrorKind::OutputLimit)
        );
    }

    #[test]
    fn texts_that_grow_end_at_the_longest_text() {
        let half = "a".repeat(MAX_TEXT / 2);
        assert!(concat(&[half.clone().into(), half.clone().into()]).is_ok());
        assert_eq!(
            concat(&[half.clone().into(), half.clone().into(), "a".into()]).err(),
            Some(ErrorKind::OutputLimit)
        );
        assert_eq!(
            replace(&[half.into(), "a".into(), "aaa".into()]).err(),
            Some(ErrorKind::OutputLimit)
        );
    }

    #[test]
    fn a_text_of_blanks_trims_to_nothing() {
        assert_eq!(trim(&[" \t ".into()]), Ok("".into()));
        assert_eq!(trim(&["".into()]), Ok("".into()));
        assert_eq!(trim(&[String::from(" a b ").into()]), Ok("a b".into()));
    }

    #[test]
    fn case_is_ignored_one_character_for_one() {
        let equal =
            |left: &'static str, right: &'static str| equals_ignore_case(&[left.into(), right.into()]);
        assert_eq!(equal("Straße", "STRASSE"), Ok(false.into()));
        assert_eq!(equal("İ", "i"), Ok(true.into()));
        assert_eq!(equal("ς", "Σ"), Ok(true.into()));
        assert_eq!(equal("a", "ab"), Ok(false.into()));
    }
}
