//! `sapl decide`.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use sapl_pdp::LiveDecisions;

use crate::failure::Failure;
use crate::folder;
use crate::subscription::{SubscriptionSource, block_on};

/// What `sapl decide` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Runs until it is interrupted. Each line is the decision from then on; equal ones are not repeated. \
    Policies that are refused change nothing and are told on standard error."
)]
pub struct DecideArguments {
    /// The folder with the policies (`*.sapl`) and, if there is one, `pdp.json`; a change is in force within a second
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    source: SubscriptionSource,
}

/// Prints decisions for as long as somebody reads them.
pub(crate) fn run(
    arguments: &DecideArguments,
    input: &mut dyn Read,
    output: &mut dyn Write,
    errors: &mut (dyn Write + Send),
) -> Result<(), Failure> {
    let (pdp, changes) = folder::load(&arguments.folder)?;
    let subscription = arguments.source.read(input)?;
    let decisions = LiveDecisions::new(Arc::clone(&pdp), vec![subscription]);
    block_on(async {
        tokio::select! {
            ended = print(decisions, output) => ended,
            () = changes.tell(errors) => Ok(()),
        }
    })?
}

async fn print(
    mut decisions: LiveDecisions<'_, Arc<sapl_pdp::EmbeddedPdp>>,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    loop {
        let decision = poll_fn(|context| {
            let next = decisions.poll_each(context);
            next.map(|(_, decision)| serde_json::to_string(decision))
        });
        let line = decision.await.map_err(Failure::new)?;
        writeln!(output, "{line}")
            .and_then(|()| output.flush())
            .map_err(Failure::new)?;
    }
}
