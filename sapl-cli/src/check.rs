//! `sapl check`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use sapl_pdp::source::problems;

use crate::failure::{Failure, counted};

/// What `sapl check` is given.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Of each document the first problem is printed. Ends with 1 when there is any.")]
pub struct CheckArguments {
    /// Folders with policies (`*.sapl`) and, if there is one, `pdp.json`
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
}

/// Prints the problems of all folders.
pub(crate) fn run(
    arguments: &CheckArguments,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<(), Failure> {
    let mut found = 0;
    for folder in &arguments.folders {
        let checked = problems(folder);
        for problem in &checked.problems {
            writeln!(errors, "{}\n", Failure::new(problem)).map_err(Failure::new)?;
        }
        found += checked.problems.len();
        if checked.problems.is_empty() {
            let (folder, documents) = (folder.display(), counted(checked.documents, "document"));
            writeln!(output, "{folder}: {documents}, no problems").map_err(Failure::new)?;
        }
    }
    match found {
        0 => Ok(()),
        found => Err(Failure::new(format_args!("{} found", counted(found, "problem")))),
    }
}
