//! The layer and what can be set on it.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::{metadata::ProtectedResource, response::Challenges, service::BearerAuth};
use crate::identity::IdentityConfigError;

/// Lets only requests with a good bearer token through, and tells the server whose it is.
///
/// Answers are those of [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750), with one difference: a malformed or repeated
/// `Authorization` header is 401 `invalid_token` too, not 400, so that a client asks for a new token in every case.
/// With [`resource`](Self::resource), the document of [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728) is published
/// and every challenge points to it.
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
///         .resource("https://analytics.example/mcp")?
///         .authorization_server("https://idp.example")?,
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

/// What the layer answers by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) challenges: Challenges,
    pub(super) resource: Option<ProtectedResource>,
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
    /// # Errors
    /// `resource` is not such a URI.
    pub fn resource(mut self, resource: &str) -> Result<Self, IdentityConfigError> {
        let resource = ProtectedResource::new(resource)?;
        let challenges = Challenges::for_resource(&resource)?;
        self.settings = Arc::new(Settings {
            challenges,
            resource: Some(resource),
        });
        Ok(self)
    }

    /// Adds a server that issues tokens for the resource, by its issuer URI, to the metadata.
    ///
    /// # Errors
    /// `issuer` is not a URI such as `resource` takes, or [`resource`](Self::resource) was not called before.
    pub fn authorization_server(mut self, issuer: &str) -> Result<Self, IdentityConfigError> {
        self.published("authorization_server")?
            .add_authorization_server(issuer)?;
        Ok(self)
    }

    /// Adds scopes that a client may ask for to the metadata.
    ///
    /// # Errors
    /// A scope has characters that none may have, or [`resource`](Self::resource) was not called before.
    pub fn scopes_supported(
        mut self,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, IdentityConfigError> {
        self.published("scopes_supported")?.add_scopes(scopes)?;
        Ok(self)
    }

    fn published(&mut self, setting: &'static str) -> Result<&mut ProtectedResource, IdentityConfigError> {
        let settings = Arc::make_mut(&mut self.settings);
        settings
            .resource
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
