//! Texts of others: read when nobody has promised their size, and printed whatever is in them.

use std::io::{self, Read, Write};

use sapl_base::text::printable;

use crate::failure::Failure;

/// Reads at most `maximum` bytes of UTF-8; `what` they are stands in the message, as in "standard input".
pub(crate) fn read_text(input: &mut dyn Read, maximum: u64, what: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    input
        .take(maximum + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format_args!("can't read {what}: {error}")))?;
    if bytes.len() as u64 > maximum {
        return Err(Failure::new(format_args!(
            "{what} is larger than {maximum} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(format_args!("{what} is not UTF-8")))
}

/// Writes what `write` writes, as far as it can be printed.
pub(crate) fn write_printable(
    output: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    output.write_all(printable(&String::from_utf8_lossy(&bytes)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_its_limit() {
        let read = |bytes: &[u8]| read_text(&mut &*bytes, 3, "it").map_err(|failure| failure.to_string());
        assert_eq!(read(b"abc").as_deref(), Ok("abc"));
        assert_eq!(read(b"abcd"), Err("error: it is larger than 3 bytes".to_owned()));
        assert_eq!(read(b"\xff"), Err("error: it is not UTF-8".to_owned()));
    }
}
