//! The annotations of a tool, with the specification's defaults.

use rmcp::model::ToolAnnotations;
use serde::Serialize;

/// What a tool's annotations say, with the defaults of the MCP specification where they say nothing.
///
/// They are hints of whoever wrote the server: nothing makes them true. Serialised they have the names of MCP.
///
/// | annotation | default | means |
/// |---|---|---|
/// | `readOnlyHint` | false | the tool does not change its environment |
/// | `destructiveHint` | true | it may delete or overwrite; meaningful only when it is not read-only |
/// | `idempotentHint` | false | calling it again with the same arguments changes nothing more; likewise |
/// | `openWorldHint` | true | it deals with an open world of others, like a search of the web |
///
/// A tool that is read-only changes nothing, so it is not destructive and it is idempotent, whatever the annotations
/// say of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ToolHints {
    /// It does not change its environment.
    #[serde(rename = "readOnlyHint")]
    pub read_only: bool,
    /// It may delete or overwrite.
    #[serde(rename = "destructiveHint")]
    pub destructive: bool,
    /// Calling it again with the same arguments changes nothing more.
    #[serde(rename = "idempotentHint")]
    pub idempotent: bool,
    /// It deals with an open world of others.
    #[serde(rename = "openWorldHint")]
    pub open_world: bool,
}

impl ToolHints {
    /// What these annotations say; without any, what the specification assumes.
    pub fn of(annotations: Option<&ToolAnnotations>) -> Self {
        let said = |hint: fn(&ToolAnnotations) -> Option<bool>| annotations.and_then(hint);
        let read_only = said(|annotations| annotations.read_only_hint).unwrap_or(false);
        let destructive = said(|annotations| annotations.destructive_hint).unwrap_or(true);
        let idempotent = said(|annotations| annotations.idempotent_hint).unwrap_or(false);
        Self {
            read_only,
            destructive: !read_only && destructive,
            idempotent: read_only || idempotent,
            open_world: said(|annotations| annotations.open_world_hint).unwrap_or(true),
        }
    }
}

/// What the specification assumes of a tool without annotations: the worst.
impl Default for ToolHints {
    fn default() -> Self {
        Self::of(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SAID: [Option<bool>; 3] = [None, Some(false), Some(true)];

    #[test]
    fn every_combination_of_annotations_has_the_meaning_of_the_specification() {
        let mut combinations = 0;
        for read_only in SAID {
            for destructive in SAID {
                for idempotent in SAID {
                    for open_world in SAID {
                        let mut annotations = ToolAnnotations::default();
                        annotations.read_only_hint = read_only;
                        annotations.destructive_hint = destructive;
                        annotations.idempotent_hint = idempotent;
                        annotations.open_world_hint = open_world;
                        let hints = ToolHints::of(Some(&annotations));
                        let case = format!("{annotations:?}");

                        let changes = read_only != Some(true);
                        assert_eq!(hints.read_only, !changes, "{case}");
                        assert_eq!(hints.destructive, changes && destructive != Some(false), "{case}");
                        assert_eq!(hints.idempotent, !changes || idempotent == Some(true), "{case}");
                        assert_eq!(hints.open_world, open_world != Some(false), "{case}");
                        combinations += 1;
                    }
                }
            }
        }
        assert_eq!(combinations, 81);
    }

    #[test]
    fn without_annotations_the_worst_is_assumed() {
        assert_eq!(
            serde_json::to_value(ToolHints::default()).unwrap(),
            json!({
                "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": true,
            })
        );
        assert_eq!(
            ToolHints::of(Some(&ToolAnnotations::default())),
            ToolHints::default()
        );
    }
}
