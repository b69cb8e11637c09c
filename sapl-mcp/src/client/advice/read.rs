//! Reading and evaluating advice.

use std::sync::OnceLock;

use sapl_base::{AuthorizationDecision, Deciding, Decision, text::printable};
use sapl_pdp::EmbeddedPdp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    ADVISORY_VERSION,
    advisory::{compile, fits},
    client::{
        GuardPolicy, GuardRequest, Judgement,
        pdp::{subscription, take_approval},
    },
};

const SILENT: &str = "the server advises nothing against it";
const ASKS: &str = "the server advises to ask";
const UNFULFILLED: &str = "the advice of the server has an obligation that nobody can fulfil";
const UNSURE: &str = "the advice of the server can't be evaluated";

/// What stands under the key. Members that version 1 does not have are refused: they could mean that it is stricter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member<'a> {
    version: u64,
    policy: &'a str,
}

/// A document, compiled when it is first needed.
pub(super) struct Advice {
    tool: Box<str>,
    document: Box<str>,
    /// None where it does not compile.
    compiled: OnceLock<Option<EmbeddedPdp>>,
}

/// The document in the member of a tool's `_meta`.
pub(super) fn document(member: &Value) -> Result<&str, String> {
    // A list of both would be read too.
    if !member.is_object() {
        return Err("it is no object".to_owned());
    }
    let Member { version, policy } = Member::deserialize(member).map_err(|error| error.to_string())?;
    if version != ADVISORY_VERSION {
        return Err(format!(
            "its version is {version}, and {ADVISORY_VERSION} can be read"
        ));
    }
    fits(policy).map_err(|error| error.to_string())?;
    Ok(policy)
}

/// Says that there is advice which counts as none.
pub(super) fn ignored(tool: &str, reason: String) {
    tracing::warn!(
        tool = escaped(tool),
        reason = escaped(&reason),
        "the advisory policy of a tool can't be read, and counts as none"
    );
}

impl Advice {
    pub(super) fn new(tool: &str, document: &str) -> Self {
        Self {
            tool: tool.into(),
            document: document.into(),
            compiled: OnceLock::new(),
        }
    }

    fn compiled(&self) -> Option<&EmbeddedPdp> {
        let compiled = self.compiled.get_or_init(|| {
            compile(&self.document)
                .map_err(|error| ignored(&self.tool, error.to_string()))
                .ok()
        });
        compiled.as_ref()
    }
}

impl GuardPolicy for Advice {
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        let judgement = match self.compiled() {
            None => Judgement::allow(SILENT),
            Some(pdp) => judged(pdp.decision(&subscription(request))),
        };
        Deciding::ready(judgement)
    }
}

/// What a decision means as advice. It is no constraint on the call: an obligation that is not about approval is one that
/// nobody here fulfils for a server, so such a permit is none.
fn judged(mut decision: AuthorizationDecision) -> Judgement {
    match decision.decision {
        Decision::NotApplicable => Judgement::allow(SILENT),
        Decision::Deny | Decision::Suspend => Judgement::deny("the server advises against it"),
        Decision::Indeterminate => Judgement::approval_required(UNSURE),
        Decision::Permit => match take_approval(&mut decision) {
            Err(_) => Judgement::deny(UNFULFILLED),
            Ok(_) if !decision.obligations.is_empty() || decision.resource.is_some() => {
                Judgement::deny(UNFULFILLED)
            }
            // The message may quote what the server has no business to see in a record or in a model's context.
            Ok(Some(message)) => Judgement::approval_required(ASKS).telling(format!("{ASKS}: {message}")),
            Ok(None) => Judgement::allow(SILENT),
        },
    }
}

/// A text of the server on one line, with everything made visible that could deceive whoever reads the log.
fn escaped(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests;
