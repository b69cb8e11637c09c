//! The arguments of the command, and which part runs.

use std::io::{Read, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sapl_base::text::printable;

use crate::failure::FAILED;
use crate::{
    CheckArguments, DecideArguments, DecideOnceArguments, ExplainArguments, FmtArguments, FunctionsArguments,
    TestArguments, check, decide, decide_once, explain, fmt, functions, serve, test,
};

/// Check, format, test and explain SAPL policies, decide on them, and serve them
#[derive(Clone, Debug, Parser)]
#[command(
    name = "sapl",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 something is wrong \
    with the policies, the input or the system; 2 wrong arguments."
)]
pub struct Sapl {
    #[command(subcommand)]
    command: Command,
}

/// The parts of the command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Check the policies of folders and print what is wrong with them, where, and why
    Check(CheckArguments),
    /// Print the decision on a subscription, and another line whenever policies or attributes change it
    Decide(DecideArguments),
    /// Print the decision on a subscription, as one line of JSON
    DecideOnce(DecideOnceArguments),
    /// Print why the decision on a subscription is what it is
    Explain(ExplainArguments),
    /// Write policies in the canonical layout
    Fmt(FmtArguments),
    /// List the functions that policies can call
    Functions(FunctionsArguments),
    /// Run the tests of policies, and print what they leave untested
    Test(TestArguments),
    /// Serve the policies of a folder behind the HTTP API of a SAPL node, for development and tests
    Serve(serve::ServeArguments),
}

impl Sapl {
    /// Does what the arguments say.
    pub fn run(
        &self,
        input: &mut dyn Read,
        output: &mut dyn Write,
        errors: &mut (dyn Write + Send),
    ) -> ExitCode {
        let result = match &self.command {
            Command::Check(arguments) => check::run(arguments, output, errors),
            Command::DecideOnce(arguments) => decide_once::run(arguments, input, output),
            Command::Decide(arguments) => decide::run(arguments, input, output, errors),
            Command::Explain(arguments) => explain::run(arguments, input, output),
            Command::Test(arguments) => test::run(arguments, output),
            Command::Fmt(arguments) => fmt::run(arguments, input, output, errors),
            Command::Functions(arguments) => functions::run(arguments, output),
            Command::Serve(arguments) => serve::run(arguments, output, errors),
        };
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                // Nothing is left to tell it to when standard error is closed; the exit code tells it.
                let _: std::io::Result<()> = writeln!(errors, "{}", printable(&failure.to_string()));
                ExitCode::from(FAILED)
            }
        }
    }
}
