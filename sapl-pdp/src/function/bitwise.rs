//! `bitwise`: integers as 64 bits in two's complement.

use super::arguments::{NO_LONG, Outcome, code, long, number};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "bitwise";

const VALUE: &[Parameter] = &[Parameter::number("value")];
const BOTH: &[Parameter] = &[Parameter::number("left"), Parameter::number("right")];
const BIT: &[Parameter] = &[Parameter::number("value"), Parameter::number("position")];
const SHIFT: &[Parameter] = &[Parameter::number("value"), Parameter::number("positions")];

/// A function of one integer.
macro_rules! unary {
    ($name:literal, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, VALUE, $doc, |arguments| {
            let code: fn(i64) -> _ = $code;
            long(arguments, 0).map_or_else(Value::error, |value| code(value).into())
        })
    };
}

/// A function of two integers.
macro_rules! binary {
    ($name:literal, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, BOTH, $doc, |arguments| {
            let code: fn(i64, i64) -> i64 = $code;
            match (long(arguments, 0), long(arguments, 1)) {
                (Ok(left), Ok(right)) => code(left, right).into(),
                (Err(error), _) | (_, Err(error)) => Value::error(error),
            }
        })
    };
}

/// A function of an integer and a place from 0 to 63 in it.
macro_rules! at {
    ($name:literal, $parameters:ident, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(i64, u32) -> _ = $code;
            let parts = long(arguments, 0).and_then(|value| Ok((value, place(arguments)?)));
            parts.map_or_else(Value::error, |(value, place)| code(value, place).into())
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    unary!("bitCount", "how many bits are 1", |value| i64::from(
        value.count_ones()
    )),
    binary!("bitwiseAnd", "the bits that both have", |left, right| left
        & right),
    unary!("bitwiseNot", "the number with all bits turned over", |value| {
        !value
    }),
    binary!("bitwiseOr", "the bits that either has", |left, right| left
        | right),
    binary!(
        "bitwiseXor",
        "the bits that only one of both has",
        |left, right| left ^ right
    ),
    at!(
        "clearBit",
        BIT,
        "the number with a bit set to 0",
        |value, place| value & !(1 << place)
    ),
    unary!("isPowerOfTwo", "whether the number is 1, 2, 4, 8 …", |value| {
        value > 0 && value.count_ones() == 1
    }),
    unary!(
        "leadingZeros",
        "how many bits are 0 above the highest that is 1",
        |value| i64::from(value.leading_zeros())
    ),
    at!(
        "leftShift",
        SHIFT,
        "the bits moved upwards; what leaves the 64 bits is lost",
        |value, places| value << places
    ),
    unary!("reverseBits", "the bits in the opposite order", i64::reverse_bits),
    at!(
        "rightShift",
        SHIFT,
        "the bits moved downwards; the sign stays",
        |value, places| value >> places
    ),
    at!(
        "rotateLeft",
        SHIFT,
        "the bits moved upwards; what leaves comes in below",
        i64::rotate_left
    ),
    at!(
        "rotateRight",
        SHIFT,
        "the bits moved downwards; what leaves comes in above",
        i64::rotate_right
    ),
    at!(
        "setBit",
        BIT,
        "the number with a bit set to 1",
        |value, place| value | (1 << place)
    ),
    at!("testBit", BIT, "whether a bit is 1", |value, place| value
        >> place
        & 1
        == 1),
    at!(
        "toggleBit",
        BIT,
        "the number with a bit turned over",
        |value, place| value ^ (1 << place)
    ),
    unary!(
        "trailingZeros",
        "how many bits are 0 below the lowest that is 1",
        |value| i64::from(value.trailing_zeros())
    ),
    Function::new(
        NAME,
        "unsignedRightShift",
        SHIFT,
        "the bits moved downwards; zeros come in above",
        code!(unsigned_right_shift),
    ),
];

fn unsigned_right_shift<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let shifted = long(arguments, 0)?.cast_unsigned() >> place(arguments)?;
    Ok(shifted.cast_signed().into())
}

/// A place within 64 bits.
fn place(arguments: &[Value<'_>]) -> Result<u32, ErrorKind> {
    let place = number(arguments, 1)?.to_i64().ok_or(NO_LONG)?;
    u32::try_from(place)
        .ok()
        .filter(|&place| place < i64::BITS)
        .ok_or(ErrorKind::Function("a position must be from 0 to 63"))
}
