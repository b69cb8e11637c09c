//! What a client posts.

use std::net::Ipv4Addr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpListener,
};

/// The body of the first request that `client` sends to the address that it is given. It gets no answer.
///
/// # Panics
/// When it sends none.
#[expect(clippy::expect_used, reason = "a benchmark that can't be set up ends")]
pub async fn request_body<F: Future<Output = ()>>(client: impl FnOnce(String) -> F) -> Vec<u8> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let receive = async {
        let (stream, _) = listener.accept().await.expect("a connection");
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.expect("a head of text");
            match line.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().expect("a length"),
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        body
    };
    // The connection is closed once the body is there, so that the client does not wait.
    tokio::join!(receive, client(format!("http://{address}"))).0
}
