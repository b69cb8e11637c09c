//! `sapl check`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use sapl_base::text::printable;
use sapl_pdp::ConfigurationError;
use sapl_pdp::source::{Checked, problems};
use sapl_pdp::syntax::{Diagnostic, Severity};
use serde::Serialize;

use crate::failure::{Failure, counted};
use crate::format::Format;

/// What `sapl check` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Ends with 1 when there is an error. A folder with warnings can be loaded; they are about what is \
    certain: names that stand for nothing, conditions that never hold, what nobody uses."
)]
pub struct CheckArguments {
    /// Folders with policies (`*.sapl`) and, if there is one, `pdp.json`
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Warnings count as errors
    #[arg(long)]
    deny_warnings: bool,
}

/// Prints the problems of all folders.
pub(crate) fn run(
    arguments: &CheckArguments,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<(), Failure> {
    let checked: Vec<_> = arguments
        .folders
        .iter()
        .map(|folder| (folder.display().to_string(), problems(folder)))
        .collect();
    match arguments.format {
        Format::Text => print(&checked, output, errors)?,
        Format::Json => {
            let report: Vec<_> = checked
                .iter()
                .map(|(folder, checked)| FolderReport::new(folder, checked))
                .collect();
            serde_json::to_writer_pretty(&mut *output, &report).map_err(Failure::new)?;
            writeln!(output).map_err(Failure::new)?;
        }
    }
    let found: usize = checked.iter().map(|(_, checked)| checked.problems.len()).sum();
    let warned: usize = checked
        .iter()
        .map(|(_, checked)| checked.warnings.len() + usize::from(is_empty(checked)))
        .sum();
    match (found, warned) {
        (0, 0) => Ok(()),
        (0, warned) if arguments.deny_warnings => {
            Err(Failure::new(format_args!("{} found", counted(warned, "warning"))))
        }
        (0, _) => Ok(()),
        (found, 0) => Err(Failure::new(format_args!("{} found", counted(found, "problem")))),
        (found, warned) => Err(Failure::new(format_args!(
            "{} and {} found",
            counted(found, "problem"),
            counted(warned, "warning")
        ))),
    }
}

/// Whether a folder that could be read has no documents: probably it is another one that was meant.
fn is_empty(checked: &Checked) -> bool {
    checked.documents == 0 && checked.problems.is_empty()
}

fn without_documents(folder: &str) -> String {
    format!("`{folder}` has no documents (`*.sapl`)")
}

fn print(
    checked: &[(String, Checked)],
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<(), Failure> {
    for (folder, checked) in checked {
        for problem in &checked.problems {
            writeln!(errors, "{}\n", printable(&Failure::new(problem).to_string())).map_err(Failure::new)?;
        }
        for warning in &checked.warnings {
            writeln!(errors, "{}\n", printable(&warning.to_string())).map_err(Failure::new)?;
        }
        if is_empty(checked) {
            let warning = without_documents(folder);
            writeln!(errors, "{}\n", printable(&format!("warning: {warning}"))).map_err(Failure::new)?;
        }
        if checked.problems.is_empty() {
            let documents = counted(checked.documents, "document");
            let warnings = match checked.warnings.len() + usize::from(is_empty(checked)) {
                0 => "no problems".to_owned(),
                warnings => counted(warnings, "warning"),
            };
            writeln!(output, "{folder}: {documents}, {warnings}").map_err(Failure::new)?;
        }
    }
    Ok(())
}

/// What is known of a folder.
#[derive(Serialize)]
struct FolderReport<'c> {
    folder: &'c str,
    documents: usize,
    problems: Vec<Problem<'c>>,
}

/// A problem; without a place when it is none within a text.
#[derive(Serialize)]
struct Problem<'c> {
    severity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'c str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'c str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'c str>,
    #[serde(flatten)]
    place: Option<Place<'c>>,
}

#[derive(Serialize)]
struct Place<'c> {
    file: Option<&'c str>,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

impl<'c> FolderReport<'c> {
    fn new(folder: &'c str, checked: &'c Checked) -> Self {
        let errors = checked.problems.iter().map(Problem::of_error);
        let warnings = checked.warnings.iter().map(Problem::of_diagnostic);
        let empty = is_empty(checked).then(|| Problem {
            severity: Severity::Warning.to_string(),
            code: Some("no-documents"),
            message: without_documents(folder),
            label: None,
            help: None,
            place: None,
        });
        Self {
            folder,
            documents: checked.documents,
            problems: errors.chain(warnings).chain(empty).collect(),
        }
    }
}

impl<'c> Problem<'c> {
    fn of_error(problem: &'c ConfigurationError) -> Self {
        match problem.diagnostic() {
            Some(diagnostic) => Self::of_diagnostic(diagnostic),
            None => Self {
                severity: "error".to_owned(),
                code: None,
                message: problem.to_string(),
                label: None,
                help: None,
                place: None,
            },
        }
    }

    fn of_diagnostic(problem: &'c Diagnostic) -> Self {
        let (end_line, end_column) = problem.end();
        Self {
            severity: problem.severity().to_string(),
            code: problem.code(),
            message: problem.message().to_owned(),
            label: problem.label(),
            help: problem.help(),
            place: Some(Place {
                file: problem.file(),
                line: problem.line(),
                column: problem.column(),
                end_line,
                end_column,
            }),
        }
    }
}
