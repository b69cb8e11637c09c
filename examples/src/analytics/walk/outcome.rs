//! What can come of a request.

use std::fmt;

/// What came of one request of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A result.
    Ok,
    /// A result, made with this limit.
    Limit(u64),
    /// The whole customer card.
    Plain,
    /// The customer card without its secrets.
    Masked,
    /// A result with these entries.
    Items(Vec<String>),
    /// A list of these components.
    Listed(Vec<String>),
    /// Access denied.
    Denied,
    /// The same answer as for a name that does not exist.
    NotFound,
    /// The tool could not read its arguments.
    BadArguments,
    /// HTTP 401 with a challenge.
    Unauthorized,
    /// None of these: what came instead.
    Other(String),
}

impl Outcome {
    /// Whether the request was refused by a policy.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Denied | Self::NotFound | Self::Unauthorized)
    }

    /// The outcome of a list of `names`.
    pub(crate) fn listed<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        Self::Listed(names)
    }

    /// The outcome of a result with entries of these ids.
    pub(crate) fn items<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::Items(ids.into_iter().map(Into::into).collect())
    }
}

/// Short; with `{:#}` whole.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = f.alternate();
        let text = match self {
            Self::Ok => "ok".to_owned(),
            Self::Limit(limit) => format!("ok, limit {limit}"),
            Self::Plain => "ok, plain".to_owned(),
            Self::Masked => "ok, masked".to_owned(),
            Self::Items(ids) if whole => format!("{} items ({})", ids.len(), ids.join(", ")),
            Self::Items(ids) if ids.len() == 1 => "1 item".to_owned(),
            Self::Items(ids) => format!("{} items", ids.len()),
            Self::Listed(names) if whole => format!("{} listed ({})", names.len(), names.join(", ")),
            Self::Listed(names) => format!("{} listed", names.len()),
            Self::Denied => "denied".to_owned(),
            Self::NotFound => "notfound".to_owned(),
            Self::BadArguments => "bad arguments".to_owned(),
            Self::Unauthorized => "401".to_owned(),
            Self::Other(what) if whole => what.clone(),
            Self::Other(_) => "?".to_owned(),
        };
        f.pad(&text)
    }
}
