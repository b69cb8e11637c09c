//! Several subscriptions in one question.

use std::{collections::HashSet, fmt};

use super::AuthorizationSubscription;

/// Subscriptions with an id each, decided together on one snapshot of the policies.
///
/// ```
/// use sapl_base::{AuthorizationSubscription, MultiAuthorizationSubscription};
///
/// let mut page = MultiAuthorizationSubscription::new();
/// page.add("export_csv", AuthorizationSubscription::new("mara", "call", "export_csv"))?;
/// assert!(page.add("export_csv", AuthorizationSubscription::new("mara", "call", "x")).is_err());
/// assert!(page.add("", AuthorizationSubscription::new("mara", "call", "x")).is_err());
/// # Ok::<(), sapl_base::InvalidSubscription>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MultiAuthorizationSubscription {
    entries: Vec<(String, AuthorizationSubscription)>,
    ids: HashSet<String>,
}

/// Why a subscription can't be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSubscription {
    message: String,
}

impl MultiAuthorizationSubscription {
    /// An empty question. An empty one is never sent to a policy decision point.
    pub fn new() -> Self {
        Self::default()
    }

    /// Room for `capacity` subscriptions.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            ids: HashSet::with_capacity(capacity),
        }
    }

    /// Adds a subscription under `id`.
    ///
    /// # Errors
    /// When the id is empty or already there: a node refuses such a request whole.
    pub fn add(
        &mut self,
        id: impl Into<String>,
        subscription: AuthorizationSubscription,
    ) -> Result<(), InvalidSubscription> {
        let id = id.into();
        if id.is_empty() {
            return Err(InvalidSubscription::new(
                "a subscription's id is empty".to_owned(),
            ));
        }
        if !self.ids.insert(id.clone()) {
            return Err(InvalidSubscription::new(format!(
                "the subscription id `{id}` is given twice"
            )));
        }
        self.entries.push((id, subscription));
        Ok(())
    }

    /// The subscriptions in the order they were added.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &AuthorizationSubscription)> {
        self.entries
            .iter()
            .map(|(id, subscription)| (id.as_str(), subscription))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl InvalidSubscription {
    fn new(message: String) -> Self {
        Self { message }
    }

    pub(super) fn not_an_object() -> Self {
        Self::new("the subscription is not a JSON object".to_owned())
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::new(format!("the subscription has no `{name}`"))
    }

    pub(super) fn secrets() -> Self {
        Self::new("`secrets` of the subscription is not a JSON object".to_owned())
    }
}

impl fmt::Display for InvalidSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidSubscription {}
