//! The components of a world and their rules, as an author would write them.

use rmcp::{
    ErrorData,
    model::{
        CallToolResult, ContentBlock, ErrorCode, GetPromptResult, MetaObject, Prompt, PromptMessage,
        ReadResourceResult, Resource, ResourceContents, ResourceTemplate, Role, Tool,
    },
};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt, SaplLayerBuilder, SubscriptionContext, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{Behaviour, Component, Log, Server, object};
use serde_json::{Value, json};

use super::host::Host;
use crate::model::{
    self, Ends, Fault, Field, Kind, Listing, Moment, Part, Point, Returns, Rule, SCHEMA_OF_A_WRAPPER, World,
};

/// The server, with the rules that come with definitions.
pub(super) fn server(world: &World, log: &Log, host: &Host) -> Server {
    let server = Server::new(log).paged(world.page);
    world.components.iter().fold(server, |server, component| {
        let behaviour = behaviour(world, component, log, host);
        let name = component.name.clone();
        match component.kind {
            Kind::Tool => {
                let description = format!("the tool {name}");
                let mut tool = Tool::new(name, description, object(json!({"type": "object"})));
                if component.wraps {
                    let schema = serde_json::from_str(SCHEMA_OF_A_WRAPPER).expect("a schema");
                    tool = tool.with_raw_output_schema(std::sync::Arc::new(schema));
                }
                let tool = ruled(tool, component, log, |tool| &mut tool.meta);
                server.tool(tool, behaviour)
            }
            Kind::Prompt => {
                let description = format!("the prompt {name}");
                let prompt = Prompt::new(name, Some(description), None);
                server.prompt(
                    ruled(prompt, component, log, |prompt| &mut prompt.meta),
                    behaviour,
                )
            }
            Kind::Resource => {
                let short = model::resource_name(&name).to_owned();
                let resource = Resource::new(name, short);
                server.resource(
                    ruled(resource, component, log, |resource| &mut resource.meta),
                    behaviour,
                )
            }
            Kind::Template => {
                let template = ResourceTemplate::new(name.clone(), name);
                server.template(
                    ruled(template, component, log, |template| &mut template.meta),
                    behaviour,
                )
            }
        }
    })
}

/// The definition with its rules.
pub(crate) fn ruled<D: EnforceExt>(
    definition: D,
    component: &model::Component,
    log: &Log,
    meta: impl FnOnce(&mut D) -> &mut Option<MetaObject>,
) -> D {
    let rules = component.rules.each().filter(|rule| !rule.by_builder);
    let mut definition = rules.fold(definition, |definition, rule| {
        definition.enforce(made_of(component, rule, log).shared())
    });
    if component.rules.broken {
        let marker = (
            "io.sapl/enforcement".to_owned(),
            json!("no marker of this process"),
        );
        meta(&mut definition).get_or_insert_default().0.extend([marker]);
    }
    definition
}

/// The rules that the layer's builder is given.
pub(super) fn with_rules(world: &World, log: &Log, builder: SaplLayerBuilder) -> SaplLayerBuilder {
    let all = world
        .components
        .iter()
        .flat_map(|component| component.rules.each().map(move |rule| (component, rule)));
    all.filter(|(_, rule)| rule.by_builder)
        .fold(builder, |builder, (component, rule)| {
            let made = made_of(component, rule, log);
            match component.kind {
                Kind::Tool => builder.tool(&component.name, made),
                Kind::Prompt => builder.prompt(&component.name, made),
                Kind::Resource => builder.resource(&component.name, made),
                Kind::Template => builder.resource_template(&component.name, made),
            }
        })
}

fn made_of(component: &model::Component, rule: &Rule, log: &Log) -> sapl_mcp::Rule {
    let mut made = match rule.point {
        Point::Pre => pre_enforce(),
        Point::Post => post_enforce(),
        Point::Gate => gate(),
    };
    made = made
        .tags(["pii"])
        .required_scopes(rule.scopes.iter().copied())
        .environment(json!({"rule": model::rule_name(component, rule)}));
    if rule.stealth {
        made = made.stealth();
    }
    if let Some(listing) = rule.listing {
        made = made.listing(match listing {
            Listing::Shown => sapl_mcp::Listing::Shown,
            Listing::Hidden => sapl_mcp::Listing::Hidden,
        });
    }
    if rule.shows_value {
        made = made.resource_fn(
            |context| json!({"name": context.name(), "value": context.return_value(), "error": context.error()}),
        );
    }
    if let Some((field, fault)) = rule.faulty {
        made = faulty(made, field, fault);
    }
    match rule.finalize {
        Some(ends) => finalizing(made, ends, log),
        None => made,
    }
}

fn faulty(rule: sapl_mcp::Rule, field: Field, fault: Fault) -> sapl_mcp::Rule {
    macro_rules! faulty {
        ($($field:ident $set:ident)*) => {
            match (field, fault) {
                $(
                    (Field::$field, Fault::None) => rule.$set(|_| None::<Value>),
                    (Field::$field, Fault::Err) => rule.$set(|_| Err::<Value, _>("SECRET of a function")),
                    (Field::$field, Fault::Panic) => rule.$set(|_| -> Value { panic!("SECRET of a panic") }),
                )*
            }
        };
    }
    faulty!(
        Subject subject_fn
        Action action_fn
        Resource resource_fn
        Environment environment_fn
        Secrets secrets_fn
    )
}

fn finalizing(rule: sapl_mcp::Rule, ends: Ends, log: &Log) -> sapl_mcp::Rule {
    let log = log.clone();
    rule.finalize(
        move |decision: &AuthorizationDecision, context: &SubscriptionContext| {
            let line = format!("finalize {} {}", decision.decision, context.outcome());
            let log = log.clone();
            async move {
                tokio::task::yield_now().await;
                log.add(line);
                if ends == Ends::ByPanic {
                    panic!("a finalize function panics");
                }
            }
        },
    )
}

/// What the component does. It can't know whether its request is cancelled by it.
fn behaviour(world: &World, component: &model::Component, log: &Log, host: &Host) -> Behaviour {
    let (component, kind) = (component.clone(), component.kind);
    let (log, host) = (log.clone(), host.clone());
    let cancels = world.cancelled == Some(Moment::Running);
    Behaviour::does(move |received, _| {
        if matches!(kind, Kind::Tool | Kind::Prompt) {
            log.add(format!("with {}", received.arguments));
        }
        if cancels {
            host.cancel();
        }
        let given = given(&component);
        async move {
            tokio::task::yield_now().await;
            given.unwrap_or_else(|| panic!("SECRET of the component that panics"))
        }
    })
}

/// What the component gives, unless it panics.
fn given(component: &model::Component) -> Option<Result<Component, ErrorData>> {
    Some(match &component.returns {
        Returns::Json(value) if component.kind == Kind::Tool => {
            let content = match component.wraps {
                true => json!({"result": value}),
                false => value.clone(),
            };
            let mut result = CallToolResult::structured(content);
            if component.says_more {
                result.content.push(ContentBlock::text("SECRET"));
                result.meta = Some(MetaObject(object(json!({"more": "SECRET"}))));
            }
            Ok(Component::Tool(result.into()))
        }
        Returns::Json(value) => Ok(Component::Value(value.clone())),
        Returns::Text(text) => Ok(Component::Text(text.clone())),
        Returns::Parts(parts) => Ok(given_parts(component, parts)),
        Returns::Err { code, message, data } => {
            Err(ErrorData::new(ErrorCode(*code), message.clone(), data.clone()))
        }
        Returns::IsError(text) => Ok(Component::Tool(
            CallToolResult::error(vec![ContentBlock::text(text)]).into(),
        )),
        Returns::Panic => return None,
        Returns::OfServer => panic!("no component gives what is of the server"),
    })
}

fn given_parts(component: &model::Component, parts: &[Part]) -> Component {
    let block = |part: &Part| match part {
        Part::Text(text) => ContentBlock::text(text),
        Part::Link(uri) => ContentBlock::resource_link(Resource::new(uri, model::resource_name(uri))),
        Part::Embedded { uri, text, .. } => ContentBlock::embedded_text(uri, text),
    };
    let own = component.used_by();
    let contents = |part: &Part| match part {
        Part::Text(text) => ResourceContents::text(text, &own),
        Part::Embedded { uri, text, .. } => ResourceContents::text(text, uri),
        Part::Link(_) => panic!("a resource has no links"),
    };
    match component.kind {
        Kind::Tool => {
            let blocks = parts.iter().map(block).collect();
            Component::Tool(CallToolResult::success(blocks).into())
        }
        Kind::Prompt => {
            let messages = parts
                .iter()
                .map(|part| PromptMessage::new(Role::User, block(part)));
            Component::Prompt(GetPromptResult::new(messages.collect()).into())
        }
        Kind::Resource | Kind::Template => {
            Component::Resource(ReadResourceResult::new(parts.iter().map(contents).collect()).into())
        }
    }
}
