//! A response that is still coming.

use tokio::{io::AsyncReadExt as _, net::TcpStream};

use super::Reply;

/// A response that is still coming. Dropping it closes the connection.
#[derive(Debug)]
pub struct Opened {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Opened {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            received: Vec::new(),
        }
    }

    /// Reads until this text has come, and gives all of the response so far; `None` when it ended without.
    ///
    /// # Panics
    /// When the server does not speak HTTP.
    pub async fn until(&mut self, text: &str) -> Option<Reply> {
        let contains = |received: &[u8]| {
            received
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        while !contains(&self.received) {
            let read = self.stream.read_buf(&mut self.received).await;
            if read.expect("the server answers") == 0 {
                return None;
            }
        }
        Some(self.reply())
    }

    /// Reads to the end.
    ///
    /// # Panics
    /// When the server does not speak HTTP.
    pub async fn rest(mut self) -> Reply {
        self.stream
            .read_to_end(&mut self.received)
            .await
            .expect("the server answers");
        self.reply()
    }

    fn reply(&self) -> Reply {
        Reply::read(std::str::from_utf8(&self.received).expect("text"))
    }
}
