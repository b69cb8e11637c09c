//! `docs/migrating-from-python.md` names everything that the page of the Python library names, and what it names of
//! ours exists.

use std::{fs, path::Path, time::Duration};

use sapl_base::{
    CachingPdp,
    constraint::{
        ConstraintEnforcementService, ConstraintEnforcementServiceBuilder, ConsumerProvider,
        ErrorHandlerProvider, ErrorMappingProvider, FilterPredicateProvider, MappingProvider,
        MethodInvocation, MethodInvocationProvider, RunnableProvider,
    },
    http::{ClientCredentials, HttpPdp, PdpConfig, PdpConfigError, TlsSettings},
};
use sapl_mcp::{
    AuthorizationDecision, AuthorizationSubscription, BearerAuthLayer, ConfigError, Decision, EmbeddedPdp,
    Identity, Introspection, JwtVerifier, PolicyDecisionPoint, Rule, Sapl, SaplLayer, SaplLayerBuilder,
    StaticTokens, SubscriptionContext, TokenVerifier, Unannotated, gate, post_enforce, pre_enforce,
};

/// Names, options and defaults of the Python library's page.
const PYTHON: &[&str] = &[
    "sapl-fastmcp",
    "sapl-base",
    "SAPLMiddleware",
    "auth=sapl()",
    "sapl(..)",
    "configure_sapl",
    "get_pdp_client",
    "get_constraint_service",
    "PdpClient",
    "PdpConfig",
    "ConstraintEnforcementService",
    "constraint_service",
    "enforce_listing",
    "pre_enforce",
    "post_enforce",
    "fn.__sapl__",
    "SaplConfig",
    "TypeError",
    "subject",
    "action",
    "resource",
    "environment",
    "secrets",
    "finalize",
    "stealth",
    "tags",
    "SubscriptionContext",
    "AuthContext",
    "ctx.token",
    "ctx.component",
    "ctx.operation",
    "ctx.arguments",
    "ctx.uri",
    "ctx.return_value",
    "AccessToken",
    "\"anonymous\"",
    "\"call\"",
    "\"read\"",
    "\"get\"",
    "\"list\"",
    "\"mcp\"",
    "client_id",
    "falsy values",
    "AccessDeniedError",
    "NotFoundError",
    "AuthorizationSubscription",
    "AuthorizationDecision",
    "decide_once",
    "Decision.PERMIT",
    "RunnableConstraintHandlerProvider",
    "MethodInvocationConstraintHandlerProvider",
    "ConsumerConstraintHandlerProvider",
    "MappingConstraintHandlerProvider",
    "FilterPredicateConstraintHandlerProvider",
    "ErrorHandlerProvider",
    "ErrorMappingConstraintHandlerProvider",
    "register_runnable",
    "register_method_invocation",
    "register_consumer",
    "register_mapping",
    "register_filter_predicate",
    "register_error_handler",
    "register_error_mapping",
    "is_responsible",
    "get_handler",
    "get_signal",
    "get_priority",
    "MethodInvocationContext",
    "context.kwargs",
    "ContentFilteringProvider",
    "ContentFilterPredicateProvider",
    "filterJsonContent",
    "jsonContentFilterPredicate",
    "blacken",
    "delete",
    "replace",
    "replacement",
    "discloseLeft",
    "discloseRight",
    "length",
    "path",
    "$.field.nested",
    "$..ssn",
    "$['field']",
    "$.items[0]",
    "$.users[*].email",
    "$.books[?(@.price<10)]",
    "base_url",
    "https://localhost:8443",
    "token",
    "username",
    "password",
    "timeout",
    "allow_insecure_connections",
    "STDIO",
    "All decisions INDETERMINATE",
    "denied despite PERMIT",
    "handler not firing",
    "subject is `\"anonymous\"`",
    "stealth warning in the logs",
    "RuntimeError: SAPL not configured",
    "STDIO requests bypass auth",
    "content filter throws",
    "first or abstain",
    "limitResults",
    "filterByClassification",
    "logAccess",
    "fastmcp_demo",
];

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/migrating-from-python.md");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_guide_names_what_the_page_of_the_python_library_names() {
    let guide = guide().to_lowercase();
    let missing: Vec<&&str> = PYTHON
        .iter()
        .filter(|name| !guide.contains(&name.to_lowercase()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Uses things in a function that is compiled and never called, and gives their names.
macro_rules! named {
    ($($name:literal => $use:expr;)*) => {{
        $(let _ = $use;)*
        [$($name),*]
    }};
}

#[test]
fn what_the_guide_names_exists() {
    let names = named! {
        "SaplLayer::builder" => |pdp: EmbeddedPdp| SaplLayer::builder(pdp);
        ".constraints(..)" => SaplLayerBuilder::constraints;
        "enforce_listing(false)" => |builder: SaplLayerBuilder| builder.enforce_listing(false);
        ".decision_timeout(..)" => |builder: SaplLayerBuilder| builder.decision_timeout(Duration::from_secs(5));
        ".audit(sink)" => |builder: SaplLayerBuilder| builder.audit(sapl_mcp::RecordingAudit::default());
        "unannotated(Unannotated::AskPdp)" => |builder: SaplLayerBuilder| builder.unannotated(Unannotated::AskPdp);
        "`Unannotated::Deny`" => Unannotated::Deny;
        "`.tool`" => |builder: SaplLayerBuilder, rule: Rule| builder.tool("t", rule);
        "`.prompt`" => |builder: SaplLayerBuilder, rule: Rule| builder.prompt("p", rule);
        "`.resource`" => |builder: SaplLayerBuilder, rule: Rule| builder.resource("data://r", rule);
        "`.resource_template`" => |builder: SaplLayerBuilder, rule: Rule| builder.resource_template("data://{r}", rule);
        "sapl.for_stdio(server)" => |sapl: &SaplLayer| sapl.for_stdio(());
        "sapl.enforce_stdio(subject).layer(server)" => |sapl: &SaplLayer| sapl.enforce_stdio("mara").layer(());
        "sapl.pdp()" => SaplLayer::pdp;
        "sapl.constraints()" => SaplLayer::constraints;
        "Sapl::configure(pdp, constraints)?" => |pdp: EmbeddedPdp, constraints| Sapl::configure(pdp, constraints);
        "Sapl::get()?.pdp()" => Sapl::pdp;
        "Sapl::get()?.constraints()" => Sapl::constraints;
        "Sapl::get()?.layer()" => Sapl::layer;
        "ConfigError::NotConfigured" => ConfigError::NotConfigured;
        "`gate()`" => gate;
        "`pre_enforce()`" => pre_enforce;
        "`post_enforce()`" => post_enforce;
        "subject_fn(..)" => |rule: Rule| rule.subject_fn(|_| "mara");
        "ctx.token()" => SubscriptionContext::token;
        "ctx.component()" => SubscriptionContext::component;
        "ctx.kind()" => SubscriptionContext::kind;
        "ctx.name()" => SubscriptionContext::name;
        "ctx.tags()" => SubscriptionContext::tags;
        "ctx.operation()" => SubscriptionContext::operation;
        "ctx.arguments()" => SubscriptionContext::arguments;
        "ctx.argument(\"name\")" => SubscriptionContext::argument;
        "ctx.uri()" => SubscriptionContext::uri;
        "ctx.return_value()" => SubscriptionContext::return_value;
        "ctx.error()" => SubscriptionContext::error;
        "ctx.slot::<T>()" => SubscriptionContext::slot::<u8>;
        "ctx.outcome()" => SubscriptionContext::outcome;
        "ctx.header(..)" => SubscriptionContext::header;
        "ctx.parts()" => SubscriptionContext::parts;
        "ctx.round()" => SubscriptionContext::round;
        "ctx.input_responses()" => SubscriptionContext::input_responses;
        "`claims()`" => Identity::claims;
        "`client_id()`" => Identity::client_id;
        "`scopes()`" => Identity::scopes;
        "`expires_at()`" => Identity::expires_at;
        "ctx.token()?.token().expose()" => |identity: &Identity| identity.token().expose().len();
        "Identity::from_context(&context)" => Identity::from_context;
        "BearerAuthLayer::new" => BearerAuthLayer::<StaticTokens>::new;
        "JwtVerifier::discover(issuer, audience)?" => |issuer: &str, audience: &str| JwtVerifier::discover(issuer, audience);
        "`jwks`" => |url: &str| JwtVerifier::jwks(url, "issuer", "audience");
        "`jwk_set`" => |set: &str| JwtVerifier::jwk_set(set, "issuer", "audience");
        "`Introspection`" => Introspection::new;
        "`TokenVerifier`" => <StaticTokens as TokenVerifier>::verify;
        "Decision::Permit`" => Decision::Permit;
        "`SUSPEND`" => Decision::Suspend;
        "sapl.decide_once(&subscription)" => SaplLayer::decide_once;
        "pdp().decide_once" => <HttpPdp as PolicyDecisionPoint>::decide_once;
        "`multi_decide_all_once`" => <HttpPdp as PolicyDecisionPoint>::multi_decide_all_once;
        "`multi_decide_all`" => <HttpPdp as PolicyDecisionPoint>::multi_decide_all;
        "`multi_decide`" => <HttpPdp as PolicyDecisionPoint>::multi_decide;
        "`decide`" => <HttpPdp as PolicyDecisionPoint>::decide;
        "EmbeddedPdp::from_dir" => |folder: &Path| EmbeddedPdp::from_dir(folder);
        "HttpPdp::new(config)?" => HttpPdp::new;
        "CachingPdp::new(pdp)" => CachingPdp::<HttpPdp>::new;
        "PdpConfig::default()" => PdpConfig::default;
        "PdpConfig::from_env()" => PdpConfig::from_env;
        "client_credentials(..)" => |config: PdpConfig, given: ClientCredentials| config.client_credentials(given);
        "`tls(..)`" => |config: PdpConfig, tls: TlsSettings| config.tls(tls);
        "PdpConfigError" => PdpConfigError::field;
        "`with_environment`" => |subscription: AuthorizationSubscription| subscription.with_environment("office");
        "`with_secrets`" => AuthorizationSubscription::with_secrets;
        "constraints().enforce(&decision" => async |constraints: &ConstraintEnforcementService, decision: &AuthorizationDecision| {
            let _: Result<u8, _> = constraints.enforce(decision, async { 1 }).await;
            let _: Result<u8, _> = constraints.try_enforce(decision, async { Ok::<_, String>(1) }).await;
        };
        "`try_enforce`" => ();
        "without_builtin_filters()" => ConstraintEnforcementServiceBuilder::without_builtin_filters;
        "call.cap(..)" => MethodInvocation::cap;
        "call.set(..)" => |call: &mut MethodInvocation| call.set("limit", 5);
        "call.remove(..)" => MethodInvocation::remove;
        "runs_on_listing()" => |provider: &dyn RunnableProvider| provider.runs_on_listing();
        "`MethodInvocationProvider`" => <dyn MethodInvocationProvider>::is_responsible;
        "`ConsumerProvider`" => <dyn ConsumerProvider>::is_responsible;
        "`MappingProvider`" => <dyn MappingProvider>::priority;
        "`FilterPredicateProvider`" => <dyn FilterPredicateProvider>::is_responsible;
        "`ErrorHandlerProvider`" => <dyn ErrorHandlerProvider>::is_responsible;
        "`ErrorMappingProvider`" => <dyn ErrorMappingProvider>::priority;
    };
    let guide = guide();
    let missing: Vec<&&str> = names.iter().filter(|name| !guide.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
