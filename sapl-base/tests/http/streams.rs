//! Streams of decisions over real connections.

mod at_hand;
mod consumers;
mod outages;
mod several;

use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use tokio::time::{self, timeout};

use crate::support::{Server, reply};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream;charset=UTF-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
const PERMIT: &str = "data:{\"decision\":\"PERMIT\"}\n\n";
const DENY: &str = "data:{\"decision\":\"DENY\"}\n\n";
const SHUTDOWN: &str = "event: shutdown\ndata: SAPL Node stopping\n\n";

/// One chunk of a body without a declared length.
fn chunk(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// A server that gives every connection these pieces as an event stream, and then keeps it open.
async fn streaming(pieces: &'static [&'static str]) -> Server {
    Server::start(move |mut connection| async move {
        connection.request().await?;
        connection.write(HEAD).await?;
        for piece in pieces {
            connection.write(chunk(piece)).await?;
        }
        std::future::pending().await
    })
    .await
}

/// As [`streaming`], but the answer ends after the pieces.
async fn ending(pieces: &'static [&'static str]) -> Server {
    Server::start(move |mut connection| async move {
        connection.request().await?;
        connection.write(HEAD).await?;
        for piece in pieces {
            connection.write(chunk(piece)).await?;
        }
        connection.write("0\r\n\r\n").await
    })
    .await
}

/// The next item, which has to be there soon. A stream of decisions does not end.
async fn next<T>(stream: &mut BoxStream<'_, T>) -> T {
    timeout(Duration::from_secs(20), stream.next())
        .await
        .unwrap()
        .unwrap()
}

/// The next item, for which a pause between two connections is cut short.
async fn next_after_a_pause<T>(stream: &mut BoxStream<'_, T>) -> T {
    let item = next(stream);
    tokio::pin!(item);
    assert!(futures_util::poll!(&mut item).is_pending());
    time::pause();
    time::advance(Duration::from_secs(1)).await;
    time::resume();
    item.await
}

fn event_stream(body: &str) -> Vec<u8> {
    reply("200 OK", "content-type: text/event-stream\r\n", body)
}
