//! How often something allocates.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

/// The system's allocator with a counter: each benchmark makes it its global allocator.
pub const COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The allocations of one run of `work`, on average over many, after it is warm.
///
/// Reallocations count too. Nothing else may run meanwhile.
pub fn allocations<T>(mut work: impl FnMut() -> T) -> f64 {
    const RUNS: u32 = 1_000;
    for _ in 0..RUNS {
        drop(work());
    }
    let region = Region::new(COUNTING);
    for _ in 0..RUNS {
        drop(work());
    }
    let change = region.change();
    let count = u32::try_from(change.allocations + change.reallocations).unwrap_or(u32::MAX);
    f64::from(count) / f64::from(RUNS)
}
