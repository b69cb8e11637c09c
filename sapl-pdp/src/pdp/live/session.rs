//! The attributes that one decision depends on, from one evaluation to the next.

use std::sync::Arc;
use std::task;

use sapl_base::{AuthorizationDecision, Secret};

use crate::attribute::{Attributes, Context, Settled, Table};
use crate::eval::{Input, Limits};
use crate::pdp::snapshot::Snapshot;
use crate::value::{Object, Value};

/// How many evaluations one decision may take, each because an attribute that the one before needed has come. A decision that
/// needs more is INDETERMINATE.
pub const MAX_ROUNDS: u32 = 256;

const INDETERMINATE: AuthorizationDecision = AuthorizationDecision::indeterminate();

/// What is known of attributes, and what finders see.
#[derive(Debug, Default)]
pub(in crate::pdp) struct Session {
    table: Table,
    context: Option<Arc<Context>>,
    rounds: u32,
}

impl Session {
    /// The decision, or `None` when attributes have to come first; then the task is woken when one has.
    pub(in crate::pdp) fn decide(
        &mut self,
        snapshot: &Snapshot,
        input: &Input<'_>,
        limits: &Limits,
        attributes: &Attributes,
        task: &mut task::Context<'_>,
    ) -> Option<AuthorizationDecision> {
        if !snapshot.reads_attributes {
            self.table.clear();
            return Some(snapshot.decide(input, limits));
        }
        self.see(snapshot);
        loop {
            self.table.begin();
            let decision = snapshot.decide_with(input, limits, &self.table);
            self.rounds += 1;
            let context = &mut self.context;
            let context = || Arc::clone(context.get_or_insert_with(|| Arc::new(seen(snapshot, input))));
            let decided = match self.table.settle(attributes, context, task) {
                Settled::Complete => decision,
                Settled::TooMany => INDETERMINATE,
                _ if self.rounds >= MAX_ROUNDS => INDETERMINATE,
                Settled::Again => continue,
                Settled::Waiting => return None,
            };
            self.rounds = 0;
            return Some(decided);
        }
    }

    /// Whether an attribute has changed; else the task is woken when one has.
    pub(in crate::pdp) fn poll(&mut self, task: &mut task::Context<'_>) -> bool {
        self.table.poll(task)
    }

    /// Forgets what finders said who would see something else now.
    fn see(&mut self, snapshot: &Snapshot) {
        if let Some(context) = &self.context
            && !context.surroundings.is_same(&snapshot.surroundings)
        {
            self.table.clear();
            self.context = None;
        }
    }
}

fn seen(snapshot: &Snapshot, input: &Input<'_>) -> Context {
    let secrets = match input.secrets.expose() {
        Value::Object(secrets) => secrets.clone().into_owned(),
        _ => Object::default(),
    };
    Context {
        surroundings: Arc::clone(&snapshot.surroundings),
        subscription_secrets: Secret::new(secrets),
    }
}
