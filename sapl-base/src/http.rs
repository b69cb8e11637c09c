//! What goes over the network: a hardened HTTP client and the client of a remote policy decision point.
//!
//! [`HttpClient`] follows no redirect, uses no proxy, unpacks nothing, and bounds what it reads and how long it
//! waits. It talks `https` unless cleartext is allowed aloud. Everything else here is built on it.
//!
//! All of it runs on tokio and needs a runtime with its time and I/O drivers enabled, of either flavour.

mod client;
mod config;
mod credentials;
mod endpoint;
mod error;
mod exchange;
mod failure;
mod multi;
mod oauth;
mod pdp;
mod reconnect;
mod sse;
mod stream;
mod text;
mod tls;
mod url;
mod wire;

pub use client::{CONNECT_TIMEOUT, HttpClient, MAX_IDLE_CONNECTIONS, POOL_IDLE_TIMEOUT, ResponseBody};
pub use config::{PdpConfig, PdpConfigError, PdpConfigProblem};
pub use error::{HttpError, HttpErrorKind};
pub use oauth::ClientCredentials;
pub use pdp::{HttpPdp, MAX_PARALLEL_PARTS};
pub use reconnect::{FIRST_FRAME_TIMEOUT, FIRST_RECONNECT_DELAY, MAX_RECONNECT_DELAY, SILENCE_LIMIT};
pub use sse::MAX_SSE_FRAME_BYTES;
pub use stream::CACHED_SILENCE_LIMIT;
pub use tls::{TlsSettings, TlsSettingsError};
pub use url::{Cleartext, InvalidUrl, checked_url};
pub use wire::{MAX_MULTI_ENTRIES, MAX_REQUEST_BYTES};
