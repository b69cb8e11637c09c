//! Tokens of an issuer that is asked over real HTTP: its keys, its metadata, its word on opaque tokens. What reaches the
//! server, what is answered, and how often the issuer is asked.

#![cfg(all(feature = "jwt", feature = "http"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod identity {
    pub(crate) mod issuer;
    pub(crate) mod server;
    pub(crate) mod token;

    mod discovery;
    mod introspection;
    mod keys;
    mod tokens;
}
