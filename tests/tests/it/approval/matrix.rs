//! Everything that can become of an approval, by each way to a person: the tool runs where it was approved, and nowhere else.

mod cell;
mod ways;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::runtime::Builder;

use cell::{Cell, Event, NotApplicable, Way};

/// How many combinations don't apply, and why.
const NOT_APPLICABLE: [(NotApplicable, usize); 3] = [
    (NotApplicable::NothingWaits, 2),
    (NotApplicable::NoState, 3),
    (NotApplicable::NoMessage, 5),
];

#[test]
fn a_tool_runs_where_it_was_approved_and_nowhere_else() {
    let (mut cells, mut left_out, mut failed) = (0, BTreeMap::new(), Vec::new());
    for way in Way::ALL {
        for event in Event::ALL {
            let cell = Cell { way, event };
            let expected = match cell.expected() {
                Ok(expected) => expected,
                Err(reason) => {
                    *left_out.entry(reason).or_insert(0) += 1;
                    continue;
                }
            };
            for stealth in [false, true] {
                cells += 1;
                // What one cell leaves behind is gone with its runtime.
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                let checked = catch_unwind(AssertUnwindSafe(|| {
                    runtime.block_on(async {
                        ways::run(cell, stealth).await.assert_is(&expected, stealth);
                    });
                }));
                if checked.is_err() {
                    failed.push(format!("{cell:?}, stealth: {stealth}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(
        left_out,
        BTreeMap::from(NOT_APPLICABLE),
        "combinations that don't apply"
    );
    println!(
        "approval matrix: {cells} cells, and {} combinations that don't apply",
        left_out.values().sum::<usize>()
    );
}
