//! A demo as a program.
//!
//! ```text
//! DEMO [DECISIONS]                                 walk through the server, print the matrix
//! DEMO serve [--port N] [--sessions] [DECISIONS]   keep serving
//! DEMO token USER                                  print a token
//! DEMO tokens                                      print all tokens as JSON
//! ```
//!
//! `DECISIONS` are made by the policies in a folder, `--policies DIR`, or by a SAPL Node, `--pdp URL [--cached]`, whose
//! API key is in `SAPL_PDP_TOKEN`.

mod arguments;
mod commands;
mod decision_point;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use sapl_mcp::Secret;

use super::{Demo, Palette};
use arguments::{Command, usage};
use decision_point::DecisionPoint;

/// The variable with the API key of a remote decision point.
const TOKEN: &str = "SAPL_PDP_TOKEN";

/// Where a command writes to.
#[derive(Debug)]
pub struct Console<O, E> {
    /// Results.
    pub out: O,
    /// Hints and errors.
    pub err: E,
    /// How results are coloured.
    pub palette: Palette,
}

/// What a command takes from the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The API key of a remote decision point: `SAPL_PDP_TOKEN`.
    pub pdp_token: Option<Secret<String>>,
    /// Whether a server logs every operation to the process's standard error.
    pub log_operations: bool,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As it should: 0.
    Success,
    /// It failed, or an outcome is wrong: 1.
    Failure,
    /// The arguments make no sense: 2.
    Usage,
}

/// Runs the command of a demo that `arguments` (without the name of the program) ask for, with the process's own environment and
/// streams.
pub async fn main<D: Demo>(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let no_color = std::env::var_os("NO_COLOR").is_some();
    let palette = Palette::of(&io::stdout(), no_color);
    let mut console = Console {
        out: io::stdout(),
        err: io::stderr(),
        palette,
    };
    run::<D, _, _>(arguments, &Environment::of_process(), &mut console)
        .await
        .into()
}

/// Runs the command of a demo that `arguments` ask for.
pub async fn run<D: Demo, O: Write, E: Write>(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    console: &mut Console<O, E>,
) -> Exit {
    let command = match Command::parse::<D>(arguments) {
        Ok(command) => command,
        Err(error) => {
            return console.fail(Exit::Usage, format_args!("{error}\n\n{}", usage::<D>()));
        }
    };
    let ended = match command {
        Command::Help => console.print(usage::<D>()),
        Command::Walk { decisions } => commands::walk::<D, _, _>(&decisions, environment, console).await,
        Command::Serve { decisions, options } => {
            commands::serve::<D, _, _>(&decisions, options, environment, console).await
        }
        Command::Token { user } => commands::token(user, console),
        Command::Tokens => commands::tokens::<D, _, _>(console),
    };
    match ended {
        Ok(exit) => exit,
        Err(error) => console.fail(Exit::Failure, format_args!("{error}")),
    }
}

impl Environment {
    /// The process's own.
    pub fn of_process() -> Self {
        // What is no text is no API key either, and is refused as such.
        let token = std::env::var_os(TOKEN).map(|token| token.to_string_lossy().into_owned());
        Self {
            pdp_token: token.map(Secret::new),
            log_operations: true,
        }
    }
}

impl<O: Write, E: Write> Console<O, E> {
    /// Writes a line and sends it off.
    fn print(&mut self, line: impl std::fmt::Display) -> Result<Exit, commands::Failure> {
        writeln!(self.out, "{line}")?;
        self.out.flush()?;
        Ok(Exit::Success)
    }

    fn fail(&mut self, exit: Exit, message: std::fmt::Arguments<'_>) -> Exit {
        // Where nobody reads errors, the exit code has to do.
        let _ = writeln!(self.err, "{message}");
        exit
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
            Exit::Usage => Self::from(2),
        }
    }
}
