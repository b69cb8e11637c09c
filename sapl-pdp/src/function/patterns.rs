//! `patterns`: regular expressions, globs and templates.

use std::rc::Rc;

use super::arguments::{Outcome, array, code, number, text};
use super::{Function, Kinds, MAX_TEXT, Parameter, utf16, work};
use crate::pattern::{Effort, Groups, Pattern, Scratch};
use crate::value::{Array, ErrorKind, Value};

mod danger;
mod glob;
mod replacement;
mod template;

const NAME: &str = "patterns";

/// The longest pattern, glob or template, in UTF-16 units.
pub(super) const MAX_PATTERN: usize = 1_000;

/// The longest text that is searched, in UTF-16 units.
pub(super) const MAX_INPUT: usize = 100_000;

/// The most matches that are given, and the most parts of a split text.
pub(super) const MAX_MATCHES: usize = 10_000;

/// The most groups of all matches that are given.
pub(super) const MAX_GROUPS: usize = 1 << 18;

/// What compiling a pattern counts for: about as many steps as for `=~`.
const COMPILING: u64 = 64_000;

const fn textual(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::TEXT)
}

const SEARCH: &[Parameter] = &[textual("pattern"), textual("value")];
const LIMITED: &[Parameter] = &[
    textual("pattern"),
    textual("value"),
    Parameter::new("limit", Kinds::NUMBER),
];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "escapeGlob",
        &[textual("text")],
        "the text as a glob that matches only it",
        code!(escape_glob),
    ),
    Function::new(
        NAME,
        "findAllSubmatch",
        SEARCH,
        "all matches of the regular expression, each an array of the match and its groups",
        code!(find_groups),
    ),
    Function::new(
        NAME,
        "findAllSubmatchLimited",
        LIMITED,
        "as findAllSubmatch, but not more than a number of matches",
        code!(find_groups),
    ),
    Function::new(
        NAME,
        "findMatches",
        SEARCH,
        "all matches of the regular expression",
        code!(find_matches),
    ),
    Function::new(
        NAME,
        "findMatchesLimited",
        LIMITED,
        "as findMatches, but not more than a number of matches",
        code!(find_matches),
    ),
    Function::new(
        NAME,
        "isValidRegex",
        &[textual("pattern")],
        "whether the text is a regular expression",
        code!(is_valid_regex),
    ),
    Function::new(
        NAME,
        "matchGlob",
        &[
            textual("pattern"),
            textual("value"),
            Parameter::new("delimiters", Kinds::ARRAY),
        ],
        "whether the glob matches the whole text; `*` and `?` stop at the delimiters",
        code!(match_glob),
    ),
    Function::new(
        NAME,
        "matchGlobWithoutDelimiters",
        SEARCH,
        "whether the glob matches the whole text",
        code!(match_glob_without_delimiters),
    ),
    Function::new(
        NAME,
        "matchTemplate",
        &[
            textual("template"),
            textual("value"),
            textual("delimiterStart"),
            textual("delimiterEnd"),
        ],
        "whether a text with regular expressions between delimiters matches the whole value",
        code!(match_template),
    ),
    Function::new(
        NAME,
        "replaceAll",
        &[textual("value"), textual("pattern"), textual("replacement")],
        "the text with all matches replaced; `$1` and `${name}` stand for groups",
        code!(replace_all),
    ),
    Function::new(
        NAME,
        "split",
        SEARCH,
        "the parts of the text between matches",
        code!(split),
    ),
];

fn is_valid_regex<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let pattern = text(arguments, 0)?;
    Ok((utf16::length(pattern) <= MAX_PATTERN && compiled(pattern).is_ok()).into())
}

fn escape_glob<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    if text.len() > MAX_TEXT / 2 {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(glob::escape(text).into())
}

fn match_glob<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let delimiters = array(arguments, 2)?;
    if delimiters.is_empty() {
        return matched(arguments, ".");
    }
    let mut characters = String::new();
    for delimiter in delimiters.iter() {
        let text = delimiter
            .as_text()
            .ok_or(ErrorKind::Function("the delimiters must be texts"))?;
        if characters.len() + text.len() > MAX_PATTERN {
            return Err(ErrorKind::Function("the delimiters are too long"));
        }
        characters.push_str(text);
    }
    matched(arguments, &characters)
}

fn match_glob_without_delimiters<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    matched(arguments, "")
}

fn matched<'a>(arguments: &[Value<'a>], delimiters: &str) -> Outcome<'a> {
    let (pattern, value) = (text(arguments, 0)?, text(arguments, 1)?);
    refuse_long(pattern, value)?;
    is_match(&glob::to_regex(pattern, delimiters)?, value)
}

fn match_template<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (template, value) = (text(arguments, 0)?, text(arguments, 1)?);
    refuse_long(template, value)?;
    let regex = template::to_regex(template, text(arguments, 2)?, text(arguments, 3)?)?;
    danger::refuse(&regex)?;
    is_match(&regex, value)
}

fn is_match<'a>(regex: &str, value: &str) -> Outcome<'a> {
    let mut effort = Effort::new();
    let outcome = compiled(regex)?.is_match_within(value, &mut effort);
    work::note(effort.spent());
    Ok(outcome?.into())
}

fn find_matches<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = text(arguments, 1)?;
    let mut matches = Vec::new();
    for found in search(arguments, 0, 1)?.take(limit(arguments)?) {
        let (start, end) = whole(&found?);
        matches.push(utf16::part(value, start, end));
    }
    Ok(Array::from(matches).into())
}

fn find_groups<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = text(arguments, 1)?;
    let mut matches = Vec::new();
    let mut size = 0;
    for found in search(arguments, 0, 1)?.take(limit(arguments)?) {
        let groups = found?;
        size += groups.len();
        if size > MAX_GROUPS {
            return Err(ErrorKind::OutputLimit);
        }
        let groups = groups.into_iter().map(|group| match group {
            Some((start, end)) => utf16::part(value, start, end),
            None => Value::Null,
        });
        matches.push(Value::Array(groups.collect()));
    }
    Ok(Array::from(matches).into())
}

fn limit(arguments: &[Value<'_>]) -> Result<usize, ErrorKind> {
    if arguments.len() < 3 {
        return Ok(MAX_MATCHES);
    }
    let limit = number(arguments, 2)?;
    if *limit >= MAX_MATCHES.into() {
        return Ok(MAX_MATCHES);
    }
    let limit = limit.to_u64().and_then(|limit| usize::try_from(limit).ok());
    limit.ok_or(ErrorKind::Function(
        "the limit must be an integer that is not negative",
    ))
}

fn replace_all<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = text(arguments, 0)?;
    let mut search = search(arguments, 1, 0)?;
    let mut result = String::new();
    let mut kept = 0;
    while let Some(found) = search.next() {
        let groups = found?;
        let (start, end) = whole(&groups);
        result.push_str(value.get(kept..start).unwrap_or_default());
        let replacement = text(arguments, 2)?;
        // A reference may name one of many groups, and one that matched nothing adds nothing.
        search
            .effort
            .spend((replacement.len() as u64).saturating_mul(groups.len() as u64))?;
        replacement::append(&mut result, replacement, &search.pattern, value, &groups)?;
        kept = end;
    }
    result.push_str(value.get(kept..).unwrap_or_default());
    if result.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(result.into())
}

/// An empty match at the very beginning makes no part, one at the end does.
fn split<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = text(arguments, 1)?;
    let mut parts = Vec::new();
    let mut kept = 0;
    for found in search(arguments, 0, 1)? {
        let (start, end) = whole(&found?);
        if end == 0 {
            continue;
        }
        if parts.len() + 1 >= MAX_MATCHES {
            break;
        }
        parts.push(utf16::part(value, kept, start));
        kept = end;
    }
    parts.push(utf16::part(value, kept, value.len()));
    Ok(Array::from(parts).into())
}

/// All matches of one argument in another.
fn search<'v>(arguments: &'v [Value<'_>], pattern: usize, value: usize) -> Result<Search<'v>, ErrorKind> {
    let (pattern, value) = (text(arguments, pattern)?, text(arguments, value)?);
    refuse_long(pattern, value)?;
    danger::refuse(pattern)?;
    Ok(Search {
        pattern: compiled(pattern)?,
        text: value,
        next: Some(0),
        scratch: Scratch::default(),
        effort: Effort::new(),
    })
}

/// The pattern, compiled now or not long ago.
fn compiled(pattern: &str) -> Result<Rc<Pattern>, ErrorKind> {
    Pattern::of(pattern, || {
        work::note(COMPILING);
        Ok(())
    })
}

fn refuse_long(pattern: &str, value: &str) -> Result<(), ErrorKind> {
    if utf16::length(pattern) > MAX_PATTERN {
        return Err(ErrorKind::Function("the pattern is too long"));
    }
    if utf16::length(value) > MAX_INPUT {
        return Err(ErrorKind::Function("the text is too long"));
    }
    Ok(())
}

fn whole(groups: &Groups) -> (usize, usize) {
    groups.first().copied().flatten().unwrap_or_default()
}

/// The matches of a pattern as Java finds them: an empty one may follow right behind another.
struct Search<'v> {
    pattern: Rc<Pattern>,
    text: &'v str,
    /// Where to look for the next match; nowhere when all are found.
    next: Option<usize>,
    scratch: Scratch,
    effort: Effort,
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        work::note(self.effort.spent());
    }
}

impl Iterator for Search<'_> {
    type Item = Result<Groups, ErrorKind>;

    fn next(&mut self) -> Option<Self::Item> {
        let (scratch, effort) = (&mut self.scratch, &mut self.effort);
        let found = self
            .pattern
            .captures_within(self.text, self.next?, scratch, effort);
        let groups = match found {
            Ok(groups) => groups,
            Err(kind) => {
                self.next = None;
                return Some(Err(kind));
            }
        };
        let Some(groups) = groups else {
            self.next = None;
            return None;
        };
        let (start, end) = whole(&groups);
        self.next = if start < end {
            Some(end)
        } else {
            // Behind an empty match, the search goes on with the next character, if there is one.
            let next = self.text.get(end..).and_then(|rest| rest.chars().next());
            next.map(|character| end + character.len_utf8())
        };
        Some(Ok(groups))
    }
}

#[cfg(test)]
mod tests;
