//! Skills, which are resources with a URI of their own kind.

use rmcp::{
    ErrorData, ServerHandler,
    model::{GetSkillRequestParams, GetSkillResult, ListSkillsResult, PaginatedRequestParams},
};

use super::{Context, refusal::refuse, resources};
use crate::{
    rule::{Ruling, Unruled},
    service::SaplService,
    subscription::Operation,
};

/// Answers `skills/get`. A skill with a rule is refused.
pub(crate) async fn get<S: ServerHandler>(
    service: &SaplService<S>,
    request: GetSkillRequestParams,
    context: Context,
) -> Result<GetSkillResult, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service.inner.get_skill(request, context).await.unruled(unruled);
    }
    match resources::locate(service, &request.uri, &context).await.ruling {
        Ruling::Unruled(unruled) => service.inner.get_skill(request, context).await.unruled(unruled),
        ruling => {
            let refused = resources::refused(Operation::Read, &request.uri);
            refuse(service, &caller, &context, refused, &ruling)
        }
    }
}

/// Answers `skills/list`. Once any resource has a rule, no skill is listed: which of them it is about can't be told
/// for a whole page yet.
pub(crate) async fn list<S: ServerHandler>(
    service: &SaplService<S>,
    request: Option<PaginatedRequestParams>,
    context: Context,
) -> Result<ListSkillsResult, ErrorData> {
    let caller = service.caller(&context);
    let unruled = match Unruled::for_trusted(&caller) {
        Some(unruled) => Some(unruled),
        None if resources::look_for_rules(service, &context).await => {
            Unruled::while_nothing_is_ruled(&service.shared)
        }
        None => None,
    };
    match unruled {
        Some(unruled) => service.inner.list_skills(request, context).await.unruled(unruled),
        None => Ok(ListSkillsResult::default()),
    }
}
