//! Results of several parts, or of one that is no text: what handlers see of them, and how they are read back.

use serde_json::{Value, json};

use super::{
    lists::resource_name,
    reply::Reply,
    value::Unfit,
    world::{Component, Kind},
};

/// A block of a tool's result, the message of a prompt's, or a content of a resource's.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    /// A link to the resource of this URI. Resources have none.
    Link(String),
    /// The content of the resource of this URI.
    Embedded {
        uri: String,
        mime_type: String,
        text: String,
    },
}

impl Part {
    /// The content of another resource.
    pub(crate) fn embedded(uri: &str, text: &str) -> Self {
        Self::Embedded {
            uri: uri.to_owned(),
            mime_type: "text/plain".to_owned(),
            text: text.to_owned(),
        }
    }

    /// What it links to or holds, if it is of another resource than its own.
    pub(crate) fn uri(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Link(uri) | Self::Embedded { uri, .. } => Some(uri),
        }
    }

    fn read(block: &Value) -> Option<Self> {
        let text = |pointer: &str| Some(block.pointer(pointer)?.as_str()?.to_owned());
        match block["type"].as_str()? {
            "text" => Some(Self::Text(text("/text")?)),
            "resource_link" => Some(Self::Link(text("/uri")?)),
            "resource" => Some(Self::Embedded {
                uri: text("/resource/uri")?,
                mime_type: text("/resource/mimeType")?,
                text: text("/resource/text")?,
            }),
            _ => None,
        }
    }

    fn block(&self) -> Value {
        match self {
            Self::Text(text) => json!({"type": "text", "text": text}),
            Self::Link(uri) => json!({"type": "resource_link", "uri": uri, "name": resource_name(uri)}),
            Self::Embedded { .. } => json!({"type": "resource", "resource": self.content("")}),
        }
    }

    /// As the content of a resource, whose texts are its own.
    fn content(&self, own: &str) -> Value {
        match self {
            Self::Text(text) => json!({"uri": own, "mimeType": "text/plain", "text": text}),
            Self::Link(uri) => panic!("a link in a resource: {uri}"),
            Self::Embedded { uri, mime_type, text } => {
                json!({"uri": uri, "mimeType": mime_type, "text": text})
            }
        }
    }
}

/// What handlers see: "the array of the blocks", `{"messages": [..]}`, or "one text" of a resource, else `{"contents": [..]}`.
pub(super) fn seen(component: &Component, parts: &[Part]) -> Value {
    match (component.kind, parts) {
        (Kind::Resource | Kind::Template, [Part::Embedded { text, .. }]) => text.clone().into(),
        _ => told(component, parts),
    }
}

/// The result of these parts.
pub(super) fn made_of(component: &Component, parts: &[Part]) -> Reply {
    Reply::Result(match component.kind {
        Kind::Tool => json!({"content": told(component, parts), "isError": false}),
        _ => told(component, parts),
    })
}

/// The result with this value in place of its parts. "A value that can't be read back as such a result, with nothing lost, is
/// denied."
pub(super) fn rebuilt(component: &Component, parts: &[Part], value: &Value) -> Result<Reply, Unfit> {
    if let (Kind::Resource | Kind::Template, [Part::Embedded { uri, mime_type, .. }]) =
        (component.kind, parts)
    {
        let only = Part::Embedded {
            uri: uri.clone(),
            mime_type: mime_type.clone(),
            text: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        return Ok(made_of(component, &[only]));
    }
    let own = component.used_by();
    let read = |part: &Value| match component.kind {
        Kind::Tool => Part::read(part),
        Kind::Prompt => Part::read(&part["content"]),
        Kind::Resource | Kind::Template => {
            match Part::read(&json!({"type": "resource", "resource": part}))? {
                Part::Embedded { uri, text, .. } if uri == own => Some(Part::Text(text)),
                other => Some(other),
            }
        }
    };
    let all = match component.kind {
        Kind::Tool => value,
        Kind::Prompt => &value["messages"],
        Kind::Resource | Kind::Template => &value["contents"],
    };
    let parts: Option<Vec<Part>> = all.as_array().and_then(|all| all.iter().map(read).collect());
    let parts = parts.ok_or(Unfit)?;
    match told(component, &parts) == *value {
        true => Ok(made_of(component, &parts)),
        false => Err(Unfit),
    }
}

fn told(component: &Component, parts: &[Part]) -> Value {
    match component.kind {
        Kind::Tool => parts.iter().map(Part::block).collect(),
        Kind::Prompt => {
            let message = |part: &Part| json!({"role": "user", "content": part.block()});
            json!({"messages": parts.iter().map(message).collect::<Vec<_>>()})
        }
        Kind::Resource | Kind::Template => {
            let own = component.used_by();
            json!({"contents": parts.iter().map(|part| part.content(&own)).collect::<Vec<_>>()})
        }
    }
}
