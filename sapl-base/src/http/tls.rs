//! Whom to trust, and how to identify oneself.

use std::{fmt, path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::Secret;

/// How TLS connections are made: by default with the roots that the operating system trusts and without a client
/// certificate. TLS 1.2 and 1.3, by rustls.
///
/// ```
/// use sapl_base::http::TlsSettings;
///
/// let settings = TlsSettings::default().private_ca_file("/etc/sapl/ca.pem");
/// # let _ = settings;
/// ```
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    private_ca: Option<Pem>,
    client: Option<ClientCertificate>,
}

/// A certificate or key that can't be used.
#[derive(Debug)]
pub struct TlsSettingsError {
    what: &'static str,
    reason: String,
}

#[derive(Clone)]
enum Pem {
    Bytes(Secret<Vec<u8>>),
    File(PathBuf),
}

#[derive(Clone, Debug)]
struct ClientCertificate {
    chain: Pem,
    key: Pem,
}

impl TlsSettings {
    /// Trusts the certificate authorities in `pem`, **and no others**: the system's roots no longer count.
    #[must_use]
    pub fn private_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.private_ca = Some(Pem::Bytes(Secret::new(pem.into())));
        self
    }

    /// As [`private_ca_pem`](Self::private_ca_pem), from a file, which is read when a client is made.
    #[must_use]
    pub fn private_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.private_ca = Some(Pem::File(path.into()));
        self
    }

    /// Shows servers that ask for one a client certificate: its chain, the own certificate first, and the private
    /// key (PKCS #8, PKCS #1 or SEC 1), both in PEM.
    #[must_use]
    pub fn client_certificate_pem(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.client = Some(ClientCertificate {
            chain: Pem::Bytes(Secret::new(chain.into())),
            key: Pem::Bytes(Secret::new(key.into())),
        });
        self
    }

    /// As [`client_certificate_pem`](Self::client_certificate_pem), from files, which are read when a client is
    /// made.
    #[must_use]
    pub fn client_certificate_files(mut self, chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.client = Some(ClientCertificate {
            chain: Pem::File(chain.into()),
            key: Pem::File(key.into()),
        });
        self
    }

    pub(super) fn client_config(&self) -> Result<ClientConfig, TlsSettingsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsSettingsError::new("the TLS library", error))?;
        let builder = match &self.private_ca {
            Some(pem) => builder.with_root_certificates(roots(pem)?),
            None => builder
                .with_platform_verifier()
                .map_err(|error| TlsSettingsError::new("the system's certificate authorities", error))?,
        };
        let Some(client) = &self.client else {
            return Ok(builder.with_no_client_auth());
        };
        let chain = client.chain.certificates("the client certificate")?;
        let key = PrivateKeyDer::from_pem_slice(&client.key.read("the client certificate's key")?)
            .map_err(|error| TlsSettingsError::new("the client certificate's key", flaw(&error)))?;
        builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| TlsSettingsError::new("the client certificate", error))
    }

    /// A configuration that trusts nobody, for a client that makes no TLS connection.
    pub(super) fn trusting_nobody() -> Result<ClientConfig, TlsSettingsError> {
        Ok(
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| TlsSettingsError::new("the TLS library", error))?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        )
    }
}

const PRIVATE_CA: &str = "the private certificate authority";

fn roots(pem: &Pem) -> Result<RootCertStore, TlsSettingsError> {
    let mut roots = RootCertStore::empty();
    for certificate in pem.certificates(PRIVATE_CA)? {
        roots
            .add(certificate)
            .map_err(|error| TlsSettingsError::new(PRIVATE_CA, error))?;
    }
    Ok(roots)
}

impl Pem {
    fn read(&self, what: &'static str) -> Result<Vec<u8>, TlsSettingsError> {
        match self {
            Self::Bytes(pem) => Ok(pem.expose().clone()),
            Self::File(path) => std::fs::read(path)
                .map_err(|error| TlsSettingsError::new(what, format!("`{}`: {error}", path.display()))),
        }
    }

    fn certificates(&self, what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsSettingsError> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&self.read(what)?)
            .collect::<Result<_, _>>()
            .map_err(|error| TlsSettingsError::new(what, flaw(&error)))?;
        if certificates.is_empty() {
            return Err(TlsSettingsError::new(what, "there is no certificate in it"));
        }
        Ok(certificates)
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

impl TlsSettingsError {
    fn new(what: &'static str, reason: impl fmt::Display) -> Self {
        Self {
            what,
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for TlsSettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} can't be used: {}", self.what, self.reason)
    }
}

impl std::error::Error for TlsSettingsError {}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(_) => f.write_str("[redacted]"),
            Self::File(path) => path.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_whose_line_ends_were_lost_is_refused_without_being_repeated() {
        let made = rcgen::generate_simple_self_signed(["pdp.example".to_owned()]).unwrap();
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let settings = |chain: &str, key: &str| TlsSettings::default().client_certificate_pem(chain, key);
        assert!(settings(&chain, &key).client_config().is_ok());
        let first_bytes =
            |text: &str| format!("{:?}", text.as_bytes().get(..8).unwrap()).replace(['[', ']'], "");
        let secret = key.lines().nth(1).unwrap();
        for joint in [" ", "", "\\n"] {
            let key = key.lines().collect::<Vec<_>>().join(joint);
            // The key may stand in the file of the certificates too.
            for settings in [
                settings(&chain, &key),
                settings(&format!("{chain}{key}"), &key),
                TlsSettings::default().private_ca_pem(key.clone()),
            ] {
                let error = settings.client_config().unwrap_err();
                for text in [error.to_string(), format!("{error:?}")] {
                    assert!(!text.contains(secret), "{text}");
                    assert!(!text.contains(&first_bytes(secret)), "{text}");
                }
            }
        }
    }
}
