//! `sapl test`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use sapl_pdp::Configuration;

use crate::failure::{Failure, counted};
use crate::subscription::block_on;
use crate::text::write_printable;
use coverage::Coverage;
use run::Policies;

mod cases;
mod compare;
mod coverage;
mod report;
mod run;
mod summary;

/// What `sapl test` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The files are JSON arrays of {\"name\", \"subscription\", \"expect\"} or {\"name\", \"cases\": [{\"subscription\", \
    \"expect\"}]}, each with \"now\" and \"attributes\" where policies ask for them; `expect` is a whole decision: {\"decision\", \"obligations\", \"advice\", \"resource\"}, where what is not \
    there must not be in the decision. Ends with 1 when a test fails."
)]
pub struct TestArguments {
    /// The folder with the policies and the tests of them (`*.test.json`)
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Writes a report for a browser to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Runs the tests of a folder and prints what came of it.
pub(crate) fn run(arguments: &TestArguments, output: &mut dyn Write) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let configuration = Configuration::from_dir(folder).map_err(Failure::new)?;
    let policies = Policies::new(configuration).map_err(Failure::new)?;
    let files = cases::files(folder)?;
    if files.is_empty() {
        let folder = folder.display();
        return Err(Failure::new(format_args!(
            "`{folder}` has no tests (`*.test.json`)"
        )));
    }
    let mut coverage = Coverage::default();
    let results = block_on(run::all(&policies, files, &mut coverage))?.map_err(Failure::new)?;
    write_printable(output, |output| summary::write(&results, &coverage, output)).map_err(Failure::new)?;
    if let Some(path) = &arguments.html {
        let report = report::html(
            &folder.display().to_string(),
            &results,
            &coverage,
            policies.explainer.documents(),
        );
        fs::write(path, report)
            .map_err(|error| Failure::new(format_args!("can't write `{}`: {error}", path.display())))?;
    }
    match results.iter().filter(|result| result.is_failed()).count() {
        0 => Ok(()),
        failed => Err(Failure::new(format_args!(
            "{} of {} failed",
            failed,
            counted(results.len(), "test")
        ))),
    }
}
