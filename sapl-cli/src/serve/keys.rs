//! Who may ask.

use std::fmt;

use sapl_base::Secret;
use subtle::{Choice, ConstantTimeEq as _};

/// The most keys that a file may have.
pub const MAX_KEYS: usize = 1_000;

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 512;

/// API keys of the form `sapl_<id>_<secret>`; whoever has one may ask everything.
///
/// ```
/// use sapl_cli::serve::ApiKeys;
///
/// let keys = ApiKeys::parse("# the demo\nsapl_demo_3f9c2a\n")?;
/// assert!(keys.contain("sapl_demo_3f9c2a"));
/// assert!(!keys.contain("sapl_demo_3f9c2b"));
/// assert_eq!(format!("{keys:?}"), "ApiKeys(1)");
/// # Ok::<(), sapl_cli::serve::InvalidKeys>(())
/// ```
#[derive(Clone)]
pub struct ApiKeys(Vec<Secret<Box<str>>>);

/// What is wrong with a text of keys; it doesn't repeat them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKeys {
    /// There is no key.
    Empty,
    /// There are more than [`MAX_KEYS`].
    TooMany,
    /// A line that is no key: not `sapl_<id>_<secret>` in printable ASCII of at most [`MAX_KEY_BYTES`].
    Malformed {
        /// Its number, from 1.
        line: usize,
    },
}

impl ApiKeys {
    /// Reads keys, one a line. Empty lines and those that begin with `#` are skipped.
    ///
    /// # Errors
    /// When there is no key, when there are too many, or when a line is none.
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !is_key(line) {
                return Err(InvalidKeys::Malformed { line: index + 1 });
            }
            if keys.len() >= MAX_KEYS {
                return Err(InvalidKeys::TooMany);
            }
            keys.push(Secret::new(line.into()));
        }
        if keys.is_empty() {
            return Err(InvalidKeys::Empty);
        }
        Ok(Self(keys))
    }

    /// Whether `key` is one of them. The time that it takes doesn't tell how much of a guess was right, nor which
    /// key it came close to.
    #[must_use]
    pub fn contain(&self, key: &str) -> bool {
        self.0
            .iter()
            .fold(Choice::from(0), |found, known| {
                found | known.expose().as_bytes().ct_eq(key.as_bytes())
            })
            .into()
    }
}

fn is_key(text: &str) -> bool {
    let parts = text.strip_prefix("sapl_").and_then(|rest| rest.split_once('_'));
    text.len() <= MAX_KEY_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && parts.is_some_and(|(id, secret)| !id.is_empty() && !secret.is_empty())
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeys({})", self.0.len())
    }
}

impl fmt::Display for InvalidKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no API key"),
            Self::TooMany => write!(f, "there are more than {MAX_KEYS} API keys"),
            Self::Malformed { line } => {
                write!(
                    f,
                    "line {line} is no API key: `sapl_<id>_<secret>` of at most {MAX_KEY_BYTES} printable characters"
                )
            }
        }
    }
}

impl std::error::Error for InvalidKeys {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_key_a_line_and_comments() {
        let keys = ApiKeys::parse("\n# first\n sapl_one_a \r\nsapl_two_b_c\n\n").unwrap();
        assert!(keys.contain("sapl_one_a") && keys.contain("sapl_two_b_c"));
        for other in [
            "",
            "sapl_one_",
            "sapl_one_ab",
            "sapl_one_b",
            "SAPL_one_a",
            "# first",
        ] {
            assert!(!keys.contain(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for line in [
            "sapl_x",
            "sapl__x",
            "sapl_x_",
            "x_y_z",
            "sapl_a_b c",
            "sapl_a_ü",
            "Bearer sapl_a_b",
        ] {
            let refused = ApiKeys::parse(&format!("sapl_a_b\n{line}")).unwrap_err();
            assert_eq!(refused, InvalidKeys::Malformed { line: 2 });
            assert!(!refused.to_string().contains(line));
        }
        assert_eq!(ApiKeys::parse("# none\n").unwrap_err(), InvalidKeys::Empty);
    }

    #[test]
    fn keys_end_at_their_limits() {
        let long = |length: usize| format!("sapl_a_{}", "b".repeat(length - 7));
        assert!(ApiKeys::parse(&long(MAX_KEY_BYTES)).is_ok());
        assert!(ApiKeys::parse(&long(MAX_KEY_BYTES + 1)).is_err());
        let many = |count: usize| {
            (0..count)
                .map(|key| format!("sapl_{key}_x\n"))
                .collect::<String>()
        };
        assert!(ApiKeys::parse(&many(MAX_KEYS)).is_ok());
        assert_eq!(
            ApiKeys::parse(&many(MAX_KEYS + 1)).unwrap_err(),
            InvalidKeys::TooMany
        );
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = ApiKeys::parse("sapl_a_topsecret").unwrap();
        assert!(!format!("{keys:?}").contains("topsecret"));
    }
}
