//! The attributes `#[pre_enforce]`, `#[post_enforce]` and `#[gate]` of `sapl-mcp`, which re-exports them.
//!
//! An attribute leaves the function as it is: it adds the rule to the `meta` of the `#[tool]` or `#[prompt]` below
//! it, and the layer finds it there. What a rule means is ordinary code in `sapl-mcp`; here is only what has to be
//! known at compile time: which expressions are functions, and what is wrong with an annotation.

mod expand;
mod parse;
mod validate;

use proc_macro::TokenStream;
use validate::Mode;

/// Puts a tool or prompt under a rule that is decided before it runs.
///
/// ```
/// use rmcp::{tool, tool_router};
/// use sapl_mcp::{AuthorizationDecision, SubscriptionContext};
/// use serde_json::json;
///
/// struct Analytics;
///
/// #[tool_router]
/// impl Analytics {
///     #[sapl_mcp::pre_enforce(
///         resource = |ctx| json!({"name": ctx.name(), "segment": ctx.argument("segment")}),
///         tags = ["pii"],
///         stealth,
///         finalize = finished,
///     )]
///     #[tool(description = "Customer records")]
///     async fn query_customer_data(&self) -> String {
///         "…".to_owned()
///     }
/// }
///
/// async fn finished(_: &AuthorizationDecision, ctx: &SubscriptionContext) {
///     println!("{} {}", ctx.name(), ctx.outcome());
/// }
/// # let _ = Analytics::tool_router();
/// ```
///
/// # Arguments
///
/// | argument | value |
/// |---|---|
/// | `subject`, `action`, `resource`, `environment`, `secrets` | a field of the subscription: a closure or function taking `&SubscriptionContext`, which runs at every operation, or any other expression that serialises, which is evaluated once, when the component is registered. A result of `None` or `Err` and a panic deny; `null` is a value |
/// | `tags` | a list of texts, which policies see as `resource.tags` and clients never |
/// | `stealth` | denials answer as if the component did not exist; also `stealth = false`, or any `bool` |
/// | `finalize` | the path of an `async fn(&AuthorizationDecision, &SubscriptionContext)` that runs when the operation has ended, whatever the outcome |
/// | `listing` | `shown` or `hidden`: whether it is in the lists, whatever a decision would say |
/// | `input_required` | `pass`: a request for more input passes in spite of an output obligation |
/// | `output_schema` | `relaxed`: the declared output schema loses `required` |
/// | `allow_peer_messages` | for `#[post_enforce]`: messages that the component sends by itself may leave before the decision |
/// | `required_scopes` | a list of scopes that the caller's token must grant |
/// | `advisory_policy` | for `#[tool]`: a SAPL document for clients, published with the definition: a text, a constant, `include_str!("…")` |
///
/// Without arguments the rule has the defaults of `sapl_mcp::Rule`.
#[proc_macro_attribute]
pub fn pre_enforce(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate(Mode::Pre, arguments, item)
}

/// Puts a tool or prompt under a rule that is decided after it ran, with its value in sight.
///
/// Unless the decision is PERMIT the value is suppressed; what the component did stays done. Messages that it sends
/// by itself can't be held back, so a function with a `Peer` or `RequestContext` has to say `allow_peer_messages`.
///
/// ```
/// use rmcp::{tool, tool_router};
/// use serde_json::json;
///
/// struct Analytics;
///
/// #[tool_router]
/// impl Analytics {
///     #[sapl_mcp::post_enforce(
///         resource = |ctx| json!({"name": ctx.name(), "tags": ctx.tags(), "result": ctx.return_value()}),
///         tags = ["engineering"],
///     )]
///     #[tool]
///     async fn run_model(&self) -> String {
///         "done".to_owned()
///     }
/// }
/// # let _ = Analytics::tool_router();
/// ```
///
/// The arguments are those of [`macro@pre_enforce`].
#[proc_macro_attribute]
pub fn post_enforce(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate(Mode::Post, arguments, item)
}

/// Puts a tool or prompt behind a gate: a yes or no before anything else.
///
/// For whom the decision is not PERMIT the component does not exist: it is in no list of theirs, and using it is
/// answered as an unknown name is. By default the action is the component's name and the resource is `"mcp"`.
///
/// ```
/// use rmcp::{tool, tool_router};
///
/// struct Status;
///
/// #[tool_router]
/// impl Status {
///     #[sapl_mcp::gate]
///     #[tool(description = "Greets")]
///     async fn hello(&self) -> String {
///         "hello".to_owned()
///     }
///
///     #[sapl_mcp::gate(action = "write_config", resource = "server_config")]
///     #[sapl_mcp::pre_enforce(tags = ["write"])]
///     #[tool(description = "Sets a value")]
///     async fn write_config(&self) -> String {
///         "done".to_owned()
///     }
/// }
/// # let _ = Status::tool_router();
/// ```
///
/// Of the decision's obligations those are run that on-decision handlers claim; any other denies, and so does a
/// replacement of the resource. A component may have a gate and an enforcement, in either order: the gate is decided
/// first, and both must permit.
///
/// # Arguments
///
/// `subject`, `action`, `resource`, `environment`, `secrets`, `tags` and `required_scopes`, as those of
/// [`macro@pre_enforce`]. The others have no meaning on a gate and are errors.
#[proc_macro_attribute]
pub fn gate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    annotate(Mode::Gate, arguments, item)
}

/// On an error the function stays as it is, so that nothing else is reported about it.
fn annotate(mode: Mode, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let untouched = item.clone();
    match annotated(mode, arguments.into(), item.into()) {
        Ok(tokens) => tokens.into(),
        Err(error) => {
            let mut tokens = TokenStream::from(error.into_compile_error());
            tokens.extend(untouched);
            tokens
        }
    }
}

fn annotated(
    mode: Mode,
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> syn::Result<proc_macro2::TokenStream> {
    let function = parse::function(mode, item)?;
    let annotation = validate::annotation(mode, parse::arguments(arguments)?, &function)?;
    expand::expand(&annotation, function)
}
