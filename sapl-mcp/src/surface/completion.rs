//! Completion of the arguments of prompts and templates.

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{CompleteRequestParams, CompleteResult, Reference},
};

use super::{
    Context, prompts,
    refusal::{Refused, refuse},
    resources,
};
use crate::{
    rule::{Ruling, Unruled, rules_of},
    service::SaplService,
    subscription::{ComponentKind, Operation},
};

/// Answers `completion/complete`. A reference to something with a rule gets no values, like one to something that
/// does not exist.
pub(crate) async fn complete<S: ServerHandler>(
    service: &SaplService<S>,
    request: CompleteRequestParams,
    context: Context,
) -> Result<CompleteResult, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service.inner.complete(request, context).await.unruled(unruled);
    }
    let ruling = match &request.r#ref {
        Reference::Prompt(prompt) => prompts::find(service, &prompt.name, &context).await.0,
        Reference::Resource(resource) => referenced(service, &resource.uri, &context).await,
        _ => Ruling::Absent("the kind of reference is unknown"),
    };
    if let Ruling::Unruled(unruled) = ruling {
        return service.inner.complete(request, context).await.unruled(unruled);
    }
    let operation = Operation::Complete;
    let refused = match &request.r#ref {
        Reference::Resource(resource) => resources::refused(operation, &resource.uri),
        Reference::Prompt(prompt) => Refused {
            operation,
            kind: ComponentKind::Prompt,
            name: &prompt.name,
            uri: None,
        },
        _ => Refused {
            operation,
            kind: ComponentKind::Prompt,
            name: "",
            uri: None,
        },
    };
    refuse(service, &caller, &context, refused, &ruling)
}

/// The rule of a template by its text, else of a resource by its URI.
async fn referenced<S: ServerHandler>(service: &SaplService<S>, uri: &str, context: &Context) -> Ruling {
    let shared = &*service.shared;
    let (book, mut found) = (shared.rules.template(uri), None);
    let visited = service.inner.visit_templates(context, |template| {
        if template.uri_template == uri {
            found = Some(Ruling::also(
                found.take(),
                (),
                Ruling::of(book, rules_of(template.meta.as_ref())),
            ));
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return Ruling::Absent("the list of resource templates can't be read");
    }
    match (found, book) {
        (Some(((), ruling)), _) => ruling.or_default(shared),
        (None, Some(rules)) => Ruling::Rules(rules.clone()),
        (None, None) => resources::locate(service, uri, context).await.ruling,
    }
}
