//! What calls of functions cost beyond what their arguments weigh.
//!
//! Functions are plain code and know nothing of a decision's budget. Those whose work is more than proportional to their
//! arguments note it here, and the evaluator takes it from the budget behind each call.

use std::cell::Cell;

thread_local! {
    static NOTED: Cell<u64> = const { Cell::new(0) };
}

/// Notes work, in bytes that are looked at or about as much.
pub(crate) fn note(work: u64) {
    NOTED.set(NOTED.get().saturating_add(work));
}

/// The work that has been noted since this was asked last.
pub(crate) fn take() -> u64 {
    NOTED.take()
}
