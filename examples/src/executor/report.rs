//! What the executor prints.

use std::io::{self, Write};

use rmcp::model::{CallToolResponse, CallToolResult, Tool};
use sapl_mcp::client::{ApprovedBy, Attempt, GuardDecision, GuardError, ServerIdentity};

use sapl_base::text::printable;

use super::Proposal;

/// Prints the tools, one a line.
///
/// # Errors
/// When `out` can't be written to.
pub fn print_tools(server: &ServerIdentity, tools: &[Tool], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "The tools of {}:", visible(&server.name))?;
    let width = tools
        .iter()
        .map(|tool| tool.name.chars().count())
        .max()
        .unwrap_or(0);
    for tool in tools {
        let description = tool.description.as_deref().unwrap_or_default();
        writeln!(out, "  {:width$}  {}", visible(&tool.name), visible(description))?;
    }
    Ok(())
}

/// Prints what the model wants.
pub(super) fn print_proposal(proposal: &Proposal, out: &mut impl Write) -> io::Result<()> {
    let arguments = visible(&proposal.arguments.to_string());
    writeln!(out, "\ntool      {} {arguments}", visible(&proposal.tool))
}

/// Prints what was decided, and what came of it.
pub(super) fn print_attempt(attempt: &Attempt, out: &mut impl Write) -> io::Result<()> {
    let decision = match attempt.decision {
        Some(GuardDecision::Allow) => "allow",
        Some(GuardDecision::ApprovalRequired) => "ask",
        Some(GuardDecision::Deny) => "deny",
        None => "none",
    };
    writeln!(out, "decision  {decision}")?;
    writeln!(out, "reason    {}", visible(&attempt.reason))?;
    match attempt.approval {
        Some(ApprovedBy::Person(answer)) => writeln!(out, "person    {answer}")?,
        Some(ApprovedBy::Grant(answer)) => writeln!(out, "person    {answer}, said before")?,
        None => {}
    }
    let (label, text) = said(attempt);
    writeln!(out, "{label:<9} {}", visible(&text))
}

/// What came of a call: `result` and its text, `error` and what is wrong, or `action` and what was done instead.
pub fn said(attempt: &Attempt) -> (&'static str, String) {
    match &attempt.result {
        Ok(CallToolResponse::Complete(result)) => {
            let label = if result.is_error == Some(true) {
                "error"
            } else {
                "result"
            };
            (label, text_of(result))
        }
        Ok(_) => ("error", "the tool has no result yet".to_owned()),
        Err(GuardError::Denied { .. }) => ("action", "blocked".to_owned()),
        Err(GuardError::ApprovalRequired(_)) => ("action", "paused for approval".to_owned()),
        Err(error) => ("error", error.to_string()),
    }
}

/// All texts of a result.
fn text_of(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|block| block.as_text());
    let texts: Vec<&str> = texts.map(|text| text.text.as_str()).collect();
    texts.join(" ")
}

/// A text from elsewhere on one line, with everything that a terminal would act on made visible.
fn visible(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_elsewhere_reaches_the_terminal_as_more_than_text() {
        assert_eq!(visible("it's \"fine\" \\ é"), "it's \"fine\" \\ é");
        assert_eq!(
            visible("a\nb\u{1b}[2Jc\u{202e}d\u{7}"),
            "a\\nb\\u{1b}[2Jc\\u{202e}d\\u{7}"
        );
    }
}
