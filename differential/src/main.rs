//! Compares the embedded decision point with another engine on random questions.
//!
//! ```text
//! cargo run -p sapl-differential -- --ask COMMAND [--streams] [--cases N] [--seed N] [--kind KIND]
//! ```
//!
//! COMMAND (or the environment's `SAPL_ASK`) reads questions in the form of the recorded answers
//! (`sapl-pdp/tests/vectors/README.md`), without expectations, one a line, and writes each back with what the reference
//! engine answers. It must hand on numbers as they are written. With `--streams` it answers a line when it has read it,
//! and is kept; else it may read all of them first, and is started for each batch. Without a command nothing is
//! compared.
//!
//! KIND is `all`, `expressions`, `functions`, `documents` or `decisions`. A question is made from the seed plus its
//! number, so `--seed N --cases 1` repeats one. Differences are made small and printed as vectors, with counts by what
//! of the language was used. What differs on purpose is listed in `known.rs`.

use std::path::Path;
use std::process::ExitCode;
use std::{env, panic, thread};

use arguments::Arguments;
use check::{Difference, Verdict, verdict};
use generate::{Functions, Generator};
use known::REMEMBERED;
use reference::Reference;
use report::Report;

mod arguments;
mod case;
mod check;
mod generate;
mod known;
mod random;
mod reference;
mod report;
mod shrink;
mod tree;

// The rules by which recorded answers are compared, from where they are a test.
#[path = "../../sapl-pdp/tests/vectors/compare.rs"]
mod compare;
#[path = "../../sapl-pdp/tests/vectors/entry.rs"]
mod entry;
#[path = "../../sapl-pdp/tests/vectors/exact.rs"]
mod exact;
#[path = "../../sapl-pdp/tests/vectors/run.rs"]
mod run;

/// The stack of the thread that asks our engine: what threads of servers usually have.
const STACK: usize = 2 * 1024 * 1024;

/// How many questions are asked at once.
const BATCH: usize = 2000;

/// How many differences of a batch are made small.
const SHRUNK: usize = 12;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let Some(command) = arguments.ask.clone().or_else(|| env::var("SAPL_ASK").ok()) else {
        println!("SKIPPED: no reference engine to ask (--ask COMMAND)");
        return ExitCode::SUCCESS;
    };
    let runner = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || compare_engines(&arguments, command));
    match runner.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(true))) => ExitCode::SUCCESS,
        Ok(Ok(Err(problem))) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
        _ => ExitCode::FAILURE,
    }
}

/// Whether no difference was found.
fn compare_engines(arguments: &Arguments, command: String) -> Result<bool, String> {
    // A panic of ours is reported with the case that it fails.
    panic::set_hook(Box::new(|_| {}));
    let mut functions = Functions::new();
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sapl-pdp/tests/vectors/functions.json");
    functions.learn(&recorded)?;
    let mut generator = Generator::new(functions);
    let mut reference = Reference::new(command, arguments.streams);
    let mut report = Report::default();
    let mut seed = arguments.seed;
    while report.total() < arguments.cases {
        let mut cases = Vec::new();
        let mut lines = Vec::new();
        let mut count = 0;
        while count < BATCH.min(arguments.cases - report.total()) {
            let case = generator.case(arguments.kind, seed);
            let line = case.line(&format!("seed-{seed}"));
            lines.push(line.map_err(|error| format!("the case of seed {seed} is no JSON: {error}"))?);
            count += case.count();
            cases.push(case);
            seed = seed.wrapping_add(1);
        }
        let answers = reference.ask(&lines)?;
        let mut differences = Vec::new();
        for (case, answer) in cases.iter().zip(answers) {
            match verdict(case, answer.as_deref()) {
                Verdict::Different(difference) => differences.push(*difference),
                verdict => report.count(case, &verdict),
            }
        }
        let mut differences = lasting(differences, &mut reference, &mut report)?;
        eprintln!(
            "{} cases, {} of {} differ",
            report.total(),
            differences.len(),
            cases.len()
        );
        differences = smallest(differences);
        shrink::shrink(&mut differences, &mut reference)?;
        differences.iter().for_each(|difference| report.show(difference));
    }
    report.print();
    Ok(report.is_clean())
}

/// Those that still differ when nothing was asked before them.
fn lasting(
    differences: Vec<Difference>,
    reference: &mut Reference,
    report: &mut Report,
) -> Result<Vec<Difference>, String> {
    let mut lasting = Vec::new();
    for difference in differences {
        let line = difference.case.line("anew").map_err(|error| error.to_string())?;
        let answers = reference.ask_anew(&[line])?;
        let verdict = match verdict(
            &difference.case,
            answers.first().and_then(|answer| answer.as_deref()),
        ) {
            Verdict::Same => Verdict::Known(&REMEMBERED),
            verdict => verdict,
        };
        report.count(&difference.case, &verdict);
        if let Verdict::Different(difference) = verdict {
            lasting.push(*difference);
        }
    }
    Ok(lasting)
}

fn smallest(mut differences: Vec<Difference>) -> Vec<Difference> {
    differences.sort_by_key(|difference| difference.vector.len());
    differences.truncate(SHRUNK);
    differences
}
