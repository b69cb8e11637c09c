//! What a policy decision point is asked.

mod multi;

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Value};

use crate::Secret;
pub use multi::{InvalidSubscription, MultiAuthorizationSubscription};

/// An authorization subscription: may this subject do this action to this resource, in this environment?
///
/// Each field is any JSON value. An environment that is absent is not sent. Secrets are an object that only the
/// policy decision point's attribute finders see; they are never printed, and the type has no `Serialize`, so
/// that a log can't get hold of them by way of the whole.
///
/// ```
/// use sapl_base::AuthorizationSubscription;
/// use serde_json::json;
///
/// let subscription = AuthorizationSubscription::new("mara", "read", json!({"name": "report"}))
///     .with_environment(json!({"zone": "office"}));
/// assert_eq!(subscription.action(), "read");
/// assert_eq!(subscription.environment(), Some(&json!({"zone": "office"})));
/// ```
#[derive(Clone, PartialEq)]
pub struct AuthorizationSubscription {
    subject: SubscriptionField,
    action: SubscriptionField,
    resource: SubscriptionField,
    environment: Option<SubscriptionField>,
    secrets: Option<Secret<Map<String, Value>>>,
}

/// The value of one field: owned, or shared with whoever made it (the claims of a token, a constant of a rule),
/// so that building a subscription clones no JSON tree.
#[derive(Clone)]
pub enum SubscriptionField {
    /// A value of its own.
    Owned(Value),
    /// A value that others hold too.
    Shared(Arc<Value>),
}

impl AuthorizationSubscription {
    /// A subscription without environment and secrets.
    pub fn new(
        subject: impl Into<SubscriptionField>,
        action: impl Into<SubscriptionField>,
        resource: impl Into<SubscriptionField>,
    ) -> Self {
        Self {
            subject: subject.into(),
            action: action.into(),
            resource: resource.into(),
            environment: None,
            secrets: None,
        }
    }

    /// Adds an environment. `null` is a value like any other, and is sent.
    #[must_use]
    pub fn with_environment(mut self, environment: impl Into<SubscriptionField>) -> Self {
        self.environment = Some(environment.into());
        self
    }

    /// Adds secrets.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Map<String, Value>) -> Self {
        self.secrets = Some(Secret::new(secrets));
        self
    }

    /// Who asks.
    pub fn subject(&self) -> &Value {
        self.subject.value()
    }

    /// What is to be done.
    pub fn action(&self) -> &Value {
        self.action.value()
    }

    /// What it is to be done to.
    pub fn resource(&self) -> &Value {
        self.resource.value()
    }

    /// The circumstances, if any were given.
    pub fn environment(&self) -> Option<&Value> {
        self.environment.as_ref().map(SubscriptionField::value)
    }

    /// The secrets, if any were given.
    pub fn secrets(&self) -> Option<&Secret<Map<String, Value>>> {
        self.secrets.as_ref()
    }

    /// Gives the resource back, for a caller that lent parts of a request to it.
    pub fn into_resource(self) -> SubscriptionField {
        self.resource
    }

    /// Reads a subscription from JSON, as the command line and the HTTP API of a SAPL node take it.
    ///
    /// # Errors
    /// When it is no object, when `subject`, `action` or `resource` is missing, or when `secrets` is no object.
    pub fn from_json(value: Value) -> Result<Self, InvalidSubscription> {
        let Value::Object(mut object) = value else {
            return Err(InvalidSubscription::not_an_object());
        };
        let mut required = |name: &'static str| {
            object
                .remove(name)
                .map(SubscriptionField::Owned)
                .ok_or_else(|| InvalidSubscription::missing(name))
        };
        let mut subscription = Self {
            subject: required("subject")?,
            action: required("action")?,
            resource: required("resource")?,
            environment: None,
            secrets: None,
        };
        subscription.environment = object.remove("environment").map(SubscriptionField::Owned);
        subscription.secrets = match object.remove("secrets") {
            None => None,
            Some(Value::Object(secrets)) => Some(Secret::new(secrets)),
            Some(_) => return Err(InvalidSubscription::secrets()),
        };
        Ok(subscription)
    }
}

impl SubscriptionField {
    /// The value, wherever it lives.
    pub fn value(&self) -> &Value {
        match self {
            Self::Owned(value) => value,
            Self::Shared(value) => value,
        }
    }

    /// The value for oneself; a shared one is cloned if somebody else holds it too.
    pub fn into_value(self) -> Value {
        match self {
            Self::Owned(value) => value,
            Self::Shared(value) => Arc::unwrap_or_clone(value),
        }
    }
}

impl PartialEq for SubscriptionField {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl fmt::Debug for SubscriptionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.value(), f)
    }
}

impl fmt::Debug for AuthorizationSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationSubscription")
            .field("subject", &self.subject)
            .field("action", &self.action)
            .field("resource", &self.resource)
            .field("environment", &self.environment)
            .field("secrets", &self.secrets)
            .finish()
    }
}

impl From<Value> for SubscriptionField {
    fn from(value: Value) -> Self {
        Self::Owned(value)
    }
}

impl From<Arc<Value>> for SubscriptionField {
    fn from(value: Arc<Value>) -> Self {
        Self::Shared(value)
    }
}

impl From<&str> for SubscriptionField {
    fn from(value: &str) -> Self {
        Self::Owned(value.into())
    }
}

impl From<String> for SubscriptionField {
    fn from(value: String) -> Self {
        Self::Owned(value.into())
    }
}

impl From<Cow<'_, str>> for SubscriptionField {
    fn from(value: Cow<'_, str>) -> Self {
        Self::Owned(value.into())
    }
}

impl<'de> Deserialize<'de> for AuthorizationSubscription {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_never_printed() {
        let secrets = json!({"key": "hunter2"}).as_object().cloned().unwrap();
        let subscription = AuthorizationSubscription::new("s", "a", "r").with_secrets(secrets);
        let printed = format!("{subscription:?}");
        assert!(printed.contains("redacted"), "{printed}");
        assert!(
            !printed.contains("hunter2") && !printed.contains("key"),
            "{printed}"
        );
    }

    #[test]
    fn a_null_environment_is_a_value_and_an_absent_one_is_not() {
        let with = AuthorizationSubscription::from_json(
            json!({"subject": 1, "action": 2, "resource": 3, "environment": null}),
        );
        assert_eq!(with.unwrap().environment(), Some(&Value::Null));
        let without =
            AuthorizationSubscription::from_json(json!({"subject": 1, "action": 2, "resource": null}));
        assert_eq!(without.unwrap().environment(), None);
    }

    #[test]
    fn a_missing_field_or_secrets_that_are_no_object_are_refused() {
        for (json, message) in [
            (
                json!({"action": 1, "resource": 1}),
                "the subscription has no `subject`",
            ),
            (
                json!({"subject": 1, "resource": 1}),
                "the subscription has no `action`",
            ),
            (
                json!({"subject": 1, "action": 1}),
                "the subscription has no `resource`",
            ),
            (json!([]), "the subscription is not a JSON object"),
            (
                json!({"subject": 1, "action": 1, "resource": 1, "secrets": "x"}),
                "`secrets` of the subscription is not a JSON object",
            ),
        ] {
            assert_eq!(
                AuthorizationSubscription::from_json(json)
                    .unwrap_err()
                    .to_string(),
                message
            );
        }
    }
}
