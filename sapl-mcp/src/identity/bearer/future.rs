//! What a request waits for: the verifier, if that has to think, and the inner service.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{layer::Settings, response::BearerAuthBody, scopes::ScopeChallenge, sessions::Session};
use crate::identity::{Identity, TokenError, TokenErrorKind};

pin_project! {
    /// The response of [`BearerAuth`](super::BearerAuth).
    pub struct BearerAuthFuture<S, F, B, R> {
        #[pin]
        state: State<S, F, B, R>,
    }
}

type Check = Pin<Box<dyn Future<Output = Result<Arc<Identity>, TokenError>> + Send>>;

pin_project! {
    #[project = StateProjection]
    enum State<S, F, B, R> {
        Verify { check: Check, held: Option<Held<S, B>>, settings: Arc<Settings> },
        Forward { #[pin] response: F, caller: Option<Caller> },
        Answer { response: Option<Response<BearerAuthBody<R>>> },
    }
}

/// What waits for the verifier.
struct Held<S, B> {
    inner: S,
    request: Request<B>,
}

/// Whose request was let through, and what it has to do with sessions.
pub(super) struct Caller {
    identity: Arc<Identity>,
    session: Session,
    challenge: Arc<ScopeChallenge>,
    settings: Arc<Settings>,
}

impl Caller {
    /// Puts the identity into the request, and sees to it that the request names no session of another.
    pub(super) fn admit<B>(
        request: &mut Request<B>,
        identity: Arc<Identity>,
        settings: Arc<Settings>,
    ) -> Self {
        let session = Session::of(request, &identity, &settings.sessions);
        let challenge = Arc::<ScopeChallenge>::default();
        let extensions = request.extensions_mut();
        extensions.insert(Arc::clone(&identity));
        extensions.insert(Arc::clone(&challenge));
        Self {
            identity,
            session,
            challenge,
            settings,
        }
    }

    fn answered<R: Body>(self, response: Response<R>) -> Response<BearerAuthBody<R>> {
        self.session
            .answered(&response, &self.identity, &self.settings.sessions);
        if let Some(scopes) = self.challenge.required() {
            return self.settings.challenges.insufficient(scopes);
        }
        response.map(|body| BearerAuthBody::until(body, self.identity.expires_at()))
    }
}

impl<S, F, B, R> BearerAuthFuture<S, F, B, R> {
    pub(super) fn verify(check: Check, inner: S, request: Request<B>, settings: Arc<Settings>) -> Self {
        Self {
            state: State::Verify {
                check,
                held: Some(Held { inner, request }),
                settings,
            },
        }
    }

    /// What the inner service answers to `caller`, or to a request that anybody may send.
    pub(super) const fn forward(response: F, caller: Option<Caller>) -> Self {
        Self {
            state: State::Forward { response, caller },
        }
    }

    pub(super) const fn answer(response: Response<BearerAuthBody<R>>) -> Self {
        Self {
            state: State::Answer {
                response: Some(response),
            },
        }
    }
}

impl<S, F, B, R> Future for BearerAuthFuture<S, F, B, R>
where
    S: Service<Request<B>, Response = Response<R>, Future = F>,
    F: Future<Output = Result<Response<R>, S::Error>>,
    R: Body,
{
    type Output = Result<Response<BearerAuthBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Verify {
                    check,
                    held,
                    settings,
                } => {
                    let verdict = ready!(poll_check(check, context));
                    match (verdict, held.take()) {
                        (
                            Ok(identity),
                            Some(Held {
                                mut inner,
                                mut request,
                            }),
                        ) => {
                            let caller = Caller::admit(&mut request, identity, Arc::clone(settings));
                            State::Forward {
                                response: inner.call(request),
                                caller: Some(caller),
                            }
                        }
                        (Ok(_), None) => return Poll::Pending,
                        (Err(kind), _) => State::Answer {
                            response: Some(settings.challenges.refused(kind)),
                        },
                    }
                }
                StateProjection::Forward { response, caller } => {
                    return response.poll(context).map_ok(|response| match caller.take() {
                        Some(caller) => caller.answered(response),
                        None => response.map(BearerAuthBody::inner),
                    });
                }
                // Polled again after its end, it waits rather than brings the process down.
                StateProjection::Answer { response } => {
                    return response
                        .take()
                        .map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
                }
            };
            state.set(next);
        }
    }
}

/// The verifier's answer; the reason of a refusal goes to the log here.
fn poll_check(check: &mut Check, context: &mut Context<'_>) -> Poll<Result<Arc<Identity>, TokenErrorKind>> {
    let verdict = match catch_unwind(AssertUnwindSafe(|| check.as_mut().poll(context))) {
        Ok(verdict) => ready!(verdict),
        Err(_) => {
            log_panic();
            return Poll::Ready(Err(TokenErrorKind::Unavailable));
        }
    };
    Poll::Ready(verdict.map_err(|error| {
        match error.kind() {
            TokenErrorKind::Invalid => tracing::info!(reason = %error, "refused a request: bad bearer token"),
            TokenErrorKind::Unavailable => {
                tracing::error!(reason = %error, "refused a request: no token can be verified")
            }
        }
        error.kind()
    }))
}

/// Says that the verifier panicked. What it said then is left out, because it may hold the token.
pub(super) fn log_panic() {
    tracing::error!("refused a request: the token verifier panicked");
}

impl<S, F, B, R> fmt::Debug for BearerAuthFuture<S, F, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerAuthFuture").finish_non_exhaustive()
    }
}
