use std::sync::Arc;

use rmcp::model::{MetaObject, Prompt, Resource, ResourceTemplate, Tool};
use sapl_base::AuthorizationSubscription;
use serde::Serialize;
use serde_json::{Value, json};

use super::*;
use crate::{EnforceExt as _, Identity, Rule, post_enforce, pre_enforce, rule::Failure};

fn tool() -> Tool {
    Tool::new(
        "query",
        "Rows",
        Arc::new(json!({"type": "object"}).as_object().cloned().unwrap()),
    )
}

fn on(rule: &Rule, definition: impl Into<Definition>) -> SubscriptionContext {
    SubscriptionContext::new(rule, Operation::Call, definition)
}

fn call(rule: &Rule, arguments: Value) -> SubscriptionContext {
    on(rule, tool()).with_arguments(arguments.as_object().cloned())
}

fn asked(rule: &Rule) -> AuthorizationSubscription {
    rule.subscription(&mut call(rule, json!({"a": 1}))).unwrap()
}

fn refused(rule: &Rule) -> String {
    rule.subscription(&mut call(rule, json!({})))
        .unwrap_err()
        .to_string()
}

fn subject_of(identity: Identity) -> Value {
    let rule = pre_enforce();
    let mut context = call(&rule, json!({})).with_token(Some(Arc::new(identity)));
    rule.subscription(&mut context).unwrap().subject().clone()
}

#[test]
fn the_subject_is_the_claims_else_the_client_else_anonymous() {
    assert_eq!(
        subject_of(Identity::new("t", json!({"sub": "mara"})).with_client_id("c")),
        json!({"sub": "mara"})
    );
    assert_eq!(
        subject_of(Identity::new("t", json!({})).with_client_id("c")),
        json!("c")
    );
    assert_eq!(
        subject_of(Identity::new("t", json!(null)).with_client_id("c")),
        json!("c")
    );
    assert_eq!(subject_of(Identity::new("t", json!({}))), json!("anonymous"));
    assert_eq!(*asked(&pre_enforce()).subject(), json!("anonymous"));
}

#[test]
fn the_claims_are_shared_with_the_token() {
    let rule = pre_enforce();
    let identity = Arc::new(Identity::new("t", json!({"sub": "mara"})));
    let mut context = call(&rule, json!({})).with_token(Some(Arc::clone(&identity)));
    let asked = rule.subscription(&mut context).unwrap();
    assert!(std::ptr::eq(asked.subject(), identity.claims()));
}

#[test]
fn the_action_is_that_of_use_whatever_the_operation() {
    let rule = pre_enforce();
    let prompt = || Prompt::new("p", None::<String>, None);
    let resource = || Resource::new("data://r", "r");
    let template = || ResourceTemplate::new("data://{x}", "x");
    for operation in [
        Operation::Call,
        Operation::List,
        Operation::Complete,
        Operation::Subscribe,
    ] {
        let action = |definition: Definition| {
            let mut context = SubscriptionContext::new(&rule, operation, definition);
            rule.subscription(&mut context).unwrap().action().clone()
        };
        assert_eq!(action(tool().into()), json!("call"));
        assert_eq!(action(prompt().into()), json!("get"));
        assert_eq!(action(resource().into()), json!("read"));
        assert_eq!(action(template().into()), json!("read"));
    }
}

#[test]
fn the_resource_always_has_name_tags_and_arguments() {
    let rule = pre_enforce().tags(["pii", "export"]);
    assert_eq!(
        *asked(&rule).resource(),
        json!({"name": "query", "tags": ["pii", "export"], "arguments": {"a": 1}})
    );
    let mut bare = on(&rule, Prompt::new("p", None::<String>, None));
    let asked = rule.subscription(&mut bare).unwrap();
    assert_eq!(
        *asked.resource(),
        json!({"name": "p", "tags": ["pii", "export"], "arguments": {}})
    );
}

#[test]
fn resources_have_a_uri_and_templates_only_when_they_are_read() {
    let rule = pre_enforce();
    let uri = |mut context: SubscriptionContext| {
        rule.subscription(&mut context)
            .unwrap()
            .resource()
            .get("uri")
            .cloned()
    };
    assert_eq!(
        uri(on(&rule, Resource::new("data://r", "r"))),
        Some(json!("data://r"))
    );
    assert_eq!(
        uri(on(&rule, Resource::new("data://r", "r")).with_uri("DATA://r")),
        Some(json!("DATA://r"))
    );
    assert_eq!(uri(on(&rule, ResourceTemplate::new("data://{x}", "x"))), None);
    assert_eq!(
        uri(on(&rule, ResourceTemplate::new("data://{x}", "x")).with_uri("data://1")),
        Some(json!("data://1"))
    );
    assert_eq!(uri(on(&rule, tool())), None);
}

#[test]
fn environment_and_secrets_are_not_there_by_default() {
    let asked = asked(&pre_enforce());
    assert!(asked.environment().is_none() && asked.secrets().is_none());
}

#[test]
fn falsy_values_are_values() {
    for value in [
        json!(0),
        json!(""),
        json!(false),
        json!(null),
        json!([]),
        json!({}),
    ] {
        let fixed = pre_enforce()
            .subject(&value)
            .action(&value)
            .resource(&value)
            .environment(&value);
        let asked = asked(&fixed);
        assert_eq!([asked.subject(), asked.action(), asked.resource()], [&value; 3]);
        assert_eq!(asked.environment(), Some(&value));
    }
}

#[test]
fn functions_are_asked_at_every_operation() {
    let rule = post_enforce()
        .subject_fn(|ctx| ctx.tags().to_vec())
        .action_fn(|ctx| ctx.operation())
        .resource_fn(|ctx| json!([ctx.argument("a"), ctx.return_value(), ctx.error()]))
        .environment_fn(|ctx| ctx.round())
        .secrets_fn(|ctx| json!({"name": ctx.name()}))
        .tags(["t"]);
    let mut context = call(&rule, json!({"a": 1})).with_round(2, None);
    context.set_return_value(Some(json!("value")));
    let asked = rule.subscription(&mut context).unwrap();
    assert_eq!(*asked.subject(), json!(["t"]));
    assert_eq!(*asked.action(), json!("call"));
    assert_eq!(*asked.resource(), json!([1, "value", null]));
    assert_eq!(asked.environment(), Some(&json!(2)));
    assert_eq!(asked.secrets().unwrap().expose()["name"], "query");
}

#[test]
fn a_field_without_a_value_denies() {
    let none = |_: &SubscriptionContext| None::<u8>;
    assert_eq!(
        refused(&pre_enforce().subject(None::<u8>)),
        "`subject` of the rule has no value"
    );
    assert_eq!(
        refused(&pre_enforce().subject_fn(none)),
        "`subject` of the rule has no value"
    );
    assert_eq!(
        refused(&pre_enforce().action_fn(none)),
        "`action` of the rule has no value"
    );
    assert_eq!(
        refused(&pre_enforce().resource_fn(none)),
        "`resource` of the rule has no value"
    );
    assert_eq!(
        refused(&pre_enforce().environment_fn(none)),
        "`environment` of the rule has no value"
    );
    assert_eq!(
        refused(&pre_enforce().secrets_fn(none)),
        "`secrets` of the rule has no value"
    );
}

#[test]
fn a_field_that_is_an_error_denies() {
    let rule = pre_enforce().resource_fn(|_| Err::<u8, &str>("no"));
    assert_eq!(refused(&rule), "`resource` of the rule is an error");
    let rule = pre_enforce().resource_fn(|_| Ok::<Option<u8>, &str>(None));
    assert_eq!(refused(&rule), "`resource` of the rule has no value");
    let rule = pre_enforce().resource_fn(|_| Ok::<u8, &str>(1));
    assert_eq!(*asked(&rule).resource(), json!(1));
}

#[test]
fn a_function_that_panics_denies() {
    fn panics(_: &SubscriptionContext) -> u8 {
        panic!("on purpose")
    }
    assert_eq!(
        refused(&pre_enforce().subject_fn(panics)),
        "the function for `subject` of the rule panicked"
    );
    assert_eq!(
        refused(&pre_enforce().secrets_fn(panics)),
        "the function for `secrets` of the rule panicked"
    );
}

#[test]
fn a_value_that_is_no_json_denies() {
    let rule = pre_enforce().resource(std::collections::BTreeMap::from([((1, 2), 3)]));
    assert_eq!(
        refused(&rule),
        "`resource` of the rule can't be written as JSON: key must be a string"
    );
}

#[test]
fn secrets_are_an_object() {
    for secrets in [json!(null), json!("x"), json!([1])] {
        assert_eq!(
            refused(&pre_enforce().secrets(secrets)),
            "`secrets` of the rule is not a JSON object"
        );
    }
}

#[test]
fn the_text_of_an_error_about_secrets_is_not_told() {
    use crate::rule::{Field, FieldError};
    let failure = || Failure::Error(Some("hunter2".into()));
    assert!(
        !FieldError::new(Field::Secrets, failure())
            .to_string()
            .contains("hunter2")
    );
    assert!(
        FieldError::new(Field::Subject, failure())
            .to_string()
            .contains("hunter2")
    );
}

#[test]
fn the_default_resource_borrows_the_arguments_and_gives_them_back() {
    let rule = pre_enforce();
    let mut context = call(&rule, json!({"a": [1, 2]}));
    let asked = rule.subscription(&mut context).unwrap();
    assert!(context.arguments().is_empty());
    assert_eq!(asked.resource()["arguments"], json!({"a": [1, 2]}));
    context.reclaim(asked);
    assert_eq!(context.argument("a"), Some(&json!([1, 2])));
}

#[test]
fn functions_see_the_arguments_that_the_resource_borrows() {
    let rule = pre_enforce().environment_fn(|ctx| ctx.arguments().clone());
    let mut context = call(&rule, json!({"a": 1}));
    let asked = rule.subscription(&mut context).unwrap();
    assert_eq!(asked.environment(), Some(&json!({"a": 1})));
    assert_eq!(asked.resource()["arguments"], json!({"a": 1}));
}

#[test]
fn a_refused_subscription_leaves_the_arguments_where_they_were() {
    let rule = pre_enforce().secrets(None::<u8>);
    let mut context = call(&rule, json!({"a": 1}));
    assert!(rule.subscription(&mut context).is_err());
    assert_eq!(context.argument("a"), Some(&json!(1)));
}

#[test]
fn a_rule_with_finalize_keeps_the_arguments_in_sight() {
    async fn finished(_: &crate::AuthorizationDecision, _: &SubscriptionContext) {}
    let rule = pre_enforce().finalize(finished);
    let mut context = call(&rule, json!({"a": 1}));
    let asked = rule.subscription(&mut context).unwrap();
    assert_eq!(context.argument("a"), Some(&json!(1)));
    assert_eq!(asked.resource()["arguments"], json!({"a": 1}));
    context.reclaim(asked);
    assert_eq!(context.argument("a"), Some(&json!(1)));
}

#[test]
fn an_authors_resource_is_not_taken_for_the_arguments() {
    let rule = pre_enforce().resource(json!({"arguments": {"forged": true}}));
    let mut context = call(&rule, json!({"a": 1}));
    let asked = rule.subscription(&mut context).unwrap();
    context.reclaim(asked);
    assert_eq!(Value::Object(context.arguments().clone()), json!({"a": 1}));
}

#[test]
fn absent_and_empty_arguments_reach_the_component_as_they_were() {
    let rule = pre_enforce();
    for arguments in [
        None,
        json!({}).as_object().cloned(),
        json!({"a": 1}).as_object().cloned(),
    ] {
        let mut context = on(&rule, tool()).with_arguments(arguments.clone());
        let asked = rule.subscription(&mut context).unwrap();
        context.reclaim(asked);
        assert_eq!(context.take_arguments(), arguments);
    }
}

#[test]
fn the_component_is_seen_without_the_marker() {
    let mut meta = MetaObject::default();
    meta.0.insert("mine".to_owned(), json!(1));
    let rule = pre_enforce().tags(["t"]);
    let context = on(
        &rule,
        tool().with_meta(meta).with_title("Query").enforce(rule.clone()),
    );
    assert_eq!(
        serde_json::to_value(context.component()).unwrap(),
        json!({
            "kind": "tool", "name": "query", "title": "Query", "description": "Rows", "tags": ["t"],
            "inputSchema": {"type": "object"}, "_meta": {"mine": 1},
        })
    );
    let context = on(
        &rule,
        Resource::new("data://r", "r")
            .with_mime_type("text/csv")
            .enforce(rule.clone()),
    );
    assert_eq!(
        serde_json::to_value(context.component()).unwrap(),
        json!({"kind": "resource", "name": "r", "tags": ["t"], "mimeType": "text/csv"})
    );
    let shared: Definition = Arc::new(Definition::from(ResourceTemplate::new("data://{x}", "x"))).into();
    assert_eq!(
        on(&rule, shared).component().kind(),
        ComponentKind::ResourceTemplate
    );
}

#[test]
fn headers_come_from_the_request() {
    let rule = pre_enforce();
    let (parts, ()) = http::Request::builder()
        .header("x-zone", "north")
        .body(())
        .unwrap()
        .into_parts();
    let context = on(&rule, tool()).with_parts(Some(Arc::new(parts)));
    assert_eq!(context.header("X-Zone"), Some("north"));
    assert_eq!(context.header("x-other"), None);
    assert_eq!(on(&rule, tool()).header("x-zone"), None);
}

#[test]
fn an_operation_that_has_not_ended_would_be_cancelled() {
    let rule = pre_enforce();
    let mut context = on(&rule, tool());
    assert_eq!(context.outcome(), Outcome::Cancelled);
    context.set_outcome(Outcome::Completed);
    assert_eq!(context.outcome(), Outcome::Completed);
}

#[test]
fn a_context_prints_no_arguments() {
    let rule = pre_enforce();
    let printed = format!("{:?}", call(&rule, json!({"password": "hunter2"})));
    assert!(
        !printed.contains("hunter2") && !printed.contains("password"),
        "{printed}"
    );
}

#[test]
fn a_slot_is_the_same_for_everybody_in_the_operation() {
    let rule = pre_enforce();
    let context = on(&rule, tool());
    let handler = context.slots().clone();
    assert!(!context.slot::<String>().is_set());
    assert_eq!(handler.slot::<String>().set("begun".to_owned()), None);
    assert_eq!(context.slot::<String>().get().as_deref(), Some("begun"));
    assert_eq!(
        context.slot::<String>().set("done".to_owned()).as_deref(),
        Some("begun")
    );
    assert_eq!(handler.slot::<u8>().take(), None);
    assert_eq!(handler.slot::<String>().take().as_deref(), Some("done"));
    assert!(!context.slot::<String>().is_set());
    assert!(!on(&rule, tool()).slot::<String>().is_set());
}

#[test]
fn absent_values_are_told_from_null_at_the_top_only() {
    #[derive(Serialize)]
    struct Wrapper(Option<u8>);
    #[derive(Serialize)]
    struct Fields {
        inner: Option<u8>,
    }
    assert_eq!(present(&None::<u8>), Err(Failure::Absent));
    assert_eq!(present(&Some(None::<u8>)), Err(Failure::Absent));
    assert_eq!(present(&Wrapper(None)), Err(Failure::Absent));
    assert_eq!(present(&Wrapper(Some(1))), Ok(json!(1)));
    assert_eq!(present(&Some(())), Ok(Value::Null));
    assert_eq!(present(&Value::Null), Ok(Value::Null));
    assert_eq!(present(&Fields { inner: None }), Ok(json!({"inner": null})));
    assert_eq!(present(&[None, Some(1)]), Ok(json!([null, 1])));
    assert_eq!(present(&Err::<u8, u8>(1)), Err(Failure::Error(None)));
    assert_eq!(present(&Ok::<_, u8>(Some("x"))), Ok(json!("x")));
    assert_eq!(present("text"), Ok(json!("text")));
    assert_eq!(
        present(&u128::MAX),
        Err(Failure::NotJson("number out of range".into()))
    );
}
