//! Building the subscription: the one place that knows the default of each field.

use std::sync::{Arc, LazyLock};

use sapl_base::{AuthorizationSubscription, SubscriptionField};
use serde_json::{Map, Value};

use super::{ComponentKind, SubscriptionContext};
use crate::rule::{Failure, Field, FieldError, Rule};

/// The key of the arguments in the default resource.
pub(super) const ARGUMENTS: &str = "arguments";

/// The key of an approval in the environment.
const APPROVAL: &str = "approval";

/// The subject of a caller about whom nothing is known.
const ANONYMOUS: &str = "anonymous";

static ANONYMOUS_VALUE: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(ANONYMOUS.into()));
static CALL: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new("call".into()));
static READ: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new("read".into()));
static MCP: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new("mcp".into()));
static GET: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new("get".into()));

impl Rule {
    /// What the decision point is asked about an operation.
    ///
    /// The default resource borrows the arguments of the context, to spare a copy of them: give the subscription to
    /// [`SubscriptionContext::reclaim`] when the decision is there. A rule that runs something at the end gets a copy,
    /// because it runs also when the operation is dropped while the decision is awaited.
    ///
    /// # Errors
    /// When a field that the rule sets has no value; the operation is then denied.
    pub(crate) fn subscription(
        &self,
        context: &mut SubscriptionContext,
    ) -> Result<AuthorizationSubscription, FieldError> {
        let set = |field| {
            self.source(field)
                .map(|source| source.value(field, context))
                .transpose()
        };
        let subject = set(Field::Subject)?;
        let action = set(Field::Action)?;
        let resource = set(Field::Resource)?;
        let environment = with_approval(set(Field::Environment)?, context.approval())?;
        let secrets = set(Field::Secrets)?.map(object_of_secrets).transpose()?;

        let subject = subject.unwrap_or_else(|| default_subject(context));
        let action = action.unwrap_or_else(|| match self.is_gate() {
            true => context.name().into(),
            false => default_action(context.kind()),
        });
        let resource = resource.unwrap_or_else(|| self.default_resource(context));
        let mut subscription = AuthorizationSubscription::new(subject, action, resource);
        if let Some(environment) = environment {
            subscription = subscription.with_environment(environment);
        }
        if let Some(secrets) = secrets {
            subscription = subscription.with_secrets(secrets);
        }
        Ok(subscription)
    }

    /// `{"name", "tags", "arguments"}`, and `"uri"` where there is one; for a gate, the whole server.
    fn default_resource(&self, context: &mut SubscriptionContext) -> SubscriptionField {
        if self.is_gate() {
            return Arc::clone(&MCP).into();
        }
        let arguments = if self.finalizer().is_some() {
            context.arguments().clone()
        } else {
            context.lend_arguments()
        };
        let mut resource = Map::new();
        resource.insert("name".to_owned(), context.name().into());
        resource.insert("tags".to_owned(), self.tags_json().clone());
        resource.insert(ARGUMENTS.to_owned(), Value::Object(arguments));
        if let Some(uri) = context.uri() {
            resource.insert("uri".to_owned(), uri.into());
        }
        Value::Object(resource).into()
    }
}

/// The environment of the rule, with what a person agreed to. Its place there is the layer's alone: what decides by it must be
/// able to rely on that.
fn with_approval(
    environment: Option<SubscriptionField>,
    approval: Option<&Value>,
) -> Result<Option<SubscriptionField>, FieldError> {
    let error = |failure| FieldError::new(Field::Environment, failure);
    let taken = environment
        .as_ref()
        .is_some_and(|environment| environment.value().get(APPROVAL).is_some());
    if taken {
        return Err(error(Failure::Reserved));
    }
    let Some(approval) = approval else {
        return Ok(environment);
    };
    let mut members = match environment.map(SubscriptionField::into_value) {
        None => Map::new(),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(error(Failure::NotAnObject)),
    };
    members.insert(APPROVAL.to_owned(), approval.clone());
    Ok(Some(Value::Object(members).into()))
}

/// The claims of the token, else the client that it was issued to; without a token, whom the layer was told.
fn default_subject(context: &SubscriptionContext) -> SubscriptionField {
    let Some(identity) = context.identity() else {
        return Arc::clone(context.fixed_subject().unwrap_or(&ANONYMOUS_VALUE)).into();
    };
    let has_claims = identity
        .claims()
        .as_object()
        .is_some_and(|claims| !claims.is_empty());
    match identity.client_id() {
        _ if has_claims => Arc::clone(identity.shared_claims()).into(),
        Some(client) => client.into(),
        None => Arc::clone(&ANONYMOUS_VALUE).into(),
    }
}

/// The action of use, whatever the operation: a list asks whether the component could be used.
fn default_action(kind: ComponentKind) -> SubscriptionField {
    let action = match kind {
        ComponentKind::Tool => &CALL,
        ComponentKind::Prompt => &GET,
        ComponentKind::Resource | ComponentKind::ResourceTemplate => &READ,
    };
    Arc::clone(action).into()
}

fn object_of_secrets(secrets: SubscriptionField) -> Result<Map<String, Value>, FieldError> {
    match secrets.into_value() {
        Value::Object(secrets) => Ok(secrets),
        _ => Err(FieldError::new(Field::Secrets, Failure::NotAnObject)),
    }
}
