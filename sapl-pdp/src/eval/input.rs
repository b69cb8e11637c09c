//! What policies are evaluated on.

use sapl_base::AuthorizationSubscription;

use crate::syntax::tree::SubscriptionElement;
use crate::value::Value;

/// The subscription as policies see it: four values, borrowed from wherever they are.
#[derive(Clone, Debug, Default)]
pub struct Input<'a> {
    /// What `subject` stands for.
    pub subject: Value<'a>,
    /// What `action` stands for.
    pub action: Value<'a>,
    /// What `resource` stands for.
    pub resource: Value<'a>,
    /// What `environment` stands for; undefined when there is none.
    pub environment: Value<'a>,
}

impl Input<'_> {
    pub(super) fn element(&self, element: SubscriptionElement) -> &Value<'_> {
        match element {
            SubscriptionElement::Subject => &self.subject,
            SubscriptionElement::Action => &self.action,
            SubscriptionElement::Resource => &self.resource,
            SubscriptionElement::Environment => &self.environment,
        }
    }
}

impl<'a> From<&'a AuthorizationSubscription> for Input<'a> {
    fn from(subscription: &'a AuthorizationSubscription) -> Self {
        Self {
            subject: Value::from_json(subscription.subject()),
            action: Value::from_json(subscription.action()),
            resource: Value::from_json(subscription.resource()),
            environment: subscription
                .environment()
                .map_or(Value::Undefined, Value::from_json),
        }
    }
}
