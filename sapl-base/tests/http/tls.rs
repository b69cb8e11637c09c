//! Whom the client trusts.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use sapl_base::{
    AuthorizationDecision, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig, TlsSettings},
};
use tokio_rustls::TlsAcceptor;

use crate::support::{KEY, Server, indeterminate, ok, subscription};

/// A certificate authority made for the test.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub(crate) struct Identity {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        Self {
            pem: params.self_signed(&key).unwrap().pem(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn server(&self, name: &str) -> Identity {
        self.identity(name, ExtendedKeyUsagePurpose::ServerAuth, |_| {})
    }

    fn identity(
        &self,
        name: &str,
        usage: ExtendedKeyUsagePurpose,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![usage];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Identity {
            chain: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap())
            .unwrap();
        roots
    }
}

pub(crate) fn server_config(identity: &Identity, clients: Option<&Authority>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        Some(authority) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(authority.roots()), provider)
                .build()
                .unwrap(),
        ),
        None => builder.with_no_client_auth(),
    };
    let chain = CertificateDer::pem_slice_iter(identity.chain.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    builder.with_single_cert(chain, key).unwrap()
}

async fn serve(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start(move |connection| {
        let acceptor = acceptor.clone();
        async move {
            let mut connection = connection.secured(&acceptor).await?;
            loop {
                connection.request().await?;
                connection.write(ok(r#"{"decision":"PERMIT"}"#)).await?;
            }
        }
    })
    .await
}

fn pdp(server: &Server, tls: TlsSettings) -> HttpPdp {
    let url = format!("https://localhost:{}", server.port());
    HttpPdp::new(PdpConfig::new(url).token(KEY).tls(tls)).unwrap()
}

async fn permits(server: &Server, tls: TlsSettings) {
    let decision = pdp(server, tls).decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::permit());
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_given() {
    let authority = Authority::new("ours");
    let server = serve(server_config(&authority.server("localhost"), None)).await;
    permits(
        &server,
        TlsSettings::default().private_ca_pem(authority.pem.as_str()),
    )
    .await;

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &authority.pem).unwrap();
    permits(&server, TlsSettings::default().private_ca_file(file.path())).await;

    let address = serve(server_config(&authority.server("127.0.0.1"), None)).await;
    let url = format!("https://127.0.0.1:{}", address.port());
    let tls = TlsSettings::default().private_ca_pem(authority.pem.as_str());
    let pdp = HttpPdp::new(PdpConfig::new(url).tls(tls)).unwrap();
    assert_eq!(
        pdp.decide_once(&subscription()).await,
        AuthorizationDecision::permit()
    );
}

#[tokio::test]
async fn whoever_is_not_clearly_the_node_gets_nothing() {
    let ours = Authority::new("ours");
    let theirs = Authority::new("theirs");
    let usage = ExtendedKeyUsagePurpose::ServerAuth;
    let expired = ours.identity("localhost", usage.clone(), |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let not_yet = ours.identity("localhost", usage, |params| {
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
    });
    let trusting_ours = || TlsSettings::default().private_ca_pem(ours.pem.as_str());
    for (case, identity, tls) in [
        ("another authority", theirs.server("localhost"), trusting_ours()),
        (
            "an authority that the system does not know",
            ours.server("localhost"),
            TlsSettings::default(),
        ),
        ("another name", ours.server("node.example"), trusting_ours()),
        ("expired", expired, trusting_ours()),
        ("not valid yet", not_yet, trusting_ours()),
    ] {
        let server = serve(server_config(&identity, None)).await;
        let log = indeterminate(&pdp(&server, tls)).await;
        assert!(log.contains("the TLS handshake failed: "), "{case}: {log}");
        assert!(log.contains("invalid peer certificate"), "{case}: {log}");
        assert!(server.requests().is_empty(), "{case}");
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing() {
    let authority = Authority::new("ours");
    let tls = TlsSettings::default().private_ca_pem(authority.pem.as_str());
    let server =
        Server::start(
            |mut connection| async move { connection.write("HTTP/1.1 400 Bad Request\r\n\r\n").await },
        )
        .await;
    let log = indeterminate(&pdp(&server, tls)).await;
    assert!(log.contains("the TLS handshake failed"), "{log}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks_for_one() {
    let authority = Authority::new("ours");
    let server = serve(server_config(&authority.server("localhost"), Some(&authority))).await;
    let client = authority.identity("mcp-server", ExtendedKeyUsagePurpose::ClientAuth, |_| {});
    let trusting = || TlsSettings::default().private_ca_pem(authority.pem.as_str());
    permits(
        &server,
        trusting().client_certificate_pem(client.chain.as_str(), client.key.as_str()),
    )
    .await;
    let log = indeterminate(&pdp(&server, trusting())).await;
    assert!(log.contains("the TLS handshake failed"), "{log}");

    let other = authority.identity("mcp-server", ExtendedKeyUsagePurpose::ClientAuth, |_| {});
    let mismatched = trusting().client_certificate_pem(client.chain, other.key);
    let error = HttpPdp::new(PdpConfig::default().tls(mismatched)).unwrap_err();
    assert!(
        error.to_string().contains("the client certificate can't be used"),
        "{error}"
    );
}
