//! The model: what it wants to call next.

use std::collections::VecDeque;

use rmcp::model::{CallToolRequestParams, Tool};
use sapl_mcp::client::Attempt;
use serde_json::Value;

/// A call that a model proposes.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The name of the tool.
    pub tool: String,
    /// The arguments, an object.
    pub arguments: Value,
}

/// Proposes calls, one after the other. A real one would be asked over the network; what it says is untrusted either way.
pub trait Model {
    /// What to call next; none when it is done. It sees the tools, and what came of its last proposal.
    fn propose(&mut self, tools: &[Tool], last: Option<&Attempt>) -> Option<Proposal>;
}

/// Proposes what it was told to, and does not give up when a call comes to nothing.
#[derive(Clone, Debug)]
pub struct ScriptedModel(VecDeque<Proposal>);

impl Proposal {
    /// A call of this tool with these arguments.
    pub fn new(tool: impl Into<String>, arguments: Value) -> Self {
        Self {
            tool: tool.into(),
            arguments,
        }
    }

    pub(super) fn params(&self) -> CallToolRequestParams {
        let params = CallToolRequestParams::new(self.tool.clone());
        match self.arguments.as_object() {
            Some(arguments) => params.with_arguments(arguments.clone()),
            None => params,
        }
    }
}

impl ScriptedModel {
    /// A model with this script.
    pub fn new(script: impl IntoIterator<Item = Proposal>) -> Self {
        Self(script.into_iter().collect())
    }
}

impl Model for ScriptedModel {
    fn propose(&mut self, _: &[Tool], _: Option<&Attempt>) -> Option<Proposal> {
        self.0.pop_front()
    }
}
