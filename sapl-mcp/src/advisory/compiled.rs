//! Compiling an advisory policy within the bounds of one.

use std::time::Duration;

use sapl_pdp::{Configuration, ConfigurationError, EmbeddedPdp, Limits};

use super::{AdvisoryPolicyError, MAX_ADVISORY_POLICY_BYTES, fits};

/// What one decision by an advisory policy may use up: evaluated expressions and visited values.
pub(crate) const MAX_ADVISORY_STEPS: u64 = 1_000_000;

/// How long one decision by an advisory policy may take.
pub(crate) const MAX_ADVISORY_TIME: Duration = Duration::from_millis(50);

/// The bytes of text and elements of collections that one decision may make, and the size of its constraints.
pub(crate) const MAX_ADVISORY_OUTPUT: u64 = 1024 * 1024;

/// The bytes of a regular expression in an advisory policy.
pub(crate) const MAX_ADVISORY_PATTERN: usize = 1_000;

/// A document that says nothing advises nothing, and an error in it is no silence.
const SETTINGS: &str = r#"{"algorithm": {
    "votingMode": "PRIORITY_DENY", "defaultDecision": "ABSTAIN", "errorHandling": "PROPAGATE"
}}"#;

/// The name of the document in diagnostics.
const FILE: &str = "advisory.sapl";

/// A decision point that has this document, and no variables, secrets and attributes: each decision is made at once, within
/// bounds, from the subscription alone, and is INDETERMINATE beyond them.
pub(crate) fn compile(document: &str) -> Result<EmbeddedPdp, AdvisoryPolicyError> {
    fits(document)?;
    let refused = |error: ConfigurationError| AdvisoryPolicyError::NotSapl(error.to_string());
    let configuration = Configuration::from_texts(Some(SETTINGS), [(FILE, document)]).map_err(refused)?;
    let pdp = EmbeddedPdp::within(&configuration, limits()).map_err(refused)?;
    if pdp.reads_attributes() {
        return Err(AdvisoryPolicyError::ReadsAttributes);
    }
    Ok(pdp)
}

fn limits() -> Limits {
    Limits::default()
        .with_document(MAX_ADVISORY_POLICY_BYTES)
        .with_pattern(MAX_ADVISORY_PATTERN)
        .with_steps(MAX_ADVISORY_STEPS)
        .with_output(MAX_ADVISORY_OUTPUT)
        .with_size(MAX_ADVISORY_OUTPUT)
        .with_time(MAX_ADVISORY_TIME)
}
