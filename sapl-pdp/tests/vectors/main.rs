//! Runs recorded answers of the reference implementation: `cargo test -p sapl-pdp --test vectors`.
//!
//! Each `*.json` beside this file is an area: an array of entries whose shape says their kind (see `entry.rs`). With
//! `SAPL_VECTORS=DIR` the files of `DIR` run after them by the same code. Arguments are ignored.
//!
//! An entry that calls a library of which the feature is off is skipped; `--all-features` runs all.
//!
//! Each failure prints its name and the difference, each area one line, `vectors: AREA ran N failed F excepted E`, in
//! cases: an entry with several subscriptions is as many. What `exceptions.txt` lists may fail, but must: an
//! exception that is not needed any more fails too, and so does a PERMIT that the reference does not give.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, panic, thread};

use entry::{Entry, Outcome};
use exceptions::Exceptions;

mod compare;
mod entry;
mod exact;
mod exceptions;
mod run;
mod skip;

/// The stack of the thread that runs the cases: what threads of servers usually have.
const STACK: usize = 2 * 1024 * 1024;

fn main() -> ExitCode {
    let runner = thread::Builder::new().stack_size(STACK).spawn(run_all);
    match runner.map(thread::JoinHandle::join) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Whether nothing failed.
fn run_all() -> bool {
    // A panic is reported with the case that it fails.
    panic::set_hook(Box::new(|_| {}));
    let copy = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut exceptions = Exceptions::read(&copy.join("exceptions.txt"));
    let mut all = Counts::default();
    let mut sound = true;
    for file in areas(&copy) {
        all.add(run_area(&file, &mut exceptions, &mut sound));
    }
    for stale in exceptions.stale() {
        println!("stale exception: {stale}");
        sound = false;
    }
    if let Some(more) = env::var_os("SAPL_VECTORS") {
        let files = areas(Path::new(&more));
        if files.is_empty() {
            println!("no vectors in `{}`", Path::new(&more).display());
            sound = false;
        }
        for file in files {
            all.add(run_area(&file, &mut exceptions, &mut sound));
        }
    }
    all.print("all");
    sound && all.failed == 0
}

/// The files with vectors of a folder, by name.
fn areas(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

fn run_area(file: &Path, exceptions: &mut Exceptions, sound: &mut bool) -> Counts {
    let area = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut counts = Counts::default();
    match read(file) {
        Ok(entries) => {
            for entry in &entries {
                if skip::calls_switched_off_library(entry) {
                    exceptions.skip(&area, entry);
                    counts.skipped += entry.cases.as_ref().map_or(1, Vec::len);
                    continue;
                }
                for outcome in run::entry(entry) {
                    counts.count(&area, entry, &outcome, exceptions);
                }
            }
        }
        Err(problem) => {
            println!("{}: {problem}", file.display());
            *sound = false;
        }
    }
    counts.print(&area);
    counts
}

fn read(file: &Path) -> Result<Vec<Entry>, String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[derive(Default)]
struct Counts {
    ran: usize,
    failed: usize,
    excepted: usize,
    skipped: usize,
}

impl Counts {
    fn count(&mut self, area: &str, entry: &Entry, outcome: &Outcome, exceptions: &mut Exceptions) {
        self.ran += 1;
        let excepted = exceptions.applies(area, entry, outcome) && !outcome.permits_wrongly;
        match &outcome.difference {
            Some(_) if excepted => self.excepted += 1,
            Some(difference) => {
                self.failed += 1;
                println!("{area}/{}: {difference}", outcome.name);
            }
            None => {}
        }
    }

    fn add(&mut self, other: Self) {
        self.ran += other.ran;
        self.failed += other.failed;
        self.excepted += other.excepted;
        self.skipped += other.skipped;
    }

    fn print(&self, area: &str) {
        let Self {
            ran,
            failed,
            excepted,
            skipped,
        } = self;
        print!("vectors: {area} ran {ran} failed {failed} excepted {excepted}");
        if *skipped > 0 {
            print!(" skipped {skipped}");
        }
        println!();
    }
}
