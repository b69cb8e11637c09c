//! Questions about the demo's policies, as JSON and as subscriptions.

use sapl_base::{AuthorizationDecision, AuthorizationSubscription, MultiAuthorizationSubscription};

/// The most subscriptions that a node takes in one request.
pub const MAX_ENTRIES: usize = 256;

/// A document that turns the permit for [`Question::Query`] into a denial as long as it lies with the demo's policies.
pub const DENY_QUERY: &str = "\
policy \"nothing for mara as long as this file is here\"
deny
  subject.preferred_username == \"mara\";
";

/// A question that the demo's policies have an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// An analyst queries customers: PERMIT with two obligations.
    Query,
    /// An intern queries customers: DENY with an obligation.
    Refused,
    /// Compliance reads about customers: PERMIT with advice.
    Personal,
    /// An intern queries public data: PERMIT.
    Public,
    /// The same with an environment and secrets.
    WithSecrets,
}

impl Question {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Query,
        Self::Refused,
        Self::Personal,
        Self::Public,
        Self::WithSecrets,
    ];

    /// Those that are asked together.
    pub const MULTI: [Self; 3] = [Self::Query, Self::Refused, Self::Public];

    /// The subscription as it goes over the wire.
    #[must_use]
    pub const fn json(self) -> &'static str {
        match self {
            Self::Query => {
                r#"{"subject":{"preferred_username":"mara","realm_access":{"roles":["ANALYST"]}},"action":"call","resource":{"name":"query_customer_data","tags":["pii"],"segment":"at_risk"}}"#
            }
            Self::Refused => {
                r#"{"subject":{"preferred_username":"sam","realm_access":{"roles":["INTERN"]}},"action":"call","resource":{"name":"query_customer_data","tags":["pii"],"segment":"at_risk"}}"#
            }
            Self::Personal => {
                r#"{"subject":{"preferred_username":"diana","realm_access":{"roles":["COMPLIANCE"]}},"action":"read","resource":{"name":"customer_segments","tags":["pii"]}}"#
            }
            Self::Public => {
                r#"{"subject":{"preferred_username":"sam","realm_access":{"roles":["INTERN"]}},"action":"call","resource":{"name":"query_public_data","tags":["public"]}}"#
            }
            Self::WithSecrets => {
                r#"{"subject":{"preferred_username":"sam","realm_access":{"roles":["INTERN"]}},"action":"call","resource":{"name":"query_public_data","tags":["public"]},"environment":{"zone":"office"},"secrets":{"example":"not a secret"}}"#
            }
        }
    }

    /// What the demo's policies answer, as a node writes it.
    #[must_use]
    pub const fn answer(self) -> &'static str {
        match self {
            Self::Query => {
                r#"{"decision":"PERMIT","obligations":[{"type":"limitResults","maxLimit":5},{"type":"logAccess","message":"customer records, capped","subject":"mara","action":"call"}]}"#
            }
            Self::Refused => {
                r#"{"decision":"DENY","obligations":[{"type":"logAccess","message":"refused","subject":"sam","action":"call"}]}"#
            }
            Self::Personal => {
                r#"{"decision":"PERMIT","advice":[{"type":"logAccess","message":"personal data","subject":"diana","action":"read"}]}"#
            }
            Self::Public | Self::WithSecrets => r#"{"decision":"PERMIT"}"#,
        }
    }

    /// The same, read.
    ///
    /// # Panics
    /// Never: the JSON is that of a decision.
    #[must_use]
    pub fn decision(self) -> AuthorizationDecision {
        AuthorizationDecision::from_json(self.answer().as_bytes()).expect("a decision")
    }

    /// The id that it has among others.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Refused => "refused",
            Self::Personal => "personal",
            Self::Public => "public",
            Self::WithSecrets => "with secrets",
        }
    }

    /// The subscription.
    ///
    /// # Panics
    /// Never: the JSON is that of a subscription.
    #[must_use]
    pub fn subscription(self) -> AuthorizationSubscription {
        serde_json::from_str(self.json()).expect("a subscription")
    }

    /// Those of [`MULTI`](Self::MULTI) as they go over the wire.
    #[must_use]
    pub fn multi() -> String {
        let entries = Self::MULTI.map(|question| format!("\"{}\":{}", question.id(), question.json()));
        format!("{{{}}}", entries.join(","))
    }

    /// Those of [`MULTI`](Self::MULTI).
    ///
    /// # Panics
    /// Never: the ids differ.
    #[must_use]
    pub fn multi_subscription() -> MultiAuthorizationSubscription {
        let mut all = MultiAuthorizationSubscription::new();
        for question in Self::MULTI {
            all.add(question.id(), question.subscription())
                .expect("an id of its own");
        }
        all
    }
}

/// So many small subscriptions as they go over the wire, with the ids `s0`, `s1` and so on.
#[must_use]
pub fn many(count: usize) -> String {
    let entry = |index| format!(r#""s{index}":{{"subject":{index},"action":"a","resource":"r"}}"#);
    let entries: Vec<String> = (0..count).map(entry).collect();
    format!("{{{}}}", entries.join(","))
}
