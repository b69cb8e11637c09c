//! `encoding`: texts in Base64 and hexadecimal.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::arguments::{Outcome, code, text};
use super::white_space::strip;
use super::{Function, MAX_TEXT, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "encoding";

const DATA: &[Parameter] = &[Parameter::text("data")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "base64Decode",
        DATA,
        "the text that is encoded in Base64, with or without padding",
        code!(base64_decode),
    ),
    Function::new(
        NAME,
        "base64DecodeStrict",
        DATA,
        "the text that is encoded in Base64 with padding",
        code!(base64_decode_strict),
    ),
    Function::new(
        NAME,
        "base64Encode",
        &[Parameter::text("input")],
        "the text in Base64",
        |arguments| encoded(arguments, 4, |text| STANDARD.encode(text)).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "base64UrlDecode",
        DATA,
        "the text that is encoded in Base64 for URLs, with or without padding",
        code!(base64_url_decode),
    ),
    Function::new(
        NAME,
        "base64UrlDecodeStrict",
        DATA,
        "the text that is encoded in Base64 for URLs with padding",
        code!(base64_url_decode_strict),
    ),
    Function::new(
        NAME,
        "base64UrlEncode",
        DATA,
        "the text in Base64 for URLs, with padding",
        |arguments| encoded(arguments, 4, |text| URL_SAFE.encode(text)).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "hexDecode",
        DATA,
        "the text whose bytes these hexadecimal digits are; `_` may stand among them",
        code!(hex_decode),
    ),
    Function::new(
        NAME,
        "hexEncode",
        DATA,
        "the bytes of the text in small hexadecimal digits",
        |arguments| encoded(arguments, 6, |text| hex(text.as_bytes())).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "isValidBase64",
        DATA,
        "whether the text is Base64, with or without padding",
        |arguments| is_valid(arguments, |text| decode(text, &STANDARD).is_ok()),
    ),
    Function::new(
        NAME,
        "isValidBase64Strict",
        DATA,
        "whether the text is Base64 with padding, and not empty",
        |arguments| is_valid(arguments, |text| strict(text, &STANDARD).is_ok()),
    ),
    Function::new(
        NAME,
        "isValidBase64Url",
        DATA,
        "whether the text is Base64 for URLs, with or without padding",
        |arguments| is_valid(arguments, |text| decode(text, &URL_SAFE).is_ok()),
    ),
    Function::new(
        NAME,
        "isValidBase64UrlStrict",
        DATA,
        "whether the text is Base64 for URLs with padding, and not empty",
        |arguments| is_valid(arguments, |text| strict(text, &URL_SAFE).is_ok()),
    ),
    Function::new(
        NAME,
        "isValidHex",
        DATA,
        "whether the text is pairs of hexadecimal digits, and not empty",
        |arguments| {
            is_valid(arguments, |text| {
                unhex(text).is_some_and(|bytes| !bytes.is_empty())
            })
        },
    ),
];

/// As Java decodes: padding may be missing, and the bits behind the last byte are not looked at.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);

const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

const NO_BASE64: ErrorKind = ErrorKind::Function("the text is not Base64");
const NO_HEX: ErrorKind = ErrorKind::Function("the text is not pairs of hexadecimal digits");
const NO_UTF8: ErrorKind = ErrorKind::Function("the decoded bytes are not UTF-8");

/// The bytes in small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            digits.push(char::from_digit(nibble.into(), 16).unwrap_or_default());
        }
    }
    digits
}

/// The bytes of hexadecimal digits, among which `_` may stand and around which white space may.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let mut digits = strip(text).chars().filter(|&digit| digit != '_');
    let mut bytes = Vec::with_capacity(text.len() / 2);
    while let Some(high) = digits.next() {
        let byte = high.to_digit(16)? << 4 | digits.next()?.to_digit(16)?;
        bytes.push(u8::try_from(byte).ok()?);
    }
    Some(bytes)
}

/// The bytes of Base64 with or without padding.
#[cfg(feature = "crypto")]
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    decode(text, &STANDARD).ok()
}

/// The bytes of Base64 for URLs with or without padding.
#[cfg(feature = "crypto")]
pub(crate) fn base64_url(text: &str) -> Option<Vec<u8>> {
    decode(text, &URL_SAFE).ok()
}

/// The bytes in Base64 for URLs without padding.
#[cfg(feature = "crypto")]
pub(crate) fn base64_url_unpadded(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Encodes a text, of which 3 bytes become `growth` at most.
fn encoded<'a>(arguments: &[Value<'a>], growth: usize, encode: fn(&str) -> String) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    if text.len().div_ceil(3) * growth > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(encode(text).into())
}

fn is_valid<'a>(arguments: &[Value<'a>], check: fn(&str) -> bool) -> Value<'a> {
    text(arguments, 0).map_or_else(Value::error, |text| check(text).into())
}

fn base64_decode<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    decoded(decode(text(arguments, 0)?, &STANDARD)?)
}

fn base64_url_decode<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    decoded(decode(text(arguments, 0)?, &URL_SAFE)?)
}

fn base64_decode_strict<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    decoded(strict(text(arguments, 0)?, &STANDARD)?)
}

fn base64_url_decode_strict<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    decoded(strict(text(arguments, 0)?, &URL_SAFE)?)
}

fn hex_decode<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    decoded(unhex(text(arguments, 0)?).ok_or(NO_HEX)?)
}

/// The bytes of Base64 whose padding is whole or missing.
fn decode(text: &str, engine: &GeneralPurpose) -> Result<Vec<u8>, ErrorKind> {
    if text.ends_with('=') && !text.len().is_multiple_of(4) {
        return Err(NO_BASE64);
    }
    engine.decode(text).map_err(|_| NO_BASE64)
}

/// The bytes of whole groups of four.
fn strict(text: &str, engine: &GeneralPurpose) -> Result<Vec<u8>, ErrorKind> {
    if text.is_empty() || !text.len().is_multiple_of(4) {
        return Err(NO_BASE64);
    }
    decode(text, engine)
}

fn decoded<'a>(bytes: Vec<u8>) -> Outcome<'a> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err(NO_UTF8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_up_to_the_longest_text() {
        let fits = |growth: usize, length: usize| {
            let text = Value::from("a".repeat(length));
            encoded(&[text], growth, |text| hex(text.as_bytes())).is_ok()
        };
        assert!(fits(4, MAX_TEXT / 4 * 3));
        assert!(!fits(4, MAX_TEXT / 4 * 3 + 1));
    }

    #[test]
    fn what_lies_behind_the_last_byte_is_not_looked_at() {
        assert_eq!(base64_decode(&["YR==".into()]), Ok("a".into()));
        for text in ["YQ=", "YQ===", "YQ==YQ==", "=", "Y", "aGVsbG8=\n", "aGVsbG8=="] {
            assert!(base64_decode(&[text.into()]).is_err(), "{text:?}");
        }
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(unhex(" 4_15A "), Some(b"AZ".to_vec()));
        assert_eq!(unhex("_"), Some(Vec::new()));
        for text in ["4", "4 1", "0x41", "٤١"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
