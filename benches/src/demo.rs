//! What the demo's users ask.

use sapl_mcp_examples::analytics::{User, claims};
use serde_json::{Value, json};

/// A question to the demo's policies.
#[derive(Clone, Debug)]
pub struct DemoCase {
    /// The name of the row.
    pub name: &'static str,
    /// The subscription.
    pub asked: Value,
}

/// One question for each kind of answer.
pub fn demo() -> [DemoCase; 4] {
    [
        DemoCase {
            name: "demo: permit",
            asked: ask(
                User::Sam,
                "call",
                "query_public_data",
                "public",
                json!({"dataset": "web_traffic"}),
            ),
        },
        DemoCase {
            name: "demo: permit, two obligations",
            asked: ask(
                User::Mara,
                "call",
                "query_customer_data",
                "pii",
                json!({"segment": "enterprise", "limit": 100}),
            ),
        },
        DemoCase {
            name: "demo: deny, one obligation",
            asked: ask(
                User::Mara,
                "call",
                "manage_pipelines",
                "engineering",
                json!({"operation": "list"}),
            ),
        },
        DemoCase {
            name: "demo: no policy of the set wants it",
            asked: ask(User::Sam, "get", "compliance_review", "compliance", json!({})),
        },
    ]
}

fn ask(user: User, action: &str, name: &str, tag: &str, arguments: Value) -> Value {
    let resource = json!({"name": name, "tags": [tag], "arguments": arguments});
    json!({"subject": claims(user, 0), "action": action, "resource": resource})
}
