//! Enforcing a decision around any future, for what lies below a component: a data layer, a call of another service.

mod fallible;

use std::{error::Error, fmt};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use fallible::is_result;

use super::{
    ComponentError, ConstraintBundle, ConstraintEnforcementService, ConstraintReport, EnforcementPoint,
    MethodInvocation,
};
use crate::{AuthorizationDecision, Decision};

/// What a guarded failure becomes that an output obligation forbids to be told.
const FAILED: &str = "The operation failed";

/// Access is denied: there is no value.
///
/// Its text is `access denied` and no more, so that it may be shown; [`reason`](Self::reason) is for logs.
#[derive(Debug)]
pub struct Denied {
    reason: String,
    report: ConstraintReport,
}

/// Why a guarded future of a `Result` gave no value.
#[derive(Debug)]
pub enum EnforceError<E> {
    /// Access is denied.
    Denied(Denied),
    /// The future failed with this, and no obligation has anything against telling it.
    Failed(E),
    /// The future failed, and this is what the decision's constraints made of its error.
    Changed(ComponentError),
}

impl ConstraintEnforcementService {
    /// Carries out `decision` around `protected`: on-decision handlers, then the future, then resource replacement,
    /// filters, consumers and mappings on the JSON of its value.
    ///
    /// The future is not polled unless the decision is PERMIT, each obligation has a handler that can run here, and the
    /// on-decision handlers of the obligations ran without failure; its value is not returned after a failure behind
    /// it. There is no call whose arguments could be changed, so an obligation that only a method-invocation handler
    /// claims denies: see [`enforce_call`](Self::enforce_call). Where no handler looks at the value, it is returned as
    /// it is, without a way through JSON.
    ///
    /// ```
    /// use sapl_base::{AuthorizationDecision, constraint::ConstraintEnforcementService};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let constraints = ConstraintEnforcementService::builder()
    ///     .filter_predicate_fn("onlyEven", |_: &serde_json::Value, number| number.as_u64().is_some_and(|n| n % 2 == 0))
    ///     .build();
    /// let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "onlyEven"}));
    ///
    /// let rows: Vec<u64> = constraints.enforce(&decision, async { vec![1, 2, 3, 4] }).await?;
    /// assert_eq!(rows, [2, 4]);
    ///
    /// let denied = constraints.enforce(&AuthorizationDecision::deny(), async { "never made".to_owned() }).await;
    /// assert_eq!(denied.unwrap_err().to_string(), "access denied");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Whenever the value may not be returned, also when it can't be written as JSON or what the handlers made of it is
    /// no `T` any more. A `T` that is a `Result` is denied where handlers look at the value, since they would look for it
    /// in the wrong place: a future that can fail is for [`try_enforce`](Self::try_enforce).
    pub async fn enforce<T>(
        &self,
        decision: &AuthorizationDecision,
        protected: impl Future<Output = T>,
    ) -> Result<T, Denied>
    where
        T: Serialize + DeserializeOwned,
    {
        let guarded = self.guarded(decision).await?;
        let value = protected.await;
        guarded.value(value)
    }

    /// The same around a future that can fail: its error goes through error handlers and error mappings. Where the
    /// decision has an output obligation, no error gets past it but one that a mapping of an obligation made.
    ///
    /// # Errors
    /// See [`EnforceError`].
    pub async fn try_enforce<T, E>(
        &self,
        decision: &AuthorizationDecision,
        protected: impl Future<Output = Result<T, E>>,
    ) -> Result<T, EnforceError<E>>
    where
        T: Serialize + DeserializeOwned,
        E: fmt::Display,
    {
        let guarded = self.guarded(decision).await?;
        match protected.await {
            Ok(value) => guarded.value(value).map_err(EnforceError::Denied),
            Err(error) => Err(guarded.failure(error)),
        }
    }

    /// Like [`enforce`](Self::enforce), around a call with arguments, which method-invocation handlers may change:
    /// `run` makes the future of the arguments that they leave.
    ///
    /// ```
    /// use sapl_base::{AuthorizationDecision, constraint::ConstraintEnforcementService};
    /// use serde_json::{Value, json};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let constraints = ConstraintEnforcementService::builder()
    ///     .method_invocation_fn("limit", |limit: &Value, call| call.cap("rows", limit["max"].as_u64().unwrap_or(0)))
    ///     .build();
    /// let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "limit", "max": 2}));
    ///
    /// let asked = json!({"rows": 100}).as_object().cloned().unwrap_or_default();
    /// let rows = constraints
    ///     .enforce_call(&decision, "select", asked, |arguments| async move { arguments["rows"].clone() })
    ///     .await?;
    /// assert_eq!(rows, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`enforce`](Self::enforce), also for a `Result`; and when a handler put another call in place of this one.
    pub async fn enforce_call<T, F>(
        &self,
        decision: &AuthorizationDecision,
        name: impl Into<String>,
        arguments: Map<String, Value>,
        run: impl FnOnce(Map<String, Value>) -> F,
    ) -> Result<T, Denied>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = T>,
    {
        let mut guarded = self.resolved(decision, EnforcementPoint::PreEnforce).await?;
        let mut call = MethodInvocation::new(name.into(), arguments);
        if let Err(failed) = guarded.0.method_invocation(&mut call).await {
            return Err(guarded.denied(&failed));
        }
        if call.is_read_only() {
            return Err(guarded.denied(&"a handler replaced the call instead of changing its arguments"));
        }
        let value = run(call.into_arguments()).await;
        guarded.value(value)
    }

    /// What a decision asks for around something that is no call: whatever kind of handler can run without one.
    async fn guarded(&self, decision: &AuthorizationDecision) -> Result<Guarded, Denied> {
        self.resolved(decision, EnforcementPoint::PostEnforce).await
    }

    /// Decision → handlers → on-decision.
    async fn resolved(
        &self,
        decision: &AuthorizationDecision,
        point: EnforcementPoint,
    ) -> Result<Guarded, Denied> {
        if decision.decision != Decision::Permit {
            let mut denied = self.denied(decision);
            denied.run().await;
            let reason = format!("the decision is {}", decision.decision);
            return Err(Denied::new(reason, denied.into_report()));
        }
        let mut bundle = match self.resolve(decision, point) {
            Ok(bundle) => bundle,
            Err(unresolved) => {
                let (reason, mut denied) = unresolved.into_parts();
                denied.run().await;
                return Err(Denied::new(reason, denied.into_report()));
            }
        };
        match bundle.on_decision().await {
            Ok(()) => Ok(Guarded(bundle)),
            Err(failed) => Err(Guarded(bundle).denied(&failed)),
        }
    }
}

/// A permit for one future.
struct Guarded(ConstraintBundle);

impl Guarded {
    fn value<T: Serialize + DeserializeOwned>(mut self, value: T) -> Result<T, Denied> {
        if !self.0.has_output_stages() {
            return Ok(value);
        }
        if is_result(&value) {
            return Err(
                self.denied(&"the value is a `Result`, which handlers don't look into: see `try_enforce`")
            );
        }
        let json = match serde_json::to_value(&value) {
            Ok(json) => json,
            Err(error) => {
                return Err(self.denied(&format_args!("the value can't be written as JSON: {error}")));
            }
        };
        let output = match self.0.output(json) {
            Ok(output) => output,
            Err(failed) => return Err(self.denied(&failed)),
        };
        // What does not show in the JSON may hold what an obligation was to remove.
        if !output.changed && !self.0.has_output_obligation() {
            return Ok(value);
        }
        // The cause may quote the value.
        serde_json::from_value(output.value)
            .map_err(|_| self.denied(&"what the handlers made of the value is not of its type"))
    }

    fn failure<E: fmt::Display>(mut self, error: E) -> EnforceError<E> {
        let closed = self.0.has_output_obligation();
        if !closed && !self.0.has_error_stages() {
            return EnforceError::Failed(error);
        }
        match self.0.failure(ComponentError::new(error.to_string())) {
            Err(failed) => EnforceError::Denied(self.denied(&failed)),
            Ok(output) if closed && !output.made_by_obligation => {
                EnforceError::Changed(ComponentError::new(FAILED))
            }
            Ok(output) if output.changed => EnforceError::Changed(output.error),
            Ok(_) => EnforceError::Failed(error),
        }
    }

    fn denied(self, reason: &dyn fmt::Display) -> Denied {
        Denied::new(reason.to_string(), self.0.into_report())
    }
}

impl Denied {
    fn new(reason: String, report: ConstraintReport) -> Self {
        tracing::warn!(reason, "access denied");
        Self { reason, report }
    }

    /// Why, for logs and never for a client.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What became of each constraint.
    pub const fn report(&self) -> &ConstraintReport {
        &self.report
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("access denied")
    }
}

impl Error for Denied {}

impl<E> From<Denied> for EnforceError<E> {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl<E: fmt::Display> fmt::Display for EnforceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denied) => denied.fmt(f),
            Self::Failed(error) => error.fmt(f),
            Self::Changed(error) => f.write_str(&error.message),
        }
    }
}

impl<E: Error + 'static> Error for EnforceError<E> {}
