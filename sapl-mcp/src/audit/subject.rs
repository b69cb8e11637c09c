//! Who called, as far as an audit record tells.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{Identity, SubscriptionContext};

/// How many characters of a name are written.
pub const MAX_SUBJECT_CHARS: usize = 256;

/// Who called.
///
/// A sink of one's own can read all claims. What is printed and serialised is the caller's short id, the issuer of
/// the token and the OAuth client alone, each cut after [`MAX_SUBJECT_CHARS`] characters; not the other claims, which
/// are about a person, and never the token.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum AuditSubject<'a> {
    /// Nobody is known.
    Anonymous,
    /// Whom a validated token names.
    Token(&'a Identity),
    /// Whom the layer was told to take the callers of a transport without tokens for.
    Fixed(&'a Value),
}

impl<'a> AuditSubject<'a> {
    /// Who called in an operation.
    pub(crate) fn of(context: &'a SubscriptionContext) -> Self {
        let fixed = context
            .fixed_subject()
            .map_or(Self::Anonymous, |subject| Self::Fixed(subject));
        context.token().map_or(fixed, Self::Token)
    }

    /// The claims, or the fixed subject.
    pub fn claims(self) -> Option<&'a Value> {
        match self {
            Self::Anonymous => None,
            Self::Token(identity) => Some(identity.claims()),
            Self::Fixed(subject) => Some(subject),
        }
    }

    /// The short id: the claim `sub`, else `preferred_username`, else the OAuth client; of a fixed subject that is a text, that
    /// text.
    pub fn id(self) -> Option<&'a str> {
        let text = self.claims().and_then(Value::as_str);
        text.or_else(|| self.claim("sub"))
            .or_else(|| self.claim("preferred_username"))
            .or_else(|| self.client_id())
    }

    /// The issuer of the token: the claim `iss`.
    pub fn issuer(self) -> Option<&'a str> {
        self.claim("iss")
    }

    /// The OAuth client that the token was issued to.
    pub fn client_id(self) -> Option<&'a str> {
        match self {
            Self::Token(identity) => identity.client_id(),
            Self::Anonymous | Self::Fixed(_) => None,
        }
    }

    fn claim(self, name: &str) -> Option<&'a str> {
        self.claims()?.get(name)?.as_str()
    }

    /// What may be written, by its name.
    pub(super) fn written(self) -> [(&'static str, Option<&'a str>); 3] {
        [
            ("id", self.id()),
            ("issuer", self.issuer()),
            ("client_id", self.client_id()),
        ]
        .map(|(name, value)| (name, value.map(short)))
    }
}

impl fmt::Debug for AuditSubject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = f.debug_struct("AuditSubject");
        for (name, value) in self.written() {
            if let Some(value) = value {
                written.field(name, &value);
            }
        }
        written.finish()
    }
}

impl Serialize for AuditSubject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (name, value) in self.written() {
            if let Some(value) = value {
                object.serialize_entry(name, value)?;
            }
        }
        object.end()
    }
}

fn short(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(MAX_SUBJECT_CHARS)
        .map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}
