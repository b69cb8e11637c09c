//! What is wrong with a document beyond its first problem, and what is probably a mistake.
//!
//! A warning is given only for what is certain: an expression that is an error whatever is asked, a name that stands for
//! nothing, something that can have no effect.

pub(crate) use nearest::nearest;

use crate::compile::{Compiler, DocumentParts};
use crate::eval::Limits;
use crate::source::SourceDocument;
use crate::syntax::{Diagnostic, MAX_PROBLEMS};
use crate::value::Object;

mod attributes;
mod constant;
mod names;
mod nearest;
mod refused;
#[cfg(test)]
mod tests;
mod walk;

/// The reasons for which a document that parses is refused, at most [`MAX_PROBLEMS`].
pub(crate) fn refusals(document: &SourceDocument, variables: &Object<'static>) -> Vec<Diagnostic> {
    let mut tree = document.tree.clone();
    let mut problems = Vec::new();
    loop {
        let mut compiler = Compiler::new(variables, Limits::default());
        let Err(problem) = compiler.document(&tree, &document.text) else {
            return problems;
        };
        let span = problem.span();
        problems.push(problem.in_file(&document.file));
        // What is wrong gives way to something that can't be, and the rest is looked at.
        if problems.len() >= MAX_PROBLEMS || !refused::replace(&mut tree, span) {
            return problems;
        }
    }
}

/// The likely mistakes of a document that is not refused, in the order of its text.
pub(crate) fn warnings(document: &SourceDocument, variables: &Object<'static>) -> Vec<Diagnostic> {
    let mut warnings = names::warnings(document, variables);
    let mut compiler = Compiler::new(variables, Limits::default());
    if let Ok(parts) = compiler.document_parts(&document.tree, &document.text) {
        let mut constant = constant::warnings(document, &parts, &compiler.finish());
        // A name that stands for nothing is the reason, and enough.
        constant.retain(|warning| {
            let span = warning.span();
            let within =
                |other: &Diagnostic| span.start <= other.span().start && other.span().end <= span.end;
            !warnings.iter().any(within)
        });
        warnings.append(&mut constant);
    }
    warnings.sort_by_key(|warning| warning.span().start);
    warnings
        .into_iter()
        .map(|warning| warning.in_file(&document.file))
        .collect()
}

/// The policies of a document.
fn policies(parts: &DocumentParts) -> &[crate::compile::PolicyParts] {
    match parts {
        DocumentParts::Policy(policy) => std::slice::from_ref(policy),
        DocumentParts::Set(set) => &set.policies,
    }
}
