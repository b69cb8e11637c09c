//! The marker that a definition carries in its `_meta`: a nonce of this process, and which rule.
//!
//! An upstream server whose definitions are passed on can put anything into a `_meta`, but it can't know the nonce;
//! the layer takes the marker out of all that it sends.

use std::{fmt::Write as _, sync::LazyLock};

use serde_json::Value;

/// The key in `_meta` of an enforcement.
pub(super) const KEY: &str = "io.sapl/enforcement";

/// The key in `_meta` of a gate.
pub(super) const GATE_KEY: &str = "io.sapl/gate";

/// 128 random bits in hexadecimal; `None` where the system has no randomness, and then no marker is valid.
type Nonce = Option<[u8; NONCE_LENGTH]>;

const NONCE_LENGTH: usize = 32;
const ID_LENGTH: usize = 4;
const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

static NONCE: LazyLock<Nonce> = LazyLock::new(|| {
    let mut random = [0; NONCE_LENGTH / 2];
    getrandom::fill(&mut random).ok()?;
    Some(hexadecimal(random))
});

/// The place of a rule in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RuleId(pub(super) u16);

/// The marker of a rule.
pub(super) fn write(id: RuleId) -> Value {
    let mut text = String::with_capacity(NONCE_LENGTH + 1 + ID_LENGTH);
    text.extend(NONCE.iter().flatten().copied().map(char::from));
    // Writing to a string can't fail.
    let _ = write!(text, "-{:0width$x}", id.0, width = ID_LENGTH);
    Value::String(text)
}

/// The rule that a marker names, if this process wrote it.
pub(super) fn read(marker: &Value) -> Option<RuleId> {
    let (nonce, id) = marker.as_str()?.as_bytes().split_at_checked(NONCE_LENGTH)?;
    let expected = NONCE.as_ref()?;
    // All of it is compared, so that the time tells nothing about where it differs.
    let difference = nonce
        .iter()
        .zip(expected)
        .fold(0, |difference, (a, b)| difference | (a ^ b));
    if difference != 0 {
        return None;
    }
    let digits: &[u8; ID_LENGTH] = id.strip_prefix(b"-")?.try_into().ok()?;
    digits
        .iter()
        .try_fold(0, |id, digit| Some(id << 4 | hexadecimal_digit(*digit)?))
        .map(RuleId)
}

fn hexadecimal(bytes: [u8; NONCE_LENGTH / 2]) -> [u8; NONCE_LENGTH] {
    let mut text = [0; NONCE_LENGTH];
    let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    for (character, digit) in text.iter_mut().zip(digits) {
        *character = HEXADECIMAL.get(usize::from(digit)).copied().unwrap_or(b'0');
    }
    text
}

/// The value of a digit as [`write`] writes it: lower case only, so that each rule has one marker.
fn hexadecimal_digit(digit: u8) -> Option<u16> {
    match digit {
        b'0'..=b'9' => Some(u16::from(digit - b'0')),
        b'a'..=b'f' => Some(u16::from(digit - b'a') + 10),
        _ => None,
    }
}
