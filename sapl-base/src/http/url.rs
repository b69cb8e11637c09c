//! Which addresses are talked to.

use std::{fmt, net::Ipv6Addr};

use http::{Uri, uri::Scheme};
use rustls::pki_types::ServerName;

/// Whether `http://` will do. It is a decision of whoever runs the server, loopback addresses included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cleartext {
    /// Only `https://`.
    #[default]
    Refused,
    /// `http://` too: credentials and decisions travel where others may read and change them.
    Allowed,
}

/// Why a URL is not talked to. The URL itself is not told: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// It is no absolute URL.
    Malformed,
    /// Its scheme is neither `https` nor `http`.
    Scheme,
    /// It is `http://` and cleartext was not allowed.
    Cleartext,
    /// It holds a user name or password.
    UserInfo,
    /// It has a fragment.
    Fragment,
    /// Its host is empty, or no name that a certificate could have.
    Host,
    /// Its port is no number from 1 to 65535.
    Port,
}

/// Reads an absolute `https` or `http` URL.
///
/// ```
/// use sapl_base::http::{Cleartext, InvalidUrl, checked_url};
///
/// let url = checked_url("https://id.example/.well-known/jwks.json", Cleartext::Refused)?;
/// assert_eq!(url.host(), Some("id.example"));
/// let cleartext = checked_url("http://localhost:8080", Cleartext::Refused);
/// assert_eq!(cleartext, Err(InvalidUrl::Cleartext));
/// # Ok::<(), InvalidUrl>(())
/// ```
///
/// # Errors
/// When it is something else, has a user name, a fragment, an unusable host or port, or is `http` although
/// cleartext is refused.
pub fn checked_url(text: &str, cleartext: Cleartext) -> Result<Uri, InvalidUrl> {
    // The parser would drop a fragment without a word.
    if text.contains('#') {
        return Err(InvalidUrl::Fragment);
    }
    let url: Uri = text.parse().map_err(|_| InvalidUrl::Malformed)?;
    check(&url, cleartext)?;
    Ok(url)
}

/// As [`checked_url`], for a URL that was read already.
pub(super) fn check(url: &Uri, cleartext: Cleartext) -> Result<(), InvalidUrl> {
    let authority = url.authority().ok_or(InvalidUrl::Malformed)?;
    let scheme = url.scheme().ok_or(InvalidUrl::Malformed)?;
    if *scheme == Scheme::HTTP {
        if cleartext == Cleartext::Refused {
            return Err(InvalidUrl::Cleartext);
        }
    } else if *scheme != Scheme::HTTPS {
        return Err(InvalidUrl::Scheme);
    }
    if authority.as_str().contains('@') {
        return Err(InvalidUrl::UserInfo);
    }
    let host = authority.host();
    if !is_host(host) {
        return Err(InvalidUrl::Host);
    }
    let port = authority.as_str().strip_prefix(host).unwrap_or_default();
    if !port.is_empty() && !is_port(port) {
        return Err(InvalidUrl::Port);
    }
    Ok(())
}

fn is_port(port: &str) -> bool {
    // A number's own reading takes a sign too.
    port.strip_prefix(':').is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => ServerName::try_from(host).is_ok(),
    }
}

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is no absolute URL such as https://host:port/path",
            Self::Scheme => "its scheme is neither https nor http",
            Self::Cleartext => "it is http:// and cleartext is not allowed",
            Self::UserInfo => "it holds a user name or password",
            Self::Fragment => "it has a fragment",
            Self::Host => "its host is no name or address that a certificate could have",
            Self::Port => "its port is no number from 1 to 65535",
        })
    }
}

impl std::error::Error for InvalidUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_addresses_are_taken_as_they_are() {
        for text in [
            "https://localhost:8443",
            "https://pdp.example/prefix/",
            "https://pdp.example:443/?a=b",
            "https://127.0.0.1:1",
            "https://[::1]:65535/x",
            "HTTPS://pdp.example",
            "https://pdp_1.internal",
        ] {
            let url = checked_url(text, Cleartext::Refused);
            assert!(url.is_ok(), "{text}: {url:?}");
        }
    }

    #[test]
    fn cleartext_has_to_be_allowed_for_loopback_too() {
        for text in ["http://localhost", "http://127.0.0.1:8080", "HTTP://[::1]"] {
            assert_eq!(checked_url(text, Cleartext::Refused), Err(InvalidUrl::Cleartext));
            assert!(checked_url(text, Cleartext::Allowed).is_ok(), "{text}");
        }
    }

    #[test]
    fn whatever_is_no_plain_address_is_refused() {
        use InvalidUrl::{Fragment, Host, Malformed, Port, Scheme, UserInfo};
        for (text, why) in [
            ("", Malformed),
            ("localhost:8443", Malformed),
            ("/api/pdp", Malformed),
            ("https:", Malformed),
            ("https://", Malformed),
            ("https:///x", Malformed),
            ("https://pdp.example/a b", Malformed),
            ("https://pdp.example\n", Malformed),
            ("https://pdp.exämple", Malformed),
            ("https://pdp.example\\@evil.example", Malformed),
            ("https://pdp.example\r\nX: y", Malformed),
            ("https://pdp.example/\r\nX: y", Malformed),
            ("https://%70dp.example", Malformed),
            ("ftp://pdp.example", Scheme),
            ("file:///etc/passwd", Malformed),
            ("https://user:secret@pdp.example", UserInfo),
            ("https://@pdp.example", UserInfo),
            ("https://pdp.example/#top", Fragment),
            ("https://:8443", Host),
            ("https://a..b", Host),
            ("https://[::g]", Host),
            ("https://[1.2.3.4]", Host),
            ("https://pdp.example:", Port),
            ("https://pdp.example:0", Port),
            ("https://pdp.example:+443", Port),
            ("https://pdp.example:65536", Port),
        ] {
            assert_eq!(checked_url(text, Cleartext::Refused), Err(why), "{text}");
        }
    }
}
