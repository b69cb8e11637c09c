//! URI templates, and which URIs they match.
//!
//! Of RFC 6570 this is level 1: literals and expressions `{name}`. A variable stands for one or more characters but
//! `/`, `?` and `#`. Whatever else RFC 6570 knows (operators, lists, modifiers) is an error, since its expansions can't be told
//! apart reliably.

mod parse;
mod pattern;

use pattern::Pattern;

use super::uri;

pub use parse::{TemplateError, TemplateErrorKind};

/// The longest template that is read, in bytes.
pub(crate) const MAX_TEMPLATE_BYTES: usize = 2048;

/// A URI template that was understood.
#[derive(Clone, Debug)]
pub(crate) struct UriTemplate {
    text: Box<str>,
    names: Box<[String]>,
    /// The literals as they are given.
    given: Pattern,
    /// The literals in the normal form of URIs, where that is another: `DATA://X/{id}` matches `data://x/1` too.
    normal: Option<Pattern>,
    literal_len: usize,
}

/// How a URI relates to a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// The template does not match.
    No,
    /// It matches; the variables, decoded, in the order of the template.
    Yes(Vec<(String, String)>),
    /// It matches, but a variable must not be used: a malformed percent-encoding, no UTF-8, or a slash or a control
    /// character once it is decoded.
    Refused,
}

impl UriTemplate {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] for everything but literals and expressions `{name}` of different names, with a literal
    /// between any two.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let (literals, names) = parse::parts(text)?;
        Ok(Self {
            text: text.into(),
            literal_len: literals.iter().map(|literal| literal.chars().count()).sum(),
            normal: normal_literals(&literals).map(|literals| Pattern::new(&literals)),
            given: Pattern::new(&literals),
            names: names.into_boxed_slice(),
        })
    }

    /// The template as it was given.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// How many characters of the template are literal.
    pub(crate) fn literal_len(&self) -> usize {
        self.literal_len
    }

    /// Matches a URI and takes its variables, each percent-decoded once.
    ///
    /// Where several readings are possible, an earlier variable takes as much as it can, as with the regular
    /// expression `[^/?#]+`: of `a.b.c`, `{name}.{ext}` reads `a.b` and `c`. Takes time linear in the URI's length for each literal.
    pub(crate) fn matches(&self, uri: &str) -> Match {
        let matched = self
            .given
            .matches(uri)
            .or_else(|| self.normal.as_ref()?.matches(uri));
        let Some(values) = matched else {
            return Match::No;
        };
        let decoded: Option<Vec<_>> = self
            .names
            .iter()
            .zip(values)
            .map(|(name, value)| Some((name.clone(), decoded(value)?)))
            .collect();
        decoded.map_or(Match::Refused, Match::Yes)
    }

    /// Whether some URI matches both templates.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let both = |template: &Self| [Some(template.given.clone()), template.normal.clone()];
        let (mine, theirs) = (both(self), both(other));
        mine.iter()
            .flatten()
            .any(|mine| theirs.iter().flatten().any(|theirs| mine.overlaps(theirs)))
    }
}

/// The literals in the normal form of the whole, or nothing when it is the same, or has no room for all variables.
fn normal_literals(literals: &[String]) -> Option<Vec<String>> {
    // No literal contains a control character, and normalizing leaves it alone.
    const VARIABLE: &str = "\0";
    let joined = literals.join(VARIABLE);
    let normal = uri::normalized(&joined);
    let normal_literals: Vec<String> = normal.split(VARIABLE).map(str::to_owned).collect();
    (*normal != *joined && normal_literals.len() == literals.len()).then_some(normal_literals)
}

/// The value of a variable, decoded once, if it may be used.
fn decoded(mut value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    while let Some(at) = value.find('%') {
        let (before, encoded) = value.split_at_checked(at)?;
        let (byte, rest) = uri::percent_encoded(encoded)?;
        bytes.extend_from_slice(before.as_bytes());
        bytes.push(byte);
        value = rest;
    }
    bytes.extend_from_slice(value.as_bytes());
    let decoded = String::from_utf8(bytes).ok()?;
    let unusable = |character: char| character == '/' || character.is_control();
    (!decoded.contains(unusable)).then_some(decoded)
}

#[cfg(test)]
mod tests;
