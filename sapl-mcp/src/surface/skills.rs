//! Skills: resources whose URI names a `SKILL.md`, with a list of their own.

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{GetSkillRequestParams, GetSkillResult, ListSkillsResult, PaginatedRequestParams},
};

use super::{
    Context, operation,
    refusal::refuse,
    reply,
    resources::{self, Lists, Located, locate_in},
};
use crate::{
    enforcement::enforce,
    rule::{Ruling, Unruled, uri},
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
                .get_skill(request, context, viewer)
                .await
                .unruled(unruled);
        }
        ruling => {
            let refused = resources::refused(Operation::Read, &request.uri);
            return refuse(service, &caller, &context, refused, &ruling);
        }
    };
    service.shared.note_rule();
    let uri = request.uri.clone();
    let component = resources::component(Operation::Read, &uri, definition, variables);
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

/// Finds the rule for a skill, which is listed among the skills if it is not among the resources.
async fn locate<S: ServerHandler>(service: &SaplService<S>, uri: &str, context: &Context) -> Located {
    let lists = Lists::about(&service.inner, &service.shared, context, std::iter::once(uri)).await;
    let mut lists = match lists {
        Ok(lists) => lists,
        Err(reason) => return Located::absent(uri, reason),
    };
    let normal = uri::normalized(uri);
    let visited = service.inner.visit_skills(context, |skill| {
        if uri::normalized(&skill.uri) == normal {
            lists.add(resource_of(skill));
        }
        ControlFlow::Continue(())
    });
    match visited.await {
        Ok(()) => locate_in(&lists, service, uri, context).await,
        Err(_) => Located::absent(uri, "the list of skills can't be read"),
    }
}
