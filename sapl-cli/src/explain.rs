//! `sapl explain`.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Args;
use sapl_pdp::Configuration;
use sapl_pdp::explain::Explainer;

use crate::failure::Failure;
use crate::format::Format;
use crate::subscription::{SubscriptionSource, block_on};
use crate::text::write_printable;

mod text;

pub(crate) use text::shortened;

/// What `sapl explain` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Shows values of the subscription, but none of its `secrets`. Ends with 0 whatever the decision is."
)]
pub struct ExplainArguments {
    /// The folder with the policies (`*.sapl`) and, if there is one, `pdp.json`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    source: SubscriptionSource,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints why the decision on the subscription is what it is.
pub(crate) fn run(
    arguments: &ExplainArguments,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    let configuration = Configuration::from_dir(&arguments.folder).map_err(Failure::new)?;
    let explainer = Explainer::new(configuration).map_err(Failure::new)?;
    let subscription = arguments.source.read(input)?;
    let explanation = block_on(explainer.explain_once(&subscription))?;
    match arguments.format {
        Format::Text => {
            write_printable(output, |output| text::write(&explanation, output)).map_err(Failure::new)
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output, &explanation).map_err(Failure::new)?;
            writeln!(output).map_err(Failure::new)
        }
    }
}
