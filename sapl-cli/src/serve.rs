//! A policy decision point behind the HTTP API of a SAPL node.
//!
//! It is for development and for tests: one process, one folder of policies, the same requests and replies as a node,
//! so that what talks to it talks to a node. For production on several machines run SAPL Node.
//!
//! What a request meets, in this order:
//!
//! 1. On a loopback address without API keys only loopback names are taken as `Host`: a page in a browser can have
//!    its own name point here, but can't have another `Host`. (403)
//! 2. `/actuator/health`, `/actuator/health/liveness` and `/actuator/health/readiness` answer everybody.
//! 3. The API key: `Authorization: Bearer sapl_<id>_<secret>`. Without any keys there must be no such header. (401)
//! 4. The path below `/api/pdp/` (404), the method POST (405), a body of at most [`MAX_BODY_BYTES`] (413) that is there
//!    within [`BODY_TIMEOUT`] (408) and is a subscription, or at most [`MAX_SUBSCRIPTIONS`] of them (400).
//! 5. For a stream, room among those that are open (503).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use sapl_cli::serve::{ServeOptions, Server};
//! use sapl_pdp::EmbeddedPdp;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pdp = Arc::new(EmbeddedPdp::watch_dir("policies")?); // changes reach open streams
//! let server = Server::bind(pdp, ServeOptions::default()).await?;
//! println!("{}", server.url()); // http://127.0.0.1:45123
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod api;
mod authority;
mod body;
mod clock;
mod command;
mod connection;
mod events;
mod impatient;
mod keys;
mod limits;
mod options;
mod question;
mod server;
mod tls;

pub use command::ServeArguments;
pub(crate) use command::run;
pub use keys::{ApiKeys, InvalidKeys, MAX_KEY_BYTES, MAX_KEYS};
pub use limits::{
    BODY_TIMEOUT, DRAIN_TIMEOUT, HANDSHAKE_TIMEOUT, HEADER_TIMEOUT, MAX_BODY_BYTES, MAX_SUBSCRIPTIONS,
    WRITE_TIMEOUT,
};
pub use options::{
    DEFAULT_KEEP_ALIVE, DEFAULT_MAX_CONNECTIONS, DEFAULT_MAX_STREAMS, MAX_KEEP_ALIVE, ServeError,
    ServeOptions,
};
pub use server::Server;
pub use tls::{InvalidTls, TlsIdentity};
