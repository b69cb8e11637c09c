//! Subscriptions as bytes. The only place that writes their secrets, which is why the types have no `Serialize`.

use bytes::Bytes;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::exchange::Payload;
use crate::{AuthorizationSubscription, MultiAuthorizationSubscription};

/// The most subscriptions that a node takes in one request.
pub const MAX_MULTI_ENTRIES: usize = 256;

/// The most bytes that a node takes in one request, unless it is configured otherwise.
pub const MAX_REQUEST_BYTES: usize = 65_536;

/// Room for a usual subscription, so that writing it moves it seldom.
const USUAL_BYTES: usize = 2048;

/// The body that asks for one decision; `None` if it can't be written.
pub(super) fn one(subscription: &AuthorizationSubscription) -> Option<Payload> {
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, &Wire(subscription)).ok()?;
    Some(Payload {
        body: body.into(),
        secrets: has_secrets(subscription),
    })
}

/// A part of a multi-subscription that fits into one request.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) payload: Payload,
}

/// The requests that ask for all decisions: as few as the limits on entries and bytes allow without reordering. A
/// subscription that is too long by itself goes alone, since a node can be configured to take it. One that can't be
/// written is left out.
pub(super) fn parts<'a>(subscriptions: &'a MultiAuthorizationSubscription) -> impl Iterator<Item = Part<'a>> {
    let mut entries = subscriptions.iter();
    let mut carried: Option<Entry<'a>> = None;
    std::iter::from_fn(move || {
        let mut part = Builder::new();
        loop {
            let next = carried.take().or_else(|| {
                entries
                    .by_ref()
                    .find_map(|(id, subscription)| Entry::write(id, subscription))
            });
            let Some(entry) = next else {
                return part.finish();
            };
            if let Err(entry) = part.add(entry) {
                carried = Some(entry);
                return part.finish();
            }
        }
    })
}

/// `"id":{…}`
struct Entry<'a> {
    id: &'a str,
    json: Vec<u8>,
    secrets: bool,
}

impl<'a> Entry<'a> {
    fn write(id: &'a str, subscription: &AuthorizationSubscription) -> Option<Self> {
        let mut json = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut json, id).ok()?;
        json.push(b':');
        serde_json::to_writer(&mut json, &Wire(subscription)).ok()?;
        Some(Self {
            id,
            json,
            secrets: has_secrets(subscription),
        })
    }
}

struct Builder<'a> {
    ids: Vec<&'a str>,
    body: Vec<u8>,
    secrets: bool,
}

impl<'a> Builder<'a> {
    fn new() -> Self {
        Self {
            ids: Vec::new(),
            body: Vec::new(),
            secrets: false,
        }
    }

    /// Adds the entry, or gives it back if it belongs into the next request.
    fn add(&mut self, entry: Entry<'a>) -> Result<(), Entry<'a>> {
        // The brace or comma before it, and the brace at the end.
        let length = self.body.len() + 1 + entry.json.len() + 1;
        let full = self.ids.len() == MAX_MULTI_ENTRIES || length > MAX_REQUEST_BYTES;
        if full && !self.ids.is_empty() {
            return Err(entry);
        }
        self.body.push(if self.ids.is_empty() { b'{' } else { b',' });
        self.body.extend_from_slice(&entry.json);
        self.ids.push(entry.id);
        self.secrets |= entry.secrets;
        Ok(())
    }

    fn finish(mut self) -> Option<Part<'a>> {
        if self.ids.is_empty() {
            return None;
        }
        self.body.push(b'}');
        Some(Part {
            ids: self.ids,
            payload: Payload {
                body: Bytes::from(self.body),
                secrets: self.secrets,
            },
        })
    }
}

fn has_secrets(subscription: &AuthorizationSubscription) -> bool {
    subscription
        .secrets()
        .is_some_and(|secrets| !secrets.expose().is_empty())
}

struct Wire<'a>(&'a AuthorizationSubscription);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let environment = self.0.environment();
        let secrets = self.0.secrets();
        let fields = 3 + usize::from(environment.is_some()) + usize::from(secrets.is_some());
        let mut object = serializer.serialize_struct("AuthorizationSubscription", fields)?;
        object.serialize_field("subject", self.0.subject())?;
        object.serialize_field("action", self.0.action())?;
        object.serialize_field("resource", self.0.resource())?;
        if let Some(environment) = environment {
            object.serialize_field("environment", environment)?;
        }
        // A node refuses `null` here, and with it the whole request.
        if let Some(secrets) = secrets {
            object.serialize_field("secrets", secrets.expose())?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sized(id: &str, length: usize) -> AuthorizationSubscription {
        let empty = AuthorizationSubscription::new("", "a", "r");
        let frame = Entry::write(id, &empty).unwrap().json.len();
        AuthorizationSubscription::new("s".repeat(length - frame), "a", "r")
    }

    fn page(
        entries: impl IntoIterator<Item = (String, AuthorizationSubscription)>,
    ) -> MultiAuthorizationSubscription {
        let mut page = MultiAuthorizationSubscription::new();
        for (id, subscription) in entries {
            page.add(id, subscription).unwrap();
        }
        page
    }

    fn shape(page: &MultiAuthorizationSubscription) -> Vec<(usize, usize)> {
        parts(page)
            .map(|part| {
                let json: Value = serde_json::from_slice(&part.payload.body).unwrap();
                assert_eq!(json.as_object().unwrap().len(), part.ids.len());
                assert!(part.ids.iter().all(|id| json.get(id).is_some()));
                (part.ids.len(), part.payload.body.len())
            })
            .collect()
    }

    #[test]
    fn a_subscription_is_written_whole_and_absent_fields_are_left_out() {
        let secrets = json!({"key": "hunter2"}).as_object().cloned().unwrap();
        let subscription = AuthorizationSubscription::new("s", json!({"a": [1]}), Value::Null);
        let text = |subscription: &_| String::from_utf8(one(subscription).unwrap().body.to_vec()).unwrap();
        assert_eq!(
            text(&subscription),
            r#"{"subject":"s","action":{"a":[1]},"resource":null}"#
        );
        assert!(!one(&subscription).unwrap().secrets);
        let subscription = subscription.with_environment(Value::Null).with_secrets(secrets);
        assert_eq!(
            text(&subscription),
            r#"{"subject":"s","action":{"a":[1]},"resource":null,"environment":null,"secrets":{"key":"hunter2"}}"#
        );
        assert!(one(&subscription).unwrap().secrets);
    }

    #[test]
    fn nothing_asked_is_nothing_sent() {
        assert_eq!(parts(&MultiAuthorizationSubscription::new()).count(), 0);
    }

    #[test]
    fn a_request_has_256_entries_and_not_one_more() {
        let of = |count: usize| {
            page((0..count).map(|n| (n.to_string(), AuthorizationSubscription::new("s", "a", "r"))))
        };
        let counts = |count| shape(&of(count)).iter().map(|(ids, _)| *ids).collect::<Vec<_>>();
        assert_eq!(counts(MAX_MULTI_ENTRIES), [256]);
        assert_eq!(counts(MAX_MULTI_ENTRIES + 1), [256, 1]);
        assert_eq!(counts(600), [256, 256, 88]);
    }

    #[test]
    fn a_request_has_65536_bytes_and_not_one_more() {
        // Two braces and a comma.
        let half = (MAX_REQUEST_BYTES - 3) / 2;
        let rest = MAX_REQUEST_BYTES - 3 - half;
        let of = |second| {
            page([
                ("a".to_owned(), sized("a", half)),
                ("b".to_owned(), sized("b", second)),
            ])
        };
        assert_eq!(shape(&of(rest)), [(2, MAX_REQUEST_BYTES)]);
        assert_eq!(shape(&of(rest + 1)), [(1, half + 2), (1, rest + 3)]);
    }

    #[test]
    fn a_subscription_too_long_for_any_request_goes_alone() {
        let page = page([
            ("a".to_owned(), sized("a", 100)),
            ("b".to_owned(), sized("b", 70_000)),
            ("c".to_owned(), sized("c", 100)),
            ("d".to_owned(), sized("d", 100)),
        ]);
        assert_eq!(shape(&page), [(1, 102), (1, 70_002), (2, 203)]);
    }

    #[test]
    fn secrets_of_one_entry_mark_its_part() {
        let secrets = json!({"key": "hunter2"}).as_object().cloned().unwrap();
        let mut entries: Vec<_> = (0..257)
            .map(|n| (n.to_string(), AuthorizationSubscription::new("s", "a", "r")))
            .collect();
        entries[256].1 = entries[256].1.clone().with_secrets(secrets);
        let page = page(entries);
        let marks: Vec<_> = parts(&page).map(|part| part.payload.secrets).collect();
        assert_eq!(marks, [false, true]);
    }
}
