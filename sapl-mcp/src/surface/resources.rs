//! Resources: reading, and directories.

mod locate;

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{
        JsonObject, ListResourcesResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
        ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse, Resource,
    },
};

use super::{
    Component, Context, operation,
    refusal::{Refused, refuse},
    reply,
    tools::silence_progress,
};
use crate::{
    enforcement::{Sealed, enforce},
    reply::resource_not_found,
    rule::{Marked, Ruling, Unruled, rules_of},
    service::SaplService,
    subscription::{ComponentKind, Definition, Operation},
};
pub(super) use locate::{Located, locate, look_for_rules};
use locate::{Templates, rulings};

/// Answers `resources/read`.
pub(crate) async fn read<S: ServerHandler>(
    service: &SaplService<S>,
    mut request: ReadResourceRequestParams,
    mut context: Context,
) -> Result<ReadResourceResponse, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .read_resource(request, context)
            .await
            .unruled(unruled);
    }
    let Located {
        ruling,
        definition,
        variables,
    } = locate(service, &request.uri, &context).await;
    let rules = match ruling {
        Ruling::Rules(rules) => rules,
        Ruling::Unruled(unruled) => {
            return service
                .inner
                .read_resource(request, context)
                .await
                .unruled(unruled);
        }
        ruling => {
            let refused = refused(Operation::Read, &request.uri);
            return refuse(service, &caller, &context, refused, &ruling);
        }
    };
    service.shared.note_rule();
    let uri = request.uri.clone();
    let component = Component {
        input_responses: request.input_responses.clone(),
        ..component(Operation::Read, &uri, definition, variables)
    };
    let mut operation = operation(&service.shared, &rules, &caller, component, &mut context);
    request.request_state = operation.resume(request.request_state.take());
    if rules.is_post() {
        silence_progress(&mut request.meta, &mut context);
    }
    let run = |_| service.inner.read_resource(request, context);
    reply(enforce(operation, run).await, &uri)
}

/// Answers `resources/list`.
pub(crate) async fn list<S: ServerHandler>(
    service: &SaplService<S>,
    request: Option<PaginatedRequestParams>,
    context: Context,
) -> Result<ListResourcesResult, ErrorData> {
    let page = service.inner.list_resources(request, context.clone()).await;
    listed(service, page, &[], &context).await
}

/// The page as the caller may see it: each resource by the rule that a read of it is under, which can be the one of a
/// template. `others` are definitions that the server lists elsewhere.
async fn listed<S: ServerHandler>(
    service: &SaplService<S>,
    page: Sealed<Result<ListResourcesResult, ErrorData>>,
    others: &[Resource],
    context: &Context,
) -> Result<ListResourcesResult, ErrorData> {
    let shared = &*service.shared;
    let templates = Templates::read(service, context).await;
    page.listed_by(shared, &service.caller(context), context, |resources| {
        rulings(resources, others, templates.as_ref(), shared)
    })
    .await
}

/// Answers `resources/directory/read`: the entries are shown as in a list. A directory with a rule is refused.
pub(crate) async fn read_directory<S: ServerHandler>(
    service: &SaplService<S>,
    request: ReadResourceDirectoryRequestParams,
    context: Context,
) -> Result<ReadResourceDirectoryResult, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .read_resource_directory(request, context)
            .await
            .unruled(unruled);
    }
    match locate(service, &request.uri, &context).await.ruling {
        Ruling::Unruled(_) => {
            let mut ruled = Vec::new();
            let visited = service.inner.visit_resources(&context, |resource| {
                if !matches!(rules_of(resource.meta.as_ref()), Marked::None) {
                    ruled.push(resource);
                }
                ControlFlow::Continue(())
            });
            if visited.await.is_err() {
                return Err(resource_not_found(&request.uri));
            }
            let entries = service
                .inner
                .read_resource_directory(request, context.clone())
                .await;
            listed(service, entries, &ruled, &context).await
        }
        ruling => {
            let refused = refused(Operation::Read, &request.uri);
            refuse(service, &caller, &context, refused, &ruling)
        }
    }
}

/// What is to be enforced about a URI.
pub(super) fn component(
    operation: Operation,
    uri: &str,
    definition: Definition,
    variables: JsonObject,
) -> Component {
    Component {
        definition,
        operation,
        arguments: Some(variables),
        fixed_arguments: true,
        uri: Some(uri.to_owned()),
        output_schema: None,
        input_responses: None,
    }
}

/// What a refused request for a resource was about.
pub(super) fn refused(operation: Operation, uri: &str) -> Refused<'_> {
    Refused {
        operation,
        kind: ComponentKind::Resource,
        name: uri,
        uri: Some(uri),
    }
}
