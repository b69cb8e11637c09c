//! How much room a subscription takes.

use serde_json::{Map, Value};

use crate::AuthorizationSubscription;

/// The largest subscription that is followed, in bytes as it lies in memory, roughly. A caller of the server chooses
/// arguments, and each one that is followed is kept for minutes.
pub const MAX_FOLLOWED_BYTES: usize = 64 * 1024;

/// Whether `subscription` takes at most [`MAX_FOLLOWED_BYTES`]. Of a larger one no more than that is looked at.
pub(super) fn is_followed(subscription: &AuthorizationSubscription) -> bool {
    let mut room = Room(MAX_FOLLOWED_BYTES);
    let fields = [
        Some(subscription.subject()),
        Some(subscription.action()),
        Some(subscription.resource()),
        subscription.environment(),
    ];
    let fits = fields
        .into_iter()
        .flatten()
        .try_for_each(|field| room.take_value(field));
    fits.and_then(|()| {
        subscription
            .secrets()
            .map_or(Some(()), |secrets| room.take_members(secrets.expose()))
    })
    .is_some()
}

/// What is left of the limit.
struct Room(usize);

impl Room {
    fn take(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(bytes)?;
        Some(())
    }

    fn take_value(&mut self, value: &Value) -> Option<()> {
        self.take(size_of::<Value>())?;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(()),
            Value::String(text) => self.take(text.len()),
            Value::Array(elements) => elements.iter().try_for_each(|element| self.take_value(element)),
            Value::Object(members) => self.take_members(members),
        }
    }

    fn take_members(&mut self, members: &Map<String, Value>) -> Option<()> {
        members.iter().try_for_each(|(name, member)| {
            self.take(size_of::<String>() + name.len())?;
            self.take_value(member)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What three fields take besides their texts.
    const FIELDS: usize = 3 * size_of::<Value>();

    fn fits(subscription: &AuthorizationSubscription) -> bool {
        is_followed(subscription)
    }

    #[test]
    fn texts_names_values_and_secrets_count_up_to_the_limit_and_not_a_byte_beyond() {
        let text = |length: usize| "x".repeat(length);
        let name = size_of::<String>() + size_of::<Value>();
        let left = MAX_FOLLOWED_BYTES - FIELDS;
        for (excess, expected) in [(0, true), (1, false)] {
            let subject = AuthorizationSubscription::new(text(left + excess), "", "");
            assert_eq!(fits(&subject), expected);
            let resource = AuthorizationSubscription::new("", "", json!({text(left - name + excess): 1}));
            assert_eq!(fits(&resource), expected);
            let environment = text(left - size_of::<Value>() + excess);
            let environment = AuthorizationSubscription::new("", "", "").with_environment(environment);
            assert_eq!(fits(&environment), expected);
            let secrets = Map::from_iter([("k".to_owned(), text(left - name - 1 + excess).into())]);
            assert_eq!(
                fits(&AuthorizationSubscription::new("", "", "").with_secrets(secrets)),
                expected
            );
        }
        let numbers = left / size_of::<Value>();
        assert!(fits(&AuthorizationSubscription::new(
            "",
            "",
            json!(vec![1; numbers])
        )));
        assert!(!fits(&AuthorizationSubscription::new(
            "",
            "",
            json!(vec![1; numbers + 1])
        )));
    }
}
