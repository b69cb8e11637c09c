//! Carrying out the obligations and advice of a decision.
//!
//! A [`ConstraintEnforcementService`] holds *providers*, of seven kinds. A provider says for which constraints it
//! is responsible and makes a *handler* for each of them. [`ConstraintEnforcementService::resolve`] turns a PERMIT
//! into a [`ConstraintBundle`], whose stages an enforcement point runs around the protected component:
//!
//! 1. [`ConstraintBundle::on_decision`] runs the runnables.
//! 2. [`ConstraintBundle::method_invocation`] may change the arguments, before the component runs.
//! 3. [`ConstraintBundle::output`] takes the component's value through resource replacement, filters, consumers and
//!    mappings, or [`ConstraintBundle::failure`] its error through error handlers and error mappings.
//!
//! [`ConstraintEnforcementService::enforce`] does all of that around any future.
//!
//! An obligation that nothing handles, or whose handler fails or panics, is a denial. Advice that fails is logged.
//! A stage that fails still runs all of its handlers, so that no audit record is lost.
//!
//! ```
//! use sapl_base::{AuthorizationDecision, constraint::{ConstraintEnforcementService, EnforcementPoint, MethodInvocation}};
//! use serde_json::json;
//!
//! #[derive(serde::Deserialize)]
//! #[serde(rename_all = "camelCase")]
//! struct LimitResults { max_limit: u64 }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let constraints = ConstraintEnforcementService::builder()
//!     .method_invocation_fn("limitResults", |limit: &LimitResults, call| call.cap("limit", limit.max_limit))
//!     .build();
//!
//! let decision = AuthorizationDecision::permit()
//!     .with_obligation(json!({"type": "limitResults", "maxLimit": 5}));
//! let mut bundle = constraints.resolve(&decision, EnforcementPoint::PreEnforce)?;
//! bundle.on_decision().await?;
//! let mut call = MethodInvocation::new("query", serde_json::Map::new());
//! bundle.method_invocation(&mut call).await?;
//! assert_eq!(call.argument("limit"), Some(&json!(5)));
//! # Ok(()) }
//! ```

mod builder;
mod bundle;
mod error;
mod guard;
mod handler;
mod invocation;
mod kind;
mod listing;
mod manual;
mod provider;
mod report;
mod resolve;
mod service;
mod stage;
#[cfg(test)]
mod tests;
mod typed;

pub use builder::ConstraintEnforcementServiceBuilder;
pub use bundle::{ComponentError, ConstraintBundle, FailureOutput, Output};
pub use error::{HandlerError, ObligationFailed, Outcome, Unresolved};
pub use handler::{
    ConsumerHandler, ErrorHandler, ErrorMappingHandler, FilterPredicateHandler, MappingHandler,
    MethodInvocationHandler, RunnableHandler,
};
pub use invocation::MethodInvocation;
pub use kind::{ConstraintRole, EnforcementPoint, HandlerKind};
pub use manual::{Denied, EnforceError};
pub use provider::{
    ConsumerProvider, ErrorHandlerProvider, ErrorMappingProvider, FilterPredicateProvider, MappingProvider,
    MethodInvocationProvider, RunnableProvider,
};
pub use report::{ConstraintRecord, ConstraintReport, HandlerOutcome, MAX_TYPE_CHARS};
pub use resolve::DeniedConstraints;
pub use service::ConstraintEnforcementService;
