//! Two things that take turns.

use std::{hint::black_box, time::Instant};

use super::spread::Spread;

/// How often the two take turns.
const PAIRS: usize = 2_001;

/// How long one turn takes at least, in nanoseconds: short enough that most are not interrupted.
const TURN: u128 = 50_000;

/// What measuring two things in turns gives.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// Nanoseconds of one run of the first.
    pub first: Spread,
    /// Nanoseconds of one run of the second.
    pub second: Spread,
    /// The first in terms of the second, of each pair by itself.
    pub ratio: Spread,
}

impl Turns {
    /// Measures two things, each of which is given the number of the run. They take turns, so that both get the same
    /// of whatever else the machine does.
    pub fn of<A, B>(mut first: impl FnMut(usize) -> A, mut second: impl FnMut(usize) -> B) -> Self {
        let (first_runs, second_runs) = (runs(&mut first), runs(&mut second));
        let pairs: Vec<(f64, f64)> = (0..PAIRS)
            .map(|_| {
                (
                    nanoseconds(&mut first, first_runs),
                    nanoseconds(&mut second, second_runs),
                )
            })
            .collect();
        Self {
            first: Spread::of(pairs.iter().map(|(first, _)| *first)),
            second: Spread::of(pairs.iter().map(|(_, second)| *second)),
            ratio: Spread::of(pairs.iter().map(|(first, second)| first / second)),
        }
    }
}

/// How many runs fill a turn.
fn runs<T>(work: &mut impl FnMut(usize) -> T) -> u32 {
    let mut runs = 1;
    loop {
        let begin = Instant::now();
        nanoseconds(work, runs);
        if begin.elapsed().as_nanos() >= TURN || runs >= 1 << 24 {
            return runs;
        }
        runs *= 2;
    }
}

fn nanoseconds<T>(work: &mut impl FnMut(usize) -> T, runs: u32) -> f64 {
    let begin = Instant::now();
    for run in 0..runs {
        black_box(work(run as usize));
    }
    begin.elapsed().as_secs_f64() * 1e9 / f64::from(runs)
}
