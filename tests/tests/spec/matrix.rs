//! Everything that can go wrong, everywhere, under every rule: nothing gets out, somebody answers, and finalize has run
//! once.
//!
//! What each cell answers and what happens in it is what the model says. Beside that each is asked, without the model,
//! whether a word that stands in every content is among the bytes of the answer.

mod beyond;
mod cell;
mod trouble;

use std::collections::BTreeMap;

use crate::{
    model,
    model_based::in_paused_time,
    real::{DECISION_TIMEOUT, Real, assert_agrees},
};
use cell::{Cell, NotApplicable, Surface};
use trouble::Trouble;

/// How many combinations don't apply, and why.
const NOT_APPLICABLE: [(NotApplicable, usize); 5] = [
    (NotApplicable::StealthyGate, 1_584),
    (NotApplicable::NobodyIsAsked, 485),
    (NotApplicable::NothingRuns, 55),
    (NotApplicable::NothingFails, 700),
    (NotApplicable::NoRuleBehindTheMarker, 64),
];

#[test]
fn nothing_gets_out_whatever_goes_wrong() {
    let (mut cells, mut left_out) = (0, BTreeMap::new());
    for cell in Cell::all() {
        match cell.not_applicable() {
            Some(reason) => *left_out.entry(reason).or_insert(0) += 1,
            None => {
                cells += 1;
                in_paused_time(check(cell));
            }
        }
    }
    let expected = BTreeMap::from(NOT_APPLICABLE);
    assert_eq!(left_out, expected, "combinations that don't apply");
    println!(
        "fail-closed matrix: {cells} cells, and {} that don't apply",
        left_out.values().sum::<usize>()
    );
}

/// One cell: the model and the real thing agree, and neither lets anything out.
async fn check(cell: Cell) {
    let world = cell.world();
    let real = Real::new(&world).await;
    if cell.surface == Surface::LookUp {
        let component = &world.components[0];
        let found = real.looked_up(&component.name);
        assert_eq!(found, model::looked_up(component), "{cell:?}");
        assert_eq!(found.is_some(), cell.shows(), "{cell:?}");
        return;
    }
    let request = cell.request();
    let started = tokio::time::Instant::now();
    let seen = real.ask(&world, &request).await;
    // A decision that nobody waits for any more is given up at once.
    let given_up = cell.trouble != Trouble::CancelledDeciding || started.elapsed() < DECISION_TIMEOUT;
    assert!(given_up, "{cell:?} {:?}", started.elapsed());
    let expected = model::answered(&world, &request);
    match cell.surface {
        // The model knows how it is decided, but not what is in it.
        Surface::Directory(_) => {
            assert_eq!(seen.ending.records, expected.records, "{cell:?}");
            if !cell.grants() {
                assert_eq!(seen.ending.reply, expected.reply, "{cell:?}");
            }
        }
        _ => assert_agrees(&seen, &expected, &cell),
    }

    if cell.surface.is_list() {
        let name = &world.components[0].name;
        assert_eq!(
            seen.bytes.contains(name.as_str()),
            cell.shows(),
            "{cell:?} {}",
            seen.bytes
        );
        assert!(!seen.bytes.contains("io.sapl"), "{cell:?} {}", seen.bytes);
    } else {
        assert_eq!(
            seen.bytes.contains(cell.content()),
            cell.grants(),
            "{cell:?} {}",
            seen.bytes
        );
    }
    let finalized = seen
        .ending
        .effects
        .iter()
        .filter(|line| line.starts_with("finalize"));
    assert_eq!(
        finalized.count(),
        cell.finalizes(),
        "{cell:?} {:?}",
        seen.ending.effects
    );
}
