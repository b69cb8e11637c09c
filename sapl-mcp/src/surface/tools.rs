//! Tools: calls, and definitions as clients see them.

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, JsonObject, ListToolsResult, PaginatedRequestParams,
        ProtocolVersion, RequestMetaObject, Tool,
    },
};
use serde_json::Value;

use super::{
    Component, Context,
    calling::{Called, Calling},
    operation,
    refusal::{Refused, refuse},
    reply, rules, tasks,
};
use crate::{
    advisory,
    enforcement::enforce_task,
    layer::Shared,
    rule::{Marked, Rules, Ruling, Unruled, rules_of, strip},
    service::SaplService,
    subscription::{ComponentKind, Operation},
};

/// The key in a tool's input schema that binds an argument to an HTTP header.
const HEADER_ANNOTATION: &str = "x-mcp-header";

/// How deep the binding of arguments to headers is looked for. What is deeper counts as bound.
const MAX_SCHEMA_DEPTH: usize = 32;

/// Answers `tools/call`.
pub(crate) async fn call<S: ServerHandler>(
    service: &SaplService<S>,
    mut request: CallToolRequestParams,
    mut context: Context,
) -> Result<CallToolResponse, ErrorData> {
    let caller = service.caller(&context);
    let viewer = service.viewer(&caller);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .call_tool(request, context, viewer)
            .await
            .unruled(unruled);
    }
    let (ruling, tool) = find(service, &request.name, &context).await;
    let rules = match ruling {
        Ruling::Rules(rules) => rules,
        Ruling::Unruled(unruled) => {
            let (tool, again) = (request.name.to_string(), tasks::for_tasks(&context));
            let response = service
                .inner
                .call_tool(request, context, viewer)
                .await
                .unruled(unruled)?;
            return tasks::opened(service, &caller, unruled, tool, response, again).await;
        }
        ruling => {
            let refused = refused(&request.name);
            return refuse(service, &caller, &context, refused, &ruling);
        }
    };
    if !service.shared.is_default(&rules) {
        service.shared.note_tool_rule();
    }
    let tool = tool.unwrap_or_else(|| Tool::new(request.name.clone(), "", JsonObject::new()));
    if rules.hides() && binds_headers(&tool, &context) {
        // The transport would compare them, but it asks for the definition without an identity, and gets none.
        let bound = Ruling::Absent("a tool that is hidden from some callers can't bind arguments to headers");
        return refuse(service, &caller, &context, refused(&request.name), &bound);
    }
    let component = Component {
        output_schema: tool.output_schema.clone(),
        definition: tool.into(),
        operation: Operation::Call,
        arguments: request.arguments.take(),
        fixed_arguments: false,
        uri: None,
        input_responses: request.input_responses.clone(),
    };
    let mut operation = operation(&service.shared, &rules, &caller, component, &mut context);
    operation.resume(&mut request.request_state, &mut request.input_responses);
    if rules.is_post() {
        silence_progress(&mut request.meta, &mut context);
    }
    let name = request.name.clone();
    let again = tasks::to_abandon(&context);
    let calling = Calling {
        service,
        component: Called::Tool(&name),
        context,
    };
    let run = |arguments, calling: Calling<'_, S>| {
        request.arguments = arguments;
        service.inner.call_tool(request, calling.context, viewer)
    };
    let abandon = |orphan| tasks::abandon(service, orphan, again);
    reply(enforce_task(operation, calling, run, abandon).await, &name)
}

fn refused(name: &str) -> Refused<'_> {
    Refused {
        operation: Operation::Call,
        kind: ComponentKind::Tool,
        name,
        uri: None,
    }
}

/// Answers `tools/list`.
pub(crate) async fn list<S: ServerHandler>(
    service: &SaplService<S>,
    request: Option<PaginatedRequestParams>,
    context: Context,
) -> Result<ListToolsResult, ErrorData> {
    rules::look_for(service, &context).await;
    let page = service.inner.list_tools(request, context.clone()).await;
    let marked = page.marked();
    if !marked.is_empty() {
        service.shared.note_tool_rule();
    }
    // A definition by name without the rule of the one in the list would be a way around it.
    for (name, listed) in marked {
        let by_name = service.inner.definition_of(&name);
        if by_name.is_some_and(|tool| rules_of(tool.meta.as_ref()).lacks(&listed)) {
            service.shared.note_contradiction(name);
        }
    }
    page.listed(&service.shared, &service.caller(&context), &context)
        .await
}

/// A definition for the transport, which asks without an identity: none of tools that are hidden from some callers, nor
/// of those that are answered as unknown to everybody.
pub(crate) fn definition<S: ServerHandler>(service: &SaplService<S>, name: &str) -> Option<Tool> {
    let mut tool = service.inner.definition_of(name)?;
    if service.shared.is_contradicted(name) {
        return None;
    }
    match Ruling::of(service.shared.rules.tool(name), rules_of(tool.meta.as_ref())) {
        Ruling::Rules(rules) if rules.hides() => return None,
        Ruling::Rules(rules) => present(&mut tool, &rules, &service.shared),
        Ruling::Absent(_) => return None,
        Ruling::Unruled(_) | Ruling::Denied => {}
    }
    strip(&mut tool.meta);
    Some(tool)
}

/// The definition as clients see it under this rule.
pub(crate) fn present(tool: &mut Tool, rules: &Rules, shared: &Shared) {
    if rules.relaxes_output_schema()
        && let Some(schema) = &mut tool.output_schema
    {
        *schema = shared.schemas.published(schema);
    }
    if let Some(document) = rules.advisory() {
        advisory::publish(&mut tool.meta, document);
    }
}

/// Takes out the token by which a component could send progress before its decision.
pub(super) fn silence_progress(meta: &mut Option<RequestMetaObject>, context: &mut Context) {
    const PROGRESS_TOKEN: &str = "progressToken";
    context.meta.remove(PROGRESS_TOKEN);
    if let Some(meta) = meta {
        meta.remove(PROGRESS_TOKEN);
    }
}

/// The rule of the tool of this name and its definition, where it has one.
pub(super) async fn find<S: ServerHandler>(
    service: &SaplService<S>,
    name: &str,
    context: &Context,
) -> (Ruling, Option<Tool>) {
    let shared = &*service.shared;
    let book = shared.rules.tool(name);
    if let Some(tool) = service.inner.definition_of(name) {
        if shared.is_contradicted(name) {
            return (
                Ruling::Absent("its definition in the list has a rule that the one by name has not"),
                None,
            );
        }
        let ruling = Ruling::of(book, rules_of(tool.meta.as_ref())).or_default(shared);
        return (ruling, Some(tool));
    }
    let (mut found, mut any_rule) = (None, shared.has_tool_rules());
    let visited = service.inner.visit_tools(context, |tool| {
        let marked = rules_of(tool.meta.as_ref());
        any_rule |= !matches!(marked, Marked::None);
        if tool.name == name {
            found = Some(Ruling::also(found.take(), tool, Ruling::of(book, marked)));
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return (Ruling::Absent("the list of tools can't be read"), None);
    }
    match (found, book) {
        (Some((tool, ruling)), _) => (ruling.or_default(shared), Some(tool)),
        (None, Some(rules)) => (Ruling::Rules(rules.clone()), None),
        (None, None) => (Ruling::unlisted(shared, any_rule), None),
    }
}

/// Notes it when some tool in the list has a rule, unless that is known. False when the list can't be read.
pub(super) async fn look_for_rules<S: ServerHandler>(service: &SaplService<S>, context: &Context) -> bool {
    let shared = &*service.shared;
    if shared.has_tool_rules() {
        return true;
    }
    let visited = service
        .inner
        .visit_tools(context, |tool| match rules_of(tool.meta.as_ref()) {
            Marked::None => ControlFlow::Continue(()),
            Marked::Rules(_) | Marked::Invalid => {
                shared.note_tool_rule();
                ControlFlow::Break(())
            }
        });
    visited.await.is_ok()
}

/// Whether an argument has to be equal to a header: since 2026-07-28 the transport compares the two.
fn binds_headers(tool: &Tool, context: &Context) -> bool {
    let compared = context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    compared && binds(&tool.input_schema, MAX_SCHEMA_DEPTH)
}

fn binds(schema: &JsonObject, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return true;
    };
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return false;
    };
    properties
        .values()
        .filter_map(Value::as_object)
        .any(|property| property.contains_key(HEADER_ANNOTATION) || binds(property, depth))
}
