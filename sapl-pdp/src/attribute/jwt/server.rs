//! Keys of tokens from a server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::stream::TakeUntil;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::{Method, Request, Uri};
use sapl_base::http::{Cleartext, HttpClient, checked_url};

use super::token::Token;
use super::validity::{Lifetime, Validity};
use super::{lived, public_key, shown};
use crate::attribute::{AttributeCall, AttributeStream};
use crate::function::keys::PublicKey;
use crate::value::{Number, Object, Value};

/// How long fetching the key of a token may take, from connecting to the last byte.
pub const JWT_KEY_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read as the key of a token, in bytes.
pub const MAX_JWT_KEY_BYTES: usize = 256 * 1024;

/// How long a key is kept unless the configuration says otherwise.
const LIFETIME: Duration = Duration::from_secs(300);

/// How long what a key says is told at least, beyond the poll interval.
const SHORTEST: Duration = Duration::from_secs(1);

/// How many keys are kept; beyond them the oldest is forgotten.
const MAX_KEYS: usize = 64;

/// The longest name of a key that is asked for, in bytes.
const MAX_NAME: usize = 256;

/// Fetches keys and keeps those by which a signature was right.
#[derive(Clone)]
pub(in crate::attribute) struct KeyServer {
    client: HttpClient,
    keys: Arc<Mutex<Vec<Kept>>>,
}

struct Kept {
    uri: Uri,
    key: Arc<PublicKey>,
    until: SystemTime,
}

/// Where a key is, as `publicKeyServer` has it.
struct Place {
    uri: Uri,
    method: Method,
    lifetime: Duration,
}

impl KeyServer {
    pub(in crate::attribute) fn new(client: HttpClient) -> Self {
        Self {
            client,
            keys: Arc::default(),
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
        let answer = match answer {
            Ok(answer) if answer.status().is_success() => answer,
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::info!(status, "the server of token keys gave no key");
                return None;
            }
            Err(error) => {
                tracing::info!(%error, "the server of token keys gave no key");
                return None;
            }
        };
        let text = std::str::from_utf8(answer.body()).ok()?;
        public_key(text.trim())
    }

    fn kept(&self, uri: &Uri, now: SystemTime) -> Option<(Arc<PublicKey>, SystemTime)> {
        let mut keys = self.keys();
        keys.retain(|kept| kept.until > now);
        let kept = keys.iter().find(|kept| kept.uri == *uri)?;
        Some((Arc::clone(&kept.key), kept.until))
    }

    fn keep(&self, uri: Uri, key: Arc<PublicKey>, until: SystemTime) {
        let mut keys = self.keys();
        keys.retain(|kept| kept.uri != uri);
        if keys.len() == MAX_KEYS {
            keys.remove(0);
        }
        keys.push(Kept { uri, key, until });
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
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
        let kept = self.server.kept(&self.place.uri, self.call.now());
        if let Some((key, until)) = kept {
            let rest = until.duration_since(self.call.now()).unwrap_or_default();
            return self.token.is_signed_by(&key).then_some(rest);
        }
        let key = Arc::new(self.server.fetched(&self.place).await?);
        if !self.token.is_signed_by(&key) {
            return None;
        }
        let lifetime = self.place.lifetime.min(LIFETIME * 1000);
        self.server
            .keep(self.place.uri.clone(), key, self.call.now() + lifetime);
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
        let uri = server.get("uri")?.as_text()?.replace("{kid}", key);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_keys_are_kept_and_the_oldest_goes_first() {
        let fixture: serde_json::Value = serde_json::from_str(include_str!("../tests/tokens.json")).unwrap();
        let key = fixture["keys"]["ed"].as_str().and_then(public_key).unwrap();
        let (key, now) = (Arc::new(key), SystemTime::UNIX_EPOCH);
        let server = KeyServer::new(HttpClient::without_tls().unwrap());
        let uri = |number: usize| -> Uri { format!("https://keys.example/{number}").parse().unwrap() };
        let second = Duration::from_secs(1);
        for number in 0..MAX_KEYS {
            server.keep(uri(number), Arc::clone(&key), now + second);
        }
        assert!(server.kept(&uri(0), now).is_some());
        server.keep(uri(MAX_KEYS), key, now + second * 2);
        assert!(server.kept(&uri(0), now).is_none() && server.kept(&uri(1), now).is_some());
        assert!(server.kept(&uri(1), now + second).is_none());
        assert_eq!(server.keys().len(), 1);
    }
}
