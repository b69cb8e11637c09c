//! Fetches a key set from where it is, or from where its issuer says that it is.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Uri};

use super::{
    super::{idp::IdpClient, jwt::KeySet},
    cache::Fetched,
    discovery::{self, Metadata},
    lifetime::lifetime,
    remote::{FetchError, KeySource},
};

/// The largest key set that is read, in bytes.
pub const MAX_JWKS_BYTES: usize = 256 * 1024;

/// The largest metadata document of an issuer that is read, in bytes.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;

/// For how long it is believed where the keys are, before the issuer is asked again.
const LOCATION_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Where the keys of an issuer are.
pub(in super::super) enum Location {
    /// At this URL.
    Jwks(Uri),
    /// Where the metadata of this issuer says, which may be at any of these URLs.
    Issuer { issuer: Box<str>, metadata: Vec<Uri> },
}

/// Fetches over HTTP.
pub(super) struct HttpKeys {
    client: IdpClient,
    location: Location,
    /// What the issuer said last, and when.
    discovered: Mutex<Option<(Uri, tokio::time::Instant)>>,
}

impl HttpKeys {
    pub(super) const fn new(client: IdpClient, location: Location) -> Self {
        Self {
            client,
            location,
            discovered: Mutex::new(None),
        }
    }

    async fn fetch_all(&self) -> Result<Fetched, FetchError> {
        let (issuer, metadata) = match &self.location {
            Location::Jwks(url) => return self.fetch_keys(url).await,
            Location::Issuer { issuer, metadata } => (issuer, metadata),
        };
        let known = self
            .remember(None)
            .filter(|(_, since)| since.elapsed() < LOCATION_LIFETIME);
        if let Some((url, _)) = known {
            return match self.fetch_keys(&url).await {
                Ok(fetched) => Ok(fetched),
                Err(error) => {
                    // They may have moved: the next fetch asks the issuer.
                    self.remember(Some(None));
                    Err(error)
                }
            };
        }
        let url = self.discover(issuer, metadata).await?;
        let fetched = self.fetch_keys(&url).await?;
        self.remember(Some(Some((url, tokio::time::Instant::now()))));
        Ok(fetched)
    }

    async fn discover(&self, issuer: &str, candidates: &[Uri]) -> Result<Uri, FetchError> {
        let mut flaw: FetchError = "the issuer has no metadata".into();
        for url in candidates {
            // No answer at all is no reason to wait for the others.
            let response = self.client.get(url, MAX_METADATA_BYTES).await?;
            let read = match response.status().as_u16() {
                200 => Metadata::read(response.body(), issuer),
                status => Err(format!("the answer is {status}")),
            };
            match read {
                Ok(metadata) => {
                    return self
                        .client
                        .url("jwks_uri", &metadata.jwks_uri)
                        .map_err(|error| format!("the metadata at {url} can't be used: {error}").into());
                }
                Err(reason) => flaw = format!("the metadata at {url} can't be used: {reason}").into(),
            }
        }
        Err(flaw)
    }

    async fn fetch_keys(&self, url: &Uri) -> Result<Fetched, FetchError> {
        let response = self.client.get(url, MAX_JWKS_BYTES).await?;
        let status = response.status().as_u16();
        let (head, document) = response.into_parts();
        if status != 200 {
            return Err(format!("the key set: the answer is {status}").into());
        }
        read(&head.headers, document).map_err(|flaw| format!("the key set: {flaw}").into())
    }

    /// The location that is remembered, or the one that was until `new` took its place.
    fn remember(
        &self,
        new: Option<Option<(Uri, tokio::time::Instant)>>,
    ) -> Option<(Uri, tokio::time::Instant)> {
        let mut discovered = self.discovered.lock().unwrap_or_else(PoisonError::into_inner);
        match new {
            None => discovered.clone(),
            Some(new) => std::mem::replace(&mut *discovered, new),
        }
    }
}

impl KeySource for HttpKeys {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, FetchError>> {
        Box::pin(async {
            // All of it together, so that nobody waits longer than for one answer.
            match tokio::time::timeout(self.client.timeout(), self.fetch_all()).await {
                Ok(result) => result,
                Err(_) => Err("it takes too long".into()),
            }
        })
    }
}

fn read(headers: &HeaderMap, document: Bytes) -> Result<Fetched, String> {
    Ok(Fetched {
        keys: KeySet::read(&document)?,
        lifetime: lifetime(headers),
        document,
    })
}

impl Location {
    /// Where the metadata of `issuer` may be.
    pub(in super::super) fn of_issuer(issuer: &str, url: &Uri) -> Self {
        Self::Issuer {
            issuer: issuer.into(),
            metadata: discovery::metadata_urls(url),
        }
    }
}
