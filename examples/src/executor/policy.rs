//! What the user lets a model do.

use sapl_mcp::client::{GuardDecision, GuardRule, RuleList};

/// Blocks what destroys, allows what is known to be harmless, and asks about everything else, in this order.
///
/// Rules look at names, which the server gives: this is a policy for servers that the user has chosen. What is not on the
/// list is asked about, so a new name gets nothing for free.
pub fn default_policy() -> RuleList {
    RuleList::new()
        .rule(destructive())
        .rule(
            GuardRule::allow("harmless: it calculates or reads")
                .names(["add", "calculator", "get_weather"])
                .prefixes(["read_", "list_"]),
        )
        .otherwise(
            GuardDecision::ApprovalRequired,
            "nobody knows what it changes, so a person has to agree",
        )
}

/// The same for a user who lets the model write too: how far, the server knows better.
pub fn own_policy() -> RuleList {
    RuleList::new()
        .rule(destructive())
        .rule(
            GuardRule::allow("the user lets the model read and write")
                .names(["add", "calculator", "get_weather"])
                .prefixes(["read_", "list_", "write_"]),
        )
        .otherwise(
            GuardDecision::ApprovalRequired,
            "nobody knows what it changes, so a person has to agree",
        )
}

fn destructive() -> GuardRule {
    GuardRule::deny("destructive: the user never lets a model do that").prefixes([
        "delete_",
        "drop_",
        "destroy_",
        "execute_script",
    ])
}
