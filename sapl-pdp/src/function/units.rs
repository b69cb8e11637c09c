//! `units`: numbers with units, as in `10K` and `5 GiB`.

use num_bigint::BigInt;

use super::arguments::{Outcome, text};
use super::white_space::{is_white_space, trim};
use super::{Function, Parameter};
use crate::value::{Decimal, ErrorKind, Number, Value};

const NAME: &str = "units";

/// The longest text that is read, in characters.
const MAX_LENGTH: usize = 110;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "parse",
        &[Parameter::text("unitString")],
        "the number of a text such as `10K`; units are m, K, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei",
        |arguments| parsed(arguments, unit).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "parseBytes",
        &[Parameter::text("byteString")],
        "the bytes of a text such as `5 GiB`; units are B, KB, MB, GB, TB and KiB, MiB, GiB, TiB in any case",
        |arguments| parsed(arguments, byte_unit).unwrap_or_else(Value::error),
    ),
];

const UNKNOWN: ErrorKind = ErrorKind::Function("unknown unit");

fn parsed<'a>(arguments: &[Value<'a>], unit: fn(&str) -> Option<Decimal>) -> Outcome<'a> {
    const NO_NUMBER: ErrorKind = ErrorKind::Function("a number with a unit is needed, as in `10K`");
    let text = trim(text(arguments, 0)?);
    if text.len() > MAX_LENGTH {
        return Err(ErrorKind::Function(
            "the text is too long for a number with a unit",
        ));
    }
    let end = number_length(text).ok_or(NO_NUMBER)?;
    let (number, name) = text.split_at_checked(end).ok_or(NO_NUMBER)?;
    let letters = name.trim_start_matches(is_white_space);
    if !letters.chars().all(char::is_alphabetic) {
        return Err(NO_NUMBER);
    }
    let number = number.strip_prefix('+').unwrap_or(number);
    let number = Number::parse(number).ok_or(ErrorKind::NumberOutOfRange)?;
    let unit = unit(trim(name)).ok_or(UNKNOWN)?;
    let number = number.to_decimal();
    Ok(Value::Number(
        Number::from(Decimal {
            digits: number.digits * unit.digits,
            scale: number.scale + unit.scale,
        })
        .entered(),
    ))
}

/// How long the number is with which a text begins: a sign, digits, a fraction, an exponent.
fn number_length(text: &str) -> Option<usize> {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let behind = rest.trim_start_matches(|next: char| next.is_ascii_digit());
        rest.len() - behind.len()
    };
    let at = |offset: usize| text.as_bytes().get(offset);
    let start = usize::from(matches!(at(0), Some(b'+' | b'-')));
    let whole = digits(start);
    if whole == 0 {
        return None;
    }
    let mut end = start + whole;
    if at(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(at(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
        let length = digits(exponent);
        // Without digits it is the unit E.
        if length > 0 {
            end = exponent + length;
        }
    }
    Some(end)
}

/// What a unit stands for.
fn unit(name: &str) -> Option<Decimal> {
    if name == "m" {
        return Some(Decimal {
            digits: BigInt::from(1),
            scale: 3,
        });
    }
    let (name, base) = match name.strip_suffix(['i', 'I']) {
        Some(name) => (name, 1024_u64),
        None if name.is_empty() => return Some(whole(1)),
        None => (name, 1000),
    };
    let power = match name {
        "K" | "k" => 1,
        "M" | "m" => 2,
        "G" | "g" => 3,
        "T" | "t" => 4,
        "P" | "p" => 5,
        "E" | "e" => 6,
        _ => return None,
    };
    Some(whole(base.pow(power)))
}

/// What a unit of bytes stands for.
fn byte_unit(name: &str) -> Option<Decimal> {
    let name = name.strip_suffix(['b', 'B']).unwrap_or(name);
    match name {
        "P" | "p" | "E" | "e" | "Pi" | "pi" | "PI" | "pI" | "Ei" | "ei" | "EI" | "eI" => None,
        "m" => unit("M"),
        name => unit(name),
    }
}

fn whole(value: u64) -> Decimal {
    Decimal {
        digits: value.into(),
        scale: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        parsed(&[Value::from(text.to_owned())], unit)
            .ok()
            .map(|value| value.to_string())
    }

    #[test]
    fn the_number_keeps_its_scale() {
        assert_eq!(read("1.50K").as_deref(), Some("1500.00"));
        assert_eq!(read("5.K").as_deref(), Some("5000"));
        assert_eq!(read("+1e3").as_deref(), Some("1E+3"));
        assert_eq!(read("1e").as_deref(), Some("1000000000000000000"));
        assert_eq!(read("1m").as_deref(), Some("0.001"));
    }

    #[test]
    fn what_is_no_number_with_a_unit_is_an_error() {
        for text in ["", ".5", "K", "1 0", "1i", "1KB", "1K2", "1..5", "--1", "1e9999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_read_up_to_the_limit() {
        assert!(read(&"1".repeat(MAX_LENGTH)).is_some());
        assert!(read(&"1".repeat(MAX_LENGTH + 1)).is_none());
    }
}
