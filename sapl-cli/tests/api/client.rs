//! A client that shows every byte, and servers for it.

use std::path::Path;
use std::sync::Arc;

use sapl_cli::serve::{ServeOptions, Server};
use sapl_pdp::{Configuration, EmbeddedPdp};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The policies of the analytics demo.
pub(crate) fn demo() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../examples/policies/analytics"
    ))
}

/// A policy that permits one action and denies the rest.
pub(crate) fn permitting(action: &str) -> Configuration {
    let policy = format!("policy \"a\" permit action == \"{action}\";");
    Configuration::from_texts(None, [("a.sapl", policy)]).unwrap()
}

pub(crate) struct Served {
    pub(crate) server: Server,
    pub(crate) pdp: Arc<EmbeddedPdp>,
}

impl Served {
    /// A server whose policies permit the action `read`.
    pub(crate) async fn new(options: ServeOptions) -> Self {
        let pdp = Arc::new(EmbeddedPdp::new(&permitting("read")).unwrap());
        let server = Server::bind(Arc::clone(&pdp), options).await.unwrap();
        Self { server, pdp }
    }

    pub(crate) async fn client(&self) -> Client<TcpStream> {
        Client::new(TcpStream::connect(self.server.address()).await.unwrap())
    }

    /// The reply to one request on a connection of its own.
    pub(crate) async fn post(&self, endpoint: &str, body: impl AsRef<[u8]>) -> Reply {
        let mut client = self.client().await;
        client.post(endpoint, body).await;
        client.reply().await
    }
}

/// A subscription to an action.
pub(crate) fn asking(action: &str) -> String {
    format!(r#"{{"subject":"mara","action":"{action}","resource":"report"}}"#)
}

pub(crate) struct Client<I> {
    io: I,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl<I: AsyncRead + AsyncWrite + Unpin> Client<I> {
    pub(crate) fn new(io: I) -> Self {
        Self {
            io,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.io.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(crate) async fn post(&mut self, endpoint: &str, body: impl AsRef<[u8]>) {
        self.post_with(endpoint, "", body).await;
    }

    /// With these header lines, each with its line end.
    pub(crate) async fn post_with(&mut self, endpoint: &str, headers: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let head = format!(
            "POST /api/pdp/{endpoint} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.send([head.as_bytes(), body].concat()).await;
    }

    pub(crate) async fn reply(&mut self) -> Reply {
        let head = self.head().await;
        let body = match header(&head, "content-length") {
            Some(length) => self.bytes(length.parse().unwrap()).await,
            None => {
                let mut body = String::new();
                while let Some(chunk) = self.chunk().await {
                    body.push_str(&chunk);
                }
                body
            }
        };
        Reply { head, body }
    }

    /// The status line and the headers.
    pub(crate) async fn head(&mut self) -> String {
        self.until(b"\r\n\r\n").await
    }

    /// The next chunk of a body; none is its end.
    pub(crate) async fn chunk(&mut self) -> Option<String> {
        let size = self.until(b"\r\n").await;
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let data = self.bytes(size).await;
        assert_eq!(self.bytes(2).await, "\r\n");
        (size > 0).then_some(data)
    }

    /// Whether the other side has closed the connection, after nothing more was sent.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.buffer.is_empty() && matches!(self.io.read(&mut [0]).await, Ok(0) | Err(_))
    }

    /// Whether anything of HTTP comes back before the other side closes the connection.
    pub(crate) async fn is_answered(&mut self) -> bool {
        // A reset is an end too.
        while matches!(self.io.read_buf(&mut self.buffer).await, Ok(read) if read > 0) {}
        self.buffer.windows(5).any(|window| window == b"HTTP/")
    }

    async fn until(&mut self, end: &[u8]) -> String {
        loop {
            if let Some(start) = self.buffer.windows(end.len()).position(|window| window == end) {
                return self.take(start + end.len());
            }
            self.fill().await;
        }
    }

    async fn bytes(&mut self, count: usize) -> String {
        while self.buffer.len() < count {
            self.fill().await;
        }
        self.take(count)
    }

    fn take(&mut self, count: usize) -> String {
        String::from_utf8(self.buffer.drain(..count).collect()).unwrap()
    }

    async fn fill(&mut self) {
        let read = self.io.read_buf(&mut self.buffer).await.unwrap();
        assert!(
            read > 0,
            "closed after {:?}",
            String::from_utf8_lossy(&self.buffer)
        );
    }
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Asserts that it is an error as a node writes it.
    pub(crate) fn assert_error(&self, status: u16, error: &str, path: &str) {
        assert_eq!(self.status(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(
            self.header("cache-control"),
            Some("must-revalidate,no-cache,no-store")
        );
        let json = self.json();
        let timestamp = json["timestamp"].as_str().unwrap();
        assert_eq!(
            self.body,
            format!(r#"{{"timestamp":"{timestamp}","status":{status},"error":"{error}","path":"{path}"}}"#)
        );
        assert_eq!((timestamp.len(), timestamp.ends_with('Z')), (24, true));
    }
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
