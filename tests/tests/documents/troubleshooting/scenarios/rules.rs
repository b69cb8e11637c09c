//! Rules that can't be registered.

use sapl_mcp::{EnforceExt as _, Rule, gate, pre_enforce};
use sapl_mcp_tests::tool;

use super::Scenario;

pub(super) const SCENARIOS: &[Scenario] = &[
    (
        "a rule with a function that captures something was attached to a definition; the component is denied. \
         Register the rule once with `rule.shared()` and attach the handle",
        || {
            let _ = tool("t").enforce(capturing());
        },
    ),
    (
        "a gate has an argument that has no meaning on a gate; the component is denied",
        || {
            let _ = tool("t").enforce(gate().stealth());
        },
    ),
    (
        "a rule has an advisory policy that can't be published; the component is denied",
        || {
            let _ = tool("t").enforce(pre_enforce().advisory_policy("permit all"));
        },
    ),
    (LAST, fill_the_registry),
];

/// The line after whose scenario no rule can be registered any more.
pub(crate) const LAST: &str = "there are too many different rules; components with further ones are denied";

fn capturing() -> Rule {
    let captured = String::from("mara");
    pre_enforce().subject_fn(move |_| captured.clone())
}

fn fill_the_registry() {
    for _ in 0..=u16::MAX {
        let _ = capturing().shared();
    }
    let _ = tool("t").enforce(capturing().shared());
}
