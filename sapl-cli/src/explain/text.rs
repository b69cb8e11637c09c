//! An explanation for people.

use std::io::{self, Write};

use sapl_base::{AuthorizationDecision, Decision};
use sapl_pdp::explain::{
    Combination, ExplainedDocument, ExplainedExpression, ExplainedPolicy, ExplainedSet, ExplainedValue,
    ExplainedVariable, Explanation,
};

/// How many characters of a value or an expression are printed.
const MAX_SHOWN: usize = 100;

/// Writes the decision first, then why.
pub(super) fn write(explanation: &Explanation, output: &mut dyn Write) -> io::Result<()> {
    decision(&explanation.decision, output)?;
    for document in &explanation.documents {
        writeln!(output)?;
        match document {
            ExplainedDocument::Policy(explained) => policy(explained, "", &explained.file, output)?,
            ExplainedDocument::Set(explained) => set(explained, output)?,
        }
    }
    writeln!(output)?;
    combination(&explanation.combination, "all documents", "", output)
}

fn decision(decision: &AuthorizationDecision, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "{}", name(decision.decision))?;
    for obligation in &decision.obligations {
        writeln!(output, "  obligation {obligation}")?;
    }
    for advice in &decision.advice {
        writeln!(output, "  advice {advice}")?;
    }
    match &decision.resource {
        Some(resource) => writeln!(output, "  transform {resource}"),
        None => Ok(()),
    }
}

fn set(set: &ExplainedSet, output: &mut dyn Write) -> io::Result<()> {
    writeln!(
        output,
        "{}:{}: set \"{}\": {} ({})",
        set.file,
        set.place.line,
        set.name,
        name(set.vote),
        set.reason
    )?;
    variables(&set.variables, "  ", output)?;
    conditions(&set.conditions, "  ", output)?;
    for explained in &set.policies {
        policy(explained, "  ", "line ", output)?;
    }
    match &set.combination {
        Some(combined) => combination(combined, "its policies", "  ", output),
        None => Ok(()),
    }
}

fn policy(policy: &ExplainedPolicy, indent: &str, file: &str, output: &mut dyn Write) -> io::Result<()> {
    let colon = if file.ends_with(' ') { "" } else { ":" };
    let vote = policy.vote.map_or("-", name);
    writeln!(
        output,
        "{indent}{file}{colon}{}: policy \"{}\": {vote} ({})",
        policy.place.line, policy.name, policy.reason
    )?;
    if policy.vote.is_none() {
        return Ok(());
    }
    let inner = format!("{indent}  ");
    variables(&policy.variables, &inner, output)?;
    conditions(&policy.conditions, &inner, output)?;
    let constraints = [("obligation", &policy.obligations), ("advice", &policy.advice)];
    for (what, expressions) in constraints {
        for expression in expressions {
            constraint(what, expression, &inner, output)?;
        }
    }
    match &policy.transform {
        Some(transform) => constraint("transform", transform, &inner, output),
        None => Ok(()),
    }
}

fn variables(variables: &[ExplainedVariable], indent: &str, output: &mut dyn Write) -> io::Result<()> {
    for variable in variables {
        let value = shown(variable.expression.value.as_ref());
        let text = shortened(&variable.expression.text);
        writeln!(output, "{indent}var {} = {value} ({text})", variable.name)?;
    }
    Ok(())
}

fn conditions(conditions: &[ExplainedExpression], indent: &str, output: &mut dyn Write) -> io::Result<()> {
    for condition in conditions {
        let mark = match &condition.value {
            Some(ExplainedValue::Value(serde_json::Value::Bool(true))) => "true ",
            Some(ExplainedValue::Value(serde_json::Value::Bool(false))) => "false",
            _ => "error",
        };
        writeln!(output, "{indent}{mark}  {}", shortened(&condition.text))?;
        if mark == "error" {
            let value = match &condition.value {
                Some(ExplainedValue::Error(error)) => ExplainedValue::Error(error.clone()).to_string(),
                other => format!("{}, which is no boolean", shown(other.as_ref())),
            };
            writeln!(output, "{indent}         {}", shortened(&value))?;
        }
        parts(&condition.parts, &format!("{indent}         "), output)?;
    }
    Ok(())
}

fn parts(expressions: &[ExplainedExpression], indent: &str, output: &mut dyn Write) -> io::Result<()> {
    for part in expressions {
        let value = shown(part.value.as_ref());
        writeln!(output, "{indent}{} = {value}", shortened(&part.text))?;
        parts(&part.parts, &format!("{indent}  "), output)?;
    }
    Ok(())
}

/// An obligation and so on, where it was evaluated.
fn constraint(
    what: &str,
    expression: &ExplainedExpression,
    indent: &str,
    output: &mut dyn Write,
) -> io::Result<()> {
    match &expression.value {
        Some(value) => writeln!(output, "{indent}{what} {}", shortened(&value.to_string())),
        None => Ok(()),
    }
}

fn combination(combined: &Combination, whose: &str, indent: &str, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "{indent}{whose} together: {}", combined.algorithm)?;
    for step in &combined.steps {
        let (member, vote, so_far) = (&step.member, name(step.vote), name(step.so_far));
        writeln!(output, "{indent}  \"{member}\" votes {vote}, so far {so_far}")?;
    }
    if combined.steps.is_empty() {
        writeln!(output, "{indent}  nobody votes")?;
    }
    match &combined.end {
        Some(end) => writeln!(output, "{indent}  {end}: {}", name(combined.decision)),
        None => writeln!(output, "{indent}  {}", name(combined.decision)),
    }
}

fn shown(value: Option<&ExplainedValue>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| shortened(&value.to_string()))
}

/// A text in one line, cut where it is long.
pub(crate) fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

fn name(decision: Decision) -> &'static str {
    match decision {
        Decision::Permit => "PERMIT",
        Decision::Deny => "DENY",
        Decision::Suspend => "SUSPEND",
        Decision::NotApplicable => "NOT_APPLICABLE",
        Decision::Indeterminate => "INDETERMINATE",
    }
}
