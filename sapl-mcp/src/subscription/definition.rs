//! The definition of the component that an operation is about.

use std::sync::Arc;

use rmcp::model::{MetaObject, Prompt, Resource, ResourceTemplate, Skill, Tool};

use super::{Component, ComponentAnnotations, ComponentKind};
use crate::rule::strip;

/// A definition as the server gave it, but for our marker in its `_meta`.
///
/// It is made with `From`, which takes the marker out. What many operations are about is shared.
#[derive(Clone, Debug)]
pub(crate) enum Definition {
    Tool(Tool),
    Prompt(Prompt),
    Resource(Resource),
    ResourceTemplate(ResourceTemplate),
    Shared(Arc<Definition>),
}

impl Definition {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Tool(tool) => &tool.name,
            Self::Prompt(prompt) => &prompt.name,
            Self::Resource(resource) => &resource.name,
            Self::ResourceTemplate(template) => &template.name,
            Self::Shared(shared) => shared.name(),
        }
    }

    pub(crate) fn kind(&self) -> ComponentKind {
        match self {
            Self::Tool(_) => ComponentKind::Tool,
            Self::Prompt(_) => ComponentKind::Prompt,
            Self::Resource(_) => ComponentKind::Resource,
            Self::ResourceTemplate(_) => ComponentKind::ResourceTemplate,
            Self::Shared(shared) => shared.kind(),
        }
    }

    /// The URI of a resource that has one of its own.
    pub(super) fn uri(&self) -> Option<&str> {
        match self {
            Self::Resource(resource) => Some(&resource.uri),
            Self::Tool(_) | Self::Prompt(_) | Self::ResourceTemplate(_) => None,
            Self::Shared(shared) => shared.uri(),
        }
    }

    pub(super) fn component<'a>(&'a self, tags: &'a [String]) -> Component<'a> {
        let kind = self.kind();
        let name = self.name();
        match self {
            Self::Tool(tool) => Component {
                kind,
                name,
                title: tool.title.as_deref(),
                description: tool.description.as_deref(),
                tags,
                annotations: tool.annotations.as_ref().map(ComponentAnnotations::Tool),
                mime_type: None,
                input_schema: Some(&tool.input_schema),
                meta: tool.meta.as_ref(),
            },
            Self::Prompt(prompt) => Component {
                kind,
                name,
                title: prompt.title.as_deref(),
                description: prompt.description.as_deref(),
                tags,
                annotations: None,
                mime_type: None,
                input_schema: None,
                meta: prompt.meta.as_ref(),
            },
            Self::Resource(resource) => Component {
                kind,
                name,
                title: resource.title.as_deref(),
                description: resource.description.as_deref(),
                tags,
                annotations: resource.annotations.as_ref().map(ComponentAnnotations::Resource),
                mime_type: resource.mime_type.as_deref(),
                input_schema: None,
                meta: resource.meta.as_ref(),
            },
            Self::ResourceTemplate(template) => Component {
                kind,
                name,
                title: template.title.as_deref(),
                description: template.description.as_deref(),
                tags,
                annotations: template.annotations.as_ref().map(ComponentAnnotations::Resource),
                mime_type: template.mime_type.as_deref(),
                input_schema: None,
                meta: template.meta.as_ref(),
            },
            Self::Shared(shared) => shared.component(tags),
        }
    }
}

fn stripped(mut meta: Option<MetaObject>) -> Option<MetaObject> {
    strip(&mut meta);
    meta
}

macro_rules! from {
    ($($definition:ident)*) => {$(
        impl From<$definition> for Definition {
            fn from(mut definition: $definition) -> Self {
                definition.meta = stripped(definition.meta.take());
                Self::$definition(definition)
            }
        }
    )*};
}

from!(Tool Prompt Resource ResourceTemplate);

/// The resource that a skill's `SKILL.md` is.
pub(crate) fn resource_of(skill: Skill) -> Resource {
    let mut resource = Resource::new(skill.uri, skill.frontmatter.name);
    resource.description = Some(skill.frontmatter.description);
    resource.meta = skill.meta;
    resource
}

impl From<Skill> for Definition {
    fn from(skill: Skill) -> Self {
        resource_of(skill).into()
    }
}

impl From<Arc<Definition>> for Definition {
    fn from(shared: Arc<Definition>) -> Self {
        Self::Shared(shared)
    }
}
