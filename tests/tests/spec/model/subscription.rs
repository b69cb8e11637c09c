//! What the decision point is asked.

use serde_json::{Map, Value, json};

use super::{
    lists::resource_name,
    world::{Component, Kind, Rule, World},
};

/// [What the decision point is asked]. There are no arguments in a list, and where a template is named by its text there is
/// no URI.
pub(crate) fn subscription(
    world: &World,
    component: &Component,
    rule: &Rule,
    arguments: Option<&Map<String, Value>>,
    by_uri: bool,
) -> Value {
    let name = name(component);
    let action = match (rule.is_gate(), component.kind) {
        (true, _) => name,
        (false, Kind::Tool) => "call",
        (false, Kind::Prompt) => "get",
        (false, Kind::Resource | Kind::Template) => "read",
    };
    let resource = if rule.shows_value {
        json!({"name": name, "value": null, "error": null})
    } else if rule.is_gate() {
        json!("mcp")
    } else {
        let tags = if rule.is_default {
            json!([])
        } else {
            json!(["pii"])
        };
        let arguments = arguments.cloned().unwrap_or_default();
        let mut resource = json!({"name": name, "tags": tags, "arguments": arguments});
        if component.kind.is_resource() && by_uri {
            resource["uri"] = component.used_by().into();
        }
        resource
    };
    let mut subscription = json!({"subject": world.subject, "action": action, "resource": resource});
    if !rule.is_default {
        // By this the decision point of the tests tells rules from each other.
        subscription["environment"] = json!({"rule": rule_name(component, rule)});
    }
    subscription
}

/// What the decision point of the tests knows a rule by.
pub(crate) fn rule_name(component: &Component, rule: &Rule) -> String {
    let suffix = if rule.is_gate() { " (gate)" } else { "" };
    format!("{}{suffix}", component.name)
}

/// The component's name as its rule has it.
pub(crate) fn name(component: &Component) -> &str {
    match component.kind {
        Kind::Resource => resource_name(&component.name),
        _ => &component.name,
    }
}
