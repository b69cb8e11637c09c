//! `numeral`: binary, octal and hexadecimal numerals of 64-bit integers.

use super::arguments::{NO_LONG, Outcome, long, number, text};
use super::white_space::strip;
use super::{Function, Parameter};
use crate::value::{ErrorKind, Number, Value};

const NAME: &str = "numeral";

/// The widest numeral that is padded, in digits.
const MAX_WIDTH: i64 = 256;

const TEXT: &[Parameter] = &[Parameter::text("value")];
const VALUE: &[Parameter] = &[Parameter::number("value")];
const PADDED: &[Parameter] = &[Parameter::number("value"), Parameter::number("width")];

/// A function for one of the bases.
macro_rules! with_base {
    ($name:literal, $parameters:ident, $base:ident, $function:ident, $doc:literal) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            $function(arguments, $base).unwrap_or_else(Value::error)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    with_base!(
        "fromBinary",
        TEXT,
        BINARY,
        read,
        "the number that a binary numeral stands for"
    ),
    with_base!(
        "fromHex",
        TEXT,
        HEXADECIMAL,
        read,
        "the number that a hexadecimal numeral stands for"
    ),
    with_base!(
        "fromOctal",
        TEXT,
        OCTAL,
        read,
        "the number that an octal numeral stands for"
    ),
    with_base!(
        "isValidBinary",
        TEXT,
        BINARY,
        is_valid,
        "whether the text is a binary numeral"
    ),
    with_base!(
        "isValidHex",
        TEXT,
        HEXADECIMAL,
        is_valid,
        "whether the text is a hexadecimal numeral"
    ),
    with_base!(
        "isValidOctal",
        TEXT,
        OCTAL,
        is_valid,
        "whether the text is an octal numeral"
    ),
    with_base!(
        "toBinary",
        VALUE,
        BINARY,
        plain,
        "the binary numeral, of a negative number that of its 64 bits"
    ),
    with_base!(
        "toBinaryPadded",
        PADDED,
        BINARY,
        padded,
        "the binary numeral with zeros before it up to a width"
    ),
    with_base!(
        "toBinaryPrefixed",
        VALUE,
        BINARY,
        prefixed,
        "the binary numeral behind `0b`"
    ),
    with_base!(
        "toHex",
        VALUE,
        HEXADECIMAL,
        plain,
        "the hexadecimal numeral in capitals, of a negative number that of its 64 bits"
    ),
    with_base!(
        "toHexPadded",
        PADDED,
        HEXADECIMAL,
        padded,
        "the hexadecimal numeral with zeros before it up to a width"
    ),
    with_base!(
        "toHexPrefixed",
        VALUE,
        HEXADECIMAL,
        prefixed,
        "the hexadecimal numeral behind `0x`"
    ),
    with_base!(
        "toOctal",
        VALUE,
        OCTAL,
        plain,
        "the octal numeral, of a negative number that of its 64 bits"
    ),
    with_base!(
        "toOctalPadded",
        PADDED,
        OCTAL,
        padded,
        "the octal numeral with zeros before it up to a width"
    ),
    with_base!(
        "toOctalPrefixed",
        VALUE,
        OCTAL,
        prefixed,
        "the octal numeral behind `0o`"
    ),
];

struct Base {
    radix: u32,
    /// The letter behind 0 in the prefix, small.
    letter: char,
    write: fn(i64) -> String,
}

const BINARY: Base = Base {
    radix: 2,
    letter: 'b',
    write: |value| format!("{value:b}"),
};

const OCTAL: Base = Base {
    radix: 8,
    letter: 'o',
    write: |value| format!("{value:o}"),
};

const HEXADECIMAL: Base = Base {
    radix: 16,
    letter: 'x',
    write: |value| format!("{value:X}"),
};

impl Base {
    /// The number of a numeral: a sign, the prefix or not, and digits among which `_` may stand.
    fn parse(&self, numeral: &str) -> Option<i64> {
        let numeral = strip(numeral);
        let (negative, numeral) = match numeral.strip_prefix('-') {
            Some(numeral) => (true, numeral),
            None => (false, numeral),
        };
        let prefixes = [self.letter, self.letter.to_ascii_uppercase()];
        let digits = numeral
            .strip_prefix('0')
            .and_then(|rest| rest.strip_prefix(prefixes))
            .unwrap_or(numeral);
        let digits = digits.replace('_', "");
        // All 64 bits may be written, and then the number is negative.
        let value = u64::from_str_radix(&digits, self.radix).ok()?.cast_signed();
        Some(if negative { value.wrapping_neg() } else { value })
    }
}

fn read<'a>(arguments: &[Value<'a>], base: Base) -> Outcome<'a> {
    let number = base.parse(text(arguments, 0)?);
    number
        .map(Value::from)
        .ok_or(ErrorKind::Function("not a numeral of at most 64 bits"))
}

fn is_valid<'a>(arguments: &[Value<'a>], base: Base) -> Outcome<'a> {
    Ok(base.parse(text(arguments, 0)?).is_some().into())
}

fn plain<'a>(arguments: &[Value<'a>], base: Base) -> Outcome<'a> {
    Ok((base.write)(long(arguments, 0)?).into())
}

fn prefixed<'a>(arguments: &[Value<'a>], base: Base) -> Outcome<'a> {
    Ok(format!("0{}{}", base.letter, (base.write)(long(arguments, 0)?)).into())
}

fn padded<'a>(arguments: &[Value<'a>], base: Base) -> Outcome<'a> {
    let digits = (base.write)(long(arguments, 0)?);
    let width = number(arguments, 1)?;
    if *width > Number::from(MAX_WIDTH) {
        return Err(ErrorKind::OutputLimit);
    }
    let width = width.to_i64().ok_or(NO_LONG)?;
    if width < 1 {
        return Err(ErrorKind::Function("a width must be positive"));
    }
    let width = usize::try_from(width).unwrap_or_default();
    Ok(format!("{digits:0>width$}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_padded_up_to_the_limit() {
        let padded = |width: i64| padded(&[5_i64.into(), width.into()], BINARY);
        assert_eq!(padded(4), Ok("0101".into()));
        assert!(padded(MAX_WIDTH).is_ok());
        assert_eq!(padded(MAX_WIDTH + 1).err(), Some(ErrorKind::OutputLimit));
    }

    #[test]
    fn the_sign_and_the_prefix_stand_before_the_digits() {
        assert_eq!(HEXADECIMAL.parse(" -0X1_f "), Some(-31));
        assert_eq!(HEXADECIMAL.parse("-8000000000000000"), Some(i64::MIN));
        for numeral in ["--1", "0x", "-", "_", "0x-1", "1 1", "10000000000000000"] {
            assert_eq!(HEXADECIMAL.parse(numeral), None, "{numeral}");
        }
    }
}
