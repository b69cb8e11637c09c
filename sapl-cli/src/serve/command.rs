//! `sapl serve`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::{
    ApiKeys, DEFAULT_KEEP_ALIVE, MAX_KEEP_ALIVE, MAX_KEY_BYTES, MAX_KEYS, ServeOptions, Server, TlsIdentity,
};
use crate::failure::Failure;
use crate::folder::{self, tell};

/// The port of a node.
const DEFAULT_PORT: u16 = 8443;

/// The largest file of keys or certificates, in bytes.
const MAX_FILE_BYTES: u64 = (MAX_KEYS * (MAX_KEY_BYTES + 2)) as u64;

/// What `sapl serve` is given.
#[derive(Args, Clone, Debug)]
pub struct ServeArguments {
    /// The folder with the policies (`*.sapl`) and, if there is one, `pdp.json`; a change is in force within a second
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The port to listen on; 0 is any free one
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PORT)]
    port: u16,

    /// The address to listen on, or `localhost`; one that is no loopback address needs API keys and TLS
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = host)]
    host: IpAddr,

    /// A file with the API keys of those who may ask, `sapl_<id>_<secret>`, one a line; `#` begins a comment
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,

    /// A PEM file with the certificate and its chain
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// A PEM file with the private key of the certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Seconds between the comments that keep a stream alive, from 1 to 45
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_KEEP_ALIVE.as_secs(),
        value_parser = clap::value_parser!(u64).range(1..=MAX_KEEP_ALIVE.as_secs()))]
    keep_alive: u64,

    /// Serve without TLS at an address that others reach, who can then read keys and subscriptions on their way; for a
    /// proxy that ends TLS
    #[arg(long)]
    allow_plain_http: bool,
}

/// Serves until SIGTERM or SIGINT.
pub(crate) fn run(
    arguments: &ServeArguments,
    output: &mut dyn Write,
    errors: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let options = arguments.options()?;
    let (pdp, changes) = folder::load_even_if_refused(&arguments.folder, errors)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)?;
    runtime.block_on(async {
        // Before anybody is told that there is a server to stop.
        let stopped = Signals::listen().map_err(Failure::new)?;
        let server = Server::bind(pdp, options).await.map_err(Failure::new)?;
        if arguments.api_key_file.is_none() {
            tell(errors, &"no --api-key-file: everybody on this machine may ask");
        }
        writeln!(output, "listening on {}", server.url()).map_err(Failure::new)?;
        output.flush().map_err(Failure::new)?;
        tokio::select! {
            () = stopped.wait() => {}
            () = changes.tell(errors) => {}
        }
        server.stop().await;
        Ok(())
    })
}

impl ServeArguments {
    fn options(&self) -> Result<ServeOptions, Failure> {
        let address = SocketAddr::new(self.host, self.port);
        let mut options = ServeOptions::default()
            .with_address(address)
            .with_keep_alive(Duration::from_secs(self.keep_alive));
        if self.allow_plain_http {
            options = options.allow_plain_http();
        }
        if let Some(path) = &self.api_key_file {
            let text = String::from_utf8(read(path)?).map_err(|_| in_file(path, &"it is not UTF-8"))?;
            options = options.with_api_keys(ApiKeys::parse(&text).map_err(|error| in_file(path, &error))?);
        }
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let identity = TlsIdentity::from_pem(&read(certificate)?, &read(key)?)
                .map_err(|error| in_file(certificate, &error))?;
            options = options.with_tls(identity);
        }
        Ok(options)
    }
}

fn host(text: &str) -> Result<IpAddr, std::net::AddrParseError> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| in_file(path, &error))?;
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| in_file(path, &error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(in_file(
            path,
            &format_args!("it is larger than {MAX_FILE_BYTES} bytes"),
        ));
    }
    Ok(bytes)
}

fn in_file(path: &Path, problem: &dyn fmt::Display) -> Failure {
    Failure::new(format_args!("`{}`: {problem}", path.display()))
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
