//! `uuid`: what is in a UUID.

use super::arguments::{Outcome, code, text};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Object, Text, Value};

const NAME: &str = "uuid";

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    NAME,
    "parse",
    &[Parameter::text("uuidText")],
    "the bits, the version and the variant of a UUID, and of version 1 its time, clock sequence and node",
    code!(parse),
)];

fn parse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (most, least) = bits(text(arguments, 0)?).ok_or(ErrorKind::Function("not a UUID"))?;
    let version = most >> 12 & 0xf;
    let mut members: Vec<(&'static str, i64)> = vec![
        ("leastSignificantBits", least.cast_signed()),
        ("mostSignificantBits", most.cast_signed()),
        ("version", version.cast_signed()),
        ("variant", variant(least)),
    ];
    if version == 1 {
        let time = (most & 0xfff) << 48 | (most >> 16 & 0xffff) << 32 | most >> 32;
        members.extend([
            ("timestamp", time.cast_signed()),
            ("clockSequence", (least >> 48 & 0x3fff).cast_signed()),
            ("node", (least & 0xffff_ffff_ffff).cast_signed()),
        ]);
    }
    let members = members
        .into_iter()
        .map(|(name, value)| (Text::from(name), value.into()));
    Ok(members.collect::<Object<'a>>().into())
}

/// The variant as RFC 9562 numbers it: 0, 2, 6 or 7.
fn variant(least: u64) -> i64 {
    match least >> 61 {
        0..4 => 0,
        4 | 5 => 2,
        6 => 6,
        _ => 7,
    }
}

/// The bits of five groups of hexadecimal digits. Groups may be short, and of long ones the last digits count, as in
/// SAPL.
fn bits(text: &str) -> Option<(u64, u64)> {
    /// The longest text that SAPL takes for a UUID.
    const MAX_LENGTH: usize = 36;
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut groups = text.split('-');
    let mut group = |bits: u32| {
        let digits = groups.next()?;
        let value = u64::from_str_radix(digits, 16).ok()?;
        let is_signed = digits.starts_with('+');
        (!is_signed).then_some(value & (u64::MAX >> (u64::BITS - bits)))
    };
    let most = group(32)? << 32 | group(16)? << 16 | group(16)?;
    let least = group(16)? << 48 | group(48)?;
    groups.next().is_none().then_some((most, least))
}
