//! What may be listed: whether a decision could be enforced, without enforcing it.

use serde_json::Value;

use super::{ConstraintEnforcementService, EnforcementPoint, HandlerKind, ObligationFailed, guard::guard};
use crate::{AuthorizationDecision, Decision};

impl ConstraintEnforcementService {
    /// Whether a component with this decision may be shown: it is a PERMIT, and each of its obligations is claimed
    /// by some provider of a kind that can run at `point`.
    ///
    /// Only responsibility is checked; no handler is made and none runs. A provider that panics ends the question:
    /// the component is not shown.
    pub fn claims(&self, decision: &AuthorizationDecision, point: EnforcementPoint) -> bool {
        decision.decision == Decision::Permit
            && !(point == EnforcementPoint::Gate && decision.resource.is_some())
            && decision
                .obligations
                .iter()
                .all(|obligation| guard(|| Ok(self.is_claimed(obligation, point))).unwrap_or(false))
    }

    /// Whether some provider wants to run when components are listed. If none does,
    /// [`on_listing`](Self::on_listing) has nothing to do.
    pub fn has_listing_handlers(&self) -> bool {
        !self.providers.listing.is_empty()
    }

    /// Runs the on-decision handlers of those providers that ask for it when a component is listed. Failures of
    /// advice are logged.
    ///
    /// # Errors
    /// When an obligation's handler fails: the component is not to be shown.
    pub async fn on_listing(&self, decision: &AuthorizationDecision) -> Result<(), ObligationFailed> {
        if !self.has_listing_handlers() {
            return Ok(());
        }
        let (mut bundle, failed) = self.resolve_listing(decision);
        let ran = bundle.on_decision().await;
        failed.map_or(ran, Err)
    }

    fn is_claimed(&self, constraint: &Value, point: EnforcementPoint) -> bool {
        if self.is_stage(constraint, point) {
            return true;
        }
        let providers = &*self.providers;
        macro_rules! claimed {
            ($($kind:ident: $field:ident),*) => {
                false $(|| point.runs(HandlerKind::$kind)
                    && providers.$field.iter().any(|provider| provider.is_responsible(constraint)))*
            };
        }
        claimed!(
            Runnable: runnable,
            MethodInvocation: method_invocation,
            FilterPredicate: filter_predicate,
            Consumer: consumer,
            Mapping: mapping,
            ErrorHandler: error_handler,
            ErrorMapping: error_mapping
        )
    }
}
