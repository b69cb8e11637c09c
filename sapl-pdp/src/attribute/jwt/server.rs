//! Keys of tokens from a server.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::future::{self, Either};
use futures_util::stream::TakeUntil;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::{Method, Request, Uri};
use sapl_base::http::{Cleartext, HttpClient, checked_url};
use tokio::sync::watch;

use super::token::Token;
use super::validity::{Lifetime, Validity};
use super::{lived, public_key, shown};
use crate::attribute::{AttributeCall, AttributeStream};
use crate::function::keys::PublicKey;
use crate::value::{Number, Object, Value};

mod keys;

use keys::{Answer, Keys};
pub use keys::{JWT_KEY_INTERVAL, MAX_UNKNOWN_JWT_KEYS};

/// How long fetching the key of a token may take, from connecting to the last byte.
pub const JWT_KEY_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read as the key of a token, in bytes.
pub const MAX_JWT_KEY_BYTES: usize = 256 * 1024;

/// How long a key is kept unless the configuration says otherwise.
const LIFETIME: Duration = Duration::from_secs(300);

/// How long what a key says is told at least, beyond the poll interval.
const SHORTEST: Duration = Duration::from_secs(1);

/// The longest name of a key that is asked for, in bytes.
const MAX_NAME: usize = 256;

/// Fetches keys and keeps them.
#[derive(Clone)]
pub(in crate::attribute) struct KeyServer {
    client: HttpClient,
    keys: Arc<Mutex<Keys>>,
    /// Told when a request has ended.
    landed: watch::Sender<()>,
}

/// Where a key is, as `publicKeyServer` has it.
struct Place {
    /// What names the server: the address, without the name of the key.
    server: Box<str>,
    uri: Uri,
    method: Method,
    lifetime: Duration,
}

impl KeyServer {
    pub(in crate::attribute) fn new(client: HttpClient) -> Self {
        Self {
            client,
            keys: Arc::default(),
            landed: watch::Sender::new(()),
        }
    }

    /// What there is to say of a token once its key has come, which is fetched anew from time to time. The stream ends when
    /// there is none.
    pub(super) fn asked(
        &self,
        call: Arc<AttributeCall>,
        token: Token,
        lifetime: Lifetime,
        key: &str,
        configuration: Object<'static>,
    ) -> AttributeStream {
        let Some(place) = Place::of(&configuration, key) else {
            return stream::iter([shown(Some(&token), Validity::Untrusted)]).boxed();
        };
        let asking = Arc::new(Asking {
            server: self.clone(),
            place,
            call,
            token,
            lifetime,
            configuration,
        });
        stream::unfold(Phase::Unknown, move |phase| Arc::clone(&asking).next(phase)).boxed()
    }

    /// A key, and for how long it is known by which a signature was right; fetched when it has to be.
    async fn key(&self, place: &Place, call: &AttributeCall) -> Option<(Arc<PublicKey>, Option<Duration>)> {
        let mut landed = self.landed.subscribe();
        let mut patience = call.clock().sleep(JWT_KEY_TIMEOUT);
        loop {
            landed.mark_unchanged();
            let answer = self.keys().look(&place.server, &place.uri, call.now());
            match answer {
                Answer::Known(key, rest) => return Some((key, rest)),
                Answer::Refused => return None,
                Answer::Fetch => {
                    let _flight = Flight {
                        server: self,
                        uri: &place.uri,
                    };
                    let key = self.fetched(place).await;
                    let (uri, now) = (place.uri.clone(), call.now());
                    match key {
                        Some(key) => self.keys().fetched(uri, Arc::new(key), now),
                        None => self.keys().failed(uri, now),
                    }
                }
                Answer::Wait => {
                    // Who fetches may never be polled again.
                    let landing = pin!(landed.changed());
                    if let Either::Right(_) = future::select(landing, &mut patience).await {
                        return None;
                    }
                }
            }
        }
    }

    async fn fetched(&self, place: &Place) -> Option<PublicKey> {
        let request = Request::builder()
            .method(place.method.clone())
            .uri(place.uri.clone())
            .body(Bytes::new())
            .ok()?;
        let answer = self
            .client
            .fetch(request, MAX_JWT_KEY_BYTES, JWT_KEY_TIMEOUT)
            .await;
        let problem = match answer {
            Ok(answer) if answer.status().is_success() => {
                let text = std::str::from_utf8(answer.body()).ok();
                match text.and_then(|text| public_key(text.trim())) {
                    Some(key) => return Some(key),
                    None => "what it sent is none".to_owned(),
                }
            }
            Ok(answer) => format!("status {}", answer.status().as_u16()),
            Err(error) => error.to_string(),
        };
        let host = place.uri.host().unwrap_or_default();
        tracing::warn!(host, problem, "the server of token keys gave no key");
        None
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, which has ended when this is dropped.
struct Flight<'f> {
    server: &'f KeyServer,
    uri: &'f Uri,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.server.keys().landed(self.uri);
        self.server.landed.send_replace(());
    }
}

/// A token whose key is asked for.
struct Asking {
    server: KeyServer,
    place: Place,
    call: Arc<AttributeCall>,
    token: Token,
    lifetime: Lifetime,
    configuration: Object<'static>,
}

/// How it stands with the key of a token.
enum Phase {
    Unknown,
    Known(Known),
    Over,
}

/// What there is to say while the key is known, and then for how long it is known further.
type Known = TakeUntil<AttributeStream, BoxFuture<'static, Option<Duration>>>;

impl Asking {
    /// What there is to say next.
    async fn next(self: Arc<Self>, mut phase: Phase) -> Option<(Value<'static>, Phase)> {
        loop {
            let known = match phase {
                Phase::Unknown => self.signed().await,
                Phase::Known(mut values) => match values.next().await {
                    Some(value) => return Some((value, Phase::Known(values))),
                    None => values.take_result().flatten(),
                },
                Phase::Over => return None,
            };
            let Some(known) = known else {
                return Some((shown(Some(&self.token), Validity::Untrusted), Phase::Over));
            };
            phase = Phase::Known(self.known(known));
        }
    }

    /// For how long the token is known to be signed by its key; `None` when it is not.
    async fn signed(&self) -> Option<Duration> {
        let (key, rest) = self.server.key(&self.place, &self.call).await?;
        if !self.token.is_signed_by(&key) {
            return None;
        }
        if rest.is_some() {
            return rest;
        }
        let lifetime = self.place.lifetime.min(LIFETIME * 1000);
        self.server
            .keys()
            .proven(&self.place.uri, &key, lifetime, self.call.now());
        Some(lifetime)
    }

    /// What there is to say for so long, and until the key has been fetched anew: meanwhile the token goes on to expire.
    fn known(self: &Arc<Self>, known: Duration) -> Known {
        let (call, token) = (Arc::clone(&self.call), self.token.clone());
        let again = known.max(call.options().poll_interval).max(SHORTEST);
        let sleep = call.clock().sleep(again);
        let asking = Arc::clone(self);
        let known = async move {
            sleep.await;
            asking.signed().await
        };
        lived(call, token, self.lifetime, &self.configuration).take_until(known.boxed())
    }
}

impl Place {
    /// The place of a key; `None` when there is no server, when it is none to be trusted, or when the name of the key, which
    /// nobody has signed yet, could lead elsewhere.
    fn of(configuration: &Object<'_>, key: &str) -> Option<Self> {
        let Some(Value::Object(server)) = configuration.get("publicKeyServer") else {
            return None;
        };
        let is_safe = key.len() <= MAX_NAME
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && key.bytes().any(|byte| byte != b'.');
        if !is_safe {
            return None;
        }
        let cleartext = match server.get("allowInsecureHttp") {
            Some(Value::Boolean(true)) => Cleartext::Allowed,
            _ => Cleartext::Refused,
        };
        let address = server.get("uri")?.as_text()?.to_owned();
        let uri = address.replace("{kid}", key);
        let method = match server.get("method") {
            Some(Value::Text(method)) if method.eq_ignore_ascii_case("post") => Method::POST,
            _ => Method::GET,
        };
        let lifetime = match server.get("keyCachingTtlMillis") {
            None => LIFETIME,
            Some(millis) => u64::try_from(millis.as_number().and_then(Number::to_i64)?)
                .map_or(LIFETIME, Duration::from_millis),
        };
        Some(Self {
            server: address.into(),
            uri: checked_url(&uri, cleartext).ok()?,
            method,
            lifetime,
        })
    }
}

impl fmt::Debug for KeyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyServer")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
