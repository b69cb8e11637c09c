//! An operation between its call and the fetch of its result.

use std::sync::Arc;

use rmcp::model::JsonObject;
use sapl_base::AuthorizationDecision;

use super::{
    super::{Operation, Request, finalize::let_go},
    Given,
    fetch::Asker,
};
use crate::{
    layer::Shared,
    rule::{Rule, Rules},
    subscription::SubscriptionContext,
    value::weight::{total, weight, weight_of_answers, weight_of_members},
};

/// All that an operation starts from but the layer, which holds it, and the request, which is the one that fetches.
pub(super) struct Suspended {
    rules: Rules,
    rule: Arc<Rule>,
    hides: bool,
    decision: Option<AuthorizationDecision>,
    context: SubscriptionContext,
    fixed_arguments: bool,
    output_schema: Option<Arc<JsonObject>>,
}

impl Suspended {
    pub(super) fn of(operation: &Operation) -> Self {
        let request = &operation.request;
        Self {
            rules: request.rules.clone(),
            rule: Arc::clone(operation.rule()),
            hides: operation.hides(),
            decision: operation.decision.clone(),
            // Who asks is told by the request that fetches.
            context: request.context.again().with_token(None).with_parts(None),
            fixed_arguments: request.fixed_arguments,
            output_schema: request.output_schema.clone(),
        }
    }

    /// How many bytes of it come from the caller and the decision point, roughly.
    pub(super) fn weight(&self) -> usize {
        let decision = self.decision.as_ref().map_or(0, |decision| {
            let constraints = decision.obligations.iter().chain(&decision.advice);
            // The handlers that were made for them hold about as much again.
            let constraints = total(constraints.map(weight)).saturating_mul(2);
            let resource = decision.resource.as_ref().map_or(0, weight);
            total([constraints, resource.saturating_mul(2)])
        });
        let arguments = weight_of_members(self.context.arguments());
        let answers = self.context.input_responses().map_or(0, weight_of_answers);
        total([size_of::<Self>(), decision, arguments, answers])
    }

    /// Whether a denial is answered as if the component did not exist.
    pub(super) fn hides(&self) -> bool {
        self.hides
    }

    /// The operation of the request that fetches: with its identity, which is that of the same principal, and with what the
    /// component was given since the call.
    pub(super) fn resume(&self, shared: &Arc<Shared>, asker: &Asker, given: Given) -> Operation {
        let mut context = self.context.again().with_token(asker.token.clone());
        if given.rounds > 0 {
            let mut answers = self.context.input_responses().cloned().unwrap_or_default();
            answers.extend(given.answers);
            context = context.with_round(self.context.round().saturating_add(given.rounds), Some(answers));
        }
        if self.rules.shows_context() {
            context = context.with_parts(asker.parts.clone());
        }
        Operation::going_on(
            Request {
                shared: Arc::clone(shared),
                rules: self.rules.clone(),
                context,
                id: asker.id.clone(),
                cancelled: asker.cancelled.clone(),
                has_caller: true,
                fixed_arguments: self.fixed_arguments,
                output_schema: self.output_schema.clone(),
                scopes: asker.scopes.clone(),
            },
            Arc::clone(&self.rule),
            self.hides,
            self.decision.clone(),
        )
    }
}

impl Drop for Suspended {
    /// What the author keeps in the slots may panic when it is dropped, and the request in which a task is forgotten can be
    /// anybody's.
    fn drop(&mut self) {
        let_go(self.context.forget_slots());
    }
}
