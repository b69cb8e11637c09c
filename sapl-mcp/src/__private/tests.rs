//! Every form of an annotation, by what the decision point would be asked.

use std::{marker::PhantomData, sync::Arc};

use rmcp::{
    handler::server::{
        router::{prompt::PromptRouter, tool::ToolRouter},
        wrapper::Parameters,
    },
    model::{MetaObject, Prompt, PromptMessage, Tool},
    prompt, prompt_router, tool, tool_router,
};
use sapl_base::AuthorizationSubscription;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    prelude::*,
    rule::{FieldError, Listing, Marked, Mode, Rule, rules_of},
    subscription::{Definition, Operation, SubscriptionContext},
};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Query {
    #[serde(rename = "segment")]
    _segment: Option<String>,
}

trait Store: Send + Sync + 'static {
    const NAME: &'static str;
    fn zone() -> &'static str {
        Self::NAME
    }
}

struct North;
struct South;

impl Store for North {
    const NAME: &'static str = "north";
}

impl Store for South {
    const NAME: &'static str = "south";
}

struct Server<T>(PhantomData<fn() -> T>);

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

/// An error without text.
struct Silent;

const CONSTANT: &str = "a constant";
static STATIC: std::sync::Mutex<u32> = std::sync::Mutex::new(7);
const FAILURE: Result<u8, Silent> = Err(Silent);
const NOTHING: Option<u8> = None;

fn borrowing(ctx: &SubscriptionContext) -> &str {
    ctx.name()
}

fn fallible(ctx: &SubscriptionContext) -> Result<Value, std::fmt::Error> {
    match ctx.argument("segment") {
        Some(segment) => Ok(json!({ "segment": segment })),
        None => Err(std::fmt::Error),
    }
}

async fn finished(_: &AuthorizationDecision, ctx: &SubscriptionContext) {
    tokio::task::yield_now().await;
    ctx.slot::<&str>().set("finished");
}

#[tool_router]
impl<T: Store> Server<T> {
    const RESOURCE: &'static str = T::NAME;

    fn of_store(ctx: &SubscriptionContext) -> String {
        format!("{}/{}", T::NAME, ctx.name())
    }

    async fn done(_: &AuthorizationDecision, ctx: &SubscriptionContext) {
        ctx.slot::<&str>().set(T::NAME);
    }

    #[pre_enforce]
    #[tool]
    async fn bare(&self) {}

    #[pre_enforce(
        tags = ["pii", CONSTANT, String::from("made")],
        resource = |ctx| json!({"name": ctx.name(), "segment": ctx.argument("segment")}),
        stealth,
        finalize = finished,
        listing = hidden,
        input_required = pass,
        output_schema = relaxed,
        required_scopes = ["read"],
    )]
    #[tool(description = concat!("customer", " records"), annotations(title = "Customers", read_only_hint = true))]
    async fn all_arguments(&self, Parameters(_query): Parameters<Query>) -> String {
        String::new()
    }

    #[post_enforce(
        subject = |ctx| ctx.token().and_then(|token| token.client_id()),
        resource = |ctx| json!({"result": ctx.return_value()}),
        allow_peer_messages,
    )]
    #[tool]
    async fn after(&self, _peer: rmcp::Peer<rmcp::RoleServer>) -> String {
        String::new()
    }

    #[pre_enforce(
        subject = |ctx| {
            if ctx.name() == "elsewhere" {
                return None;
            }
            Some(ctx.name())
        },
        action = |ctx| -> Result<String, String> {
            let segment = ctx.argument("segment").ok_or("there is no segment")?;
            Ok(segment.as_str().ok_or_else(|| "a segment is a text".to_owned())?.to_owned())
        },
        resource = |ctx: &SubscriptionContext| Named { name: ctx.name() },
        environment = |ctx| Some((ctx.argument("segment")?.as_str()?, 1.5)),
        secrets = |_| json!({"key": "hunter2"}),
    )]
    #[tool]
    async fn closures(&self) {}

    #[pre_enforce(subject = Self::of_store, action = borrowing, resource = fallible, environment = T::zone())]
    #[tool]
    fn functions(&self) {}

    #[pre_enforce(subject = Self::RESOURCE, action = CONSTANT, resource = STATIC, environment = <T as Store>::NAME)]
    #[tool]
    fn paths(&self) {}

    #[pre_enforce(
        subject = ("a", 1),
        action = "literal",
        resource = { let base = 5; base + 1 },
        environment = json!(null),
        secrets = json!({}),
        stealth = T::NAME.len() > 100,
        finalize = Self::done,
    )]
    #[rmcp::tool(name = "renamed", meta = MetaObject(serde_json::from_value(json!({"mine": 1})).unwrap()))]
    fn values(&self) {}

    #[pre_enforce(resource = None::<String>)]
    #[tool]
    fn none(&self) {}

    #[pre_enforce(resource = std::env::var("A_VARIABLE_THAT_NOBODY_SETS"))]
    #[tool]
    fn error(&self) {}

    #[pre_enforce(resource = NOTHING)]
    #[tool]
    fn nothing(&self) {}

    #[pre_enforce(resource = FAILURE)]
    #[tool]
    fn failure(&self) {}

    #[pre_enforce(resource = |_| if true { Err(Silent) } else { Ok(1) })]
    #[tool]
    fn silent(&self) {}

    #[pre_enforce(resource = |_| -> Value { panic!("on purpose") })]
    #[tool]
    fn panicking(&self) {}

    #[pre_enforce(secrets = |_| 5)]
    #[tool]
    fn bad_secrets(&self) {}

    /// A component without a rule.
    #[tool]
    fn open(&self) {}

    fn tools() -> ToolRouter<Self> {
        Self::tool_router()
    }
}

#[prompt_router]
impl<T: Store> Server<T> {
    #[pre_enforce(tags = ["pii"], stealth)]
    #[prompt(description = "A report")]
    async fn report(&self, Parameters(_query): Parameters<Query>) -> Vec<PromptMessage> {
        Vec::new()
    }

    fn prompts() -> PromptRouter<Self> {
        Self::prompt_router()
    }
}

#[pre_enforce(resource = |ctx| ctx.name(), tags = ["free"])]
#[tool(description = "a free function")]
async fn free() {}

macro_rules! server {
    ($server:ident, $tag:literal, $resource:expr) => {
        struct $server;

        #[tool_router]
        impl $server {
            #[pre_enforce(tags = [$tag], resource = $resource)]
            #[tool]
            fn made(&self) {}

            fn tools() -> ToolRouter<Self> {
                Self::tool_router()
            }
        }
    };
}

server!(OfClosure, "closure", |ctx| ctx.name());
server!(OfParentheses, "parentheses", (|ctx| ctx.name()));
server!(OfPath, "path", borrowing);
server!(OfValue, "value", 5);

#[tool_router(router = others)]
impl OfValue {
    #[pre_enforce(tags = ["other"])]
    #[tool]
    fn other(&self) {}
}

fn rule(meta: Option<&MetaObject>) -> Arc<Rule> {
    match rules_of(meta) {
        Marked::Rules(rules) => Arc::clone(rules.first()),
        other => panic!("{other:?}"),
    }
}

fn asked_of(tool: Tool, arguments: Value) -> Result<AuthorizationSubscription, FieldError> {
    let rule = rule(tool.meta.as_ref());
    let mut context = context(&rule, tool, arguments);
    rule.subscription(&mut context)
}

fn context(rule: &Rule, definition: impl Into<Definition>, arguments: Value) -> SubscriptionContext {
    SubscriptionContext::new(rule, Operation::Call, definition).with_arguments(arguments.as_object().cloned())
}

fn tool_of<S>(router: &ToolRouter<S>, name: &str) -> Tool
where
    S: Send + Sync + 'static,
{
    router.get(name).unwrap().clone()
}

fn north(name: &str) -> Tool {
    tool_of(&Server::<North>::tools(), name)
}

fn refused(tool: &str) -> String {
    asked_of(north(tool), json!({})).unwrap_err().to_string()
}

#[test]
fn an_annotation_without_arguments_has_all_defaults() {
    let asked = asked_of(north("bare"), json!({"a": 1})).unwrap();
    let expected = AuthorizationSubscription::new(
        "anonymous",
        "call",
        json!({"name": "bare", "tags": [], "arguments": {"a": 1}}),
    );
    assert_eq!(asked, expected);
}

#[test]
fn every_argument_reaches_the_rule() {
    let tool = north("all_arguments");
    assert_eq!(tool.description.as_deref(), Some("customer records"));
    assert_eq!(tool.annotations.as_ref().unwrap().read_only_hint, Some(true));
    let rule = rule(tool.meta.as_ref());
    assert_eq!(rule.mode(), Mode::Pre);
    assert_eq!(rule.tag_names().as_ref(), ["pii", "a constant", "made"]);
    assert_eq!(rule.fixed_listing(), Some(Listing::Hidden));
    assert_eq!(rule.needed_scopes(), ["read"]);
    assert!(rule.hides() && rule.passes_input_required() && rule.relaxes_output_schema());
    assert!(rule.finalizer().is_some());
    let asked = asked_of(tool, json!({"segment": "b2b"})).unwrap();
    assert_eq!(
        *asked.resource(),
        json!({"name": "all_arguments", "segment": "b2b"})
    );
}

#[test]
fn a_post_enforce_rule_sees_the_value() {
    let tool = north("after");
    let rule = rule(tool.meta.as_ref());
    assert_eq!(rule.mode(), Mode::Post);
    let mut context = context(&rule, tool, json!({})).with_token(Some(Arc::new(
        crate::Identity::new("t", json!({})).with_client_id("client"),
    )));
    context.set_return_value(Some(json!([1])));
    let asked = rule.subscription(&mut context).unwrap();
    assert_eq!(*asked.subject(), json!("client"));
    assert_eq!(*asked.resource(), json!({"result": [1]}));
}

#[test]
fn closures_return_early_and_borrow() {
    let asked = asked_of(north("closures"), json!({"segment": "b2b"})).unwrap();
    assert_eq!(*asked.subject(), json!("closures"));
    assert_eq!(*asked.action(), json!("b2b"));
    assert_eq!(*asked.resource(), json!({"name": "closures"}));
    assert_eq!(asked.environment(), Some(&json!(["b2b", 1.5])));
    assert_eq!(
        asked.secrets().unwrap().expose().get("key"),
        Some(&json!("hunter2"))
    );
}

#[test]
fn an_error_of_a_closure_is_told_with_its_text() {
    assert_eq!(
        refused("closures"),
        "`action` of the rule is an error: there is no segment"
    );
}

#[test]
fn paths_name_functions() {
    let asked = asked_of(north("functions"), json!({"segment": 1})).unwrap();
    assert_eq!(*asked.subject(), json!("north/functions"));
    assert_eq!(*asked.action(), json!("functions"));
    assert_eq!(*asked.resource(), json!({"segment": 1}));
    assert_eq!(asked.environment(), Some(&json!("north")));
    let south = asked_of(
        tool_of(&Server::<South>::tools(), "functions"),
        json!({"segment": 1}),
    )
    .unwrap();
    assert_eq!(*south.subject(), json!("south/functions"));
}

#[test]
fn paths_name_values_that_are_read_once() {
    let tool = north("paths");
    let asked = asked_of(tool.clone(), json!({})).unwrap();
    assert_eq!(*asked.subject(), json!("north"));
    assert_eq!(*asked.action(), json!("a constant"));
    assert_eq!(*asked.resource(), json!(7));
    assert_eq!(asked.environment(), Some(&json!("north")));
    assert!(!rule(tool.meta.as_ref()).shows_context());
}

#[test]
fn expressions_are_values_and_null_is_one() {
    let tool = north("renamed");
    let asked = asked_of(tool.clone(), json!({})).unwrap();
    assert_eq!(*asked.subject(), json!(["a", 1]));
    assert_eq!(*asked.action(), json!("literal"));
    assert_eq!(*asked.resource(), json!(6));
    assert_eq!(asked.environment(), Some(&Value::Null));
    assert!(asked.secrets().unwrap().expose().is_empty());
    let rule = rule(tool.meta.as_ref());
    assert!(!rule.hides());
    assert_eq!(
        context(&rule, tool, json!({}))
            .component()
            .meta()
            .unwrap()
            .0
            .get("mine"),
        Some(&json!(1))
    );
}

#[test]
fn whatever_gives_no_value_denies() {
    assert_eq!(refused("none"), "`resource` of the rule has no value");
    assert_eq!(refused("nothing"), "`resource` of the rule has no value");
    assert_eq!(
        refused("error"),
        "`resource` of the rule is an error: environment variable not found"
    );
    assert_eq!(refused("failure"), "`resource` of the rule is an error");
    assert_eq!(refused("silent"), "`resource` of the rule is an error");
    assert_eq!(
        refused("panicking"),
        "the function for `resource` of the rule panicked"
    );
    assert_eq!(
        refused("bad_secrets"),
        "`secrets` of the rule is not a JSON object"
    );
}

#[tokio::test]
async fn finalize_takes_functions_and_associated_functions() {
    for (tool, expected) in [("all_arguments", "finished"), ("renamed", "north")] {
        let tool = north(tool);
        let rule = rule(tool.meta.as_ref());
        let context = context(&rule, tool, json!({}));
        rule.finalizer()
            .unwrap()
            .run(&AuthorizationDecision::deny(), &context)
            .await;
        assert_eq!(context.slot::<&str>().get(), Some(expected));
    }
}

#[test]
fn prompts_and_free_functions_carry_rules() {
    let prompts = Server::<North>::prompts();
    let report: Prompt = prompts
        .list_all()
        .into_iter()
        .find(|prompt| prompt.name == "report")
        .unwrap();
    let rule_of_report = rule(report.meta.as_ref());
    assert_eq!(rule_of_report.tag_names().as_ref(), ["pii"]);
    let asked = rule_of_report
        .subscription(&mut context(&rule_of_report, report, json!({})))
        .unwrap();
    assert_eq!(*asked.action(), json!("get"));
    assert_eq!(
        *asked_of(free_tool_attr(), json!({})).unwrap().resource(),
        json!("free")
    );
    drop(free());
}

#[test]
fn macro_rules_may_pass_the_arguments_on() {
    for (router, tag, resource) in [
        (OfClosure::tools().get("made").cloned(), "closure", json!("made")),
        (
            OfParentheses::tools().get("made").cloned(),
            "parentheses",
            json!("made"),
        ),
        (OfPath::tools().get("made").cloned(), "path", json!("made")),
        (OfValue::tools().get("made").cloned(), "value", json!(5)),
    ] {
        let tool = router.unwrap();
        assert_eq!(rule(tool.meta.as_ref()).tag_names().as_ref(), [tag]);
        assert_eq!(*asked_of(tool, json!({})).unwrap().resource(), resource);
    }
    let both = OfValue::tools() + OfValue::others();
    assert_eq!(
        rule(tool_of(&both, "other").meta.as_ref()).tag_names().as_ref(),
        ["other"]
    );
}

#[test]
fn a_component_without_an_annotation_has_no_rule() {
    assert!(matches!(rules_of(north("open").meta.as_ref()), Marked::None));
}

#[test]
fn a_router_built_again_brings_no_new_rules() {
    let first: Vec<_> = Server::<North>::tools()
        .list_all()
        .into_iter()
        .map(|tool| tool.meta)
        .collect();
    let again: Vec<_> = Server::<North>::tools()
        .list_all()
        .into_iter()
        .map(|tool| tool.meta)
        .collect();
    let south: Vec<_> = Server::<South>::tools()
        .list_all()
        .into_iter()
        .map(|tool| tool.meta)
        .collect();
    assert_eq!(first, again);
    assert_ne!(first, south);
}
