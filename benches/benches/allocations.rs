//! How often one warm decision allocates, beside one clone of the subscription's JSON tree.
//!
//! Apart from `decide`, because counting takes time.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that can't be set up ends"
)]

use sapl_mcp::{AuthorizationSubscription, EmbeddedPdp};
use sapl_mcp_benches::{
    COUNTING, allocations,
    cases::{POPULATIONS, listing, population, roles, trivial},
    demo::demo,
    input,
};
use sapl_mcp_examples::analytics::policy_folder;
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = COUNTING;

fn main() {
    println!("{:36} {:>9} {:>9}", "", "decision", "clone");
    for case in [trivial(), roles()]
        .into_iter()
        .chain(POPULATIONS.map(population))
    {
        let pdp = EmbeddedPdp::from_texts(None, case.documents.clone()).unwrap();
        let mut asked = case.asked.iter().cycle();
        let decide = || pdp.decision_on(&input(asked.next().unwrap()));
        print(&case.name, allocations(decide), &case.asked[0]);
    }
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    for case in demo() {
        let subscription = AuthorizationSubscription::from_json(case.asked.clone()).unwrap();
        print(
            case.name,
            allocations(|| pdp.decision(&subscription)),
            &case.asked,
        );
    }
    let case = listing();
    let pdp = EmbeddedPdp::from_texts(None, case.documents.clone()).unwrap();
    let inputs: Vec<_> = case.asked.iter().map(input).collect();
    let share = inputs.len() as f64;
    print(
        &case.name,
        allocations(|| pdp.decisions_on(&inputs)) / share,
        &case.asked[0],
    );
}

fn print(name: &str, count: f64, json: &Value) {
    println!("{name:36} {count:>9.2} {:>9.2}", allocations(|| json.clone()));
}
