//! Whom a request was meant for.

use std::net::IpAddr;

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
    authorities.all(|authority| is_loopback_name(host_of(authority)))
}

/// The host without port and brackets.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback_name(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
