//! Completion of the arguments of prompts and templates.

use std::ops::ControlFlow;

use rmcp::{
    ErrorData, ServerHandler,
    model::{
        ArgumentInfo, CompleteRequestParams, CompleteResult, JsonObject, Prompt, Reference, ResourceTemplate,
    },
};
use serde_json::Value;

use super::{
    Component, Context, operation, prompts,
    refusal::{Refused, refuse},
    reply, resources,
};
use crate::{
    enforcement::enforce,
    rule::{Ruling, Unruled, rules_of},
    service::SaplService,
    subscription::{ComponentKind, Definition, Operation},
};

/// What a reference is about.
struct Referenced {
    ruling: Ruling,
    definition: Definition,
    /// The variables that its URI gives, where it is not a prompt or a template as such.
    variables: Option<JsonObject>,
}

/// Answers `completion/complete`: decided with the rule of what the request refers to, as its use would be.
///
/// What the client has filled in already counts as the arguments, and so does what it has of the one that is to be
/// completed. A reference to a resource, or to an instance of a
/// template, is decided like reading that URI.
pub(crate) async fn complete<S: ServerHandler>(
    service: &SaplService<S>,
    mut request: CompleteRequestParams,
    mut context: Context,
) -> Result<CompleteResult, ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service.inner.complete(request, context).await.unruled(unruled);
    }
    let reference = request.r#ref.clone();
    let refused = refused(&reference);
    let Referenced {
        ruling,
        definition,
        variables,
    } = referenced(service, &reference, &context).await;
    let rules = match ruling {
        Ruling::Rules(rules) => rules,
        Ruling::Unruled(unruled) => return service.inner.complete(request, context).await.unruled(unruled),
        ruling => return refuse(service, &caller, &context, refused, &ruling),
    };
    service.shared.note_rule();
    let of_a_uri = variables.is_some();
    let known = variables.or_else(|| filled_in(&mut request));
    // A request without arguments stays one.
    let had_arguments = known.is_some();
    let component = Component {
        definition,
        operation: Operation::Complete,
        arguments: Some(with_completed(
            known.unwrap_or_default(),
            &request.argument,
            of_a_uri,
        )),
        fixed_arguments: refused.kind != ComponentKind::Prompt,
        uri: refused.uri.filter(|_| of_a_uri).map(str::to_owned),
        output_schema: None,
        input_responses: None,
    };
    let operation = operation(&service.shared, &rules, &caller, component, &mut context);
    let run = |arguments: Option<JsonObject>| {
        if let (false, Some(arguments)) = (of_a_uri, arguments) {
            fill_in(&mut request, arguments, had_arguments);
        }
        service.inner.complete(request, context)
    };
    reply(enforce(operation, run).await, refused.name)
}

/// What a refused completion was about.
fn refused(reference: &Reference) -> Refused<'_> {
    let (kind, name) = match reference {
        Reference::Prompt(prompt) => (ComponentKind::Prompt, &*prompt.name),
        Reference::Resource(resource) => {
            return resources::refused(Operation::Complete, &resource.uri);
        }
        _ => (ComponentKind::Prompt, ""),
    };
    Refused {
        operation: Operation::Complete,
        kind,
        name,
        uri: None,
    }
}

async fn referenced<S: ServerHandler>(
    service: &SaplService<S>,
    reference: &Reference,
    context: &Context,
) -> Referenced {
    match reference {
        Reference::Prompt(reference) => {
            let (ruling, prompt) = prompts::find(service, &reference.name, context).await;
            let unlisted = || Prompt::new(reference.name.clone(), None::<String>, None);
            Referenced {
                ruling,
                definition: prompt.unwrap_or_else(unlisted).into(),
                variables: None,
            }
        }
        Reference::Resource(reference) => by_uri(service, &reference.uri, context).await,
        _ => Referenced {
            ruling: Ruling::Absent("the kind of reference is unknown"),
            definition: Prompt::new("", None::<String>, None).into(),
            variables: None,
        },
    }
}

/// A template by its text, else what a reader would find under that URI.
async fn by_uri<S: ServerHandler>(service: &SaplService<S>, uri: &str, context: &Context) -> Referenced {
    let shared = &*service.shared;
    let (book, mut found) = (shared.rules.template(uri), None);
    let visited = service.inner.visit_templates(context, |template| {
        if template.uri_template == uri {
            let ruling = Ruling::of(book, rules_of(template.meta.as_ref()));
            found = Some(Ruling::also(found.take(), template, ruling));
        }
        ControlFlow::Continue(())
    });
    let unlisted = || ResourceTemplate::new(uri, uri);
    let (template, ruling) = match (visited.await, found, book) {
        (Err(_), ..) => (
            unlisted(),
            Ruling::Absent("the list of resource templates can't be read"),
        ),
        (Ok(()), Some((template, ruling)), _) => (template, ruling.or_default(shared)),
        (Ok(()), None, Some(rules)) => (unlisted(), Ruling::Rules(rules.clone())),
        (Ok(()), None, None) => {
            let located = resources::locate(service, uri, context).await;
            return Referenced {
                ruling: located.ruling,
                definition: located.definition,
                variables: Some(located.variables),
            };
        }
    };
    Referenced {
        ruling,
        definition: template.into(),
        variables: None,
    }
}

/// Takes out what the client has filled in already.
fn filled_in(request: &mut CompleteRequestParams) -> Option<JsonObject> {
    let arguments = request.context.as_mut()?.arguments.take()?;
    Some(
        arguments
            .into_iter()
            .map(|(name, value)| (name, Value::String(value)))
            .collect(),
    )
}

/// The arguments with what there is of the one that is to be completed. The variables of a URI are what the URI says.
fn with_completed(mut arguments: JsonObject, completed: &ArgumentInfo, of_a_uri: bool) -> JsonObject {
    if !of_a_uri || !arguments.contains_key(&completed.name) {
        arguments.insert(completed.name.clone(), completed.value.as_str().into());
    }
    arguments
}

/// Puts the arguments back as handlers left them. There is room for texts alone.
fn fill_in(request: &mut CompleteRequestParams, mut arguments: JsonObject, had_arguments: bool) {
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let completed = arguments.remove(&request.argument.name);
    request.argument.value = completed.map(text).unwrap_or_default();
    if !had_arguments && arguments.is_empty() {
        return;
    }
    let arguments = arguments.into_iter().map(|(name, value)| (name, text(value)));
    request.context.get_or_insert_default().arguments = Some(arguments.collect());
}
