//! Policy enforcement for MCP servers written with [`rmcp`].
//!
//! Annotate tools and prompts with [`macro@pre_enforce`], [`macro@post_enforce`] or [`macro@gate`], wrap the server in
//! a [`SaplLayer`], and every tool call, resource read, prompt and list of it is decided by a [`PolicyDecisionPoint`] and carried out with
//! the decision's obligations and advice. Only PERMIT grants, and only when every obligation was fulfilled.
//!
//! | to | see |
//! |---|---|
//! | say how a component is enforced | [`macro@pre_enforce`], [`macro@post_enforce`], [`macro@gate`], [`Rule`], [`EnforceExt`] |
//! | wrap a server | [`SaplLayer`], [`SaplLayerBuilder`], [`Routed`] for rmcp's `Router` |
//! | configure a process once | [`Sapl`] |
//! | decide | [`EmbeddedPdp`], [`decide_fn`], [`PolicyDecisionPoint`] |
//! | carry out obligations | [`constraint`] |
//! | know who calls | [`BearerAuthLayer`], [`JwtVerifier`], [`StaticTokens`], [`TokenVerifier`], [`Identity`] |
//! | ask a person before a component runs | [`Approver`], [`ApprovalRequest`], [`ApprovalStore`], [`Approvals`] |
//! | decide the calls of a client | the module `client`, with the feature of that name |
//! | see what happened | [`AuditSink`], [`TracingAudit`], [`JsonLines`], [`RecordingAudit`] |

#[cfg(test)]
extern crate self as sapl_mcp;

#[doc(hidden)]
pub mod __private;
mod advisory;
mod approval;
mod audit;
#[cfg(feature = "client")]
pub mod client;
mod configured;
mod enforcement;
mod identity;
mod layer;
pub mod prelude;
mod reply;
mod request_state;
mod routed;
mod rule;
mod service;
mod subscription;
mod surface;
mod value;
mod written_by_name;

pub use advisory::{
    ADVISORY_KEY, ADVISORY_VERSION, AdvisoryPolicyError, MAX_ADVISORY_PATTERNS, MAX_ADVISORY_POLICY_BYTES,
};
pub use approval::{
    APPROVAL_CODE_KEY, APPROVAL_TITLE, ApprovalAnswer, ApprovalRequest, ApprovalStore, ApprovalStoreError,
    Approvals, Approver, DEFAULT_APPROVAL_EXPIRY, GrantId, GrantKey, GrantOwner, InMemoryApprovals,
    MAX_APPROVAL_EXPIRY, MAX_APPROVAL_MEMORY, MAX_EDITED_ARGUMENTS_BYTES, MAX_PENDING_APPROVALS,
    MAX_PENDING_APPROVALS_PER_PRINCIPAL, MAX_REMEMBERED_GRANTS, MAX_REMEMBERED_GRANTS_PER_OWNER,
    MAX_SHOWN_BYTES, MAX_SHOWN_DEPTH, MAX_SHOWN_STRING_CHARS, MAX_SPENT_GRANTS, MAX_SPENT_GRANTS_PER_OWNER,
    REQUIRE_APPROVAL, RememberedGrant,
};
pub use audit::{
    ApprovalOutcome, ApprovalWay, AuditApproval, AuditOutcome, AuditRecord, AuditSink, AuditSubject,
    JsonLines, MAX_SUBJECT_CHARS, OwnedAuditRecord, RecordingAudit, TracingAudit,
};
pub use configured::Sapl;
pub use enforcement::{
    MAX_TASK_AGE, MAX_TASK_BYTES, MAX_TASK_BYTES_PER_PRINCIPAL, MAX_TASKS, MAX_TASKS_PER_PRINCIPAL,
};
pub use identity::{
    BearerAuth, BearerAuthBody, BearerAuthFuture, BearerAuthLayer, Identity, IdentityConfigError,
    MAX_SESSION_ID_BYTES, MAX_SESSIONS, MAX_SESSIONS_PER_PRINCIPAL, MAX_TOKEN_BYTES, SESSION_IDLE,
    StaticTokens, TokenError, TokenErrorKind, TokenVerifier,
};
#[cfg(any(feature = "http", feature = "jwt"))]
pub use identity::{CLOCK_LEEWAY, MAX_REMEMBERED_TOKENS};
#[cfg(feature = "http")]
pub use identity::{
    DEFAULT_IDP_TIMEOUT, DEFAULT_INTROSPECTION_MEMORY, IdpClient, Introspection, MAX_INTROSPECTION_BYTES,
    MAX_INTROSPECTION_MEMORY, MAX_INTROSPECTIONS,
};
#[cfg(all(feature = "http", feature = "jwt"))]
pub use identity::{
    DEFAULT_JWKS_LIFETIME, JWKS_GRACE, MAX_JWKS_BACKOFF, MAX_JWKS_BYTES, MAX_JWKS_LIFETIME, MAX_JWKS_WAIT,
    MAX_METADATA_BYTES, MIN_JWKS_BACKOFF, MIN_JWKS_LIFETIME, UNKNOWN_KEY_INTERVAL,
};
#[cfg(feature = "jwt")]
pub use identity::{
    JwtAlgorithm, JwtVerifier, MAX_JWKS_KEYS, MAX_RSA_KEY_BITS, MAX_TRIED_KEYS, MIN_RSA_KEY_BITS,
};
pub use layer::{ConfigError, DEFAULT_DECISION_TIMEOUT, SaplLayer, SaplLayerBuilder, Unannotated};
pub use reply::ACCESS_DENIED;
pub use request_state::{MAX_REQUEST_STATE_BYTES, MIN_REQUEST_STATE_KEY_BYTES, REQUEST_STATE_AGE};
pub use routed::Routed;
pub use rule::{
    EnforceExt, FinalizeFn, InputRequired, Listing, OutputSchema, Rule, RuleHandle, TemplateError,
    TemplateErrorKind, gate, post_enforce, pre_enforce,
};
pub use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, MultiAuthorizationDecision,
    MultiAuthorizationSubscription, PolicyDecisionPoint, PolicySnapshot, Secret, constraint, decide_fn,
};
#[cfg(feature = "http")]
pub use sapl_base::{CachingPdp, http};
pub use sapl_mcp_macros::{gate, post_enforce, pre_enforce};
#[cfg(feature = "embedded")]
pub use sapl_pdp::{EmbeddedPdp, Following, Health, WatchEvent, WatchOptions, attribute, source};
pub use service::SaplService;
pub use subscription::{
    Component, ComponentAnnotations, ComponentKind, Operation, Outcome, Slot, Slots, SubscriptionContext,
};

/// The server in the README compiles.
#[cfg(all(doctest, feature = "embedded", feature = "jwt"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The examples of the guide to enforcement compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/enforcement.md")]
struct EnforcementGuide;

/// The examples of the guide to the guard of a client compile.
#[cfg(all(doctest, feature = "client", feature = "embedded"))]
#[doc = include_str!("../../docs/client-guard.md")]
struct ClientGuardGuide;

/// The examples of the guide to attributes compile.
#[cfg(all(doctest, feature = "embedded", feature = "http"))]
#[doc = include_str!("../../docs/attributes.md")]
struct AttributesGuide;

/// The examples of the guide to identity compile.
#[cfg(all(doctest, feature = "http", feature = "jwt"))]
#[doc = include_str!("../../docs/identity.md")]
struct IdentityGuide;

/// The examples of the guide to approvals compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/people-in-the-loop.md")]
struct PeopleGuide;

/// The example of the guide for those who come from Python compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/migrating-from-python.md")]
struct MigratingGuide;

/// The examples of the guide to remote decision points compile.
#[cfg(all(doctest, feature = "embedded", feature = "http"))]
#[doc = include_str!("../../docs/remote-pdp.md")]
struct RemotePdpGuide;
