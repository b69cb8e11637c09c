//! The server in a process of its own.

use std::{error::Error, path::Path, sync::Arc};

use rmcp::{
    RoleClient, ServiceExt as _,
    service::RunningService,
    transport::{TokioChildProcess, stdio},
};
use tokio::process::Command;

use super::{Effects, Example, Workshop, advice::advising};

/// The first argument of this program when it is the server.
pub const SERVE: &str = "serve";

/// A client that is connected to the server in a child process, which ends with it.
pub type Connected = RunningService<RoleClient, ()>;

/// Starts this very program as a server, and connects to it. With `effects` the server notes there what reaches it.
///
/// # Errors
/// When the process can't be started, or the server does not answer.
pub async fn connect(
    example: Example,
    effects: Option<&Path>,
) -> Result<Connected, Box<dyn Error + Send + Sync>> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(SERVE).arg(example.name());
    if let Some(effects) = effects {
        command.arg(effects);
    }
    Ok(().serve(TokioChildProcess::new(command)?).await?)
}

/// Serves on standard input and output until the client hangs up.
///
/// # Errors
/// When the file for `effects` can't be opened, or the client does not speak MCP.
pub async fn serve(example: Example, effects: Option<&Path>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let effects = effects.map_or_else(|| Ok(Effects::default()), Effects::to_file)?;
    let workshop = Workshop::new(effects);
    match example {
        Example::Plain => Arc::new(workshop).serve(stdio()).await?.waiting().await?,
        Example::Advised => advising(workshop)?.serve(stdio()).await?.waiting().await?,
    };
    Ok(())
}
