//! `cidr`: IP addresses and networks.
//!
//! An address may have a prefix length or a mask behind a slash. IPv4 addresses are read as `inet_aton` reads them, so
//! `10.1` is `10.0.0.1` and a leading zero makes an octal number.

use sha2::{Digest as _, Sha256};

use super::arguments::{Outcome, array, code, number, text};
use super::{Function, Parameter, encoding};
use crate::value::{Array, ErrorKind, Number, Value};

use address::{Address, Family, Network};

mod address;

const NAME: &str = "cidr";

/// The most addresses of a network that is expanded, and of matches.
const MAX_EXPANDED: usize = 65_535;

/// The most comparisons for matches.
const MAX_COMPARISONS: usize = 1_000_000;

/// The most networks that are merged.
const MAX_MERGED: usize = 1000;

const CIDR: &[Parameter] = &[Parameter::text("cidr")];
const IP: &[Parameter] = &[Parameter::text("ipAddress")];
const TWO_IPS: &[Parameter] = &[Parameter::text("ip1"), Parameter::text("ip2")];

/// A function that tells whether an address is in special networks.
macro_rules! within {
    ($name:literal, $networks:expr, $doc:literal) => {
        Function::new(NAME, $name, IP, $doc, |arguments| {
            network(arguments, 0, NO_ADDRESS).map_or_else(Value::error, |address| {
                Value::Boolean(is_within(&address, $networks))
            })
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "anonymizeIp",
        &[Parameter::text("ipAddress"), Parameter::number("prefixLength")],
        "the address with zeros behind the prefix",
        code!(anonymize),
    ),
    Function::new(
        NAME,
        "canSubdivide",
        &[Parameter::text("cidr"), Parameter::number("targetPrefixLength")],
        "whether the network has networks of a longer prefix",
        code!(can_subdivide),
    ),
    Function::new(
        NAME,
        "contains",
        &[Parameter::text("cidr"), Parameter::text("cidrOrIp")],
        "whether an address or all of a network is in the network",
        code!(contains),
    ),
    Function::new(
        NAME,
        "containsMatches",
        &[Parameter::array("cidrs"), Parameter::array("cidrsOrIps")],
        "the pairs of indices of networks and of what they contain",
        code!(contains_matches),
    ),
    Function::new(
        NAME,
        "expand",
        CIDR,
        "the addresses of the network",
        code!(expand),
    ),
    Function::new(
        NAME,
        "getAddressCount",
        CIDR,
        "how many addresses the network has, as a text",
        code!(address_count),
    ),
    Function::new(
        NAME,
        "getBroadcastAddress",
        CIDR,
        "the last address of the network",
        code!(broadcast_address),
    ),
    Function::new(
        NAME,
        "getCommonPrefixLength",
        TWO_IPS,
        "how many bits both addresses begin with",
        code!(common_prefix_length),
    ),
    Function::new(
        NAME,
        "getFirstUsableAddress",
        CIDR,
        "the address behind the first of the network",
        code!(first_usable_address),
    ),
    Function::new(
        NAME,
        "getLastUsableAddress",
        CIDR,
        "the last address of the network, in IPv4 the one before it",
        code!(last_usable_address),
    ),
    Function::new(
        NAME,
        "getNetworkAddress",
        CIDR,
        "the first address of the network",
        code!(network_address),
    ),
    Function::new(
        NAME,
        "getUsableHostCount",
        CIDR,
        "how many addresses of the network a host can have, as a text",
        code!(usable_host_count),
    ),
    Function::new(
        NAME,
        "hashIpPrefix",
        &[
            Parameter::text("ipAddress"),
            Parameter::number("prefixLength"),
            Parameter::text("salt"),
        ],
        "the SHA-256 hash of the address with zeros behind the prefix and of a salt",
        code!(hash_prefix),
    ),
    Function::new(
        NAME,
        "intersects",
        &[Parameter::text("cidr1"), Parameter::text("cidr2")],
        "whether both networks, of one family, have an address in common",
        code!(intersects),
    ),
    within!("isBenchmark", BENCHMARK, "whether the address is for benchmarks"),
    within!("isBroadcast", BROADCAST, "whether the address is 255.255.255.255"),
    within!(
        "isCgnat",
        CGNAT,
        "whether the address is shared behind a carrier's NAT"
    ),
    within!(
        "isDocumentation",
        DOCUMENTATION,
        "whether the address is for documentation"
    ),
    within!(
        "isLinkLocal",
        LINK_LOCAL,
        "whether the address is of the local link"
    ),
    within!(
        "isLoopback",
        LOOPBACK,
        "whether the address is of the machine itself"
    ),
    within!("isMulticast", MULTICAST, "whether the address is of a group"),
    within!(
        "isPrivateIpv4",
        PRIVATE,
        "whether the address is private, of IPv4"
    ),
    Function::new(
        NAME,
        "isPublicRoutable",
        IP,
        "whether the address is in none of the special networks",
        code!(is_public_routable),
    ),
    within!("isReserved", RESERVED, "whether the address is reserved"),
    Function::new(
        NAME,
        "isValid",
        CIDR,
        "whether the text is an address or a network",
        |arguments| Value::Boolean(network(arguments, 0, NO_NETWORK).is_ok()),
    ),
    Function::new(
        NAME,
        "merge",
        &[Parameter::array("addresses")],
        "the fewest networks with the same addresses, those of IPv4 first",
        code!(merge),
    ),
    Function::new(
        NAME,
        "sameSubnet",
        &[
            Parameter::text("ip1"),
            Parameter::text("ip2"),
            Parameter::number("prefixLength"),
        ],
        "whether both addresses begin with the same prefix",
        code!(same_subnet),
    ),
];

/// Networks by the first address and the prefix length.
type Special = &'static [(Family, u128, u32)];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32) -> (Family, u128, u32) {
    (Family::V4, u32::from_be_bytes([a, b, c, d]) as u128, prefix)
}

/// By the first 32 and the last 32 bits.
const fn v6(first: u128, last: u128, prefix: u32) -> (Family, u128, u32) {
    (Family::V6, first << 96 | last, prefix)
}

const BENCHMARK: Special = &[v4(198, 18, 0, 0, 15)];
const BROADCAST: Special = &[v4(255, 255, 255, 255, 32)];
const CGNAT: Special = &[v4(100, 64, 0, 0, 10)];
const DOCUMENTATION: Special = &[
    v4(192, 0, 2, 0, 24),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v6(0x2001_0db8, 0, 32),
];
const LINK_LOCAL: Special = &[v4(169, 254, 0, 0, 16), v6(0xfe80_0000, 0, 10)];
const LOOPBACK: Special = &[v4(127, 0, 0, 0, 8), v6(0, 1, 128)];
const MULTICAST: Special = &[v4(224, 0, 0, 0, 4), v6(0xff00_0000, 0, 8)];
const PRIVATE: Special = &[v4(10, 0, 0, 0, 8), v4(172, 16, 0, 0, 12), v4(192, 168, 0, 0, 16)];
const RESERVED: Special = &[
    v4(240, 0, 0, 0, 4),
    v6(0, 0, 128),
    // Addresses of IPv4 within IPv6.
    (Family::V6, 0xffff << 32, 96),
    v6(0x0100_0000, 0, 64),
    v6(0x2001_0000, 0, 23),
    v6(0xfc00_0000, 0, 7),
    v6(0x2001_0db8, 0, 32),
];

const NO_NETWORK: ErrorKind = ErrorKind::Function("not an IP address or a network such as `10.0.0.0/8`");
const NO_ADDRESS: ErrorKind = ErrorKind::Function("not an IP address");
const NO_NEIGHBOUR: ErrorKind =
    ErrorKind::Function("there is no address behind the last or before the first");
const NO_PREFIX: ErrorKind = ErrorKind::Function("the prefix length does not fit the address");

fn network(arguments: &[Value<'_>], index: usize, error: ErrorKind) -> Result<Network, ErrorKind> {
    Network::parse(text(arguments, index)?).ok_or(error)
}

/// A prefix length for addresses of a family.
fn prefix(arguments: &[Value<'_>], index: usize, family: Family) -> Result<u32, ErrorKind> {
    let prefix = number(arguments, index)?.to_i64();
    prefix
        .and_then(|prefix| u32::try_from(prefix).ok())
        .filter(|&prefix| prefix <= family.bits())
        .ok_or(NO_PREFIX)
}

fn shown<'a>(address: Address) -> Outcome<'a> {
    Ok(address.to_string().into())
}

fn networks(array: &Array<'_>) -> Result<Vec<Network>, ErrorKind> {
    let network = |element: Value<'_>| Network::parse(element.as_text()?);
    array
        .iter()
        .map(|element| network(element).ok_or(NO_NETWORK))
        .collect()
}

fn is_within(address: &Network, special: Special) -> bool {
    special
        .iter()
        .any(|&(family, bits, prefix)| Network::new(Address { family, bits }, Some(prefix)).contains(address))
}

fn anonymize<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    shown(anonymized(arguments)?)
}

fn anonymized(arguments: &[Value<'_>]) -> Result<Address, ErrorKind> {
    let address = network(arguments, 0, NO_ADDRESS)?.address;
    let prefix = prefix(arguments, 1, address.family)?;
    Ok(address.masked(prefix))
}

fn hash_prefix<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut hash = Sha256::new();
    hash.update(anonymized(arguments)?.to_string());
    hash.update(text(arguments, 2)?.as_bytes());
    Ok(encoding::hex(&hash.finalize()).into())
}

fn can_subdivide<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let network = network(arguments, 0, NO_NETWORK)?;
    let own = network
        .prefix
        .ok_or(ErrorKind::Function("a prefix length is needed"))?;
    let wanted = prefix(arguments, 1, network.address.family)?;
    Ok((wanted > own && network.address == network.first()).into())
}

fn contains<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let network = network(arguments, 0, NO_NETWORK)?;
    Ok(network.contains(&self::network(arguments, 1, NO_NETWORK)?).into())
}

fn contains_matches<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = (array(arguments, 0)?, array(arguments, 1)?);
    if left.len().saturating_mul(right.len()) > MAX_COMPARISONS {
        return Err(ErrorKind::StepLimit);
    }
    let (left, right) = (networks(left)?, networks(right)?);
    let mut matches = Vec::new();
    for (index, network) in left.iter().enumerate() {
        for (other_index, other) in right.iter().enumerate() {
            if network.contains(other) {
                if matches.len() == MAX_EXPANDED {
                    return Err(ErrorKind::OutputLimit);
                }
                let pair = [Value::from(index), Value::from(other_index)];
                matches.push(Value::Array(pair.into_iter().collect()));
            }
        }
    }
    Ok(Array::from(matches).into())
}

fn expand<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let network = network(arguments, 0, NO_NETWORK)?;
    let (first, last) = (network.first(), network.last());
    let limit = u128::try_from(MAX_EXPANDED).unwrap_or(u128::MAX);
    if last.bits - first.bits >= limit {
        return Err(ErrorKind::OutputLimit);
    }
    let addresses = (first.bits..=last.bits).map(|bits| Value::from(Address { bits, ..first }.to_string()));
    Ok(addresses.collect::<Array<'a>>().into())
}

fn address_count<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let network = network(arguments, 0, NO_NETWORK)?;
    // All of IPv6 has one address more than 128 bits can say.
    Ok(Value::from(
        match (network.last().bits - network.first().bits).checked_add(1) {
            Some(count) => count.to_string(),
            None => "340282366920938463463374607431768211456".to_owned(),
        },
    ))
}

fn usable_host_count<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let network = network(arguments, 0, NO_NETWORK)?;
    let last = network.last().bits - network.first().bits;
    let count = match network.address.family {
        // An address without a prefix counts as a network that lacks the two special addresses, as SAPL has it.
        Family::V4 if network.prefix.is_none() => return Ok("-1".into()),
        Family::V4 => last.saturating_sub(1),
        Family::V6 => last,
    };
    Ok(count.to_string().into())
}

fn network_address<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    shown(network(arguments, 0, NO_NETWORK)?.first())
}

fn broadcast_address<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    shown(network(arguments, 0, NO_NETWORK)?.last())
}

fn first_usable_address<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let first = network(arguments, 0, NO_NETWORK)?.first();
    let next = first
        .bits
        .checked_add(1)
        .filter(|&bits| bits <= first.family.max());
    shown(Address {
        bits: next.ok_or(NO_NEIGHBOUR)?,
        ..first
    })
}

fn last_usable_address<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let last = network(arguments, 0, NO_NETWORK)?.last();
    let bits = match last.family {
        Family::V4 => last.bits.checked_sub(1).ok_or(NO_NEIGHBOUR)?,
        Family::V6 => last.bits,
    };
    shown(Address { bits, ..last })
}

fn common_prefix_length<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let left = network(arguments, 0, NO_ADDRESS)?.address;
    let right = network(arguments, 1, NO_ADDRESS)?.address;
    if left.family != right.family {
        return Ok(Number::ZERO.into());
    }
    let beyond = u128::BITS - left.family.bits();
    let common = (left.bits ^ right.bits).leading_zeros() - beyond;
    Ok(i64::from(common).into())
}

fn intersects<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = (
        network(arguments, 0, NO_NETWORK)?,
        network(arguments, 1, NO_NETWORK)?,
    );
    if left.address.family != right.address.family {
        return Err(ErrorKind::Function("the networks must be of one family"));
    }
    Ok((left.first().bits <= right.last().bits && right.first().bits <= left.last().bits).into())
}

fn same_subnet<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let left = network(arguments, 0, NO_ADDRESS)?.address;
    let right = network(arguments, 1, NO_ADDRESS)?.address;
    if left.family != right.family {
        return Ok(false.into());
    }
    let prefix = prefix(arguments, 2, left.family)?;
    Ok((left.masked(prefix) == right.masked(prefix)).into())
}

fn is_public_routable<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    const SPECIAL: &[Special] = &[
        BENCHMARK,
        BROADCAST,
        CGNAT,
        DOCUMENTATION,
        LINK_LOCAL,
        LOOPBACK,
        MULTICAST,
        PRIVATE,
        RESERVED,
    ];
    let address = network(arguments, 0, NO_ADDRESS)?;
    let is_special = SPECIAL.iter().any(|special| is_within(&address, special));
    Ok((!is_special).into())
}

fn merge<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let addresses = array(arguments, 0)?;
    if addresses.len() > MAX_MERGED {
        return Err(ErrorKind::Function("too many networks to merge"));
    }
    let networks = networks(addresses)?;
    let mut texts = Vec::new();
    for family in [Family::V4, Family::V6] {
        for (first, last) in ranges(&networks, family) {
            cover(family, first, last, |network| texts.push(Value::from(network)));
        }
    }
    Ok(Array::from(texts).into())
}

/// The addresses of a family as ranges that don't touch, in order.
fn ranges(networks: &[Network], family: Family) -> Vec<(u128, u128)> {
    let mut ranges: Vec<_> = networks
        .iter()
        .filter(|network| network.address.family == family)
        .map(|network| (network.first().bits, network.last().bits))
        .collect();
    ranges.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// The fewest networks with all addresses of a range.
fn cover(family: Family, first: u128, last: u128, mut found: impl FnMut(String)) {
    let mut first = first;
    loop {
        // The largest network that begins here and does not reach beyond the end.
        let aligned = first.trailing_zeros().min(family.bits());
        let size = last - first;
        let fitting = match size.checked_add(1) {
            Some(size) => size.ilog2(),
            None => family.bits(),
        };
        let host_bits = aligned.min(fitting);
        let address = Address { family, bits: first };
        found(format!("{address}/{}", family.bits() - host_bits));
        let next = 1_u128
            .checked_shl(host_bits)
            .and_then(|size| first.checked_add(size));
        match next {
            Some(next) if next <= last => first = next,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(name: &str, arguments: &[Value<'static>]) -> Value<'static> {
        let function = FUNCTIONS.iter().find(|function| function.name() == name);
        function.map_or(Value::Undefined, |function| function.call(arguments))
    }

    #[test]
    fn networks_are_expanded_up_to_the_limit() {
        let size = |cidr: &'static str| called("expand", &[cidr.into()]).as_array().map(Array::len);
        assert_eq!(size("10.0.0.0/17"), Some(32_768));
        assert_eq!(size("10.0.0.0/16"), None);
        assert_eq!(size("::/0"), None);
    }

    #[test]
    fn merged_networks_are_the_fewest() {
        let merged = |addresses: &[&'static str]| {
            let addresses: Array<'static> = addresses.iter().map(|&address| address.into()).collect();
            called("merge", &[addresses.into()]).to_string()
        };
        assert_eq!(
            merged(&["::1", "10.0.0.128/25", "10.0.0.0/25", "10.0.0.1", "::2/127"]),
            r#"["10.0.0.0/24", "::1/128", "::2/127"]"#
        );
        assert_eq!(
            merged(&["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
            r#"["10.0.0.1/32", "10.0.0.2/31"]"#
        );
        assert_eq!(merged(&["0.0.0.0/0", "1.1.1.1"]), r#"["0.0.0.0/0"]"#);
        assert_eq!(merged(&["::/0"]), r#"["::/0"]"#);
        assert_eq!(
            merged(&["ffff::/16", "255.255.255.255"]),
            r#"["255.255.255.255/32", "ffff::/16"]"#
        );
    }

    #[test]
    fn so_many_networks_are_merged_and_compared() {
        let networks = |count: usize| Value::Array((0..count).map(|_| "::1".into()).collect());
        assert!(called("merge", &[networks(MAX_MERGED)]).as_array().is_some());
        assert!(called("merge", &[networks(MAX_MERGED + 1)]).as_array().is_none());
        let matches =
            |left: usize, right: usize| called("containsMatches", &[networks(left), networks(right)]);
        assert_eq!(
            matches(1, MAX_EXPANDED).as_array().map(Array::len),
            Some(MAX_EXPANDED)
        );
        assert_eq!(matches(1, MAX_EXPANDED + 1), Value::error(ErrorKind::OutputLimit));
        assert_eq!(matches(1001, 1000), Value::error(ErrorKind::StepLimit));
    }
}
