//! What `pdp.json` says.

use super::ConfigurationError;
use crate::json::{self, Dialect, Json, Kind};
use crate::syntax::{CombiningAlgorithm, DefaultDecision, Diagnostic, ErrorHandling, VotingMode};
use crate::value::Object;

/// How many documents a configuration may have, unless `compilerOptions.maxPolicyDocuments` says otherwise.
pub const DEFAULT_MAX_DOCUMENTS: usize = 10_000;

/// The content of `pdp.json`.
pub(super) struct Settings {
    pub(super) algorithm: CombiningAlgorithm,
    pub(super) variables: Object<'static>,
    pub(super) secrets: Object<'static>,
    max_documents: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            algorithm: CombiningAlgorithm::DEFAULT,
            variables: Object::from_iter([]),
            secrets: Object::from_iter([]),
            max_documents: DEFAULT_MAX_DOCUMENTS,
        }
    }
}

impl Settings {
    pub(super) fn refuse_more_than_allowed(&self, documents: usize) -> Result<(), ConfigurationError> {
        if documents > self.max_documents {
            let (found, maximum) = (documents, self.max_documents);
            return Err(ConfigurationError::TooManyDocuments { found, maximum });
        }
        Ok(())
    }
}

/// Reads the settings. A value that is no object has none, so the defaults apply; unknown members are ignored.
pub(super) fn parse(text: &str) -> Result<Settings, Diagnostic> {
    let root = json::parse(text, Dialect::Settings)?;
    let mut settings = Settings::default();
    if let Some(node) = root.member("algorithm")
        && !matches!(node.kind, Kind::Null)
    {
        settings.algorithm = algorithm(node, text)?;
    }
    if let Some(options) = root
        .member("compilerOptions")
        .or_else(|| root.member("compilerFlags"))
    {
        if let Some(maximum) = options.member("maxPolicyDocuments").and_then(Json::integer) {
            settings.max_documents = maximum;
        }
        refuse_unknown_index(options, text)?;
    }
    settings.variables = object(&root, "variables");
    settings.secrets = object(&root, "secrets");
    Ok(settings)
}

fn object(root: &Json, name: &str) -> Object<'static> {
    root.member(name)
        .map_or_else(|| Object::from_iter([]), Json::to_object)
}

fn algorithm(node: &Json, text: &str) -> Result<CombiningAlgorithm, Diagnostic> {
    if !matches!(node.kind, Kind::Object(_)) {
        return Err(Diagnostic::new("`algorithm` must be an object", node.span, text));
    }
    if let Some(mode) = node.member("votingMode")
        && mode.text() == Some("FIRST")
    {
        let message = "`FIRST` is for sets only: the documents of a folder have no order";
        return Err(Diagnostic::new(message, mode.span, text));
    }
    Ok(CombiningAlgorithm {
        mode: choice(
            node,
            text,
            "votingMode",
            &[
                ("PRIORITY_DENY", VotingMode::PriorityDeny),
                ("PRIORITY_PERMIT", VotingMode::PriorityPermit),
                ("PRIORITY_SUSPEND", VotingMode::PrioritySuspend),
                ("UNANIMOUS", VotingMode::Unanimous),
                ("UNANIMOUS_STRICT", VotingMode::UnanimousStrict),
                ("UNIQUE", VotingMode::Unique),
            ],
        )?,
        default: choice(
            node,
            text,
            "defaultDecision",
            &[
                ("DENY", DefaultDecision::Deny),
                ("PERMIT", DefaultDecision::Permit),
                ("SUSPEND", DefaultDecision::Suspend),
                ("ABSTAIN", DefaultDecision::Abstain),
            ],
        )?,
        errors: choice(
            node,
            text,
            "errorHandling",
            &[
                ("ABSTAIN", ErrorHandling::Abstain),
                ("PROPAGATE", ErrorHandling::Propagate),
            ],
        )?,
    })
}

fn choice<T: Copy>(node: &Json, text: &str, name: &str, choices: &[(&str, T)]) -> Result<T, Diagnostic> {
    let Some(member) = node.member(name) else {
        return Err(Diagnostic::new(
            format!("`algorithm` has no `{name}`"),
            node.span,
            text,
        ));
    };
    match choices.iter().find(|(word, _)| member.text() == Some(word)) {
        Some((_, value)) => Ok(*value),
        None => {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            let message = format!("`{name}` must be one of {}", words.join(", "));
            Err(Diagnostic::new(message, member.span, text))
        }
    }
}

/// The strategies choose between indexes of equal meaning, so all known ones are the same here.
fn refuse_unknown_index(options: &Json, text: &str) -> Result<(), Diagnostic> {
    let known = ["AUTO", "NAIVE", "CANONICAL", "SMTDD"];
    match options.member("indexing") {
        Some(node)
            if node
                .text()
                .is_some_and(|name| !known.iter().any(|known| name.eq_ignore_ascii_case(known))) =>
        {
            let message = "`indexing` must be one of `AUTO`, `NAIVE`, `CANONICAL`, `SMTDD`";
            Err(Diagnostic::new(message, node.span, text))
        }
        _ => Ok(()),
    }
}
