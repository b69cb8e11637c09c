//! Reading a template.

use std::fmt;

use super::MAX_TEMPLATE_BYTES;

/// What is wrong with a URI template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    kind: TemplateErrorKind,
    position: usize,
}

/// What is wrong with a URI template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateErrorKind {
    /// It is longer than what is read.
    TooLong,
    /// An opening brace without a closing one.
    Unclosed,
    /// A closing brace without an opening one.
    Unopened,
    /// An expression without a name.
    NoName,
    /// A character that has no place in a name: an operator, a list, a modifier, or a stray one.
    Unsupported(char),
    /// A name that occurred before.
    DuplicateName,
    /// An expression right behind another one: where one ends and the other begins can't be told.
    Adjacent,
    /// A control character in a literal.
    ControlCharacter,
}

impl TemplateError {
    /// What is wrong.
    pub fn kind(&self) -> TemplateErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the template.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TemplateErrorKind::TooLong => write!(f, "it is longer than {MAX_TEMPLATE_BYTES} bytes")?,
            TemplateErrorKind::Unclosed => f.write_str("a `{` is not closed")?,
            TemplateErrorKind::Unopened => f.write_str("a `}` closes nothing")?,
            TemplateErrorKind::NoName => f.write_str("an expression has no name")?,
            TemplateErrorKind::Unsupported(character) => write!(
                f,
                "`{}` in an expression is not supported, only `{{name}}` is",
                character.escape_debug()
            )?,
            TemplateErrorKind::DuplicateName => f.write_str("a name occurs twice")?,
            TemplateErrorKind::Adjacent => {
                f.write_str("an expression follows another one without a literal between")?
            }
            TemplateErrorKind::ControlCharacter => f.write_str("a literal has a control character")?,
        }
        write!(f, " (at byte {})", self.position)
    }
}

impl std::error::Error for TemplateError {}

/// The literals of a template and, between any two of them, the names of its variables.
pub(super) fn parts(template: &str) -> Result<(Vec<String>, Vec<String>), TemplateError> {
    let error = |kind, position| TemplateError { kind, position };
    if template.len() > MAX_TEMPLATE_BYTES {
        return Err(error(TemplateErrorKind::TooLong, MAX_TEMPLATE_BYTES));
    }
    let (mut literals, mut names) = (Vec::new(), Vec::<String>::new());
    let mut literal = String::new();
    // The name that is being read, with the position of its brace.
    let mut open: Option<(String, usize)> = None;
    for (position, character) in template.char_indices() {
        match (&mut open, character) {
            (None, '{') => {
                if literal.is_empty() && !names.is_empty() {
                    return Err(error(TemplateErrorKind::Adjacent, position));
                }
                literals.push(std::mem::take(&mut literal));
                open = Some((String::new(), position));
            }
            (None, '}') => return Err(error(TemplateErrorKind::Unopened, position)),
            (None, control) if control.is_control() => {
                return Err(error(TemplateErrorKind::ControlCharacter, position));
            }
            (None, other) => literal.push(other),
            (Some((name, at)), '}') => {
                if name.is_empty() {
                    return Err(error(TemplateErrorKind::NoName, *at));
                }
                if name.ends_with('.') {
                    return Err(error(TemplateErrorKind::Unsupported('.'), position - 1));
                }
                if names.contains(name) {
                    return Err(error(TemplateErrorKind::DuplicateName, *at));
                }
                names.push(std::mem::take(name));
                open = None;
            }
            (Some((name, _)), character) => {
                let dot = character == '.' && !name.is_empty() && !name.ends_with('.');
                if !(character.is_ascii_alphanumeric() || character == '_' || dot) {
                    return Err(error(TemplateErrorKind::Unsupported(character), position));
                }
                name.push(character);
            }
        }
    }
    if let Some((_, at)) = open {
        return Err(error(TemplateErrorKind::Unclosed, at));
    }
    literals.push(literal);
    Ok((literals, names))
}
