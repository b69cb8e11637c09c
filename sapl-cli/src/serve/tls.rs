//! The server's side of TLS.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its chain and its private key. TLS 1.2 and 1.3.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

/// What is wrong with a certificate or its key; it doesn't repeat them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTls {
    message: String,
}

impl TlsIdentity {
    /// Reads a certificate chain and a private key, both PEM.
    ///
    /// # Errors
    /// When there is no certificate or no key in the texts, or when they don't belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, InvalidTls> {
        let invalid = |what: &str, error: &dyn fmt::Display| InvalidTls {
            message: format!("{what}: {error}"),
        };
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| invalid("the certificate can't be read", &flaw(&error)))?;
        if chain.is_empty() {
            let message = "there is no certificate".to_owned();
            return Err(InvalidTls { message });
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| invalid("the private key can't be read", &flaw(&error)))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid("TLS can't be set up", &error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| invalid("the certificate and the private key can't be used", &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    pub(super) fn acceptor(&self) -> tokio_rustls::TlsAcceptor {
        Arc::clone(&self.0).into()
    }
}

/// What is wrong with a PEM text. The parser's own words repeat the line that it stumbled over, which is all of a private
/// key where the line ends were lost on the way.
const fn flaw(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no `-----END …-----` on a line of its own",
        pem::Error::IllegalSectionStart { .. } => "a line that begins with `-----BEGIN` is no more than that",
        pem::Error::NoItemsFound => "there is no section of this kind in it",
        _ => "it is no PEM text",
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity([redacted])")
    }
}

impl fmt::Display for InvalidTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidTls {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_and_its_key_belong_together() {
        let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (one, other) = (made(), made());
        let (certificate, key) = (one.cert.pem(), one.signing_key.serialize_pem());
        let foreign = other.signing_key.serialize_pem();
        let identity = |certificate: &str, key: &str| {
            TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes())
                .map(|identity| format!("{identity:?}"))
        };
        assert_eq!(identity(&certificate, &key).unwrap(), "TlsIdentity([redacted])");
        for (certificate, key, message) in [
            ("", &*key, "there is no certificate"),
            (&certificate, "", "the private key can't be read"),
            (&certificate, &certificate, "the private key can't be read"),
            (&certificate, &foreign, "can't be used"),
        ] {
            let refused = identity(certificate, key).unwrap_err();
            assert!(refused.to_string().contains(message), "{refused}");
        }
    }

    #[test]
    fn a_key_whose_line_ends_were_lost_is_refused_without_being_repeated() {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let secret = key.lines().nth(1).unwrap();
        let bytes = format!("{:?}", &secret.as_bytes()[..8]).replace(['[', ']'], "");
        for joint in [" ", "", "\\n"] {
            let key = key.lines().collect::<Vec<_>>().join(joint);
            for certificate in [certificate.clone(), format!("{certificate}{key}")] {
                let refused = TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err();
                for text in [refused.to_string(), format!("{refused:?}")] {
                    assert!(!text.contains(secret) && !text.contains(&bytes), "{text}");
                }
            }
        }
    }
}
