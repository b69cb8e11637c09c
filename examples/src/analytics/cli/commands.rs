//! The commands.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt,
    io::{self, Write},
    pin::pin,
    time::SystemTime,
};

use sapl_mcp::JsonLines;
use tokio::{signal, sync::mpsc::unbounded_channel};

use super::{Console, DecisionPoint, Environment, Exit};
use crate::analytics::{
    AccessLog, Demo, Host, HostOptions, Matrix, Palette, Received, Revision, Target, User, changes,
    matrix_table, mint, walk_by, wrong_cells,
};

/// Why a command failed, in the words for the user.
#[derive(Debug)]
pub(super) struct Failure(String);

/// Serves on a free port, walks through as everybody, and says what came of it.
pub(super) async fn walk<D: Demo, O: Write, E: Write>(
    decisions: &DecisionPoint,
    environment: &Environment,
    console: &mut Console<O, E>,
) -> Result<Exit, Failure> {
    let (changes, _) = unbounded_channel();
    let pdp = decisions.connect(environment, changes)?;
    decisions.check(&pdp, &D::question()).await?;
    let received = Received::default();
    let server = D::server(Some(received.clone()));
    let sapl = D::layer(pdp, AccessLog::default());
    let host = Host::start(server, sapl, HostOptions::default()).await?;
    let target = Target {
        url: host.url(),
        tokens: all_tokens::<D>()?,
        revision: Revision::default(),
        received: Some(received),
    };
    let matrix = walk_by(D::plan(), &target).await?;
    host.stop().await?;
    report(&matrix, console)
}

/// Serves until it is told to stop.
pub(super) async fn serve<D: Demo, O: Write, E: Write>(
    decisions: &DecisionPoint,
    options: HostOptions,
    environment: &Environment,
    console: &mut Console<O, E>,
) -> Result<Exit, Failure> {
    let (changes, mut changed) = unbounded_channel();
    let pdp = decisions.connect(environment, changes)?;
    if let Err(problem) = decisions.check(&pdp, &D::question()).await {
        writeln!(console.err, "{problem}\nuntil then everything is denied")?;
    }
    let sapl = if environment.log_operations {
        D::layer(pdp, AccessLog::printing()).audit(JsonLines::new(io::stderr()))
    } else {
        D::layer(pdp, AccessLog::default())
    };
    let host = Host::start(D::server(None), sapl, options).await?;
    writeln!(
        console.err,
        "a demo: its tokens are signed with a key that is public, so anybody can make one"
    )?;
    if environment.log_operations {
        writeln!(console.err, "every operation is logged here, as one line of JSON")?;
    }
    console.print(format_args!("listening on {}", host.url()))?;
    let mut stop = pin!(told_to_stop());
    loop {
        tokio::select! {
            stopped = &mut stop => break stopped?,
            Some(line) = changed.recv() => writeln!(console.err, "{line}")?,
        }
    }
    host.stop().await?;
    Ok(Exit::Success)
}

/// Prints a token.
pub(super) fn token<O: Write, E: Write>(user: User, console: &mut Console<O, E>) -> Result<Exit, Failure> {
    console.print(mint(user, SystemTime::now())?)
}

/// Prints all tokens as one JSON object on one line.
pub(super) fn tokens<D: Demo, O: Write, E: Write>(console: &mut Console<O, E>) -> Result<Exit, Failure> {
    let tokens = all_tokens::<D>()?;
    let fields: Vec<String> = tokens
        .iter()
        .map(|(user, token)| format!("\"{user}\": \"{token}\""))
        .collect();
    console.print(format_args!("{{{}}}", fields.join(", ")))
}

fn report<O: Write, E: Write>(matrix: &Matrix, console: &mut Console<O, E>) -> Result<Exit, Failure> {
    let expected = matrix.plan().expected();
    let differences = matrix.differences(&expected);
    let palette = console.palette;
    let out = &mut console.out;
    writeln!(out, "{}", matrix_table(matrix, &expected, palette))?;
    let changes = changes(matrix);
    if !changes.is_empty() {
        writeln!(out, "{}", palette.heading("what the policies changed"))?;
    }
    for change in changes {
        writeln!(out, "  {change}")?;
    }
    writeln!(out)?;
    for wrong in wrong_cells(&differences) {
        writeln!(out, "wrong: {wrong}")?;
    }
    let (verdict, exit) = verdict(differences.len(), matrix.cell_count(), palette);
    console.print(verdict)?;
    Ok(exit)
}

fn verdict(wrong: usize, cells: usize, palette: Palette) -> (String, Exit) {
    match wrong {
        0 => (
            palette.verdict(&format!("all {cells} cells are as expected"), true),
            Exit::Success,
        ),
        _ => (
            palette.verdict(&format!("{wrong} of {cells} cells are wrong"), false),
            Exit::Failure,
        ),
    }
}

fn all_tokens<D: Demo>() -> Result<BTreeMap<User, String>, Failure> {
    let now = SystemTime::now();
    D::plan()
        .users
        .iter()
        .map(|user| Ok((*user, mint(*user, now)?)))
        .collect()
}

/// Waits for Ctrl-C or, on Unix, a request to terminate.
async fn told_to_stop() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = signal::ctrl_c() => pressed,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    signal::ctrl_c().await
}

impl Failure {
    pub(super) const fn new(message: String) -> Self {
        Self(message)
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into().to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
