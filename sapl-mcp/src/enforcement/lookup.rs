//! Reading the definitions of the inner server page by page, to find a component and its rule.

use std::ops::ControlFlow;

use rmcp::{
    RoleServer, ServerHandler,
    model::{ErrorCode, PaginatedRequestParams, Prompt, Resource, ResourceTemplate, Skill, Tool},
    service::RequestContext,
};

use super::Inner;

/// The most pages that a look-up reads. A server whose list is longer has components that can't be found.
pub(crate) const MAX_PAGES: usize = 1_000;

/// The list could not be read to its end, so nobody can tell which rule holds: to be denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

macro_rules! walks {
    ($($(#[$doc:meta])* $walk:ident($list:ident, $items:ident: $item:ty);)*) => {$(
        $(#[$doc])*
        pub(crate) async fn $walk(
            &self,
            context: &RequestContext<RoleServer>,
            mut visit: impl FnMut($item) -> ControlFlow<()> + Send,
        ) -> Result<(), Unreadable> {
            let mut cursor = None;
            for _ in 0..MAX_PAGES {
                let page = cursor.clone().map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
                let page = match self.$list(page, context.clone()).await.0 {
                    Ok(page) => page,
                    // A server without the method has no such components.
                    Err(error) if error.code == ErrorCode::METHOD_NOT_FOUND => return Ok(()),
                    Err(_) => return Err(Unreadable),
                };
                for item in page.$items {
                    if visit(item).is_break() {
                        return Ok(());
                    }
                }
                match page.next_cursor {
                    None => return Ok(()),
                    // A server that gives the same cursor again would be read for ever.
                    next if next == cursor => return Err(Unreadable),
                    next => cursor = next,
                }
            }
            Err(Unreadable)
        }
    )*};
}

impl<S: ServerHandler> Inner<S> {
    walks! {
        /// Visits the tools until `visit` breaks.
        visit_tools(list_tools, tools: Tool);
        /// Visits the prompts until `visit` breaks.
        visit_prompts(list_prompts, prompts: Prompt);
        /// Visits the resources until `visit` breaks.
        visit_resources(list_resources, resources: Resource);
        /// Visits the resource templates until `visit` breaks.
        visit_templates(list_resource_templates, resource_templates: ResourceTemplate);
        /// Visits the skills until `visit` breaks.
        visit_skills(list_skills, skills: Skill);
    }
}
