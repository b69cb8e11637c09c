//! `filter`: redacts, replaces and removes values.

use super::arguments::{Outcome, any, code, integer, text};
use super::{Function, Kinds, MAX_TEXT, Parameter, utf16};
use crate::value::{ErrorKind, Value};

const NAME: &str = "filter";

/// The most characters that `blacken` writes in place of what it hides.
pub(super) const MAX_BLACKENED: usize = 10_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "blacken",
        &[Parameter::new("original", Kinds::TEXT)],
        "hides a text but for some characters at its left and right: how many left, how many right, what to write \
         for each hidden character, how often to write it",
        code!(blacken),
    )
    .variadic(Parameter::new("parameters", Kinds::ANY)),
    Function::new(
        NAME,
        "remove",
        &[Parameter::new("original", Kinds::ANY)],
        "undefined, so that the value disappears",
        |_| Value::Undefined,
    ),
    Function::new(
        NAME,
        "replace",
        &[Parameter::new("original", Kinds::ANY), Parameter::new("replacement", Kinds::ANY)],
        "the replacement, whatever the original is",
        code!(replace),
    ),
];

fn replace<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(any(arguments, 1)?.clone())
}

fn blacken<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    if arguments.len() > 5 {
        return Err(ErrorKind::ArgumentCount {
            found: u16::try_from(arguments.len()).unwrap_or(u16::MAX),
        });
    }
    let original = text(arguments, 0)?;
    let count = |index| {
        if index < arguments.len() {
            count(arguments, index).map(Some)
        } else {
            Ok(None)
        }
    };
    let left = count(1)?.unwrap_or(0);
    let right = count(2)?.unwrap_or(0);
    let replacement = if arguments.len() > 3 {
        text(arguments, 3)?
    } else {
        "X"
    };
    let repeated = count(4)?;
    if repeated.is_some_and(|repeated| repeated > MAX_BLACKENED) {
        return Err(ErrorKind::OutputLimit);
    }
    let length = utf16::length(original);
    let Some(hidden) = length.checked_sub(left + right).filter(|&hidden| hidden > 0) else {
        return Ok(Value::Text(original.clone()));
    };
    let repeated = repeated.unwrap_or(hidden);
    if repeated > MAX_BLACKENED || replacement.len().saturating_mul(repeated) > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    let start = utf16::offset(original, left)?;
    let end = utf16::offset(original, left + hidden)?;
    let mut blackened = original.get(..start).unwrap_or_default().to_owned();
    blackened.push_str(&replacement.repeat(repeated));
    blackened.push_str(original.get(end..).unwrap_or_default());
    Ok(Value::from(blackened))
}

fn count(arguments: &[Value<'_>], index: usize) -> Result<usize, ErrorKind> {
    usize::try_from(integer(arguments, index)?)
        .map_err(|_| ErrorKind::Function("a count must not be negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blackened(arguments: &[Value<'static>]) -> Result<String, ErrorKind> {
        blacken(arguments).map(|value| value.as_text().unwrap_or("?").to_owned())
    }

    #[test]
    fn shows_some_characters_and_hides_the_others() {
        let parameters = [
            "secret".into(),
            1_i64.into(),
            2_i64.into(),
            "*".into(),
            1_i64.into(),
        ];
        assert_eq!(blackened(&parameters[..1]).as_deref(), Ok("XXXXXX"));
        assert_eq!(blackened(&parameters[..3]).as_deref(), Ok("sXXXet"));
        assert_eq!(blackened(&parameters).as_deref(), Ok("s*et"));
        assert_eq!(
            blackened(&["ab".into(), 1_i64.into(), 1_i64.into()]).as_deref(),
            Ok("ab")
        );
        assert_eq!(blackened(&["😀".into()]).as_deref(), Ok("XX"));
        assert!(blackened(&["a😀".into(), 2_i64.into()]).is_err());
        assert!(blackened(&["ab".into(), (-1_i64).into()]).is_err());
    }

    #[test]
    fn the_output_ends_at_its_limit() {
        let long = |length: usize| blackened(&["a".repeat(length).into()]);
        assert!(long(MAX_BLACKENED).is_ok());
        assert_eq!(long(MAX_BLACKENED + 1), Err(ErrorKind::OutputLimit));
        let with =
            |times: i64| blackened(&["ab".into(), 0_i64.into(), 0_i64.into(), "x".into(), times.into()]);
        assert!(with(10_000).is_ok());
        assert_eq!(with(10_001), Err(ErrorKind::OutputLimit));
        let wide = |length: usize| {
            blackened(&[
                "ab".into(),
                0_i64.into(),
                0_i64.into(),
                "x".repeat(length).into(),
                1024_i64.into(),
            ])
        };
        assert!(wide(MAX_TEXT / 1024).is_ok());
        assert_eq!(wide(MAX_TEXT / 1024 + 1), Err(ErrorKind::OutputLimit));
    }
}
