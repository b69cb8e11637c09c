//! What is particular to one kind of request: where its component and rule are found, and how it is told that there
//! is none. Everything else is in [`crate::enforcement`].

mod calling;
pub(crate) mod completion;
pub(crate) mod custom;
mod nobody;
pub(crate) mod prompts;
mod refusal;
pub(crate) mod resources;
pub(crate) mod rules;
pub(crate) mod skills;
pub(crate) mod subscriptions;
pub(crate) mod tasks;
pub(crate) mod tools;

use std::sync::Arc;

use http::request::Parts;
use rmcp::{
    ErrorData, RoleServer,
    model::{InputResponses, JsonObject},
    service::RequestContext,
};

use crate::{
    Identity,
    enforcement::{Enforced, Operation, Request},
    identity::{ScopeChallenge, Whose},
    layer::{Shared, Transport},
    reply::Denied,
    rule::Rules,
    subscription::{self, Definition, SubscriptionContext},
};

type Context = RequestContext<RoleServer>;

/// Who is at the other end of a request.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// Whoever the token of the HTTP request says, or nobody in particular.
    Http(Option<Arc<Identity>>),
    /// The one subject that the layer was told.
    Fixed(Arc<serde_json::Value>),
    /// The user of a local subprocess, to whom nothing is denied.
    Trusted,
    /// Nobody can tell.
    Unknown,
}

/// Everything about a component that its enforcement needs.
pub(crate) struct Component {
    pub(crate) definition: Definition,
    pub(crate) operation: subscription::Operation,
    pub(crate) arguments: Option<JsonObject>,
    pub(crate) fixed_arguments: bool,
    pub(crate) uri: Option<String>,
    pub(crate) output_schema: Option<Arc<JsonObject>>,
    pub(crate) input_responses: Option<InputResponses>,
}

impl Caller {
    pub(crate) fn of(context: &Context, transport: &Transport) -> Self {
        match (context.extensions.get::<Parts>(), transport) {
            (Some(parts), _) => Self::Http(Identity::from_parts(parts)),
            (None, Transport::Unknown) => Self::Unknown,
            (None, Transport::Bypassed) => Self::Trusted,
            (None, Transport::Fixed(subject)) => Self::Fixed(Arc::clone(subject)),
        }
    }

    pub(crate) fn is_trusted(&self) -> bool {
        matches!(self, Self::Trusted)
    }

    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// Whose what this caller leaves behind is.
    pub(crate) fn whose(&self) -> Whose<'_> {
        match self {
            Self::Http(Some(identity)) => Whose::of(identity),
            Self::Http(None) => Whose::Anonymous,
            Self::Fixed(subject) => Whose::Fixed(subject),
            Self::Trusted | Self::Unknown => Whose::Unknown,
        }
    }

    /// Whether the token grants all of these scopes.
    pub(crate) fn has_scopes(&self, scopes: &[String]) -> bool {
        let granted = match self {
            Self::Http(Some(identity)) => identity.scopes(),
            _ => &[],
        };
        scopes.iter().all(|scope| granted.contains(scope))
    }

    /// Puts the caller into the context of a subscription.
    pub(crate) fn introduce(&self, context: SubscriptionContext) -> SubscriptionContext {
        match self {
            Self::Http(identity) => context.with_token(identity.clone()),
            Self::Fixed(subject) => context.with_subject(Arc::clone(subject)),
            Self::Trusted | Self::Unknown => context,
        }
    }
}

/// The operation of `caller` on `component` under `rules`, and the request's context prepared for the component.
pub(crate) fn operation(
    shared: &Arc<Shared>,
    rules: &Rules,
    caller: &Caller,
    component: Component,
    context: &mut Context,
) -> Operation {
    let mut subscription = SubscriptionContext::new(rules.first(), component.operation, component.definition)
        .with_arguments(component.arguments);
    if component.input_responses.is_some() {
        // This is not the first. Where the component gave a state, that says which one it is.
        subscription = subscription.with_round(2, component.input_responses);
    }
    if let Some(uri) = component.uri {
        subscription = subscription.with_uri(uri);
    }
    subscription = caller.introduce(subscription);
    if rules.shows_context() {
        let parts = context.extensions.get::<Parts>().cloned().map(Arc::new);
        subscription = subscription.with_parts(parts);
        context.extensions.insert(subscription.slots().clone());
    }
    Operation::new(Request {
        shared: Arc::clone(shared),
        rules: rules.clone(),
        context: subscription,
        id: context.id.clone(),
        cancelled: context.ct.clone(),
        has_caller: caller.is_known(),
        fixed_arguments: component.fixed_arguments,
        output_schema: component.output_schema,
        scopes: context.extensions.get::<Parts>().and_then(ScopeChallenge::of),
    })
}

/// The reply to an enforced operation: what was released, or the denial in the words of its kind.
pub(crate) fn reply<C: Denied>(enforced: Enforced<C>, name: &str) -> Result<C, ErrorData> {
    match enforced {
        Ok(released) => released.reply(),
        Err(denial) if denial.hides() => C::not_found(name),
        Err(denial) if denial.withholds() => C::withheld(),
        Err(_) => C::denied(),
    }
}
