//! The actions of `filterJsonContent`.

use serde_json::Value;

use super::{
    blacken::Blacken,
    path::{Budget, Path},
    read::{self, Entry},
};
use crate::constraint::HandlerError;

/// One action, ready to run.
#[derive(Clone, Debug)]
pub(super) struct Action {
    path: Path,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Blacken(Blacken),
    Delete,
    Replace(Value),
}

const FIELDS: &[&str] = &[
    "type",
    "path",
    "replacement",
    "discloseLeft",
    "discloseRight",
    "length",
];

impl Action {
    /// The actions of a constraint.
    pub(super) fn read_all(constraint: &Value) -> Result<Vec<Self>, HandlerError> {
        let actions = read::entries(constraint, "actions", FIELDS)?
            .ok_or_else(|| HandlerError::new("it has no `actions`"))?;
        actions.iter().map(Self::read).collect()
    }

    fn read(entry: &Entry<'_>) -> Result<Self, HandlerError> {
        let change = match entry.text("type")? {
            "blacken" => Change::Blacken(Blacken::read(entry)?),
            "delete" => Change::Delete,
            "replace" => Change::Replace(entry.required("replacement")?.clone()),
            _ => return Err(entry.error("has a `type` that is none of blacken, delete, replace")),
        };
        let path = Path::parse(entry.text("path")?).map_err(|error| entry.locate(&error))?;
        Ok(Self { path, change })
    }

    pub(super) fn apply(&self, element: &mut Value, budget: &mut Budget) -> Result<(), HandlerError> {
        match &self.change {
            Change::Delete => self.path.delete(element, budget),
            Change::Replace(replacement) => self.path.change(element, budget, |node| {
                node.clone_from(replacement);
                Ok(())
            }),
            Change::Blacken(blacken) => self.path.change(element, budget, |node| match node {
                Value::String(text) => {
                    *text = blacken.apply(text)?;
                    Ok(())
                }
                _ => Err(HandlerError::new("only a text can be blackened")),
            }),
        }
    }
}
