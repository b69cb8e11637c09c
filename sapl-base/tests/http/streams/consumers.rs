//! A consumer that is slow or gone holds nothing.

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use sapl_base::{
    CachingPdp, Decision, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig, TlsSettings},
};
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;

use super::{HEAD, PERMIT, chunk, next, streaming};
use crate::{
    support::{KEY, Log, Server, ok, pdp, subscription},
    tls::{Authority, server_config},
};

/// A server on a thread of its own, so that all tasks of the runtime are the client's: accepts one connection, reads
/// the request, permits, and gives the connection to `then`.
fn server<T: Send + 'static>(
    then: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (String, thread::JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let read = connection.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
        connection.write_all(HEAD.as_bytes()).unwrap();
        connection.write_all(&chunk(PERMIT)).unwrap();
        then(connection)
    });
    (url, serving)
}

#[tokio::test]
async fn a_stream_that_is_dropped_closes_its_connection_and_leaves_no_task() {
    let (url, serving) = server(|mut connection| {
        connection
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        connection.read(&mut [0; 1])
    });
    let (pdp, subscription) = (pdp(&url), subscription());
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Permit);
    drop(decisions);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    while tasks() > 0 {
        tokio::task::yield_now().await;
    }
    // The end of the connection, or its reset; not the time-out.
    match serving.join().unwrap() {
        Ok(read) => assert_eq!(read, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[tokio::test]
async fn a_consumer_that_does_not_read_makes_the_server_wait() {
    const MORE_THAN_SOCKETS_HOLD: usize = 64 * 1024 * 1024;
    let (url, serving) = server(|mut connection| {
        connection
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let piece = chunk(":".repeat(16 * 1024) + "\n");
        let mut written = 0;
        while written < MORE_THAN_SOCKETS_HOLD {
            match connection.write(&piece) {
                Ok(bytes) => written += bytes,
                Err(_) => break,
            }
        }
        written
    });
    let (pdp, subscription) = (pdp(&url), subscription());
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Permit);
    // The consumer is busy with something else, while everybody else may do what they can.
    while !serving.is_finished() {
        tokio::task::yield_now().await;
    }
    assert!(serving.join().unwrap() < MORE_THAN_SOCKETS_HOLD);
}

/// A server that denies when it is asked, and permits by a stream.
async fn of_two_minds() -> Server {
    Server::start(|mut connection| async move {
        loop {
            let request = connection.request().await?;
            if request.starts_with("POST /api/pdp/decide ") {
                connection.write(HEAD).await?;
                connection.write(chunk(PERMIT)).await?;
            } else {
                connection.write(ok(r#"{"decision":"DENY"}"#)).await?;
            }
        }
    })
    .await
}

#[tokio::test]
async fn streams_and_questions_do_not_share_connections() {
    let server = of_two_minds().await;
    let (pdp, subscription) = (pdp(&server.url()), subscription());
    let mut streams: Vec<_> = (0..3).map(|_| pdp.decide(&subscription)).collect();
    for decisions in &mut streams {
        assert_eq!(next(decisions).await.decision, Decision::Permit);
        assert_eq!(pdp.decide_once(&subscription).await.decision, Decision::Deny);
    }
    assert_eq!(server.connections(), 4);
}

#[tokio::test]
async fn decisions_at_hand_come_from_the_stream_of_a_node() {
    let server = of_two_minds().await;
    let pdp = CachingPdp::new(pdp(&server.url()));
    let subscription = subscription();
    // Denied when asked, permitted by the stream.
    while pdp.decide_once(&subscription).await.decision == Decision::Deny {
        assert!(pdp.streams() <= 1);
    }
    let asked = server.requests().len();
    for _ in 0..100 {
        let decision = pdp.decide_once(&subscription).now().unwrap();
        assert_eq!(decision.decision, Decision::Permit);
    }
    assert_eq!(server.requests().len(), asked);
    drop(pdp);
}

#[tokio::test]
async fn a_stream_works_on_a_runtime_of_many_threads() {
    let server = streaming(&[PERMIT]).await;
    let url = server.url();
    let decided = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (pdp, subscription) = (pdp(&url), subscription());
            next(&mut pdp.decide(&subscription)).await
        })
    });
    assert_eq!(decided.await.unwrap().decision, Decision::Permit);
}

#[tokio::test]
async fn a_stream_trusts_nobody_whom_a_question_would_not() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    for (signed_by, name) in [(&theirs, "localhost"), (&ours, "pdp.example")] {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(&signed_by.server(name), None)));
        let server = Server::start(move |connection| {
            let acceptor = acceptor.clone();
            async move {
                let mut connection = connection.secured(&acceptor).await?;
                connection.request().await?;
                connection.write(HEAD).await?;
                connection.write(chunk(PERMIT)).await
            }
        })
        .await;
        let tls = TlsSettings::default().private_ca_pem(ours.pem.as_str());
        let url = format!("https://localhost:{}", server.port());
        let pdp = HttpPdp::new(PdpConfig::new(url).token(KEY).tls(tls)).unwrap();
        let (log, subscription) = (Log::start(), subscription());
        assert_eq!(
            next(&mut pdp.decide(&subscription)).await.decision,
            Decision::Indeterminate
        );
        let log = log.take();
        assert!(log.contains("the TLS handshake failed"), "{log}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_stream_takes_no_http2_even_where_it_is_offered() {
    let authority = Authority::new("ours");
    let mut config = server_config(&authority.server("localhost"), None);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |connection| {
        let acceptor = acceptor.clone();
        async move {
            let mut connection = connection.secured(&acceptor).await?;
            let (_, tls) = connection.stream.get_ref();
            assert_ne!(tls.alpn_protocol(), Some(&b"h2"[..]));
            connection.request().await?;
            connection.write(HEAD).await?;
            connection.write(chunk(PERMIT)).await?;
            std::future::pending().await
        }
    })
    .await;
    let tls = TlsSettings::default().private_ca_pem(authority.pem.as_str());
    let url = format!("https://localhost:{}", server.port());
    let pdp = HttpPdp::new(PdpConfig::new(url).token(KEY).tls(tls)).unwrap();
    let subscription = subscription();
    assert_eq!(
        next(&mut pdp.decide(&subscription)).await.decision,
        Decision::Permit
    );
}
