//! A decision point as a policy.

use std::{borrow::Cow, fmt, sync::Arc};

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, PolicyDecisionPoint,
    constraint::{ConstraintEnforcementService, EnforcementPoint},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GuardDecision, GuardPolicy, GuardRequest, Judgement};

/// The type of the obligation that makes a permit depend on a person.
pub const REQUIRE_APPROVAL: &str = "requireApproval";

const PERMITTED: &str = "permitted by the policies";

/// Decides by a policy decision point: the embedded one, one on another machine, or a closure.
///
/// The subscription is `{subject, action, resource, environment?}`: the subject is the user, the action is `"call"`, and
/// the resource is
///
/// ```json
/// {"name": "write_file", "arguments": {"path": "a"}, "listed": true,
///  "annotations": {"readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": true},
///  "server": {"name": "files", "version": "1.0", "trusted": false}}
/// ```
///
/// with all four annotations, by the specification's defaults where the server says nothing. The environment is what the
/// host fills, with `approval` (`{"scope", "digest"}`) in it when the decision point is asked again after a person
/// agreed.
///
/// | decision | judgement |
/// |---|---|
/// | PERMIT, all obligations handled | allow, under its constraints |
/// | PERMIT with an obligation [`requireApproval`](REQUIRE_APPROVAL) | approval is required; the others hold as well |
/// | PERMIT with an obligation that nobody handles | deny |
/// | NOT_APPLICABLE | deny, or [ask](Self::ask_when_not_applicable) |
/// | DENY, INDETERMINATE, SUSPEND | deny |
///
/// The obligation may have a `message`, which is the reason that the person sees, and the members `expiresIn`, `editable` and
/// `remember`, which mean something on a server only: on a client the person says how far an approval goes. One that names
/// an `approver`, or has members besides these, denies: nobody here can ask anyone else.
///
/// ```
/// use sapl_mcp::{AuthorizationDecision, client::PdpPolicy, decide_fn};
///
/// let policy = PdpPolicy::new(decide_fn(|subscription| {
///     match subscription.resource()["annotations"]["readOnlyHint"] == true {
///         true => AuthorizationDecision::permit(),
///         false => AuthorizationDecision::deny(),
///     }
/// }));
/// # fn takes(_: impl sapl_mcp::client::GuardPolicy) {}
/// # takes(policy);
/// ```
pub struct PdpPolicy<P> {
    pdp: P,
    constraints: ConstraintEnforcementService,
    not_applicable: GuardDecision,
}

/// What an obligation to ask a person may say. Members that only concern servers are read, so that others are not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequireApproval {
    #[serde(rename = "type")]
    _type: String,
    message: Option<String>,
    #[serde(rename = "expiresIn")]
    _expires_in: Option<String>,
    #[serde(rename = "editable")]
    _editable: Option<bool>,
    #[serde(rename = "remember")]
    _remember: Option<Value>,
}

impl<P: PolicyDecisionPoint> PdpPolicy<P> {
    /// Decides by `pdp`, with the built-in content filters as handlers.
    pub fn new(pdp: P) -> Self {
        Self {
            pdp,
            constraints: ConstraintEnforcementService::default(),
            not_applicable: GuardDecision::Deny,
        }
    }

    /// Sets the handlers of obligations and advice.
    #[must_use]
    pub fn with_constraints(mut self, constraints: ConstraintEnforcementService) -> Self {
        self.constraints = constraints;
        self
    }

    /// Asks a person where no policy applies, instead of denying.
    #[must_use]
    pub fn ask_when_not_applicable(mut self) -> Self {
        self.not_applicable = GuardDecision::ApprovalRequired;
        self
    }

    async fn decided(&self, request: &GuardRequest) -> Judgement {
        let decision = self.pdp.decide_once(&subscription(request)).await;
        match decision.decision {
            Decision::Permit => self.permitted(decision).await,
            other => {
                self.constraints.denied(&decision).run().await;
                let judged = match other {
                    Decision::NotApplicable => self.not_applicable,
                    _ => GuardDecision::Deny,
                };
                Judgement::new(judged, format!("the decision is {other}"))
            }
        }
    }

    async fn permitted(&self, mut decision: AuthorizationDecision) -> Judgement {
        let approval = match take_approval(&mut decision) {
            Ok(approval) => approval,
            Err(reason) => {
                self.constraints.denied(&decision).run().await;
                return Judgement::deny(reason);
            }
        };
        let mut bundle = match self.constraints.resolve(&decision, EnforcementPoint::PreEnforce) {
            Ok(bundle) => bundle,
            Err(unresolved) => {
                let (reason, mut denied) = unresolved.into_parts();
                denied.run().await;
                return Judgement::deny(reason);
            }
        };
        if let Err(failed) = bundle.on_decision().await {
            return Judgement::deny(failed.to_string());
        }
        match approval {
            Some(message) => Judgement::approval_required(message),
            None => Judgement::allow(PERMITTED),
        }
        .with_constraints(bundle)
    }
}

impl<P: PolicyDecisionPoint> GuardPolicy for PdpPolicy<P> {
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        Deciding::pending(self.decided(request))
    }
}

impl<P> fmt::Debug for PdpPolicy<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PdpPolicy")
            .field("constraints", &self.constraints)
            .field("not_applicable", &self.not_applicable)
            .finish_non_exhaustive()
    }
}

/// What a decision point is asked about a call.
pub(super) fn subscription(request: &GuardRequest) -> AuthorizationSubscription {
    let resource = json!({
        "name": request.tool(),
        "arguments": request.arguments(),
        "listed": request.definition().is_some(),
        "annotations": request.hints(),
        "server": request.server(),
    });
    let subscription = AuthorizationSubscription::new(Arc::clone(&request.user), "call", resource);
    match request.environment() {
        Some(environment) => subscription.with_environment(environment.clone()),
        None => subscription,
    }
}

/// Takes the obligations to ask a person out of a permit: what the person is told, if there is one.
///
/// # Errors
/// Why such an obligation can't be fulfilled here.
pub(super) fn take_approval(
    decision: &mut AuthorizationDecision,
) -> Result<Option<Cow<'static, str>>, String> {
    let asks = |obligation: &Value| {
        obligation
            .get("type")
            .is_some_and(|name| name == REQUIRE_APPROVAL)
    };
    if !decision.obligations.iter().any(asks) {
        return Ok(None);
    }
    let obligations = std::mem::take(&mut decision.obligations);
    let (asking, others): (Vec<Value>, Vec<Value>) = obligations.into_iter().partition(asks);
    decision.obligations = others;
    let mut messages = Vec::new();
    for obligation in asking {
        if obligation.get("approver").is_some() {
            return Err("an obligation asks for the approval of somebody else".to_owned());
        }
        let read = RequireApproval::deserialize(obligation)
            .map_err(|error| format!("an obligation `{REQUIRE_APPROVAL}` can't be read: {error}"))?;
        messages.extend(read.message);
    }
    Ok(Some(match messages.is_empty() {
        true => Cow::Borrowed("the policies ask for approval"),
        false => Cow::Owned(messages.join("; ")),
    }))
}

#[cfg(test)]
mod tests;
