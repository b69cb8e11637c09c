//! What a person at a terminal is shown, and what an answer means.

use std::fmt::Write as _;

use crate::{
    approval::text::{Shown, arguments, quoted},
    client::{Approval, ApprovalRequest, ToolHints},
};

const TITLE: &str = "A tool is to be called. Do you agree?\n";
const CHANGED: &str =
    "\nTHE TOOL IS NOT WHAT IT WAS: its definition has changed since you first saw or agreed to it.\n";
const CUT: &str = "\nNOT SHOWN IN FULL. What is left out is marked.\n";
const ANSWERS: &str = "\
\n  once       this call\
\n  arguments  calls of this tool with these arguments\
\n  tool       calls of this tool\
\n  session    calls of every tool that this server lists now\
\n  no         (anything else is no)\
\n\nYour answer: ";

/// A question, ready to be shown.
pub(super) struct Prompt {
    text: String,
    whole: bool,
}

impl Prompt {
    pub(super) fn of(request: &ApprovalRequest) -> Self {
        let call = request.request();
        let asked: [(&str, Shown); 4] = [
            ("Server", quoted(&call.server().name)),
            ("Tool", quoted(call.tool())),
            ("Why you are asked", quoted(request.reason())),
            ("Arguments", arguments(request.arguments())),
        ];
        let whole = asked.iter().all(|(_, part)| part.is_whole());
        let mut text = TITLE.to_owned();
        if request.redefined() {
            text.push_str(CHANGED);
        }
        if !whole {
            text.push_str(CUT);
        }
        // What a server says of its tool may be long. It is shown as far as it goes, and nobody agrees to it.
        let described = request.redefined().then(|| {
            let description = call.definition().and_then(|tool| tool.description.as_deref());
            (
                "What the server says of the tool now",
                quoted(description.unwrap_or_default()),
            )
        });
        for (label, part) in asked.into_iter().chain(described) {
            // Nothing in it can fail: it is written to a string.
            let _ = write!(text, "\n{label}:\n{}", part.into_text());
        }
        let _ = write!(text, "\nThe server says that it {}.\n", told(call.hints()));
        if whole {
            text.push_str(ANSWERS);
        }
        Self { text, whole }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }
}

/// What the annotations say, for people.
fn told(hints: ToolHints) -> String {
    let does = match (hints.read_only, hints.destructive) {
        (true, _) => "only reads",
        (false, true) => "may delete or overwrite",
        (false, false) => "adds and does not delete",
    };
    let again = match hints.idempotent {
        true => "",
        false => ", does more when it is called again",
    };
    let whom = match hints.open_world {
        true => "and deals with others outside",
        false => "and stays within its own",
    };
    format!("{does}{again}, {whom}")
}

/// What an answer means. Only what the question names is a yes.
pub(super) fn meaning(answer: &str) -> Approval {
    match answer.trim().to_ascii_lowercase().as_str() {
        "once" | "o" => Approval::Once,
        "arguments" | "a" => Approval::Arguments,
        "tool" | "t" => Approval::Tool,
        "session" | "s" => Approval::Session,
        _ => Approval::Denied,
    }
}
