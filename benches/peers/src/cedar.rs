//! The cases in Cedar: the caller is an entity whose attributes are the claims, a tool is a resource, the arguments are
//! in the context.

use std::collections::{HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};
use serde_json::Value;

use crate::cases::{Case, role};

/// What the demo's policies permit; what they refuse, nothing here permits.
const DEMO: &str = r#"
    permit(principal, action, resource == Tool::"query_customer_data")
    when { principal.realm_access.roles.contains("ANALYST") };
    permit(principal, action, resource == Tool::"list_data_exports")
    when { principal.realm_access.roles.contains("ANALYST") };
    permit(principal, action, resource == Tool::"list_data_exports")
    when { principal.realm_access.roles.contains("INTERN") };
    permit(principal, action, resource == Tool::"list_data_exports")
    when { principal.realm_access.roles.containsAny(["COMPLIANCE", "ENGINEER"]) };
    permit(principal, action, resource == Tool::"purge_dataset")
    when { principal.realm_access.roles.contains("COMPLIANCE") };
    permit(principal, action == Action::"export_data", resource)
    when { principal.realm_access.roles.containsAny(["ANALYST", "COMPLIANCE"]) };
    permit(principal, action, resource == Tool::"customer_card")
    when { principal.realm_access.roles.contains("ANALYST") };
    permit(principal, action, resource)
    when { resource.tags.contains("public") };
    permit(principal, action, resource)
    when { resource.tags.contains("pii") && principal.realm_access.roles.containsAny(["ANALYST", "COMPLIANCE"]) };
    permit(principal, action, resource)
    when { resource.tags.contains("engineering") && principal.realm_access.roles.contains("ENGINEER") };
    permit(principal, action, resource)
    when { resource.tags.contains("compliance") && principal.realm_access.roles.contains("COMPLIANCE") };
"#;

/// Policies that were parsed.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
}

/// What Cedar decides on.
pub struct Prepared {
    request: Request,
    entities: Entities,
}

impl Cedar {
    pub fn new(case: &Case) -> Self {
        let text = match case.name.as_str() {
            "trivial" => r#"permit(principal, action == Action::"call", resource);"#.to_owned(),
            "three roles" => r#"
                permit(principal, action == Action::"call", resource)
                when { principal.realm_access.roles.contains("analyst") };
                permit(principal, action == Action::"call", resource)
                when { principal.realm_access.roles.contains("operator") };
                forbid(principal, action == Action::"call", resource)
                unless { principal.realm_access.roles.contains("user") };
            "#
            .to_owned(),
            name if name.starts_with("demo") => DEMO.to_owned(),
            _ => (0..case.documents.len())
                .map(|tool| {
                    format!(
                        "permit(principal, action, resource == Tool::\"tool-{tool}\")
                         when {{ principal.realm_access.roles.contains(\"{}\") }};\n",
                        role(tool)
                    )
                })
                .collect(),
        };
        Self {
            authorizer: Authorizer::new(),
            policies: text.parse().expect("valid policies"),
        }
    }

    pub fn permits(&self, prepared: &Prepared) -> bool {
        let response = self
            .authorizer
            .is_authorized(&prepared.request, &self.policies, &prepared.entities);
        response.decision() == Decision::Allow
    }
}

/// Turns a subscription into what Cedar decides on.
pub fn prepared(json: &Value) -> Prepared {
    let claims = json["subject"].as_object().expect("claims");
    let caller = uid("User", json["subject"]["sub"].as_str());
    let action = uid("Action", json["action"].as_str());
    let tool = uid("Tool", json["resource"]["name"].as_str());
    let attributes: HashMap<String, RestrictedExpression> = claims
        .iter()
        .map(|(name, value)| (name.clone(), expression(value)))
        .collect();
    let entity = Entity::new(caller.clone(), attributes, HashSet::new()).expect("an entity");
    let mut entities = vec![entity];
    if let Some(tags) = json["resource"].get("tags") {
        let tags = HashMap::from([("tags".to_owned(), expression(tags))]);
        entities.push(Entity::new(tool.clone(), tags, HashSet::new()).expect("an entity"));
    }
    let arguments = expression(&json["resource"]["arguments"]);
    let context = Context::from_pairs([("arguments".to_owned(), arguments)]).expect("a context");
    Prepared {
        request: Request::new(caller, action, tool, context, None).expect("a request"),
        entities: Entities::from_entities(entities, None).expect("entities"),
    }
}

fn uid(kind: &'static str, id: Option<&str>) -> EntityUid {
    thread_local! {
        static KINDS: HashMap<&'static str, EntityTypeName> = ["User", "Action", "Tool"]
            .map(|kind| (kind, kind.parse().expect("a name")))
            .into();
    }
    let kind = KINDS.with(|kinds| kinds[kind].clone());
    EntityUid::from_type_name_and_id(kind, EntityId::new(id.expect("a text")))
}

fn expression(json: &Value) -> RestrictedExpression {
    match json {
        Value::String(text) => RestrictedExpression::new_string(text.clone()),
        Value::Number(number) => RestrictedExpression::new_long(number.as_i64().expect("an integer")),
        Value::Bool(value) => RestrictedExpression::new_bool(*value),
        Value::Array(elements) => RestrictedExpression::new_set(elements.iter().map(expression)),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name.clone(), expression(value)));
            RestrictedExpression::new_record(members).expect("distinct names")
        }
        Value::Null => unreachable!("no case has null"),
    }
}
