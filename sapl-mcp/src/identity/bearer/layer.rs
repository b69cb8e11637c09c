//! The layer and what can be set on it.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::{
    metadata::ProtectedResource, response::Challenges, service::BearerAuth, sessions::SessionRegister,
};
use crate::identity::IdentityConfigError;

/// Lets only requests with a good bearer token through, and tells the server whose it is.
///
/// Answers are those of [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750), with one difference: a malformed or repeated
/// `Authorization` header is 401 `invalid_token` too, not 400, so that a client asks for a new token in every case.
/// With [`resource`](Self::resource), the document of [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728) is published
/// and every challenge points to it.
///
/// # Sessions
///
/// A session belongs to the principal (issuer, subject, client) whose token opened it; where the claims name no subject, to
/// the token. A request of anybody else that names it is answered by the server as one that names an unknown session, and
/// does not reach the session. So is one whose session was not opened through this layer or a clone of it: after a
/// restart, clients open new ones. At most [`MAX_SESSIONS`](crate::MAX_SESSIONS) are known, and
/// [`MAX_SESSIONS_PER_PRINCIPAL`](crate::MAX_SESSIONS_PER_PRINCIPAL) of one principal, each until
/// [`SESSION_IDLE`](crate::SESSION_IDLE) has passed without a request. A stream ends a few seconds after the token that
/// asked for it has expired.
///
/// # Where it stands
///
/// Outside of everything that serves MCP, and outside of `nest_service`, which strips the path that the metadata document
/// is known by. A CORS layer goes outside of this one, so that browsers may read the challenges and the document.
///
/// # Examples
///
/// ```
/// use axum::{Router, body::Body, routing::post};
/// use http::{Request, StatusCode, header::WWW_AUTHENTICATE};
/// use sapl_mcp::{BearerAuthLayer, StaticTokens};
/// use serde_json::json;
/// use tower_service::Service;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tokens = StaticTokens::new().with("mara-token", json!({"sub": "mara"}));
/// let mut app = Router::new().route("/mcp", post(|| async { "served" })).layer(
///     BearerAuthLayer::new(tokens)
///         .resource("https://analytics.example/mcp")
///         .authorization_server("https://idp.example"),
/// );
///
/// let request = Request::post("/mcp").header("authorization", "Bearer mara-token").body(Body::empty())?;
/// assert_eq!(app.call(request).await?.status(), StatusCode::OK);
///
/// let refused = app.call(Request::post("/mcp").body(Body::empty())?).await?;
/// assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(
///     refused.headers()[WWW_AUTHENTICATE],
///     r#"Bearer resource_metadata="https://analytics.example/.well-known/oauth-protected-resource/mcp""#,
/// );
/// # Ok(()) }
/// ```
pub struct BearerAuthLayer<V> {
    verifier: Arc<V>,
    settings: Arc<Settings>,
}

/// What the layer answers by itself, and the sessions that it knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) challenges: Challenges,
    pub(super) resource: Option<ProtectedResource>,
    /// Shared by all services of the layer.
    pub(super) sessions: Arc<SessionRegister>,
    /// What could not be set: then every request is refused.
    pub(super) mistake: Option<IdentityConfigError>,
}

impl<V> BearerAuthLayer<V> {
    /// A layer that asks `verifier` and publishes nothing.
    pub fn new(verifier: V) -> Self {
        Self {
            verifier: Arc::new(verifier),
            settings: Arc::default(),
        }
    }

    /// Publishes metadata about the server, which clients know by the URI `resource`: `https`, or `http` on a loopback
    /// host, without user, query and fragment. Servers and scopes that were set before are dropped.
    ///
    /// The document is served at `/.well-known/oauth-protected-resource`, and there with the path of `resource` behind.
    ///
    /// Another `resource` makes the layer [refuse everything](Self::check).
    #[must_use]
    pub fn resource(self, resource: &str) -> Self {
        self.set(|settings| {
            let resource = ProtectedResource::new(resource)?;
            settings.challenges = Challenges::for_resource(&resource)?;
            settings.resource = Some(resource);
            Ok(())
        })
    }

    /// Adds a server that issues tokens for the resource, by its issuer URI, to the metadata.
    ///
    /// An `issuer` that is not a URI such as `resource` takes, and one that is given before
    /// [`resource`](Self::resource), make the layer [refuse everything](Self::check).
    #[must_use]
    pub fn authorization_server(self, issuer: &str) -> Self {
        self.set(|settings| {
            settings
                .published("authorization_server")?
                .add_authorization_server(issuer)
        })
    }

    /// Adds scopes that a client may ask for to the metadata.
    ///
    /// A scope with characters that none may have, and scopes that are given before [`resource`](Self::resource), make
    /// the layer [refuse everything](Self::check).
    #[must_use]
    pub fn scopes_supported(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set(|settings| settings.published("scopes_supported")?.add_scopes(scopes))
    }

    /// Checks what was set, for a server that would rather not start than refuse everything: a layer that was set up
    /// wrongly answers 500 to every request, and says why in the log.
    ///
    /// # Errors
    /// The first setting that could not be used.
    pub fn check(self) -> Result<Self, IdentityConfigError> {
        match &self.settings.mistake {
            Some(mistake) => Err(mistake.clone()),
            None => Ok(self),
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings) -> Result<(), IdentityConfigError>) -> Self {
        let settings = Arc::make_mut(&mut self.settings);
        if settings.mistake.is_none()
            && let Err(mistake) = change(settings)
        {
            tracing::error!(%mistake, "every request will be refused: the layer for bearer tokens is set up wrongly");
            settings.mistake = Some(mistake);
        }
        self
    }
}

impl Settings {
    fn published(&mut self, setting: &'static str) -> Result<&mut ProtectedResource, IdentityConfigError> {
        self.resource
            .as_mut()
            .ok_or(IdentityConfigError::NoResource { setting })
    }
}

impl<V, S> Layer<S> for BearerAuthLayer<V> {
    type Service = BearerAuth<S, V>;

    fn layer(&self, inner: S) -> Self::Service {
        BearerAuth::new(inner, Arc::clone(&self.verifier), Arc::clone(&self.settings))
    }
}

impl<V> Clone for BearerAuthLayer<V> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            settings: Arc::clone(&self.settings),
        }
    }
}

impl<V> fmt::Debug for BearerAuthLayer<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerAuthLayer")
            .field("resource", &self.settings.resource)
            .finish_non_exhaustive()
    }
}
