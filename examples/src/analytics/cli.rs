//! The demo as a program.
//!
//! ```text
//! analytics_demo [--policies DIR]                                   walk through the server, print the matrix
//! analytics_demo serve [--port N] [--policies DIR] [--sessions]     keep serving
//! analytics_demo token USER                                         print a token
//! analytics_demo tokens                                             print all tokens as JSON
//! ```

mod arguments;
mod commands;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use super::Palette;
use arguments::{Command, USAGE};

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

/// Runs the command that `arguments` (without the name of the program) ask for, with the process's own streams.
pub async fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let no_color = std::env::var_os("NO_COLOR").is_some();
    let palette = Palette::of(&io::stdout(), no_color);
    let mut console = Console {
        out: io::stdout(),
        err: io::stderr(),
        palette,
    };
    run(arguments, &mut console).await.into()
}

/// Runs the command that `arguments` ask for.
pub async fn run<O: Write, E: Write>(
    arguments: impl IntoIterator<Item = OsString>,
    console: &mut Console<O, E>,
) -> Exit {
    let command = match Command::parse(arguments) {
        Ok(command) => command,
        Err(error) => {
            return console.fail(Exit::Usage, format_args!("{error}\n\n{USAGE}"));
        }
    };
    let ended = match command {
        Command::Help => console.print(USAGE),
        Command::Walk { policies } => commands::walk(&policies, console).await,
        Command::Serve { policies, options } => commands::serve(&policies, options, console).await,
        Command::Token { user } => commands::token(user, console),
        Command::Tokens => commands::tokens(console),
    };
    match ended {
        Ok(exit) => exit,
        Err(error) => console.fail(Exit::Failure, format_args!("{error}")),
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
