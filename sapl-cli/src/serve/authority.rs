//! Whom a request was meant for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::Request;
use http::header::HOST;

/// Whether every name that the request gives the server is one of this machine for itself. A request that gives none
/// comes from no browser.
pub(super) fn is_loopback<B>(request: &Request<B>) -> bool {
    let named = request
        .headers()
        .get_all(HOST)
        .iter()
        .map(|host| host.to_str().unwrap_or_default());
    let mut authorities = named.chain(request.uri().authority().map(|authority| authority.as_str()));
    authorities.all(is_loopback_authority)
}

/// Whether it is a loopback name or address, with a port or without one, and nothing else.
fn is_loopback_authority(authority: &str) -> bool {
    if let Some((address, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = port.strip_prefix(':');
        return is_loopback_address::<Ipv6Addr>(address)
            && (authority.ends_with(']') || port.is_some_and(is_port));
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    (host.eq_ignore_ascii_case("localhost") || is_loopback_address::<Ipv4Addr>(host))
        && port.is_none_or(is_port)
}

fn is_loopback_address<A: FromStr + Into<IpAddr>>(text: &str) -> bool {
    text.parse::<A>()
        .is_ok_and(|address| address.into().is_loopback())
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_for_itself_are_local() {
        let local = |host: &str| {
            let request = Request::builder().uri("/").header(HOST, host).body(()).unwrap();
            is_loopback(&request)
        };
        for host in [
            "localhost",
            "LocalHost:8443",
            "127.0.0.1",
            "127.8.9.1:1",
            "[::1]",
            "[::1]:8443",
        ] {
            assert!(local(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8443",
            "10.0.0.1",
            "[::2]:8443",
            "::1",
            "evil.example:127.0.0.1",
            "[::1]evil.example",
            "[::1].evil.example:8443",
            "[localhost]",
            "localhost:8443@evil.example",
        ] {
            assert!(!local(host), "{host}");
        }
    }

    #[test]
    fn a_target_with_an_authority_counts_too() {
        let local = |uri: &str| is_loopback(&Request::builder().uri(uri).body(()).unwrap());
        assert!(local("/api/pdp/decide-once"));
        assert!(local("http://localhost:1/api/pdp/decide-once"));
        assert!(!local("http://evil.example/api/pdp/decide-once"));
    }
}
