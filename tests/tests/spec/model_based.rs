//! Random servers, rules, decisions, handlers, faults and cancellations: the real thing does what the model says.
//!
//! `SPEC_CASES` says how many cases there are, and `SPEC_SEED` (a number) where they start, to go on for longer and
//! elsewhere. A case that fails is made as small as it can be.

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sapl_mcp_tests::Mode;

use crate::{
    generate::{self, Case},
    model::{self, Transport},
    real::{Real, RealHttp, assert_agrees},
};

/// How many cases there are unless somebody says so: some seconds.
const CASES: u32 = 1_500;

/// Of these so many by HTTP, for whose faults real time passes.
const CASES_BY_HTTP: u32 = 20;

/// Runs `test` with as many random cases as there are to be.
pub(crate) fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value)) {
    let variable = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse::<u64>().ok())
    };
    let factor = variable("SPEC_CASES").map_or(1.0, |all| all as f64 / f64::from(CASES));
    let config = Config {
        cases: (f64::from(cases) * factor).ceil() as u32,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&variable("SPEC_SEED").unwrap_or(0).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(strategy, |case| {
        test(case);
        Ok(())
    });
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}

/// Runs to the end where time passes only when everybody waits for it.
pub(crate) fn in_paused_time<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(future)
}

#[test]
fn the_real_thing_does_what_the_model_says() {
    check(CASES, &generate::case(), |Case { world, requests }| {
        in_paused_time(async {
            let real = Real::new(&world).await;
            for request in &requests {
                let seen = real.ask(&world, request).await;
                assert_agrees(&seen, &model::answered(&world, request), request);
            }
        });
    });
}

#[test]
fn it_does_so_by_http_in_every_form_of_reply() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        check(
            CASES_BY_HTTP,
            &generate::case(),
            |Case { mut world, requests }| {
                world.cancelled = None;
                world.subject = sapl_mcp_tests::claims("sam");
                world.transport = match mode {
                    Mode::Json => Transport::Json,
                    Mode::Sse | Mode::Sessions => Transport::Events,
                };
                runtime.block_on(async {
                    let real = RealHttp::new(&world, mode).await;
                    for request in &requests {
                        let seen = real.ask(&world, "sam", request).await;
                        assert_agrees(&seen, &model::answered(&world, request), request);
                    }
                });
            },
        );
    }
}
