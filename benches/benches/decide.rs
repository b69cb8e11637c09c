//! One decision of the embedded decision point, warm, on the demo's policies, beside one clone of the subscription's
//! JSON.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up ends")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use sapl_mcp::{AuthorizationSubscription, EmbeddedPdp, PolicyDecisionPoint};
use sapl_mcp_benches::{COUNTING, allocations};
use sapl_mcp_examples::analytics::{User, claims, policy_folder};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = COUNTING;

/// What is asked, by the name of the row.
fn questions() -> [(&'static str, Value); 4] {
    let ask = |user: User, action: &str, name: &str, tags: &[&str], arguments: Value| {
        let resource = json!({"name": name, "tags": tags, "arguments": arguments});
        json!({"subject": claims(user, 0), "action": action, "resource": resource})
    };
    let customers = json!({"segment": "enterprise", "limit": 100});
    [
        (
            "permit",
            ask(
                User::Sam,
                "call",
                "query_public_data",
                &["public"],
                json!({"dataset": "web_traffic"}),
            ),
        ),
        (
            "permit, two obligations",
            ask(User::Mara, "call", "query_customer_data", &["pii"], customers),
        ),
        (
            "deny, one obligation",
            ask(
                User::Mara,
                "call",
                "manage_pipelines",
                &["engineering"],
                json!({"operation": "list"}),
            ),
        ),
        (
            "first of the set that nobody wants",
            ask(User::Sam, "get", "compliance_review", &["compliance"], json!({})),
        ),
    ]
}

fn decide(criterion: &mut Criterion) {
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    let mut group = criterion.benchmark_group("decide");
    for (row, json) in questions() {
        let subscription = AuthorizationSubscription::from_json(json.clone()).unwrap();
        let decision = || pdp.decide_once(black_box(&subscription)).now();
        println!(
            "decide/{row}: {} allocations, a clone of its JSON {}",
            allocations(decision),
            allocations(|| json.clone())
        );
        group.bench_function(row, |bencher| bencher.iter(decision));
        group.bench_function(format!("{row}: a clone of its JSON"), |bencher| {
            bencher.iter(|| black_box(&json).clone())
        });
    }
    group.finish();
}

criterion_group!(benches, decide);
criterion_main!(benches);
