//! The token in use, and how it is replaced: ahead of its end, by one request at a time.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures_util::future::{FutureExt, Shared};
use http::HeaderValue;
use tokio::{sync::oneshot, task::AbortHandle, time::Instant};

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

/// A request under way. It is a task of its own, so that a caller who gives up takes it from nobody.
struct Flight {
    landing: Landing,
    task: AbortHandle,
    /// When it is over at the latest.
    until: Instant,
}

/// What comes of a request; an error if it ended with its runtime.
type Landing = Shared<oneshot::Receiver<Result<HeaderValue, NoToken>>>;

#[derive(Default)]
struct State {
    token: Option<Token>,
    flight: Option<Flight>,
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
        let landing = {
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
        landing
            .await
            .unwrap_or_else(|_| Err(NoToken::new("the token endpoint was not waited for")))
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

    /// The landing of the request under way, or of a new one.
    fn flight(&self, state: &mut State, now: Instant) -> Landing {
        if let Some(flight) = &state.flight
            && flight.is_under_way(now)
        {
            return flight.landing.clone();
        }
        let fetch = Arc::clone(&self.fetch);
        let waiting = Arc::downgrade(&self.state);
        let (lands, landing) = oneshot::channel();
        let landing = landing.shared();
        let task = tokio::spawn(async move {
            let result = fetch.run().await;
            // Nobody may wait any more.
            let _ = lands.send(land(&waiting, result));
        });
        state.flight = Some(Flight {
            landing: landing.clone(),
            task: task.abort_handle(),
            until: now + 2 * self.fetch.timeout,
        });
        landing
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

impl Flight {
    /// Not if its runtime is gone, or gives it no processor time.
    fn is_under_way(&self, now: Instant) -> bool {
        now <= self.until && !self.task.is_finished()
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
