//! What a client may take of the server.

use std::time::Duration;

/// The largest body of a request, in bytes; a node's default.
pub const MAX_BODY_BYTES: usize = 65_536;

/// How many subscriptions a multi request may have.
pub const MAX_SUBSCRIPTIONS: usize = 256;

/// How long the head of a request may take, and how long a connection may be idle between two requests.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the body of a request may take.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may read nothing of what is written to it.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a TLS handshake may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a stop waits for what is under way.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection that is being closed is read from, so that a client that still sends gets its reply.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// How much is read from a connection that is being closed, in bytes.
pub(super) const MAX_LINGERED_BYTES: u64 = 1024 * 1024;
