//! One rule of a list.

use std::fmt;

use serde_json::Value;

use super::glob::NamePattern;
use crate::client::{GuardDecision, GuardRequest, ToolHints};

type Condition = Box<dyn Fn(&GuardRequest) -> bool + Send + Sync>;

/// A decision, and which calls it is for.
///
/// A rule matches when one of its names does (or it has none) and all its conditions hold. A rule without names and
/// conditions matches every call.
pub struct GuardRule {
    decision: GuardDecision,
    reason: String,
    names: Vec<NamePattern>,
    conditions: Vec<Condition>,
}

impl GuardRule {
    /// A rule that decides so, for this reason.
    pub fn new(decision: GuardDecision, reason: impl Into<String>) -> Self {
        Self {
            decision,
            reason: reason.into(),
            names: Vec::new(),
            conditions: Vec::new(),
        }
    }

    /// A rule that allows.
    pub fn allow(reason: impl Into<String>) -> Self {
        Self::new(GuardDecision::Allow, reason)
    }

    /// A rule that asks a person.
    pub fn ask(reason: impl Into<String>) -> Self {
        Self::new(GuardDecision::ApprovalRequired, reason)
    }

    /// A rule that denies.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::new(GuardDecision::Deny, reason)
    }

    /// For the tool of this name.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.or(NamePattern::Exact(name.into()))
    }

    /// For the tools of these names.
    #[must_use]
    pub fn names<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        names.into_iter().fold(self, Self::name)
    }

    /// For tools whose names begin so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        self.or(NamePattern::Prefix(prefix.into()))
    }

    /// For tools whose names begin in one of these ways.
    #[must_use]
    pub fn prefixes<N: Into<String>>(self, prefixes: impl IntoIterator<Item = N>) -> Self {
        prefixes.into_iter().fold(self, Self::prefix)
    }

    /// For tools whose names fit a pattern: `*` stands for any text, also none, `?` for one character, everything else
    /// for itself.
    #[must_use]
    pub fn glob(self, pattern: &str) -> Self {
        self.or(NamePattern::Glob(pattern.chars().collect()))
    }

    /// Only on a server that the host [trusts](crate::client::GuardBuilder::trusted), so that its hints may be believed.
    #[must_use]
    pub fn trusted_server(self) -> Self {
        self.when(|request| request.server().trusted)
    }

    /// Only if the tool is, or is not, read-only by its annotations.
    #[must_use]
    pub fn read_only(self, expected: bool) -> Self {
        self.hint(move |hints| hints.read_only == expected)
    }

    /// Only if the tool is, or is not, destructive by its annotations.
    #[must_use]
    pub fn destructive(self, expected: bool) -> Self {
        self.hint(move |hints| hints.destructive == expected)
    }

    /// Only if the tool is, or is not, idempotent by its annotations.
    #[must_use]
    pub fn idempotent(self, expected: bool) -> Self {
        self.hint(move |hints| hints.idempotent == expected)
    }

    /// Only if the tool does, or does not, deal with an open world by its annotations.
    #[must_use]
    pub fn open_world(self, expected: bool) -> Self {
        self.hint(move |hints| hints.open_world == expected)
    }

    /// Only if a JSON pointer (RFC 6901) into the arguments leads to this value.
    #[must_use]
    pub fn argument(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.argument_where(pointer, move |argument| *argument == value)
    }

    /// Only if a JSON pointer (RFC 6901) into the arguments leads to a value that meets a condition. What leads nowhere
    /// is shown to the condition as `null`.
    #[must_use]
    pub fn argument_where(
        self,
        pointer: impl Into<String>,
        condition: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        let pointer = pointer.into();
        self.when(move |request| condition(request.argument_at(&pointer).unwrap_or(&Value::Null)))
    }

    /// Only if the call meets a condition.
    #[must_use]
    pub fn when(mut self, condition: impl Fn(&GuardRequest) -> bool + Send + Sync + 'static) -> Self {
        self.conditions.push(Box::new(condition));
        self
    }

    pub(super) fn matches(&self, request: &GuardRequest) -> bool {
        let named = self.names.is_empty() || self.names.iter().any(|name| name.matches(request.tool()));
        named && self.conditions.iter().all(|condition| condition(request))
    }

    pub(super) fn verdict(&self) -> (GuardDecision, &str) {
        (self.decision, &self.reason)
    }

    fn or(mut self, name: NamePattern) -> Self {
        self.names.push(name);
        self
    }

    fn hint(self, condition: impl Fn(ToolHints) -> bool + Send + Sync + 'static) -> Self {
        self.when(move |request| condition(request.hints()))
    }
}

impl fmt::Debug for GuardRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardRule")
            .field("decision", &self.decision)
            .field("reason", &self.reason)
            .field("names", &self.names)
            .field("conditions", &self.conditions.len())
            .finish()
    }
}
