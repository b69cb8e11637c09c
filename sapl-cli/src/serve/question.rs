//! What is asked, and what is answered.

use sapl_base::AuthorizationDecision;
use sapl_pdp::Input;
use serde::{Serialize, Serializer};

use super::MAX_SUBSCRIPTIONS;
use super::body::Refusal;

/// The endpoints below `/api/pdp/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    DecideOnce,
    MultiDecideAllOnce,
    Decide,
    MultiDecide,
    MultiDecideAll,
}

impl Endpoint {
    pub(super) fn of_path(path: &str) -> Option<Self> {
        Some(match path.strip_prefix("/api/pdp/")? {
            "decide-once" => Self::DecideOnce,
            "multi-decide-all-once" => Self::MultiDecideAllOnce,
            "decide" => Self::Decide,
            "multi-decide" => Self::MultiDecide,
            "multi-decide-all" => Self::MultiDecideAll,
            _ => return None,
        })
    }
}

/// The text of a body. A byte order mark is none of its characters.
pub(super) fn text(body: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::BadRequest)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The subscription of a body.
pub(super) fn one(text: &str) -> Result<Input<'static>, Refusal> {
    Input::from_json(text).map_err(|_| Refusal::BadRequest)
}

/// The subscriptions of a body with their ids.
pub(super) fn several(text: &str) -> Result<(Vec<String>, Vec<Input<'static>>), Refusal> {
    let subscriptions = Input::several_from_json(text).map_err(|_| Refusal::BadRequest)?;
    if subscriptions.len() > MAX_SUBSCRIPTIONS {
        return Err(Refusal::BadRequest);
    }
    Ok(subscriptions.into_iter().unzip())
}

/// `{"subscriptionId": …, "decision": {…}}`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identified<'a> {
    pub(super) subscription_id: &'a str,
    pub(super) decision: &'a AuthorizationDecision,
}

/// `{id: decision}`, in the order of the ids.
pub(super) struct ByIds<'a> {
    pub(super) ids: &'a [String],
    pub(super) decisions: &'a [AuthorizationDecision],
}

impl ByIds<'static> {
    /// The answer to no question, under an empty id.
    pub(super) const NOTHING: Self = Self {
        ids: &[String::new()],
        decisions: &[AuthorizationDecision::indeterminate()],
    };
}

impl Serialize for ByIds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.ids.iter().zip(self.decisions))
    }
}
