//! The service: one request on its way through the layer.

use std::{
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderMap, Method, Request, Response,
    header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION},
};
use http_body::Body;
use tower_service::Service;

use super::{
    credentials::bearer_token,
    future::{BearerAuthFuture, Caller, log_panic},
    layer::Settings,
    response::{self, BearerAuthBody},
    scopes::ScopeChallenge,
};
use crate::identity::{Identity, TokenErrorKind, TokenVerifier};

/// A service behind [`BearerAuthLayer`](super::BearerAuthLayer).
pub struct BearerAuth<S, V> {
    inner: S,
    verifier: Arc<V>,
    settings: Arc<Settings>,
}

impl<S, V> BearerAuth<S, V> {
    pub(super) const fn new(inner: S, verifier: Arc<V>, settings: Arc<Settings>) -> Self {
        Self {
            inner,
            verifier,
            settings,
        }
    }
}

impl<S, V, B, R> Service<Request<B>> for BearerAuth<S, V>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    V: TokenVerifier,
    R: Body,
{
    type Response = Response<BearerAuthBody<R>>;
    type Error = S::Error;
    type Future = BearerAuthFuture<S, S::Future, B, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        request.extensions_mut().remove::<Arc<Identity>>();
        request.extensions_mut().remove::<Arc<ScopeChallenge>>();
        hide_credentials(request.headers_mut());

        if self.settings.mistake.is_some() {
            return BearerAuthFuture::answer(response::misconfigured());
        }
        if is_preflight(&request) {
            return BearerAuthFuture::forward(self.inner.call(request), None);
        }
        if let Some(document) = self
            .settings
            .resource
            .as_ref()
            .and_then(|resource| resource.document_for(&request))
        {
            return BearerAuthFuture::answer(response::metadata(document));
        }
        let token = match bearer_token(request.headers()) {
            Ok(Some(token)) => token,
            Ok(None) => return BearerAuthFuture::answer(self.settings.challenges.no_token()),
            Err(flaw) => {
                tracing::info!(reason = flaw, "refused a request: no usable bearer token");
                return BearerAuthFuture::answer(self.settings.challenges.refused(TokenErrorKind::Invalid));
            }
        };
        match catch_unwind(AssertUnwindSafe(|| self.verifier.known(token))) {
            Ok(Some(identity)) => {
                let caller = Caller::admit(&mut request, identity, Arc::clone(&self.settings));
                BearerAuthFuture::forward(self.inner.call(request), Some(caller))
            }
            Ok(None) => {
                let (verifier, token) = (Arc::clone(&self.verifier), Box::<str>::from(token));
                let check = Box::pin(async move { verifier.verify(&token).await });
                // The service that was polled ready is the one to call; its clone waits for the next request.
                let inner = self.inner.clone();
                let ready = mem::replace(&mut self.inner, inner);
                BearerAuthFuture::verify(check, ready, request, Arc::clone(&self.settings))
            }
            Err(_) => {
                log_panic();
                BearerAuthFuture::answer(self.settings.challenges.refused(TokenErrorKind::Unavailable))
            }
        }
    }
}

/// Whoever prints the headers further in prints no token.
fn hide_credentials(headers: &mut HeaderMap) {
    if let http::header::Entry::Occupied(mut values) = headers.entry(AUTHORIZATION) {
        values.iter_mut().for_each(|value| value.set_sensitive(true));
    }
}

fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl<S: Clone, V> Clone for BearerAuth<S, V> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            verifier: Arc::clone(&self.verifier),
            settings: Arc::clone(&self.settings),
        }
    }
}

impl<S: fmt::Debug, V> fmt::Debug for BearerAuth<S, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerAuth")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
