//! What a person is shown before he agrees, as plain text that can't deceive him.
//!
//! A text has a frame, which this module writes: a title, a code, labels and marks. Whatever comes from elsewhere, a name,
//! an argument, also the message of a policy, stands inside of it:
//!
//! - in quotes, with quotes, backslashes and line breaks escaped, so that it neither ends nor looks like the frame;
//! - behind an indentation of four blanks, on lines that are wrapped here, so that it never reaches the left edge, and is a block
//!   of code to whatever takes the text for Markdown;
//! - without a character that is not seen or moves others, which stands as `\u{…}`: controls (and with them the escape sequences
//!   of terminals), bidirectional and zero-width characters, tags, blanks that are no blank, blanks behind blanks, and
//!   piled-up accents;
//! - with keys in order, and on a line of its own where it is written from right to left.
//!
//! Two values that are shown whole are never shown alike. What is longer than the limits is cut, and the text says where, and
//! how much is missing: nobody can agree to what he was not shown, so [`Shown::is_whole`] has to be asked.

mod page;

use std::{fmt::Write as _, time::Duration};

use serde_json::{Map, Value};

use super::ApprovalRequest;
use crate::ComponentKind;
use page::Page;

/// The longest text that arguments are shown in, in bytes: 16 KiB. Arguments that need more can't be approved.
pub const MAX_SHOWN_BYTES: usize = 16 * 1024;

/// The longest text in arguments that is shown whole, in characters. Arguments with a longer one can't be approved.
pub const MAX_SHOWN_STRING_CHARS: usize = 4 * 1024;

/// How deep arguments may be nested to be shown, counting the outermost object. Deeper ones can't be approved.
pub const MAX_SHOWN_DEPTH: usize = 32;

/// What a person has to read first where something is left out.
const CUT: &str = "NOT SHOWN IN FULL. What is left out is marked below.";

/// Something as a person sees it: lines, each with its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    text: String,
    whole: bool,
}

impl Shown {
    /// The lines.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Whether nothing is left out.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// The whole question. To be asked only when it [is whole](Shown::is_whole).
pub(crate) fn question(request: &ApprovalRequest) -> Shown {
    let kind = match request.kind {
        ComponentKind::Tool => "Tool",
        ComponentKind::Resource | ComponentKind::ResourceTemplate => "Resource",
        ComponentKind::Prompt => "Prompt",
    };
    let mut parts = Vec::with_capacity(7);
    if let Some(message) = &request.message {
        parts.push(("The policy says", lines(message)));
    }
    parts.push((kind, quoted(&request.name)));
    if let Some(uri) = &request.uri {
        parts.push(("URI", quoted(uri)));
    }
    if let Some(subject) = &request.subject {
        parts.push(("Asked by", quoted(subject)));
    }
    if let Some(client) = &request.client {
        parts.push(("By way of", quoted(client)));
    }
    parts.push(("Arguments", arguments(&request.arguments)));
    if !request.answers.is_empty() {
        parts.push(("Answers that came with the call", arguments(&request.answers)));
    }

    let whole = parts.iter().all(|(_, part)| part.whole);
    let mut text = format!("{}\nCode: {}\n", request.title, request.code);
    if !whole {
        text.push_str(CUT);
        text.push('\n');
    }
    for (label, part) in parts {
        // Nothing in it can fail: it is written to a string.
        let _ = write!(text, "\n{label}:\n\n{}", part.text);
    }
    let _ = write!(text, "\nAnswer within {}. ", spoken(request.expires_in));
    if request.editable {
        text.push_str("You may change the arguments. ");
    }
    text.push_str("Nothing runs unless you agree.\n");
    Shown { text, whole }
}

/// The arguments of a call.
pub(crate) fn arguments(arguments: &Map<String, Value>) -> Shown {
    let mut page = Page::default();
    page.object(arguments, 0);
    page.finish(|| bytes_of(arguments))
}

/// One text: a name, a reason.
pub(crate) fn quoted(text: &str) -> Shown {
    let mut page = Page::default();
    page.string(text);
    page.finish(|| text.len())
}

/// A text of several lines.
fn lines(text: &str) -> Shown {
    let mut page = Page::default();
    for line in text.split('\n') {
        page.line(0);
        page.string(line);
    }
    page.finish(|| text.len())
}

/// The time in its largest whole unit.
fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        0 => (0, "second"),
        _ if seconds.is_multiple_of(60 * 60) => (seconds / (60 * 60), "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// The length of the JSON, in bytes.
fn bytes_of(arguments: &Map<String, Value>) -> usize {
    /// Counts what is written.
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Nothing in it can fail: keys are texts, and the count takes everything.
    let _: Result<(), serde_json::Error> = serde_json::to_writer(&mut count, arguments);
    count.0
}

#[cfg(test)]
mod tests;
