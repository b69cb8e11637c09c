use std::sync::Arc;

use sapl_cli::serve::{ServeOptions, TlsIdentity};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::client::{Client, Served, asking};

#[tokio::test]
async fn with_a_certificate_tls_is_spoken_and_nothing_else() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let identity = TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let served = Served::new(ServeOptions::default().with_tls(identity)).await;
    assert!(served.server.url().starts_with("https://127.0.0.1:"));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(served.server.address()).await.unwrap();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("localhost").unwrap(), socket)
        .await
        .unwrap();
    let mut client = Client::new(stream);
    client.post("decide-once", asking("read")).await;
    assert_eq!(client.reply().await.body, r#"{"decision":"PERMIT"}"#);
    client.post("decide", asking("read")).await;
    client.head().await;
    assert_eq!(
        client.chunk().await.as_deref(),
        Some("data:{\"decision\":\"PERMIT\"}\n\n")
    );

    let mut plain = served.client().await;
    plain.post("decide-once", asking("read")).await;
    // At most an alert comes back, and no reply.
    assert!(!plain.is_answered().await);
}
