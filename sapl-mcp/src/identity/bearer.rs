//! Bearer tokens in front of an MCP server.
//!
//! What happens to a request, in this order:
//!
//! 1. An identity that something in front put into it is removed.
//! 2. A CORS preflight (`OPTIONS` with `Access-Control-Request-Method`) passes: browsers send it without a token.
//! 3. `GET` or `HEAD` of the metadata document, where a resource is configured, is answered.
//! 4. Without an `Authorization` header, or with one of another scheme, the answer is 401 with a bare challenge.
//! 5. With several `Authorization` headers, or anything but one well-formed token of at most
//!    [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES), the answer is 401 `invalid_token`.
//! 6. The verifier is asked. A refusal is 401 `invalid_token`; a verifier that can't tell, or panics, is 503.
//! 7. A session id that is not of a session that the caller opened is replaced by one that no session has.
//! 8. The request goes on, with the identity in its extensions.
//!
//! On the way back, a session that was opened is noted as the caller's, and one that its owner has ended is forgotten. The
//! reply to a request that was denied because its token lacks scopes becomes 403 `insufficient_scope`, unless its head has
//! left before that was known, as that of an event stream has.

mod credentials;
mod future;
mod layer;
mod metadata;
mod response;
mod scopes;
mod service;
mod sessions;

pub(crate) use self::scopes::ScopeChallenge;
pub use self::{
    future::BearerAuthFuture,
    layer::BearerAuthLayer,
    response::BearerAuthBody,
    service::BearerAuth,
    sessions::{MAX_SESSION_ID_BYTES, MAX_SESSIONS, MAX_SESSIONS_PER_PRINCIPAL, SESSION_IDLE},
};
