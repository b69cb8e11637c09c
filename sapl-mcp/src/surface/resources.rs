//! Resources: reading, and directories.

mod known;
mod lists;
mod locate;
mod select;

use rmcp::{
    ErrorData, ServerHandler,
    model::{
        JsonObject, ListResourcesResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
        ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse,
    },
};

use super::{
    Caller, Component, Context,
    calling::{Called, Calling},
    operation,
    refusal::{Refused, refuse},
    reply, rules,
    tools::silence_progress,
};
use crate::{
    enforcement::{Sealed, enforce, enforce_with},
    reply::resource_not_found,
    rule::{Marked, Rules, Ruling, Unruled, rules_of},
    service::SaplService,
    subscription::{ComponentKind, Definition, Operation},
};
pub(crate) use lists::Lists;
use lists::{Templates, ruled_skills};
use locate::rulings;
pub(super) use locate::{Located, locate, locate_directory};

/// What a request about a URI comes to before anything is decided.
pub(super) enum Admitted {
    /// It is decided by these rules about this component.
    Rules(Rules, Box<Component>),
    /// No rule is about it.
    Unruled(Unruled),
    /// The answer, which does not depend on a decision.
    Refused(ErrorData),
}

/// Answers `resources/read`.
pub(crate) async fn read<S: ServerHandler>(
    service: &SaplService<S>,
    mut request: ReadResourceRequestParams,
    mut context: Context,
) -> Result<ReadResourceResponse, ErrorData> {
    let caller = service.caller(&context);
    let viewer = service.viewer(&caller);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .read_resource(request, context, viewer)
            .await
            .unruled(unruled);
    }
    let located = locate(service, &request.uri, &context).await;
    let (rules, component) = match admit(service, &caller, &context, Operation::Read, located) {
        Admitted::Rules(rules, component) => (rules, *component),
        Admitted::Unruled(unruled) => {
            return service
                .inner
                .read_resource(request, context, viewer)
                .await
                .unruled(unruled);
        }
        Admitted::Refused(error) => return Err(error),
    };
    let uri = request.uri.clone();
    let component = Component {
        input_responses: request.input_responses.clone(),
        ..component
    };
    let mut operation = operation(&service.shared, &rules, &caller, component, &mut context);
    operation.resume(&mut request.request_state, &mut request.input_responses);
    if rules.is_post() {
        silence_progress(&mut request.meta, &mut context);
    }
    let calling = Calling {
        service,
        component: Called::Resource(&uri),
        context,
    };
    let run = |_, calling: Calling<'_, S>| service.inner.read_resource(request, calling.context, viewer);
    reply(enforce_with(operation, calling, run).await, &uri)
}

/// Answers `resources/list`.
pub(crate) async fn list<S: ServerHandler>(
    service: &SaplService<S>,
    request: Option<PaginatedRequestParams>,
    context: Context,
) -> Result<ListResourcesResult, ErrorData> {
    let shared = &*service.shared;
    rules::look_for(service, &context).await;
    let page = service.inner.list_resources(request, context.clone()).await;
    let others = async {
        let templates = Templates::read(&service.inner, shared, &context).await?;
        Ok((templates, ruled_skills(&service.inner, shared, &context).await?))
    };
    let others: Result<_, &'static str> = others.await;
    page.listed_by(
        shared,
        &service.caller(&context),
        &context,
        |resources| match others {
            Ok((templates, skills)) => rulings(resources, &templates, &skills, shared),
            Err(reason) => resources.iter().map(|_| Ruling::Absent(reason).into()).collect(),
        },
    )
    .await
}

/// Answers `resources/directory/read`: decided as reading the directory's URI is, and its entries are shown as in a
/// list.
pub(crate) async fn read_directory<S: ServerHandler>(
    service: &SaplService<S>,
    request: ReadResourceDirectoryRequestParams,
    mut context: Context,
) -> Result<ReadResourceDirectoryResult, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .read_resource_directory(request, context)
            .await
            .unruled(unruled);
    }
    let located = locate_directory(service, &request.uri, &context).await;
    let (rules, component) = match admit(service, &caller, &context, Operation::Read, located) {
        Admitted::Rules(rules, component) => (rules, *component),
        Admitted::Unruled(unruled) => return entries(service, request, context).await.unruled(unruled),
        Admitted::Refused(error) => return Err(error),
    };
    let uri = request.uri.clone();
    let operation = operation(&service.shared, &rules, &caller, component, &mut context);
    let run = |_| entries(service, request, context);
    reply(enforce(operation, run).await, &uri)
}

/// A page of a directory, without what its reader may not know of.
async fn entries<S: ServerHandler>(
    service: &SaplService<S>,
    request: ReadResourceDirectoryRequestParams,
    context: Context,
) -> Sealed<Result<ReadResourceDirectoryResult, ErrorData>> {
    let shared = &*service.shared;
    rules::look_for(service, &context).await;
    let mut page = service
        .inner
        .read_resource_directory(request, context.clone())
        .await;
    let uris = page.used_by();
    let lists = Lists::about(&service.inner, shared, &context, uris.iter().map(String::as_str)).await;
    page.filtered(shared, &service.caller(&context), &context, |entries| {
        let mut lists = match lists {
            Ok(lists) => lists,
            Err(reason) => return entries.iter().map(|_| Ruling::Absent(reason).into()).collect(),
        };
        // An entry can carry a rule of its own. One that nobody lists is no more by that than it is for a reader.
        let ruled = entries
            .iter()
            .filter(|entry| !matches!(rules_of(entry.meta.as_ref()), Marked::None));
        ruled.cloned().for_each(|entry| lists.add(entry));
        entries
            .iter()
            .map(|entry| lists.found(&entry.uri, shared))
            .collect()
    })
    .await
}

/// What a request about a URI comes to, by what was located there.
pub(super) fn admit<S>(
    service: &SaplService<S>,
    caller: &Caller,
    context: &Context,
    operation: Operation,
    located: Located,
) -> Admitted {
    let Located {
        uri,
        ruling,
        definition,
        variables,
    } = located;
    match ruling {
        Ruling::Rules(rules) => {
            service.shared.note_rule();
            let component = component(operation, &uri, definition, variables);
            Admitted::Rules(rules, Box::new(component))
        }
        Ruling::Unruled(unruled) => Admitted::Unruled(unruled),
        ruling => {
            let refused = refused(operation, &uri);
            let refused: Result<(), _> = refuse(service, caller, context, refused, &ruling);
            Admitted::Refused(refused.err().unwrap_or_else(|| resource_not_found(&uri)))
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
