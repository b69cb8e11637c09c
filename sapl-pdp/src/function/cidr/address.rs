//! Addresses and networks.

use crate::function::white_space::trim;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    /// How long addresses are.
    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::V4 => u32::BITS,
            Self::V6 => u128::BITS,
        }
    }

    /// The last address.
    pub(super) const fn max(self) -> u128 {
        match self {
            Self::V4 => u32::MAX as u128,
            Self::V6 => u128::MAX,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) family: Family,
    pub(super) bits: u128,
}

impl Address {
    fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            let address: Ipv6Addr = text.parse().ok()?;
            return Some(Self {
                family: Family::V6,
                bits: address.to_bits(),
            });
        }
        Some(Self {
            family: Family::V4,
            bits: u128::from(v4(text)?),
        })
    }

    /// The address with zeros behind a prefix.
    pub(super) fn masked(self, prefix: u32) -> Self {
        Self {
            bits: self.bits & !self.family.host_mask(prefix),
            ..self
        }
    }
}

impl Family {
    /// Ones behind a prefix.
    fn host_mask(self, prefix: u32) -> u128 {
        let host_bits = self.bits().saturating_sub(prefix);
        u128::MAX.checked_shr(u128::BITS - host_bits).unwrap_or_default()
    }
}

/// As RFC 5952 has it, without IPv4 notation within IPv6.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.family {
            Family::V4 => Ipv4Addr::from_bits(u32::try_from(self.bits).unwrap_or_default()).fmt(f),
            Family::V6 => write_v6(Ipv6Addr::from_bits(self.bits).segments(), f),
        }
    }
}

fn write_v6(segments: [u16; 8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let zeros = longest_zeros(&segments);
    for (index, segment) in segments.iter().enumerate() {
        if zeros.contains(&index) {
            if index == zeros.start {
                f.write_str("::")?;
            }
        } else {
            if index > 0 && index != zeros.end {
                f.write_str(":")?;
            }
            write!(f, "{segment:x}")?;
        }
    }
    Ok(())
}

/// Where the first of the longest runs of two or more zeros is.
fn longest_zeros(segments: &[u16; 8]) -> std::ops::Range<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for (index, segment) in segments.iter().enumerate() {
        if *segment != 0 {
            start = index + 1;
        } else if index + 1 - start > longest.len().max(1) {
            longest = start..index + 1;
        }
    }
    longest
}

/// One to four numbers, of which the last fills the bytes that are left.
fn v4(text: &str) -> Option<u32> {
    let mut parts = text.split('.').rev();
    let last = number(parts.next()?)?;
    let mut before = [0_u32; 3];
    let mut count = 0;
    for part in text.split('.').take(parts.clone().count()) {
        *before.get_mut(count)? = number(part).filter(|&part| part <= 255)?;
        count += 1;
    }
    let free_bits = 32 - 8 * u32::try_from(count).ok()?;
    if u64::from(last) >> free_bits != 0 {
        return None;
    }
    let bytes = before.iter().zip([24, 16, 8]);
    Some(bytes.fold(last, |bits, (byte, shift)| bits | byte << shift))
}

/// A decimal number, an octal one behind `0` or a hexadecimal one behind `0x`.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix('0') {
        Some("") => (text, 10),
        Some(rest) => match rest.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (rest, 8),
        },
        None => (text, 10),
    };
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u32::from_str_radix(digits, radix).ok())?
}

/// An address with a prefix length or without.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    pub(super) address: Address,
    pub(super) prefix: Option<u32>,
}

impl Network {
    pub(super) const fn new(address: Address, prefix: Option<u32>) -> Self {
        Self { address, prefix }
    }

    /// Reads an address, behind which a slash with a prefix length or a mask may stand.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = trim(text);
        let Some((address, prefix)) = text.split_once('/') else {
            return Some(Self::new(Address::parse(text)?, None));
        };
        let address = Address::parse(address)?;
        let is_length = !prefix.is_empty() && prefix.bytes().all(|digit| digit.is_ascii_digit());
        let prefix = if is_length {
            prefix.parse().ok()?
        } else {
            let mask = Address::parse(prefix).filter(|mask| mask.family == address.family)?;
            let length = (mask.bits << (u128::BITS - mask.family.bits())).leading_ones();
            (mask.family.host_mask(length) == mask.family.max() & !mask.bits).then_some(length)?
        };
        (prefix <= address.family.bits()).then_some(Self::new(address, Some(prefix)))
    }

    fn host_mask(&self) -> u128 {
        self.prefix
            .map_or(0, |prefix| self.address.family.host_mask(prefix))
    }

    pub(super) fn first(&self) -> Address {
        Address {
            bits: self.address.bits & !self.host_mask(),
            ..self.address
        }
    }

    pub(super) fn last(&self) -> Address {
        Address {
            bits: self.address.bits | self.host_mask(),
            ..self.address
        }
    }

    /// Whether another address is in this network; when that is the first of a network, whether all of it is.
    pub(super) fn contains(&self, other: &Self) -> bool {
        let last = if other.address == other.first() {
            other.last()
        } else {
            other.address
        };
        self.address.family == other.address.family
            && self.first().bits <= other.address.bits
            && last.bits <= self.last().bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        Network::parse(text).map(|network| network.first().to_string())
    }

    #[test]
    fn addresses_are_read_as_systems_read_them() {
        for (text, address) in [
            ("10.1", "10.0.0.1"),
            ("010.0.0.1", "8.0.0.1"),
            ("0x0a.1.2", "10.1.0.2"),
            ("167772161", "10.0.0.1"),
            (" 10.0.0.1 ", "10.0.0.1"),
            ("10.1.2.3/255.0.0.0", "10.0.0.0"),
            ("10.1.2.3/08", "10.0.0.0"),
            ("::ffff:10.0.0.1", "::ffff:a00:1"),
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("1:0:0:0:2:0:0:0", "1::2:0:0:0"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("::1/0", "::"),
            ("fe80::1/ffff::", "fe80::"),
        ] {
            assert_eq!(first(text).as_deref(), Some(address), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "1.2.3.256",
            "1.2.3.4.5",
            "1.2..4",
            "256.1",
            "1.16777216",
            "4294967296",
            "+1.2.3.4",
            "08.1.1.1",
            "0x.1.1.1",
            "localhost",
            "*",
            "10.*",
            "10.0.0.1-5",
            "[::1]",
            "::1/129",
            "12345::",
            "1::2::3",
            "10.0.0.0/255.0.255.0",
            "10.0.0.0/::",
            "١.2.3.4",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_with_bits_behind_its_prefix_stands_for_itself() {
        let contains = |network: &str, other: &str| {
            Network::parse(network)
                .zip(Network::parse(other))
                .map(|(network, other)| network.contains(&other))
        };
        assert_eq!(contains("10.0.0.0/24", "10.0.0.77/16"), Some(true));
        assert_eq!(contains("10.0.0.0/24", "10.0.0.0/16"), Some(false));
        assert_eq!(contains("10.0.0.5/24", "10.0.0.77"), Some(true));
        assert_eq!(contains("::/0", "10.0.0.1"), Some(false));
    }
}
