//! What an annotation says about a component: how it is enforced, and what the decision point is asked.

mod attach;
mod book;
mod field;
mod finalize;
mod marker;
mod registry;
mod rules;
pub(crate) mod template;
pub(crate) mod uri;

use std::{borrow::Cow, fmt, sync::Arc};

use sapl_base::constraint::EnforcementPoint;
use serde::Serialize;
use serde_json::Value;

use crate::subscription::{SubscriptionContext, present};
pub use attach::{EnforceExt, RuleHandle};
pub(crate) use attach::{Marked, any_is_registered, attach, rules_of, strip, strip_json};
pub(crate) use book::{RuleBook, Ruling, UNLISTED, Unruled};
pub(crate) use field::FieldError;
pub use field::{Failure, Field, Source};
pub use finalize::FinalizeFn;
pub(crate) use finalize::{Finalize, Finalizer};
pub(crate) use rules::Rules;
pub use template::{TemplateError, TemplateErrorKind};

/// How a component is enforced, and what the decision point is asked about it.
///
/// The attributes `#[pre_enforce]`, `#[post_enforce]` and `#[gate]` make one for a function. For a definition that is
/// built by hand it is attached with [`EnforceExt::enforce`], and the layer's builder takes one by name, URI or URI
/// template. A component can have an enforcement ([`pre_enforce`] or [`post_enforce`]), a [`gate`], or both.
///
/// Each field of the subscription is a fixed value (`resource`), a function of the context (`resource_fn`), or
/// unset, and then has its default: the claims of the token (else the client id, else `"anonymous"`), the action of
/// use (`"call"`, `"read"`, `"get"`), `{"name", "tags", "arguments"}` with `"uri"` for a resource, and no
/// environment and no secrets. A value or a function's result of `None` or `Err` denies, `null` is a value. A gate has
/// defaults of its own.
///
/// ```
/// use sapl_mcp::pre_enforce;
/// use serde_json::json;
///
/// let rule = pre_enforce()
///     .tags(["pii"])
///     .stealth()
///     .resource_fn(|ctx| json!({"name": ctx.name(), "segment": ctx.argument("segment")}));
/// ```
#[derive(Clone)]
#[must_use = "a rule protects nothing until it is attached to a component"]
pub struct Rule {
    content: Content,
}

/// Everything that a rule says, so that two rules which say the same can be one entry of the registry.
#[derive(Clone, PartialEq, Hash)]
struct Content {
    mode: Mode,
    tags: Tags,
    stealth: bool,
    listing: Option<Listing>,
    input_required: Option<InputRequired>,
    output_schema: Option<OutputSchema>,
    allow_peer_messages: bool,
    required_scopes: Box<[String]>,
    fields: [Option<Source>; Field::ALL.len()],
    finalize: Option<Finalizer>,
    advisory: Option<Cow<'static, str>>,
}

/// The tags, and the same as the JSON that goes into the default resource.
#[derive(Clone, PartialEq, Hash)]
struct Tags {
    names: Arc<[String]>,
    json: Value,
}

/// When the decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    /// Before the component runs.
    Pre,
    /// After the component ran, with its value in sight.
    Post,
    /// Before anything else, and without a look at arguments or values.
    Gate,
}

/// Whether a component is in the lists, whatever a decision would say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Listing {
    /// Everybody sees it in the lists.
    Shown,
    /// Nobody sees it in the lists.
    Hidden,
}

/// What becomes of a component's request for more input when the decision has an output obligation.
///
/// Unless the rule passes it, such a request is denied: it leaves before the obligation can look at a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputRequired {
    /// It passes.
    Pass,
}

/// How strictly a changed value is held to the tool's declared output schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutputSchema {
    /// The published schema loses `required` at every depth, and the value is held to that one, so that a policy
    /// may delete parts of it.
    Relaxed,
}

/// A rule that is decided before the component runs.
///
/// ```
/// let rule = sapl_mcp::pre_enforce().tags(["public"]);
/// ```
pub fn pre_enforce() -> Rule {
    Rule::new(Mode::Pre)
}

/// A rule that is decided after the component ran, with its value in sight. Unless the decision is PERMIT the value
/// is suppressed; what the component did stays done.
///
/// ```
/// use serde_json::json;
///
/// let rule = sapl_mcp::post_enforce()
///     .resource_fn(|ctx| json!({"name": ctx.name(), "result": ctx.return_value()}));
/// ```
pub fn post_enforce() -> Rule {
    Rule::new(Mode::Post)
}

/// A yes or no about a component, the counterpart of an authorization callback on it.
///
/// Unless the decision is PERMIT, the component does not exist for the caller: it is in no list, and using it is
/// answered as an unknown name is. By default the action is the component's name and the resource is `"mcp"`. Of the
/// decision's obligations a gate runs those that on-decision handlers ([`runnable`]) claim; any other denies, and so
/// does a resource replacement. Behind a gate there can be an enforcement, and then both must permit.
///
/// `stealth`, `finalize`, `listing`, `input_required`, `output_schema`, `allow_peer_messages` and `advisory_policy` have
/// no meaning on a gate. One that has them is refused: by the layer's builder with a
/// [`ConfigError`](crate::ConfigError::GateArgument), and on a definition by denying the component.
///
/// [`runnable`]: crate::constraint::RunnableProvider
///
/// ```
/// let rule = sapl_mcp::gate().action("read_status");
/// ```
pub fn gate() -> Rule {
    Rule::new(Mode::Gate)
}

/// A setter for a value and one for a function, for each field of the subscription.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $value:ident $function:ident)*) => {$(
        $(#[$doc])*
        ///
        /// The value is read once, here.
        pub fn $value(self, value: impl Serialize) -> Self {
            self.with_field(Field::$field, Source::fixed(present(&value)))
        }

        $(#[$doc])*
        ///
        /// The function runs at every operation. `None`, `Err` and a panic deny.
        pub fn $function<R: Serialize>(
            self,
            function: impl Fn(&SubscriptionContext) -> R + Send + Sync + 'static,
        ) -> Self {
            self.with_field(Field::$field, Source::serializing(function))
        }
    )*};
}

impl Rule {
    fn new(mode: Mode) -> Self {
        Self {
            content: Content {
                mode,
                tags: Tags::new([]),
                stealth: false,
                listing: None,
                input_required: None,
                output_schema: None,
                allow_peer_messages: false,
                required_scopes: Box::default(),
                fields: [const { None }; Field::ALL.len()],
                finalize: None,
                advisory: None,
            },
        }
    }

    fields! {
        /// Sets who asks.
        Subject subject subject_fn
        /// Sets what is to be done.
        Action action action_fn
        /// Sets what it is to be done to.
        Resource resource resource_fn
        /// Sets the circumstances.
        Environment environment environment_fn
        /// Sets the secrets, a JSON object that only attribute finders see; anything else denies.
        Secrets secrets secrets_fn
    }

    /// Sets the tags, which policies see as `resource.tags`, and clients never.
    pub fn tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.content.tags = Tags::new(tags.into_iter().map(Into::into));
        self
    }

    /// Denials answer as if the component did not exist.
    pub fn stealth(self) -> Self {
        self.stealth_if(true)
    }

    /// Says whether denials answer as if the component did not exist.
    pub fn stealth_if(mut self, stealth: bool) -> Self {
        self.content.stealth = stealth;
        self
    }

    /// Sets what runs when the operation has ended, whatever the outcome: an `async fn` of the effective decision
    /// and the context.
    ///
    /// ```
    /// use sapl_mcp::{AuthorizationDecision, SubscriptionContext, pre_enforce};
    ///
    /// async fn finished(decision: &AuthorizationDecision, ctx: &SubscriptionContext) {
    ///     println!("{} {:?} {}", ctx.name(), ctx.outcome(), decision.decision);
    /// }
    /// let rule = pre_enforce().finalize(finished);
    /// ```
    pub fn finalize(mut self, finalize: impl for<'a> FinalizeFn<'a> + Send + Sync + 'static) -> Self {
        self.content.finalize = Some(Finalizer::new(finalize));
        self
    }

    /// Fixes whether the component is in the lists.
    pub fn listing(mut self, listing: Listing) -> Self {
        self.content.listing = Some(listing);
        self
    }

    /// Says what becomes of a request for more input under an output obligation.
    pub fn input_required(mut self, input_required: InputRequired) -> Self {
        self.content.input_required = Some(input_required);
        self
    }

    /// Says how strictly a changed value is held to the declared output schema.
    pub fn output_schema(mut self, output_schema: OutputSchema) -> Self {
        self.content.output_schema = Some(output_schema);
        self
    }

    /// Accepts that messages which the component sends by itself leave before a post-enforce decision.
    pub fn allow_peer_messages(mut self) -> Self {
        self.content.allow_peer_messages = true;
        self
    }

    /// Sets the scopes that the caller's token must grant, all of them, before the decision point is asked.
    pub fn required_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.content.required_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Publishes a SAPL document with the tool's definition, as advice to clients: they find it in the `_meta` of
    /// `tools/list` under [`ADVISORY_KEY`](crate::ADVISORY_KEY), and the guard of this crate's client obeys it where it
    /// is stricter than its user's own policy. It changes nothing about what is enforced here, and everybody who sees
    /// the tool can read it.
    ///
    /// The document has at most [`MAX_ADVISORY_POLICY_BYTES`](crate::MAX_ADVISORY_POLICY_BYTES) and reads no attributes.
    /// One that is refused is a [`ConfigError`](crate::ConfigError::AdvisoryPolicy) of the layer's builder, and on a
    /// definition its component is denied; the log says why. It is for tools: elsewhere it says nothing.
    ///
    /// ```
    /// use sapl_mcp::pre_enforce;
    ///
    /// let rule = pre_enforce().advisory_policy(
    ///     r#"policy "by day" permit environment.hour >= 8 & environment.hour < 18;"#,
    /// );
    /// ```
    pub fn advisory_policy(mut self, document: impl Into<Cow<'static, str>>) -> Self {
        self.content.advisory = Some(document.into());
        self
    }

    /// Registers the rule and gives a handle to attach to any number of definitions.
    ///
    /// A rule whose functions capture something equals no other, so it must be registered once, outside of the code
    /// that builds definitions, and every definition gets the handle. Each call registers such a rule anew.
    pub fn shared(self) -> RuleHandle {
        RuleHandle::register(self)
    }

    /// Sets one field, as the attributes do.
    pub(crate) fn with_field(mut self, field: Field, source: Source) -> Self {
        if let Some(slot) = self.content.fields.get_mut(field as usize) {
            *slot = Some(source);
        }
        self
    }

    /// Sets what runs at the end, as the attributes do.
    pub(crate) fn with_finalizer(mut self, finalizer: Finalizer) -> Self {
        self.content.finalize = Some(finalizer);
        self
    }
}

/// What the layer reads.
impl Rule {
    pub(crate) fn mode(&self) -> Mode {
        self.content.mode
    }

    pub(crate) fn tag_names(&self) -> &Arc<[String]> {
        &self.content.tags.names
    }

    /// The tags as a JSON array.
    pub(crate) fn tags_json(&self) -> &Value {
        &self.content.tags.json
    }

    pub(crate) fn is_gate(&self) -> bool {
        self.content.mode == Mode::Gate
    }

    /// Whether the component does not exist for those whom the rule denies.
    pub(crate) fn hides(&self) -> bool {
        self.content.stealth || self.is_gate()
    }

    /// An argument that the rule has and can't have: a gate never comes to where it would count.
    pub(crate) fn misplaced(&self) -> Option<&'static str> {
        let Content {
            stealth,
            listing,
            input_required,
            output_schema,
            allow_peer_messages,
            finalize,
            advisory,
            ..
        } = &self.content;
        let given = [
            ("stealth", *stealth),
            ("finalize", finalize.is_some()),
            ("listing", listing.is_some()),
            ("input_required", input_required.is_some()),
            ("output_schema", output_schema.is_some()),
            ("allow_peer_messages", *allow_peer_messages),
            ("advisory_policy", advisory.is_some()),
        ];
        let mut given = given.into_iter().filter(|(_, given)| self.is_gate() && *given);
        given.next().map(|(argument, _)| argument)
    }

    /// The document for clients.
    pub(crate) fn advisory(&self) -> Option<&str> {
        self.content.advisory.as_deref()
    }

    pub(crate) fn fixed_listing(&self) -> Option<Listing> {
        self.content.listing
    }

    /// A gate asks for nothing of a result.
    pub(crate) fn passes_input_required(&self) -> bool {
        self.is_gate() || self.content.input_required == Some(InputRequired::Pass)
    }

    pub(crate) fn relaxes_output_schema(&self) -> bool {
        self.content.output_schema == Some(OutputSchema::Relaxed)
    }

    pub(crate) fn needed_scopes(&self) -> &[String] {
        &self.content.required_scopes
    }

    pub(crate) fn finalizer(&self) -> Option<&Finalizer> {
        self.content.finalize.as_ref()
    }

    /// Whether code of the author sees the context, which then needs the parts of the HTTP request.
    pub(crate) fn shows_context(&self) -> bool {
        self.content.finalize.is_some() || self.content.fields.iter().flatten().any(Source::is_function)
    }

    pub(crate) fn source(&self, field: Field) -> Option<&Source> {
        self.content.fields.get(field as usize)?.as_ref()
    }

    /// Whether all that the rule runs is known by its type, so that equal rules can be told.
    fn is_comparable(&self) -> bool {
        let Content { fields, finalize, .. } = &self.content;
        fields.iter().flatten().all(Source::is_comparable)
            && finalize.as_ref().is_none_or(Finalizer::is_comparable)
    }
}

impl Mode {
    /// Where the decision is enforced, which says what handlers can run.
    pub(crate) const fn point(self) -> EnforcementPoint {
        match self {
            Self::Pre => EnforcementPoint::PreEnforce,
            Self::Post => EnforcementPoint::PostEnforce,
            Self::Gate => EnforcementPoint::Gate,
        }
    }
}

impl Tags {
    fn new(tags: impl IntoIterator<Item = String>) -> Self {
        let names: Arc<[String]> = tags.into_iter().collect();
        let json = names.iter().map(String::as_str).collect();
        Self { names, json }
    }
}

/// Fields by their names only: a fixed value may be a secret.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set: Vec<&str> = Field::ALL
            .into_iter()
            .filter(|field| self.source(*field).is_some())
            .map(Field::as_str)
            .collect();
        f.debug_struct("Rule")
            .field("mode", &self.content.mode)
            .field("tags", &self.content.tags.names)
            .field("stealth", &self.content.stealth)
            .field("listing", &self.content.listing)
            .field("required_scopes", &self.content.required_scopes)
            .field("fields", &set)
            .field("finalize", &self.content.finalize.is_some())
            .field("advisory", &self.content.advisory.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
