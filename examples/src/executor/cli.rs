//! Both programs.

use std::{
    error::Error,
    ffi::OsString,
    io::{self, IsTerminal as _, Write},
    path::Path,
    process::ExitCode,
};

use sapl_mcp::client::{Guard, GuardBuilder, TerminalApprover};
use serde_json::json;

use super::{Circumstances, Proposal, SERVE, ScriptedModel, child, connect, default_policy, own_policy, run};

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// The user's policy alone decides.
    Plain,
    /// The server publishes policies with its tools.
    Advised,
}

impl Example {
    /// The name, as it is given to the child process.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Advised => "advised",
        }
    }

    /// What the model proposes.
    pub fn script(self) -> ScriptedModel {
        ScriptedModel::new(match self {
            Self::Plain => vec![
                Proposal::new("add", json!({"a": 5, "b": 3})),
                Proposal::new("list_files", json!({})),
                Proposal::new("read_file", json!({"path": "notes/yesterday.md"})),
                Proposal::new(
                    "write_file",
                    json!({"path": "notes/today.md", "content": "Timber is ordered."}),
                ),
                Proposal::new("delete_file", json!({"path": "payroll/may.csv"})),
                Proposal::new("execute_script", json!({"code": "rm -rf /"})),
            ],
            Self::Advised => vec![
                Proposal::new("read_file", json!({"path": "notes/today.md"})),
                Proposal::new("read_file", json!({"path": "payroll/may.csv"})),
                Proposal::new(
                    "write_file",
                    json!({"path": "notes/today.md", "content": "Timber is ordered."}),
                ),
                Proposal::new(
                    "write_file",
                    json!({"path": "payroll/may.csv", "content": "tom,9000"}),
                ),
                Proposal::new("delete_file", json!({"path": "notes/today.md"})),
            ],
        })
    }
}

/// Runs the example, or is its server: `… serve plain|advised [FILE]`.
pub async fn main(example: Example, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let result = match arguments.as_slice() {
        [] => execute(example, None, person, &mut io::stdout()).await,
        [serve, which] if serve == SERVE && which == example.name() => child::serve(example, None).await,
        [serve, which, effects] if serve == SERVE && which == example.name() => {
            child::serve(example, Some(Path::new(effects))).await
        }
        _ => Err("it takes no arguments".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the server, and works off the script: by day, and in the advised example at night too. `ask` says who is asked.
///
/// # Errors
/// When the server can't be reached, or `out` can't be written to.
pub async fn execute(
    example: Example,
    effects: Option<&Path>,
    ask: impl FnOnce(GuardBuilder) -> GuardBuilder,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let circumstances = Circumstances::at(10);
    let guard = Guard::builder(connect(example, effects).await?)
        .user(json!({"name": "ines", "roles": ["editor"]}))
        .server("workshop");
    let guard = match example {
        Example::Plain => guard.policy(default_policy()),
        Example::Advised => {
            let circumstances = circumstances.clone();
            guard
                .policy(own_policy())
                .environment(move |request| circumstances.of(request))
        }
    };
    let guard = ask(guard).build();
    if example == Example::Plain {
        run(&guard, &mut example.script(), out).await?;
        return Ok(());
    }
    for (hour, title) in [(10, "At 10 in the morning"), (22, "\nAt 10 in the evening")] {
        circumstances.turn_to(hour);
        writeln!(out, "{title}\n")?;
        run(&guard, &mut example.script(), out).await?;
    }
    Ok(())
}

/// The person at the terminal, where there is one.
fn person(guard: GuardBuilder) -> GuardBuilder {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        guard.approver(TerminalApprover::new())
    } else {
        guard
    }
}
