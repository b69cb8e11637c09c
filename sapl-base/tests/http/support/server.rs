//! A server that says what a test tells it to, byte by byte.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// A listener on the loopback interface. It ends when it is dropped; its connections end with the runtime.
pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: Vec<String>,
}

/// One connection, from the server's side.
pub(crate) struct Connection<S = TcpStream> {
    pub(crate) stream: S,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    /// Hands every connection to `serve`.
    pub(crate) async fn start<F>(serve: impl Fn(Connection) -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Seen>>::default();
        let counted = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                counted.lock().unwrap().connections += 1;
                let connection = Connection {
                    stream,
                    seen: Arc::clone(&counted),
                };
                tokio::spawn(serve(connection));
            }
        });
        Self {
            address,
            seen,
            accepting,
        }
    }

    /// Gives every request the same answer, and keeps the connection.
    pub(crate) async fn answering(raw: impl Into<Vec<u8>>) -> Self {
        let raw: Arc<[u8]> = raw.into().into();
        Self::answering_with(move |_| raw.to_vec()).await
    }

    /// Answers every request by what it says: its head and body.
    pub(crate) async fn answering_with(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::start(move |mut connection| {
            let answer = Arc::clone(&answer);
            async move {
                loop {
                    let request = connection.request().await?;
                    connection.stream.write_all(&answer(&request)).await?;
                }
            }
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    /// All requests so far, whole.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Connection {
    /// The same connection under TLS.
    pub(crate) async fn secured(
        self,
        acceptor: &TlsAcceptor,
    ) -> io::Result<Connection<TlsStream<TcpStream>>> {
        Ok(Connection {
            stream: acceptor.accept(self.stream).await?,
            seen: self.seen,
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Reads one request, head and body.
    pub(crate) async fn request(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        let mut length = None;
        while length.is_none_or(|length| bytes.len() < length) {
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let declared = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: "))
                    .map_or(0, |length| length.parse().unwrap());
                length = Some(head.len() + 4 + declared);
            }
        }
        let request = String::from_utf8(bytes).unwrap();
        self.seen.lock().unwrap().requests.push(request.clone());
        Ok(request)
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }
}
