//! The constraints of the built-in content filters, as a policy would write them.

use serde_json::{Value, json};

use crate::model::{
    Action, Blacken, Change, Condition, ContentFilter, Does, Flaw, Path, Provider, Step, Test,
};

/// The members of a constraint for a built-in filter.
pub(super) fn written(provider: Provider, does: &Does) -> Value {
    let mut written = match does {
        Does::Content(filter) => filter_of(filter),
        Does::Flawed(flaw) => flawed(*flaw),
        other => panic!("no built-in filter does so: {other:?}"),
    };
    written["type"] = match provider {
        Provider::ContentPredicate => "jsonContentFilterPredicate".into(),
        _ => "filterJsonContent".into(),
    };
    written
}

fn filter_of(ContentFilter { conditions, actions }: &ContentFilter) -> Value {
    let conditions: Vec<Value> = conditions.iter().map(condition_of).collect();
    let actions: Vec<Value> = actions.iter().map(action_of).collect();
    json!({"conditions": conditions, "actions": actions})
}

fn condition_of(Condition { path, test }: &Condition) -> Value {
    let (comparison, value) = match test {
        Test::Equal(value) => ("==", value.clone()),
        Test::NotEqual(value) => ("!=", value.clone()),
        Test::Less(value) => ("<", value.clone()),
        Test::Greater(value) => (">", value.clone()),
        Test::AtMost(value) => ("<=", value.clone()),
        Test::AtLeast(value) => (">=", value.clone()),
        Test::Matches(words) => ("=~", words.join("|").into()),
    };
    json!({"path": path_of(path), "type": comparison, "value": value})
}

fn action_of(Action { path, change }: &Action) -> Value {
    let mut action = match change {
        Change::Delete => json!({"type": "delete"}),
        Change::Replace(replacement) => json!({"type": "replace", "replacement": replacement}),
        Change::Blacken(blacken) => blacken_of(blacken),
    };
    action["path"] = path_of(path).into();
    action
}

fn blacken_of(blacken: &Blacken) -> Value {
    let mut action = json!({"type": "blacken"});
    if let Some(replacement) = &blacken.replacement {
        action["replacement"] = replacement.as_str().into();
    }
    let counts = [
        ("discloseLeft", blacken.disclose_left),
        ("discloseRight", blacken.disclose_right),
        ("length", blacken.length),
    ];
    for (option, count) in counts {
        if let Some(count) = count {
            action[option] = count.into();
        }
    }
    action
}

fn path_of(Path(steps): &Path) -> String {
    let step = |step: &Step| match step {
        Step::Member(name) => format!(".{name}"),
        Step::Element(index) => format!("[{index}]"),
        Step::Every => ".*".to_owned(),
        Step::Anywhere(name) => format!("..{name}"),
    };
    let steps: String = steps.iter().map(step).collect();
    format!("${steps}")
}

/// A constraint that would be right but for this.
fn flawed(flaw: Flaw) -> Value {
    let condition = json!({"path": "$.a", "type": "==", "value": "x"});
    let action = json!({"path": "$.a", "type": "blacken", "discloseLeft": 1});
    // Null stands for a member that is left out.
    let (of_condition, of_action) = match flaw {
        Flaw::NoList => return json!({}),
        Flaw::NotAList => return json!({"conditions": condition, "actions": action}),
        Flaw::PathOfCondition => (json!({"path": "$.a["}), json!({})),
        Flaw::UnknownComparison => (json!({"type": "="}), json!({})),
        Flaw::NoValue => (json!({"value": null}), json!({})),
        Flaw::ValueWithoutOrder => (json!({"type": "<", "value": true}), json!({})),
        Flaw::Pattern => (json!({"type": "=~", "value": "("}), json!({})),
        Flaw::OptionOfCondition => (json!({"valeu": "x"}), json!({})),
        Flaw::PathOfAction => (json!({}), json!({"path": "a"})),
        Flaw::UnknownAction => (json!({}), json!({"type": "remove"})),
        Flaw::NoReplacement => (json!({}), json!({"type": "replace"})),
        Flaw::NegativeCount => (json!({}), json!({"discloseLeft": -1})),
        Flaw::OptionOfAction => (json!({}), json!({"disclose_left": 1})),
    };
    json!({"conditions": [with(condition, of_condition)], "actions": [with(action, of_action)]})
}

fn with(mut entry: Value, changes: Value) -> Value {
    let (Value::Object(members), Value::Object(changes)) = (&mut entry, changes) else {
        panic!("an entry is an object");
    };
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    entry
}
