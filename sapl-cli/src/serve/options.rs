//! How a server is reached, and what it refuses to be.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use std::{fmt, io};

use super::{ApiKeys, TlsIdentity};

/// How often a stream sends a comment so that nobody takes it for dead; a node's period.
pub const DEFAULT_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The longest time between two such comments: clients take a stream that is silent for 60 s for dead.
pub const MAX_KEEP_ALIVE: Duration = Duration::from_secs(45);

/// How many connections are open at a time; further ones wait.
pub const DEFAULT_MAX_CONNECTIONS: usize = 5_120;

/// How many streams are open at a time; further ones are refused, so that one-shot requests always have connections.
pub const DEFAULT_MAX_STREAMS: usize = 4_096;

/// How a server is reached. By default at any free port of 127.0.0.1, in plain HTTP, by everybody there.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    pub(super) address: SocketAddr,
    pub(super) keys: Option<ApiKeys>,
    pub(super) tls: Option<TlsIdentity>,
    pub(super) keep_alive: Duration,
    pub(super) max_connections: usize,
    pub(super) max_streams: usize,
    plain_http_allowed: bool,
}

/// Why a server doesn't start.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// An address that others reach, without API keys.
    AnybodyMayAsk(IpAddr),
    /// An address that others reach, without TLS.
    AnybodyMayListen(IpAddr),
    /// The time between two keep-alive comments is zero or longer than [`MAX_KEEP_ALIVE`].
    KeepAlive(Duration),
    /// The address can't be listened on.
    Address {
        /// Which one.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            keys: None,
            tls: None,
            keep_alive: DEFAULT_KEEP_ALIVE,
            max_connections: DEFAULT_MAX_CONNECTIONS,
            max_streams: DEFAULT_MAX_STREAMS,
            plain_http_allowed: false,
        }
    }
}

impl ServeOptions {
    /// At this address; port 0 is any free one. One that others reach needs API keys and TLS.
    #[must_use]
    pub const fn with_address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Only for who has one of these keys.
    #[must_use]
    pub fn with_api_keys(mut self, keys: ApiKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Over TLS.
    #[must_use]
    pub fn with_tls(mut self, identity: TlsIdentity) -> Self {
        self.tls = Some(identity);
        self
    }

    /// With a comment so often on every stream, at least every [`MAX_KEEP_ALIVE`].
    #[must_use]
    pub const fn with_keep_alive(mut self, period: Duration) -> Self {
        self.keep_alive = period;
        self
    }

    /// With at most so many connections at a time.
    #[must_use]
    pub const fn with_max_connections(mut self, maximum: usize) -> Self {
        self.max_connections = maximum;
        self
    }

    /// With at most so many streams at a time.
    #[must_use]
    pub const fn with_max_streams(mut self, maximum: usize) -> Self {
        self.max_streams = maximum;
        self
    }

    /// Without TLS at an address that others reach: whoever is on the way can read keys and subscriptions. For a proxy
    /// that ends TLS before this server.
    #[must_use]
    pub const fn allow_plain_http(mut self) -> Self {
        self.plain_http_allowed = true;
        self
    }

    pub(super) fn check(&self) -> Result<(), ServeError> {
        let host = self.address.ip();
        if self.keep_alive.is_zero() || self.keep_alive > MAX_KEEP_ALIVE {
            return Err(ServeError::KeepAlive(self.keep_alive));
        }
        if host.is_loopback() {
            return Ok(());
        }
        if self.keys.is_none() {
            return Err(ServeError::AnybodyMayAsk(host));
        }
        if self.tls.is_none() && !self.plain_http_allowed {
            return Err(ServeError::AnybodyMayListen(host));
        }
        Ok(())
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnybodyMayAsk(host) => write!(
                f,
                "{host} is no loopback address, so anybody who reaches it could ask: add --api-key-file"
            ),
            Self::AnybodyMayListen(host) => write!(
                f,
                "{host} is no loopback address, so others could read keys and subscriptions on their way: add \
                 --tls-cert and --tls-key, or --allow-plain-http behind a proxy that ends TLS"
            ),
            Self::KeepAlive(period) => write!(
                f,
                "{period:?} between two keep-alive comments: it has to be more than 0 and at most {} s",
                MAX_KEEP_ALIVE.as_secs()
            ),
            Self::Address { address, error } => write!(f, "can't listen on {address}: {error}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address { error, .. } => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> TlsIdentity {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_pem();
        TlsIdentity::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap()
    }

    fn refusal(options: ServeOptions) -> Option<String> {
        options.check().err().map(|error| error.to_string())
    }

    #[test]
    fn what_others_reach_needs_keys_and_tls() {
        let keys = || ApiKeys::parse("sapl_a_b").unwrap();
        for host in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8443"] {
            let options = || ServeOptions::default().with_address(host.parse().unwrap());
            let without_keys = refusal(options().with_tls(identity()).allow_plain_http()).unwrap();
            assert!(without_keys.contains("--api-key-file"), "{without_keys}");
            let without_tls = refusal(options().with_api_keys(keys())).unwrap();
            assert!(without_tls.contains("--tls-cert"), "{without_tls}");
            assert_eq!(refusal(options().with_api_keys(keys()).allow_plain_http()), None);
            assert_eq!(
                refusal(options().with_api_keys(keys()).with_tls(identity())),
                None
            );
        }
    }

    #[test]
    fn on_this_machine_neither_is_needed() {
        for host in ["127.0.0.1:0", "127.1.2.3:8443", "[::1]:0"] {
            let options = ServeOptions::default().with_address(host.parse().unwrap());
            assert_eq!(refusal(options), None);
        }
    }

    #[test]
    fn a_keep_alive_without_end_is_refused() {
        let keep_alive = |period| refusal(ServeOptions::default().with_keep_alive(period));
        assert!(keep_alive(Duration::ZERO).is_some());
        assert_eq!(keep_alive(MAX_KEEP_ALIVE), None);
        let one_more = MAX_KEEP_ALIVE + Duration::from_nanos(1);
        assert!(keep_alive(one_more).is_some_and(|refusal| refusal.contains("45 s")));
        assert!(keep_alive(Duration::MAX).is_some());
    }
}
