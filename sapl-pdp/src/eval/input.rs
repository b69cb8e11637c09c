//! What policies are evaluated on.

use std::collections::HashSet;

use sapl_base::{AuthorizationSubscription, Secret};

use crate::json::{self, Dialect, Json, Kind};
use crate::syntax::Diagnostic;
use crate::syntax::tree::SubscriptionElement;
use crate::value::{Object, Value};

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
    /// What attribute finders see besides, an object or undefined; no name in policies stands for it.
    pub secrets: Secret<Value<'a>>,
}

impl Input<'static> {
    /// Reads the JSON text of a subscription, as the HTTP API of a SAPL node takes it: with all digits of its numbers
    /// and the members of its objects in order.
    ///
    /// Unknown members are ignored; of several members of one name the last counts.
    ///
    /// ```
    /// use sapl_pdp::Input;
    ///
    /// let text = r#"{"subject": {"limit": 7.50}, "action": "read", "resource": 12345678901234567890123}"#;
    /// let input = Input::from_json(text)?;
    /// assert_eq!(input.subject.to_string(), r#"{"limit"=7.50}"#);
    /// assert!(Input::from_json(r#"{"subject": 1, "action": 2}"#).is_err());
    /// # Ok::<(), sapl_pdp::syntax::Diagnostic>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is no JSON or is nested deeper than
    /// [`MAX_SUBSCRIPTION_DEPTH`](crate::MAX_SUBSCRIPTION_DEPTH), when it is no object, when `subject`, `action` or
    /// `resource` is missing, or when `secrets` is no object.
    pub fn from_json(text: &str) -> Result<Self, Diagnostic> {
        Self::from_entry(&json::parse(text, Dialect::Subscription)?, text)
    }

    /// Reads the JSON text of several subscriptions by id, in the order of the text.
    ///
    /// # Errors
    ///
    /// When the text is no object, when an id is empty or there twice, or when a subscription is refused as
    /// [`from_json`](Self::from_json) does.
    pub fn several_from_json(text: &str) -> Result<Vec<(String, Self)>, Diagnostic> {
        let root = json::parse(text, Dialect::Subscription)?;
        let Kind::Object(entries) = root.kind else {
            let message = "the subscriptions are not a JSON object";
            return Err(Diagnostic::new(message, root.span, text));
        };
        let mut ids = HashSet::with_capacity(entries.len());
        for (id, entry) in &entries {
            if id.is_empty() {
                return Err(Diagnostic::new("a subscription's id is empty", entry.span, text));
            }
            if !ids.insert(id.as_str()) {
                let message = format!("the subscription id `{}` is given twice", id.escape_debug());
                return Err(Diagnostic::new(message, entry.span, text));
            }
        }
        drop(ids);
        let inputs = entries.into_iter().map(|(id, entry)| {
            let input = Self::from_entry(&entry, text)?;
            Ok((id, input))
        });
        inputs.collect()
    }

    fn from_entry(entry: &Json, text: &str) -> Result<Self, Diagnostic> {
        let problem = |message: &str| Diagnostic::new(message, entry.span, text);
        if !matches!(entry.kind, Kind::Object(_)) {
            return Err(problem("the subscription is not a JSON object"));
        }
        let required = |name| match entry.member(name) {
            Some(value) => Ok(value.to_value()),
            None => Err(problem(&format!("the subscription has no `{name}`"))),
        };
        if let Some(secrets) = entry.member("secrets")
            && !matches!(secrets.kind, Kind::Object(_))
        {
            return Err(problem("`secrets` of the subscription is not a JSON object"));
        }
        Ok(Self {
            subject: required("subject")?,
            action: required("action")?,
            resource: required("resource")?,
            environment: entry
                .member("environment")
                .map_or(Value::Undefined, Json::to_value),
            secrets: Secret::new(entry.member("secrets").map_or(Value::Undefined, Json::to_value)),
        })
    }
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
            secrets: Secret::new(subscription.secrets().map_or(Value::Undefined, |secrets| {
                Value::Object(Object::from_json(secrets.expose()))
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Input::from_json(text).map(drop).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_subscription_is_read_with_all_digits_and_the_order_of_its_members() {
        let input = Input::from_json(
            r#"{"x": [], "subject": 1, "subject": {"b": 123456789012345678901234567890, "a": 3.0, "b": 2.50},
                "action": null, "resource": [1e999], "secrets": {}}"#,
        )
        .unwrap();
        assert_eq!(input.subject.to_string(), r#"{"b"=2.50, "a"=3.0}"#);
        assert_eq!(input.action.to_string(), "null");
        assert_eq!(input.resource.to_string(), "[1E+999]");
        assert!(input.environment.is_undefined());
    }

    #[test]
    fn a_null_environment_is_a_value() {
        let text = r#"{"subject": 1, "action": 2, "resource": 3, "environment": null}"#;
        assert!(matches!(Input::from_json(text).unwrap().environment, Value::Null));
    }

    #[test]
    fn what_is_no_subscription_is_refused() {
        for (text, message) in [
            ("null", "the subscription is not a JSON object"),
            ("[]", "the subscription is not a JSON object"),
            (
                r#"{"action": 1, "resource": 1}"#,
                "the subscription has no `subject`",
            ),
            (
                r#"{"subject": 1, "resource": 1}"#,
                "the subscription has no `action`",
            ),
            (
                r#"{"subject": 1, "action": 1}"#,
                "the subscription has no `resource`",
            ),
            (
                r#"{"subject": 1, "action": 1, "resource": 1, "secrets": null}"#,
                "`secrets` of the subscription is not a JSON object",
            ),
        ] {
            assert_eq!(problem(text), message);
        }
        assert!(problem(r#"{"subject": 1, "action": 1, "resource": 1} x"#).starts_with("expected the end"));
    }

    #[test]
    fn several_subscriptions_keep_their_order_and_have_ids_of_their_own() {
        let one = r#"{"subject": 1, "action": 1, "resource": 1}"#;
        let several = |text: String| {
            Input::several_from_json(&text).map(|all| all.into_iter().map(|(id, _)| id).collect::<Vec<_>>())
        };
        assert_eq!(
            several(format!(r#"{{"b": {one}, "a": {one}}}"#)),
            Ok(vec!["b".to_owned(), "a".to_owned()])
        );
        assert_eq!(several("{}".to_owned()), Ok(vec![]));
        for refused in [
            format!(r#"{{"": {one}}}"#),
            format!(r#"{{"a": {one}, "a": {one}}}"#),
            format!(r#"{{"a": {one}, "\u0061": {one}}}"#),
            r#"{"a": {"subject": 1, "action": 1}}"#.to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
        ] {
            assert!(several(refused.clone()).is_err(), "{refused}");
        }
    }
}
