//! The command `sapl`.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let sapl = sapl_cli::Sapl::parse();
    sapl.run(&mut io::stdin(), &mut io::stdout(), &mut io::stderr())
}
