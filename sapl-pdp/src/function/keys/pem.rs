//! The textual encoding of RFC 7468.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::value::ErrorKind;

/// The longest text that is read as a key or certificate, in bytes.
pub(in crate::function) const MAX_PEM: usize = 256 * 1024;

const NO_PEM: ErrorKind = ErrorKind::Function("not a PEM text");

/// The bytes of the first block of a text.
pub(in crate::function) fn decode(text: &str) -> Result<Vec<u8>, ErrorKind> {
    if text.len() > MAX_PEM {
        return Err(ErrorKind::Function(
            "the text is too long for a key or certificate",
        ));
    }
    block(text).ok_or(NO_PEM)
}

fn block(text: &str) -> Option<Vec<u8>> {
    let mut lines = text.lines();
    let begin = lines.find_map(|line| line.strip_prefix("-----BEGIN "))?;
    let label = begin.trim().strip_suffix("-----")?;
    if label.is_empty() || label.contains('-') {
        return None;
    }
    let end = format!("-----END {label}-----");
    let mut digits = String::new();
    for line in lines {
        if line.starts_with(&end) {
            return STANDARD.decode(digits).ok();
        }
        // Lines with a colon are headers.
        if !line.contains(':') {
            digits.extend(line.split([' ', '\t', '\r']));
        }
    }
    None
}

/// A block with lines of 64 characters.
pub(in crate::function) fn encode(label: &str, bytes: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    // 48 bytes are 64 digits.
    for line in bytes.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in [0, 1, 47, 48, 49, 200] {
            let bytes = vec![7; length];
            assert_eq!(decode(&encode("X Y", &bytes)), Ok(bytes));
        }
        for text in [
            "",
            "AAAA",
            "-----BEGIN X-----\nAAAA",
            "-----BEGIN X-----\nA\n-----END X-----",
            "-----BEGIN X-----\nAAAA\n------END X-----",
            "------BEGIN X-----\nAAAA\n-----END X-----",
            "-----BEGIN X-----\nAAAA\n-----END Y-----",
            "-----BEGIN -----\nAAAA\n-----END -----",
        ] {
            assert_eq!(decode(text), Err(NO_PEM), "{text}");
        }
    }

    #[test]
    fn texts_are_read_up_to_the_limit() {
        let block = encode("X", &[1]);
        let text = |length: usize| format!("{}{block}", "\n".repeat(length - block.len()));
        assert!(decode(&text(MAX_PEM)).is_ok());
        assert!(decode(&text(MAX_PEM + 1)).is_err());
    }
}
