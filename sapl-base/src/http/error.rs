//! Why a request over HTTP brought no answer.

use std::{error::Error, fmt, io};

use super::{text::quoted, url::InvalidUrl};

/// A request that brought no answer that could be used.
///
/// Its text names the cause and nothing of the request: no URL, no header, no body.
#[derive(Debug)]
pub struct HttpError {
    kind: HttpErrorKind,
    detail: Option<Box<str>>,
}

/// What went wrong, roughly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// The address is none that this client talks to; nothing was sent.
    Url,
    /// No connection came about; nothing was sent.
    Connect,
    /// The TLS handshake failed: the certificate is not trusted, is for another name, has expired …
    Tls,
    /// It took too long.
    Timeout,
    /// The connection broke, or what came over it was no HTTP.
    Broken,
    /// The answer is longer than allowed.
    TooLarge,
    /// The answer is compressed, which was not asked for and is not unpacked.
    Compressed,
}

impl HttpError {
    /// What went wrong, roughly.
    pub const fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    pub(super) const fn new(kind: HttpErrorKind) -> Self {
        Self { kind, detail: None }
    }

    pub(super) fn url(reason: InvalidUrl) -> Self {
        Self {
            kind: HttpErrorKind::Url,
            detail: Some(reason.to_string().into()),
        }
    }

    pub(super) fn too_large(limit: usize) -> Self {
        Self {
            kind: HttpErrorKind::TooLarge,
            detail: Some(format!("it has more than {limit} bytes").into()),
        }
    }

    pub(super) fn of_request(error: &hyper_util::client::legacy::Error) -> Self {
        let otherwise = if error.is_connect() {
            HttpErrorKind::Connect
        } else {
            HttpErrorKind::Broken
        };
        Self::of_cause(error.source().unwrap_or(error), otherwise)
    }

    pub(super) fn of_body(error: &hyper::Error) -> Self {
        Self::of_cause(error, HttpErrorKind::Broken)
    }

    fn of_cause(cause: &(dyn Error + 'static), otherwise: HttpErrorKind) -> Self {
        let mut kind = otherwise;
        let mut texts: Vec<String> = Vec::new();
        let mut next = Some(cause);
        while let Some(error) = next {
            if error.is::<rustls::Error>() {
                kind = HttpErrorKind::Tls;
            } else if error.is::<ConnectTimeout>() {
                kind = HttpErrorKind::Timeout;
            }
            let text = error.to_string();
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            // What an `io::Error` wraps is not its source, but the error itself.
            let wrapped = error
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
                .map(|wrapped| wrapped as &(dyn Error + 'static));
            next = wrapped.or_else(|| error.source());
        }
        Self {
            kind,
            detail: Some(quoted(&texts.join(": ")).into()),
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            HttpErrorKind::Url => "the address is not talked to",
            HttpErrorKind::Connect => "no connection",
            HttpErrorKind::Tls => "the TLS handshake failed",
            HttpErrorKind::Timeout => "it took too long",
            HttpErrorKind::Broken => "the connection broke",
            HttpErrorKind::TooLarge => "the answer is too large",
            HttpErrorKind::Compressed => "the answer is compressed, which was not asked for",
        })?;
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl Error for HttpError {}

/// Connecting, the TLS handshake included, took longer than allowed.
#[derive(Debug)]
pub(super) struct ConnectTimeout;

impl fmt::Display for ConnectTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connecting took too long")
    }
}

impl Error for ConnectTimeout {}
