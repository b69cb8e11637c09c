use sapl_mcp::prelude::*;

fn finished(_: &AuthorizationDecision, _: &SubscriptionContext) {}

fn main() {
    let _ = pre_enforce().finalize(finished);
}
