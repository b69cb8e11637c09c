//! Versions as <https://semver.org> 2.0.0 has them.

use crate::function::white_space::trim;
use std::cmp::Ordering;

/// The largest number in a version.
const MAX_NUMBER: u32 = i32::MAX.unsigned_abs();

/// A version.
#[derive(Clone, Copy)]
pub(super) struct Version<'t> {
    /// All of it, without `v` and white space.
    pub(super) text: &'t str,
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) patch: u32,
    pub(super) pre_release: Option<&'t str>,
    pub(super) build: Option<&'t str>,
}

impl<'t> Version<'t> {
    /// Reads a version; `v` may stand before it and white space around it.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = trim(text);
        let text = text.strip_prefix('v').unwrap_or(text);
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (text, None),
        };
        let (numbers, pre_release) = match rest.split_once('-') {
            Some((numbers, pre_release)) => (numbers, Some(pre_release)),
            None => (rest, None),
        };
        let is_sound = pre_release.is_none_or(is_pre_release) && build.is_none_or(is_identifiers);
        let mut numbers = numbers.split('.').map(number);
        let version = Self {
            text,
            major: numbers.next()??,
            minor: numbers.next()??,
            patch: numbers.next()??,
            pre_release,
            build,
        };
        (is_sound && numbers.next().is_none()).then_some(version)
    }

    /// The order of versions; build metadata does not count.
    pub(super) fn precedence(&self, other: &Version<'_>) -> Ordering {
        self.numbers()
            .cmp(&other.numbers())
            .then_with(|| match (self.pre_release, other.pre_release) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(left), Some(right)) => pre_releases(left, right),
            })
    }

    /// The part in which both differ first.
    pub(super) fn difference(&self, other: &Version<'_>) -> &'static str {
        if self.major != other.major {
            "major"
        } else if self.minor != other.minor {
            "minor"
        } else if self.patch != other.patch {
            "patch"
        } else if self.pre_release != other.pre_release {
            "prerelease"
        } else {
            "none"
        }
    }

    pub(super) fn numbers(&self) -> [u32; 3] {
        [self.major, self.minor, self.patch]
    }

    /// Whether it is 1.0.0 or later and no pre-release.
    pub(super) fn is_stable(&self) -> bool {
        self.major > 0 && self.pre_release.is_none()
    }
}

/// A number without leading zeros.
pub(super) fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    digits.parse().ok().filter(|&number| number <= MAX_NUMBER)
}

/// Whether a text is identifiers with points between them, none of them a number with leading zeros.
pub(super) fn is_pre_release(text: &str) -> bool {
    let is_padded = |identifier: &str| {
        identifier.len() > 1
            && identifier.starts_with('0')
            && identifier.bytes().all(|byte| byte.is_ascii_digit())
    };
    is_identifiers(text) && !text.split('.').any(is_padded)
}

fn is_identifiers(text: &str) -> bool {
    text.split('.').all(|identifier| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !identifier.is_empty() && identifier.bytes().all(is_part)
    })
}

/// Identifier by identifier: numbers by value and before words, words by their characters, fewer before more.
fn pre_releases(left: &str, right: &str) -> Ordering {
    let is_number = |identifier: &str| identifier.bytes().all(|byte| byte.is_ascii_digit());
    let compared = left.split('.').zip(right.split('.')).map(|(left, right)| {
        match (is_number(left), is_number(right)) {
            // Without leading zeros the longer number is the larger one.
            (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => left.cmp(right),
        }
    });
    let count = |text: &str| text.split('.').count();
    compared
        .into_iter()
        .find(|order| order.is_ne())
        .unwrap_or_else(|| count(left).cmp(&count(right)))
}

/// The version that a text is, or else the first one to three numbers in it.
pub(super) fn coerce(text: &str) -> Option<String> {
    /// More digits than this are no number of a version.
    const MAX_DIGITS: usize = 16;
    if let Some(version) = Version::parse(text) {
        return Some(version.text.to_owned());
    }
    let is_digit = |next: char| next.is_ascii_digit();
    let mut rest = text;
    loop {
        rest = rest.get(rest.find(is_digit)?..)?;
        let behind = rest.trim_start_matches(is_digit);
        if rest.len() - behind.len() <= MAX_DIGITS {
            break;
        }
        rest = behind;
    }
    let mut numbers = [0_u32; 3];
    for (index, place) in numbers.iter_mut().enumerate() {
        let digits = if index == 0 {
            rest
        } else {
            rest.strip_prefix('.').unwrap_or_default()
        };
        let behind = digits.trim_start_matches(is_digit);
        let (digits, behind) = digits.split_at_checked(digits.len() - behind.len())?;
        if digits.is_empty() || digits.len() > MAX_DIGITS {
            break;
        }
        let digits = digits.trim_start_matches('0');
        *place = if digits.is_empty() { 0 } else { number(digits)? };
        rest = behind;
    }
    let [major, minor, patch] = numbers;
    Some(format!("{major}.{minor}.{patch}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "=1.2.3",
            "V1.2.3",
            "vv1.2.3",
            "1.2.-3",
            "2147483648.0.0",
            "1.2.3-é",
            "+1.2.3",
        ] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
        assert!(Version::parse(" v2147483647.0.0-0a.-+01 ").is_some());
    }

    #[test]
    fn versions_are_ordered_as_the_specification_lists_them() {
        let ordered = [
            "0.9.0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.1.0",
        ];
        let versions: Vec<_> = ordered.iter().filter_map(|text| Version::parse(text)).collect();
        assert_eq!(versions.len(), ordered.len());
        assert!(versions.is_sorted_by(|left, right| left.precedence(right).is_lt()));
    }

    #[test]
    fn a_version_is_found_within_a_text() {
        let found = |text: &str| coerce(text);
        assert_eq!(found("release-1.2-beta").as_deref(), Some("1.2.0"));
        assert_eq!(found("a1b2c3").as_deref(), Some("1.0.0"));
        assert_eq!(found("v1.02.3.4").as_deref(), Some("1.2.3"));
        assert_eq!(found(" v1.2.3-rc.1 ").as_deref(), Some("1.2.3-rc.1"));
        assert_eq!(found("12345678901234567.3").as_deref(), Some("3.0.0"));
        assert_eq!(found("none"), None);
        assert_eq!(found("2147483648"), None);
    }
}
