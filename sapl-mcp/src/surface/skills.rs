//! Skills: resources whose URI names a `SKILL.md`, with a list of their own.

use rmcp::{
    ErrorData, ServerHandler,
    model::{GetSkillRequestParams, GetSkillResult, ListSkillsResult, PaginatedRequestParams},
};

use super::{
    Context, operation, reply,
    resources::{Admitted, Lists, admit, locate},
    rules,
};
use crate::{
    enforcement::enforce,
    rule::{Ruling, Unruled},
    service::SaplService,
    subscription::{Operation, resource_of},
};

/// Answers `skills/get`: decided as reading that URI is.
pub(crate) async fn get<S: ServerHandler>(
    service: &SaplService<S>,
    request: GetSkillRequestParams,
    mut context: Context,
) -> Result<GetSkillResult, ErrorData> {
    let caller = service.caller(&context);
    let viewer = service.viewer(&caller);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .get_skill(request, context, viewer)
            .await
            .unruled(unruled);
    }
    let located = locate(service, &request.uri, &context).await;
    let (rules, component) = match admit(service, &caller, &context, Operation::Read, located) {
        Admitted::Rules(rules, component) => (rules, *component),
        Admitted::Unruled(unruled) => {
            return service
                .inner
                .get_skill(request, context, viewer)
                .await
                .unruled(unruled);
        }
        Admitted::Refused(error) => return Err(error),
    };
    let uri = request.uri.clone();
    let operation = operation(&service.shared, &rules, &caller, component, &mut context);
    let run = |_| service.inner.get_skill(request, context, viewer);
    reply(enforce(operation, run).await, &uri)
}

/// Answers `skills/list`: each skill under the rule that reading its URI is under.
pub(crate) async fn list<S: ServerHandler>(
    service: &SaplService<S>,
    request: Option<PaginatedRequestParams>,
    context: Context,
) -> Result<ListSkillsResult, ErrorData> {
    let shared = &*service.shared;
    let caller = service.caller(&context);
    rules::look_for(service, &context).await;
    let mut page = service
        .inner
        .skills(request, context.clone(), service.viewer(&caller))
        .await;
    let uris = page.used_by();
    let lists = Lists::about(&service.inner, shared, &context, uris.iter().map(String::as_str)).await;
    page.listed_by(shared, &caller, &context, |skills| {
        let mut lists = match lists {
            Ok(lists) => lists,
            Err(reason) => return skills.iter().map(|_| Ruling::Absent(reason).into()).collect(),
        };
        skills
            .iter()
            .cloned()
            .map(resource_of)
            .for_each(|skill| lists.add(skill));
        skills
            .iter()
            .map(|skill| lists.found(&skill.uri, shared))
            .collect()
    })
    .await
}
