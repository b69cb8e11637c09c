//! What can be wrong with the configuration of identity.

use std::{error::Error, fmt};

/// Why a verifier or a bearer layer could not be built.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityConfigError {
    /// The key is not a PEM block `PUBLIC KEY` that holds a key for the named algorithm, of a length that is used. The key is not shown: it may be
    /// a private one, given by mistake.
    PublicKey {
        /// The algorithm that the key was to be for.
        algorithm: &'static str,
    },
    /// What is to be a JWK set is none, or has no key that could be used.
    KeySet {
        /// What is wrong with it.
        reason: String,
    },
    /// A shared secret is too short.
    SharedSecret {
        /// How many bytes it has to have.
        minimum: usize,
    },
    /// The URL of an identity provider can't be used. It is not shown: it may hold a password.
    #[cfg(feature = "http")]
    ProviderUrl {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: sapl_base::http::InvalidUrl,
    },
    /// The client for an identity provider can't be set up.
    #[cfg(feature = "http")]
    Tls {
        /// What is wrong with the settings for TLS.
        reason: String,
    },
    /// A setting that must say something is empty.
    Empty {
        /// The setting.
        setting: &'static str,
    },
    /// A setting that must be a URI of a certain form is not.
    Uri {
        /// The setting.
        setting: &'static str,
        /// What it was set to, unless that may hold a password.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A scope with characters that no scope may have ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
    Scope {
        /// What was given.
        value: String,
    },
    /// A setting that describes a resource came before `resource`.
    NoResource {
        /// The setting.
        setting: &'static str,
    },
}

impl fmt::Display for IdentityConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicKey { algorithm } => {
                write!(
                    f,
                    "the key is not a PEM block `PUBLIC KEY` with a key for {algorithm}"
                )?;
                // No other family has lengths to choose from.
                if algorithm.starts_with(['R', 'P']) {
                    f.write_str(" of 2048 to 4096 bits")?;
                }
                Ok(())
            }
            Self::KeySet { reason } => write!(f, "the JWK set can't be used: {reason}"),
            Self::SharedSecret { minimum } => {
                write!(f, "a shared secret must have at least {minimum} bytes")
            }
            #[cfg(feature = "http")]
            Self::ProviderUrl { setting, reason } => write!(f, "`{setting}` can't be used: {reason}"),
            #[cfg(feature = "http")]
            Self::Tls { reason } => write!(
                f,
                "the client for the identity provider can't be set up: {reason}"
            ),
            Self::Empty { setting } => write!(f, "`{setting}` is empty"),
            Self::Uri {
                setting,
                value,
                reason,
            } => write!(f, "`{setting}` is `{}`: {reason}", value.escape_debug()),
            Self::Scope { value } => write!(f, "`{}` is not a scope", value.escape_debug()),
            Self::NoResource { setting } => {
                write!(
                    f,
                    "`{setting}` describes a protected resource: call `resource` first"
                )
            }
        }
    }
}

impl Error for IdentityConfigError {}
