//! What the author's functions see of an operation.

use std::{
    fmt, mem,
    sync::{Arc, OnceLock},
};

use rmcp::model::{InputResponses, JsonObject};
use sapl_base::{AuthorizationSubscription, SubscriptionField};
use serde_json::Value;

use super::{Component, ComponentKind, Definition, Operation, Outcome, Slot, Slots, defaults::ARGUMENTS};
use crate::{Identity, identity::Whose, rule::Rule};

/// One operation on one component, as the functions of its rule see it, and what runs at its end.
pub struct SubscriptionContext {
    operation: Operation,
    definition: Definition,
    tags: Arc<[String]>,
    arguments: JsonObject,
    /// Whether the request had arguments, be they empty.
    has_arguments: bool,
    /// Whether the arguments are in a subscription at the moment.
    lent: bool,
    uri: Option<String>,
    token: Option<Arc<Identity>>,
    /// Who calls by a transport without tokens, if the layer was told.
    subject: Option<Arc<Value>>,
    parts: Option<Arc<http::request::Parts>>,
    input_responses: Option<InputResponses>,
    round: u32,
    return_value: Option<Value>,
    error: Option<Value>,
    /// What a person agreed to: the decision point is told.
    approval: Option<Value>,
    slots: OnceLock<Slots>,
    outcome: Outcome,
}

impl SubscriptionContext {
    /// What is done with the component.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What kind of component it is.
    pub fn kind(&self) -> ComponentKind {
        self.definition.kind()
    }

    /// The component's name, as in its definition.
    pub fn name(&self) -> &str {
        self.definition.name()
    }

    /// The tags of the rule.
    pub fn tags(&self) -> &[String] {
        &self.tags
    }

    /// All of the component's definition.
    pub fn component(&self) -> Component<'_> {
        self.definition.component(&self.tags)
    }

    /// The arguments; for an instance of a URI template, its variables. Empty in a list.
    pub fn arguments(&self) -> &JsonObject {
        &self.arguments
    }

    /// One argument.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name)
    }

    /// The URI of a resource. A template has none in a list.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref().or_else(|| self.definition.uri())
    }

    /// Who calls, by a validated token.
    pub fn token(&self) -> Option<&Identity> {
        self.token.as_deref()
    }

    /// What the component returned: post-enforce only, and only if it did not fail.
    pub fn return_value(&self) -> Option<&Value> {
        self.return_value.as_ref()
    }

    /// The component's failure: post-enforce only. An object with `code` and `message` for an error, the text for a
    /// result that says that it is an error.
    pub fn error(&self) -> Option<&Value> {
        self.error.as_ref()
    }

    /// The client's answers to what an earlier round asked for, by the keys of the questions.
    pub fn input_responses(&self) -> Option<&InputResponses> {
        self.input_responses.as_ref()
    }

    /// Which round of a call that goes back and forth this is, from 1. A client that sends answers without a state is in the second by its
    /// own word.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// A header of the HTTP request, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts()?.headers.get(name)?.to_str().ok()
    }

    /// The HTTP request, if there is one. Nothing in it tells who calls: that is [`token`](Self::token).
    pub fn parts(&self) -> Option<&http::request::Parts> {
        self.parts.as_deref()
    }

    /// A value that lives as long as this operation, shared with the component and what runs at the end.
    pub fn slot<T: Send + 'static>(&self) -> Slot<'_, T> {
        self.slots().slot()
    }

    /// The whole store of this operation.
    pub fn slots(&self) -> &Slots {
        self.slots.get_or_init(Slots::default)
    }

    /// How the operation ended. Until it has ended it is [`Outcome::Cancelled`], which it would be if it ended now.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// What the layer does with it.
impl SubscriptionContext {
    pub(crate) fn new(rule: &Rule, operation: Operation, definition: impl Into<Definition>) -> Self {
        Self {
            operation,
            definition: definition.into(),
            tags: Arc::clone(rule.tag_names()),
            arguments: JsonObject::new(),
            has_arguments: false,
            lent: false,
            uri: None,
            token: None,
            subject: None,
            parts: None,
            input_responses: None,
            round: 1,
            return_value: None,
            error: None,
            approval: None,
            slots: OnceLock::new(),
            outcome: Outcome::Cancelled,
        }
    }

    #[must_use]
    pub(crate) fn with_arguments(mut self, arguments: Option<JsonObject>) -> Self {
        self.has_arguments = arguments.is_some();
        self.arguments = arguments.unwrap_or_default();
        self
    }

    /// The URI as it was asked for.
    #[must_use]
    pub(crate) fn with_uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(uri.into());
        self
    }

    #[must_use]
    pub(crate) fn with_token(mut self, token: Option<Arc<Identity>>) -> Self {
        self.token = token;
        self
    }

    /// Who calls by a transport without tokens.
    #[must_use]
    pub(crate) fn with_subject(mut self, subject: Arc<Value>) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Needed only where [`Rule::shows_context`].
    #[must_use]
    pub(crate) fn with_parts(mut self, parts: Option<Arc<http::request::Parts>>) -> Self {
        self.parts = parts;
        self
    }

    #[must_use]
    pub(crate) fn with_round(mut self, round: u32, input_responses: Option<InputResponses>) -> Self {
        self.round = round;
        self.input_responses = input_responses;
        self
    }

    /// Says which round this is.
    pub(crate) fn set_round(&mut self, round: u32) {
        self.round = round;
    }

    /// Says what the client answered to what the component asked for.
    pub(crate) fn set_input_responses(&mut self, input_responses: Option<InputResponses>) {
        self.input_responses = input_responses;
    }

    /// Puts other arguments in place of those of the request.
    pub(crate) fn set_arguments(&mut self, arguments: JsonObject) {
        self.has_arguments = true;
        self.arguments = arguments;
    }

    /// What a person agreed to, for the environment of the decision.
    pub(crate) fn set_approval(&mut self, approval: Value) {
        self.approval = Some(approval);
    }

    pub(super) fn approval(&self) -> Option<&Value> {
        self.approval.as_ref()
    }

    /// The same operation once more, for what comes of it later. It has the same store.
    pub(crate) fn again(&self) -> Self {
        Self {
            operation: self.operation,
            definition: self.definition.clone(),
            tags: Arc::clone(&self.tags),
            arguments: self.arguments.clone(),
            has_arguments: self.has_arguments,
            lent: false,
            uri: self.uri.clone(),
            token: self.token.clone(),
            subject: self.subject.clone(),
            parts: self.parts.clone(),
            input_responses: self.input_responses.clone(),
            round: self.round,
            return_value: None,
            error: None,
            approval: None,
            slots: self.slots.clone(),
            outcome: Outcome::Cancelled,
        }
    }

    /// Gives its share of the store away.
    pub(crate) fn forget_slots(&mut self) -> Option<Slots> {
        self.slots.take()
    }

    /// Goes on with another rule of the component.
    pub(crate) fn go_on_under(&mut self, rule: &Rule) {
        self.tags = Arc::clone(rule.tag_names());
    }

    /// Whose what this operation leaves behind is.
    pub(crate) fn whose(&self) -> Whose<'_> {
        match (&self.token, &self.subject) {
            (Some(identity), _) => Whose::of(identity),
            (None, Some(subject)) => Whose::Fixed(subject),
            (None, None) => Whose::Anonymous,
        }
    }

    pub(crate) fn identity(&self) -> Option<&Arc<Identity>> {
        self.token.as_ref()
    }

    pub(crate) fn fixed_subject(&self) -> Option<&Arc<Value>> {
        self.subject.as_ref()
    }

    pub(crate) fn set_return_value(&mut self, value: Option<Value>) {
        self.return_value = value;
    }

    pub(crate) fn set_error(&mut self, error: Option<Value>) {
        self.error = error;
    }

    pub(crate) fn set_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// The arguments for the component, `None` where the request had none and nothing has been added.
    pub(crate) fn take_arguments(&mut self) -> Option<JsonObject> {
        let arguments = mem::take(&mut self.arguments);
        (self.has_arguments || !arguments.is_empty()).then_some(arguments)
    }

    /// A copy of them, where the author's code may look at the context afterwards.
    pub(crate) fn copy_arguments(&self) -> Option<JsonObject> {
        self.has_arguments.then(|| self.arguments.clone())
    }

    /// Takes the arguments back that the default resource borrowed, once the decision is there.
    pub(crate) fn reclaim(&mut self, subscription: AuthorizationSubscription) {
        if self.lent
            && let SubscriptionField::Owned(Value::Object(mut resource)) = subscription.into_resource()
            && let Some(Value::Object(arguments)) = resource.remove(ARGUMENTS)
        {
            self.arguments = arguments;
            self.lent = false;
        }
    }

    /// Lends the arguments to the default resource.
    pub(super) fn lend_arguments(&mut self) -> JsonObject {
        self.lent = true;
        mem::take(&mut self.arguments)
    }
}

/// Without arguments and values: they may be confidential.
impl fmt::Debug for SubscriptionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionContext")
            .field("operation", &self.operation)
            .field("kind", &self.kind())
            .field("name", &self.name())
            .field("tags", &self.tags)
            .field("round", &self.round)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
