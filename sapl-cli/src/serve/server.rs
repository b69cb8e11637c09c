//! A server that listens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sapl_pdp::EmbeddedPdp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::{DRAIN_TIMEOUT, HANDSHAKE_TIMEOUT, ServeError, ServeOptions, connection};

/// How long to wait after a connection couldn't be taken, as when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A policy decision point that is being served, until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    has_tls: bool,
    stop: CancellationToken,
    listening: JoinHandle<()>,
}

impl Server {
    /// Begins to serve.
    ///
    /// # Errors
    /// When others could reach the address and keys or TLS are missing, or when it can't be listened on.
    pub async fn bind(pdp: Arc<EmbeddedPdp>, options: ServeOptions) -> Result<Self, ServeError> {
        options.check()?;
        let failed = |error| ServeError::Address {
            address: options.address,
            error,
        };
        let listener = TcpListener::bind(options.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let stop = CancellationToken::new();
        let acceptor = options.tls.as_ref().map(super::TlsIdentity::acceptor);
        let api = Api {
            pdp,
            only_loopback_names: options.keys.is_none(),
            keys: options.keys,
            keep_alive: options.keep_alive,
            streams: Arc::new(semaphore(options.max_streams)),
            stop: stop.clone(),
        };
        let has_tls = acceptor.is_some();
        let room = Arc::new(semaphore(options.max_connections));
        let listening = tokio::spawn(listen(listener, acceptor, Arc::new(api), room));
        Ok(Self {
            address,
            has_tls,
            stop,
            listening,
        })
    }

    /// Where it listens: the base URL for clients, without a final slash.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.has_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: no further connections; streams get their shutdown event and end; replies under way are finished, within
    /// [`DRAIN_TIMEOUT`].
    pub async fn stop(mut self) {
        self.stop.cancel();
        // A panic of the task has been reported already, and the server has stopped all the same.
        let _ = (&mut self.listening).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// With as much room as a semaphore can have, at most.
fn semaphore(room: usize) -> Semaphore {
    Semaphore::new(room.min(Semaphore::MAX_PERMITS))
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, api: Arc<Api>, room: Arc<Semaphore>) {
    let stop = api.stop.clone();
    let mut connections = JoinSet::new();
    loop {
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            next = next_connection(&listener, &room) => next,
        };
        while connections.try_join_next().is_some() {}
        let Some((socket, place)) = next else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (acceptor, api) = (acceptor.clone(), Arc::clone(&api));
        connections.spawn(async move {
            serve(socket, acceptor, api).await;
            drop(place);
        });
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // What is left after that is cut off when the set is dropped.
    let _ = timeout(DRAIN_TIMEOUT * 2, ended).await;
}

async fn next_connection(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    let (socket, _) = listener.accept().await.ok()?;
    Some((socket, place))
}

async fn serve(socket: TcpStream, acceptor: Option<TlsAcceptor>, api: Arc<Api>) {
    // Only latency is at stake.
    let _ = socket.set_nodelay(true);
    let Some(acceptor) = acceptor else {
        return connection::serve(api, socket).await;
    };
    let stop = api.stop.clone();
    let handshake = tokio::select! {
        biased;
        () = stop.cancelled() => return,
        handshake = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(socket)) => handshake,
    };
    if let Ok(Ok(stream)) = handshake {
        connection::serve(api, stream).await;
    }
}
