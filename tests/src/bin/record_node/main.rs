//! Records what a SAPL Node says, for the tests that play it back.
//!
//! ```text
//! record_node ADDRESS POLICIES STOP INTO
//! ```
//!
//! ADDRESS is that of a node without authentication, with the demo's policies in the folder POLICIES, as in
//! `127.0.0.1:8080`. STOP is a command that asks the node to end (`kill PID`): the last thing that is recorded is how
//! it says goodbye. The recordings go to the folder INTO, one file each.

#![expect(clippy::expect_used, reason = "what goes wrong ends the recording")]

mod connection;
mod one_shot;
mod streams;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use sapl_mcp_tests::Recording;

/// What the program is given.
struct Arguments {
    address: String,
    policies: PathBuf,
    stop: String,
    into: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Ok([address, policies, stop, into]) = <[String; 4]>::try_from(arguments) else {
        eprintln!("usage: record_node ADDRESS POLICIES STOP INTO");
        return ExitCode::from(2);
    };
    let arguments = Arguments {
        address,
        policies: policies.into(),
        stop,
        into: into.into(),
    };
    one_shot::record(&arguments);
    streams::record(&arguments);
    ExitCode::SUCCESS
}

fn save(into: &Path, name: &str, recording: &Recording) {
    let path = into.join(name).with_extension("txt");
    fs::write(&path, recording.to_string()).expect("the recording is written");
    println!("{name}: {}", recording.title);
}
