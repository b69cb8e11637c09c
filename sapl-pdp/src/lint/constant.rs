//! Conditions that are the same whatever is asked.

use super::policies;
use crate::compile::program::Program;
use crate::compile::{Condition, DocumentParts};
use crate::source::SourceDocument;
use crate::syntax::{Diagnostic, VotingMode};
use crate::value::Value;

pub(super) fn warnings(
    document: &SourceDocument,
    parts: &DocumentParts,
    program: &Program,
) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if let DocumentParts::Set(set) = parts {
        for condition in &set.conditions {
            warnings.extend(never(document, condition, program, "set"));
        }
        warnings.extend(unreachable(document, parts, program));
    }
    for policy in policies(parts) {
        for condition in &policy.conditions {
            warnings.extend(never(document, condition, program, "policy"));
        }
    }
    warnings
}

/// A condition that can't hold.
fn never(
    document: &SourceDocument,
    condition: &Condition,
    program: &Program,
    whose: &str,
) -> Option<Diagnostic> {
    let (code, message) = match program
        .constant(condition.part.id)
        .filter(|_| condition.is_constant)?
    {
        Value::Boolean(true) => return None,
        Value::Boolean(false) => ("never-applies", "this condition is always false".to_owned()),
        Value::Error(error) => (
            "always-an-error",
            format!("this condition is always an error: {error}"),
        ),
        other => (
            "always-an-error",
            format!("this condition is always {}, which is no boolean", other.kind()),
        ),
    };
    let warning = Diagnostic::warning(code, message, condition.part.span, &document.text);
    Some(warning.with_label(format!("so the {whose} never applies")))
}

/// A policy behind one that always ends its set.
fn unreachable(document: &SourceDocument, parts: &DocumentParts, program: &Program) -> Option<Diagnostic> {
    let DocumentParts::Set(set) = parts else {
        return None;
    };
    if set.algorithm.mode != VotingMode::First {
        return None;
    }
    let holds = |condition: &Condition| {
        condition.is_constant && matches!(program.constant(condition.part.id), Some(Value::Boolean(true)))
    };
    let mut policies = set.policies.iter();
    let last = policies.find(|policy| policy.conditions.iter().all(holds))?;
    let behind = policies.next()?;
    let message = format!(
        "the policy `{}` is never asked: the policy before it always decides",
        behind.name.value
    );
    let warning = Diagnostic::warning("unreachable-policy", message, behind.name.span, &document.text);
    Some(warning.with_help(format!(
        "in a set with `first`, a policy without conditions such as `{}` stands last",
        last.name.value
    )))
}
