//! The loop.

use std::{error::Error, io::Write};

use sapl_mcp::client::{Attempt, Guard};

use super::{
    Model,
    report::{print_attempt, print_proposal, print_tools},
};

/// Lists the tools, and works off what the model proposes until it is done. Everything that a model gets comes out of the
/// guard. Says what became of each proposal, and writes it to `out`.
///
/// # Errors
/// When the tools can't be listed, or `out` can't be written to.
pub async fn run(
    guard: &Guard,
    model: &mut impl Model,
    out: &mut impl Write,
) -> Result<Vec<Attempt>, Box<dyn Error + Send + Sync>> {
    let tools = guard.list_tools().await?;
    print_tools(guard.server(), &tools, out)?;
    let mut attempts: Vec<Attempt> = Vec::new();
    while let Some(proposal) = model.propose(&tools, attempts.last()) {
        print_proposal(&proposal, out)?;
        let attempt = guard.attempt(proposal.params()).await;
        print_attempt(&attempt, out)?;
        attempts.push(attempt);
    }
    Ok(attempts)
}
