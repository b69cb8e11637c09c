//! Prompts.

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{GetPromptRequestParams, GetPromptResponse, Prompt},
};

use super::{
    Component, Context,
    calling::{Called, Calling},
    operation,
    refusal::{Refused, refuse},
    reply,
    tools::silence_progress,
};
use crate::{
    enforcement::enforce_with,
    rule::{Marked, Ruling, Unruled, rules_of},
    service::SaplService,
    subscription::{ComponentKind, Operation},
};

/// Answers `prompts/get`.
pub(crate) async fn get<S: ServerHandler>(
    service: &SaplService<S>,
    mut request: GetPromptRequestParams,
    mut context: Context,
) -> Result<GetPromptResponse, ErrorData> {
    let caller = service.caller(&context);
    let viewer = service.viewer(&caller);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .get_prompt(request, context, viewer)
            .await
            .unruled(unruled);
    }
    let (ruling, prompt) = find(service, &request.name, &context).await;
    let rules = match ruling {
        Ruling::Rules(rules) => rules,
        Ruling::Unruled(unruled) => {
            let reply = service
                .inner
                .get_prompt(request, context, viewer)
                .await
                .unruled(unruled);
            return reply.map_err(without_other_names);
        }
        ruling => {
            let refused = Refused {
                operation: Operation::Get,
                kind: ComponentKind::Prompt,
                name: &request.name,
                uri: None,
            };
            return refuse(service, &caller, &context, refused, &ruling);
        }
    };
    service.shared.note_rule();
    let component = Component {
        definition: prompt
            .unwrap_or_else(|| Prompt::new(request.name.clone(), None::<String>, None))
            .into(),
        operation: Operation::Get,
        arguments: request.arguments.take(),
        fixed_arguments: false,
        uri: None,
        output_schema: None,
        input_responses: request.input_responses.clone(),
    };
    let mut operation = operation(&service.shared, &rules, &caller, component, &mut context);
    operation.resume(&mut request.request_state, &mut request.input_responses);
    if rules.is_post() {
        silence_progress(&mut request.meta, &mut context);
    }
    let name = request.name.clone();
    let calling = Calling {
        service,
        component: Called::Prompt(&name),
        context,
    };
    let run = |arguments, calling: Calling<'_, S>| {
        request.arguments = arguments;
        service.inner.get_prompt(request, calling.context, viewer)
    };
    // A rule can be about a prompt that the server does not have.
    reply(enforce_with(operation, calling, run).await, &name).map_err(without_other_names)
}

/// The rule of the prompt of this name and its definition, where it has one.
pub(super) async fn find<S: ServerHandler>(
    service: &SaplService<S>,
    name: &str,
    context: &Context,
) -> (Ruling, Option<Prompt>) {
    let shared = &*service.shared;
    let book = shared.rules.prompt(name);
    let (mut found, mut any_rule) = (None, shared.rules.has_prompts());
    let visited = service.inner.visit_prompts(context, |prompt| {
        let marked = rules_of(prompt.meta.as_ref());
        any_rule |= !matches!(marked, Marked::None);
        if prompt.name == name {
            found = Some(Ruling::also(found.take(), prompt, Ruling::of(book, marked)));
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return (Ruling::Absent("the list of prompts can't be read"), None);
    }
    match (found, book) {
        (Some((prompt, ruling)), _) => (ruling.or_default(shared), Some(prompt)),
        (None, Some(rules)) => (Ruling::Rules(rules.clone()), None),
        (None, None) => (Ruling::unlisted(shared, any_rule), None),
    }
}

/// rmcp's prompt router adds the names of all prompts to its answer for an unknown one.
fn without_other_names(mut error: ErrorData) -> ErrorData {
    if let Some(data) = error.data.as_mut().and_then(|data| data.as_object_mut()) {
        data.remove("available_prompts");
        if data.is_empty() {
            error.data = None;
        }
    }
    error
}
