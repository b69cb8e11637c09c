//! The life of a connection.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::api::Api;
use super::body::Body;
use super::impatient::Impatient;
use super::limits::{LINGER, MAX_LINGERED_BYTES};
use super::{DRAIN_TIMEOUT, HEADER_TIMEOUT, WRITE_TIMEOUT};

type Replying = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// Answers the requests of a connection until either side closes it or the server stops.
pub(super) async fn serve<I>(api: Arc<Api>, io: I)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = api.stop.clone();
    let service = service_fn(move |request: Request<Incoming>| -> Replying {
        let api = Arc::clone(&api);
        Box::pin(async move { Ok(api.reply(request).await) })
    });
    let io = TokioIo::new(Impatient::new(io, WRITE_TIMEOUT));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(io, service);
    let served = {
        let mut served = pin!(poll_fn(|context| connection.poll_without_shutdown(context)));
        tokio::select! {
            biased;
            served = &mut served => Some(served),
            () = stop.cancelled() => None,
        }
    };
    let served = match served {
        Some(served) => served,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            let rest = poll_fn(|context| connection.poll_without_shutdown(context));
            match timeout(DRAIN_TIMEOUT, rest).await {
                Ok(served) => served,
                Err(_) => return,
            }
        }
    };
    // After an error nobody is there, or nobody who keeps to the protocol.
    if served.is_ok() || is_refusal(&served) {
        linger(connection.into_parts().io.into_inner()).await;
    }
}

/// Whether the other side has been told what was wrong with its request.
fn is_refusal(served: &hyper::Result<()>) -> bool {
    served.as_ref().is_err_and(hyper::Error::is_parse)
}

/// Closes a connection so that a client that is still sending can read its reply: what it sends is read for a moment,
/// since closing over unread bytes resets the connection.
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut io: I) {
    let closing = async {
        io.shutdown().await?;
        let mut rest = io.take(MAX_LINGERED_BYTES);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    // Whatever comes of it, the connection is closed now.
    let _ = timeout(LINGER, closing).await;
}

#[cfg(test)]
mod tests;
