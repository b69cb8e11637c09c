//! A policy that is a list of rules.

mod glob;
mod rule;

use sapl_base::Deciding;

use super::{GuardDecision, GuardPolicy, GuardRequest, Judgement};

pub use rule::GuardRule;

const NO_RULE: &str = "no rule is about this call";

/// Rules in an order: the first one that matches decides. Where none does, a person has to agree, unless
/// [`otherwise`](Self::otherwise) says something else.
///
/// ```
/// use sapl_mcp::client::{GuardDecision, GuardRule, RuleList};
/// use serde_json::json;
///
/// let rules = RuleList::new()
///     .rule(GuardRule::deny("destructive tool").prefixes(["delete_", "drop_"]))
///     .rule(GuardRule::deny("outside of the project").argument_where("/path", |path| {
///         !path.as_str().is_some_and(|path| path.starts_with("project/") && !path.contains(".."))
///     }))
///     .rule(GuardRule::allow("reads only").glob("read_*").trusted_server().read_only(true))
///     .otherwise(GuardDecision::Deny, "nothing else is allowed");
/// # fn takes(_: impl sapl_mcp::client::GuardPolicy) {}
/// # takes(rules);
/// ```
#[derive(Debug)]
pub struct RuleList {
    rules: Vec<GuardRule>,
    otherwise: (GuardDecision, String),
}

impl RuleList {
    /// An empty list: everything asks.
    pub fn new() -> Self {
        Self {
            rules: Vec::new(),
            otherwise: (GuardDecision::ApprovalRequired, NO_RULE.to_owned()),
        }
    }

    /// Adds a rule behind the others.
    #[must_use]
    pub fn rule(mut self, rule: GuardRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// What holds where no rule matches.
    #[must_use]
    pub fn otherwise(mut self, decision: GuardDecision, reason: impl Into<String>) -> Self {
        self.otherwise = (decision, reason.into());
        self
    }
}

impl Default for RuleList {
    fn default() -> Self {
        Self::new()
    }
}

impl GuardPolicy for RuleList {
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        let first = self.rules.iter().find(|rule| rule.matches(request));
        let (decision, reason) = match first {
            Some(rule) => rule.verdict(),
            None => (self.otherwise.0, self.otherwise.1.as_str()),
        };
        Deciding::ready(Judgement::new(decision, reason.to_owned()))
    }
}

#[cfg(test)]
mod tests;
