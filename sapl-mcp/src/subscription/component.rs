//! What the author's functions see of a definition.

use rmcp::model::{Annotations, JsonObject, MetaObject, ToolAnnotations};
use serde::Serialize;

use super::ComponentKind;

/// A component's definition, whatever its kind. As JSON it is an object of what is there, with the names of MCP.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Component<'a> {
    pub(super) kind: ComponentKind,
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    pub(super) tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotations: Option<ComponentAnnotations<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mime_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_schema: Option<&'a JsonObject>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<&'a MetaObject>,
}

/// The annotations of MCP, which differ by kind. They are hints of the server's author.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ComponentAnnotations<'a> {
    /// Of a tool.
    Tool(&'a ToolAnnotations),
    /// Of a resource or a template.
    Resource(&'a Annotations),
}

impl<'a> Component<'a> {
    /// What it is.
    pub fn kind(&self) -> ComponentKind {
        self.kind
    }

    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The title for people.
    pub fn title(&self) -> Option<&'a str> {
        self.title
    }

    /// The description.
    pub fn description(&self) -> Option<&'a str> {
        self.description
    }

    /// The tags of the rule.
    pub fn tags(&self) -> &'a [String] {
        self.tags
    }

    /// The annotations; a prompt has none.
    pub fn annotations(&self) -> Option<ComponentAnnotations<'a>> {
        self.annotations
    }

    /// The MIME type of a resource or template.
    pub fn mime_type(&self) -> Option<&'a str> {
        self.mime_type
    }

    /// The JSON Schema of a tool's arguments.
    pub fn input_schema(&self) -> Option<&'a JsonObject> {
        self.input_schema
    }

    /// The `_meta` that the server's author gave.
    pub fn meta(&self) -> Option<&'a MetaObject> {
        self.meta
    }
}
