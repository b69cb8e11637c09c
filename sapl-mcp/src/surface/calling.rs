//! A call on its way to its component.

use rmcp::ServerHandler;

use super::{Context, prompts, resources, tools};
use crate::{enforcement::Carried, rule::Ruling, service::SaplService};

/// A call that a person can be asked about.
pub(super) struct Calling<'a, S> {
    pub(super) service: &'a SaplService<S>,
    pub(super) component: Called<'a>,
    pub(super) context: Context,
}

/// What is called: by its name or URI.
#[derive(Clone, Copy)]
pub(super) enum Called<'a> {
    Tool(&'a str),
    Prompt(&'a str),
    Resource(&'a str),
}

impl<S: ServerHandler> Carried for Calling<'_, S> {
    fn context(&self) -> Option<&Context> {
        Some(&self.context)
    }

    async fn ruling(&self) -> Option<Ruling> {
        let Self {
            service,
            component,
            context,
        } = self;
        Some(match component {
            Called::Tool(name) => tools::find(service, name, context).await.0,
            Called::Prompt(name) => prompts::find(service, name, context).await.0,
            Called::Resource(uri) => resources::locate(service, uri, context).await.ruling,
        })
    }
}
