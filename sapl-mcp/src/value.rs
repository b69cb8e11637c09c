//! What a component returned, as the JSON value that policies and constraint handlers see, and the way back.
//!
//! | result | value | rebuilt from a value |
//! |---|---|---|
//! | tool, structured content | the structured content, or the value of `result` where the schema wraps | structured content and one text block of it |
//! | tool, one text block that parses as a JSON object or array | that JSON | the text |
//! | tool, one text block | a string | the text |
//! | resource, one text content | its JSON when the MIME type says so and it parses, else a string | the text; URI and MIME type stay |
//! | prompt, one text message | a string | the text; the role stays |
//! | tool, anything else | the array of the blocks | the blocks, read back |
//! | resource, anything else | `{"contents": […]}` | the contents, read back |
//! | prompt, anything else | `{"messages": […]}`, with the `description` if there is one | both, read back |
//!
//! A rebuilt result is made anew: but for the few fields named in the table it holds nothing that is not in the value.
//! What no handler could see is gone, because it could repeat what a handler has removed: every `_meta`, of the result as
//! of its parts; where the value is a text or structured content also the annotations of the block, all other
//! blocks, and the description of a prompt. What can't be read back without a loss is [`Unfit::Unreadable`], a denial.
//!
//! A text is written from a string as it stands, and from any other value as compact JSON.

pub(crate) mod prompt;
mod read_back;
pub(crate) mod resource;
pub(crate) mod schema;
pub(crate) mod tool;
pub(crate) mod weight;

use std::fmt;

use serde_json::Value;

/// Why no result can be made from a value: the operation is denied.
///
/// The text is for operators. It names places of a schema, never a piece of the value: names of properties that the
/// schema leaves open are data too, and do not occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// A result of this form can't be rebuilt.
    Form(&'static str),
    /// The value can't be read as this any more.
    Unreadable(&'static str),
    /// The value became null, and the tool declares an output schema: clients refuse such a result.
    Null,
    /// The value breaks `keyword` at `location` (a JSON pointer into the schema).
    Schema {
        /// Where in the schema, as a JSON pointer.
        location: Box<str>,
        /// The keyword that does not hold.
        keyword: &'static str,
    },
    /// The output schema is malformed at `location`, or uses what this crate does not evaluate there.
    UnusableSchema {
        /// Where in the schema, as a JSON pointer.
        location: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Schema and value together take too many steps, or are nested too deeply.
    TooCostly,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(form) => write!(f, "{form} can't be rebuilt from a value"),
            Self::Unreadable(expected) => write!(f, "the value can't be read back as {expected}"),
            Self::Null => f.write_str("the value is null, but the tool declares an output schema"),
            Self::Schema { location, keyword } => {
                write!(
                    f,
                    "the value does not fit the output schema: `{keyword}` at `{}`",
                    Pointer(location)
                )
            }
            Self::UnusableSchema { location, problem } => {
                write!(
                    f,
                    "the output schema can't be used: {problem} at `{}`",
                    Pointer(location)
                )
            }
            Self::TooCostly => f.write_str("checking the value against the output schema takes too long"),
        }
    }
}

impl std::error::Error for Unfit {}

/// A place in a schema, fit for one line of a log.
struct Pointer<'a>(&'a str);

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 256;
        write!(f, "#")?;
        for character in self.0.chars().take(SHOWN).flat_map(char::escape_debug) {
            write!(f, "{character}")?;
        }
        if self.0.chars().nth(SHOWN).is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

/// The text that a value is written as: a string as it stands, anything else as compact JSON.
fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
