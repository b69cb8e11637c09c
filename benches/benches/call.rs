//! One call of a tool in process, enforced with the demo's policies, beside the same call of the bare server.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up ends")]

use std::{hint::black_box, sync::Arc};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use futures_util::FutureExt;
use rmcp::{ServerHandler, model::CallToolRequestParams};
use sapl_mcp::EmbeddedPdp;
use sapl_mcp_benches::{COUNTING, Caller, allocations, caller, request};
use sapl_mcp_examples::analytics::{AccessLog, Analytics, User, layer, policy_folder};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = COUNTING;

fn calls() -> [(&'static str, CallToolRequestParams); 3] {
    let call = |name: &'static str, arguments: Value| {
        CallToolRequestParams::new(name).with_arguments(arguments.as_object().cloned().unwrap())
    };
    [
        (
            "permit",
            call("query_public_data", json!({"dataset": "web_traffic"})),
        ),
        (
            "permit, arguments capped and logged",
            call(
                "query_customer_data",
                json!({"segment": "enterprise", "limit": 100}),
            ),
        ),
        (
            "permit, result masked",
            call("customer_card", json!({"customer_id": "C-10042"})),
        ),
    ]
}

fn enforced_and_bare(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mara = runtime.block_on(caller(User::Mara)).unwrap();
    let bare = Arc::new(Analytics::new());
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    let sapl = layer(pdp, AccessLog::default()).build().unwrap();
    let enforced = sapl.layer(Arc::clone(&bare));

    for (row, params) in calls() {
        let mut group = criterion.benchmark_group(format!("call/{row}"));
        measure(&mut group, "bare", &bare, &params, &mara);
        measure(&mut group, "enforced", &enforced, &params, &mara);
        group.finish();
    }
}

fn measure<S: ServerHandler>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    row: &str,
    server: &S,
    params: &CallToolRequestParams,
    caller: &Caller,
) {
    let call = |(params, context)| server.call_tool(params, context).now_or_never().unwrap().unwrap();
    let input = || (params.clone(), request(caller));
    // What the request itself allocates is no part of the call.
    let count = allocations(|| call(input())) - allocations(input);
    println!("{row}: {count} allocations");
    group.bench_function(row, |bencher| {
        bencher.iter_batched(input, |input| black_box(call(input)), BatchSize::SmallInput)
    });
}

criterion_group!(benches, enforced_and_bare);
criterion_main!(benches);
