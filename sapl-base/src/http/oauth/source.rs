//! The token in use, and how it is replaced: ahead of its end, by one request at a time.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::HeaderValue;
use tokio::time::Instant;

pub(in crate::http) use super::response::NoToken;
use super::{
    TokenRequest,
    response::{self, Issued, MAX_RESPONSE_BYTES},
};
use crate::http::HttpClient;

/// How long before its end a token is replaced, if it lives twice as long at least; else at half its life.
const REFRESH_AHEAD: Duration = Duration::from_secs(30);

/// How long after a failure the token endpoint is left alone.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How long after a token was replaced because of a 401 the next 401 is taken at its word: the client itself is
/// what is refused then, and another token would not help.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(5);

/// Where bearer tokens come from. Clones share the token.
#[derive(Clone)]
pub(in crate::http) struct TokenSource {
    fetch: Arc<Fetch>,
    state: Arc<Mutex<State>>,
}

struct Fetch {
    client: HttpClient,
    request: TokenRequest,
    timeout: Duration,
}

type Flight = Shared<BoxFuture<'static, Result<HeaderValue, NoToken>>>;

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The request under way, and when it is over at the latest.
    flight: Option<(Flight, Instant)>,
    /// Why the last request failed, and until when there is no other.
    failure: Option<(NoToken, Instant)>,
    /// When a 401 last led to a new token.
    renewed: Option<Instant>,
}

struct Token {
    header: HeaderValue,
    refresh_at: Instant,
    expires_at: Instant,
}

impl TokenSource {
    pub(in crate::http) fn new(client: HttpClient, request: TokenRequest, timeout: Duration) -> Self {
        Self {
            fetch: Arc::new(Fetch {
                client,
                request,
                timeout,
            }),
            state: Arc::default(),
        }
    }

    /// The header with the token in use, or with a new one if it has expired.
    pub(in crate::http) async fn header(&self) -> Result<HeaderValue, NoToken> {
        let flight = {
            let now = Instant::now();
            let mut state = self.state();
            match state.usable(now) {
                Some(header) => {
                    let header = header.clone();
                    if state.is_aging(now) && !state.is_pausing(now) {
                        drop(self.flight(&mut state, now));
                    }
                    return Ok(header);
                }
                None => {
                    if let Some((failure, until)) = &state.failure
                        && now < *until
                    {
                        return Err(failure.clone());
                    }
                    self.flight(&mut state, now)
                }
            }
        };
        flight.await
    }

    /// The header to try after `refused` brought a 401: one that came meanwhile, or a new one; `None` if the last
    /// was new.
    pub(in crate::http) async fn renewed(
        &self,
        refused: &HeaderValue,
    ) -> Result<Option<HeaderValue>, NoToken> {
        {
            let now = Instant::now();
            let mut state = self.state();
            match state.usable(now) {
                Some(header) if header != refused => return Ok(Some(header.clone())),
                Some(_) => {
                    if state
                        .renewed
                        .is_some_and(|renewed| now < renewed + RENEWAL_INTERVAL)
                    {
                        return Ok(None);
                    }
                    state.renewed = Some(now);
                    state.token = None;
                }
                None => {}
            }
        }
        self.header().await.map(Some)
    }

    /// The request under way, or a new one. It runs by itself, so that a caller who gives up takes it from nobody.
    fn flight(&self, state: &mut State, now: Instant) -> Flight {
        if let Some((flight, until)) = &state.flight
            && now <= *until
        {
            return flight.clone();
        }
        let fetch = Arc::clone(&self.fetch);
        let waiting = Arc::downgrade(&self.state);
        let flight = async move {
            let result = fetch.run().await;
            land(&waiting, result)
        }
        .boxed()
        .shared();
        state.flight = Some((flight.clone(), now + 2 * self.fetch.timeout));
        tokio::spawn(flight.clone());
        flight
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the result of a request where the next callers look.
fn land(waiting: &Weak<Mutex<State>>, result: Result<Issued, NoToken>) -> Result<HeaderValue, NoToken> {
    let now = Instant::now();
    let outcome = match &result {
        Ok(issued) => Ok(issued.header.clone()),
        Err(error) => Err(error.clone()),
    };
    if let Some(state) = waiting.upgrade() {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.flight = None;
        match result {
            Ok(issued) => {
                state.failure = None;
                state.token = Some(Token::new(issued, now));
            }
            Err(error) => {
                if state.usable(now).is_some() {
                    tracing::warn!(cause = %error, "the access token for the PDP could not be replaced ahead of its end");
                }
                state.failure = Some((error, now + PAUSE_AFTER_FAILURE));
            }
        }
    }
    outcome
}

impl Fetch {
    async fn run(&self) -> Result<Issued, NoToken> {
        let response = self
            .client
            .fetch(self.request.http(), MAX_RESPONSE_BYTES, self.timeout)
            .await?;
        response::read(&response)
    }
}

impl State {
    fn usable(&self, now: Instant) -> Option<&HeaderValue> {
        let token = self.token.as_ref()?;
        (now < token.expires_at).then_some(&token.header)
    }

    fn is_aging(&self, now: Instant) -> bool {
        self.token.as_ref().is_some_and(|token| now >= token.refresh_at)
    }

    fn is_pausing(&self, now: Instant) -> bool {
        self.failure.as_ref().is_some_and(|(_, until)| now < *until)
    }
}

impl Token {
    fn new(issued: Issued, now: Instant) -> Self {
        let ahead = REFRESH_AHEAD.min(issued.lifetime / 2);
        Self {
            header: issued.header,
            refresh_at: now + (issued.lifetime - ahead),
            expires_at: now + issued.lifetime,
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").finish_non_exhaustive()
    }
}
