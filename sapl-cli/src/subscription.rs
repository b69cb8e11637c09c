//! The subscription that a command is asked about.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use sapl_pdp::Input;

use crate::failure::Failure;
use crate::text::read_text;

/// The largest subscription that is read, in bytes.
pub(crate) const MAX_INPUT_BYTES: u64 = 1024 * 1024;

/// Where the subscription comes from.
#[derive(Args, Clone, Debug, Default)]
pub struct SubscriptionSource {
    /// The file with the subscription; without, or `-`, standard input
    #[arg(value_name = "FILE")]
    subscription: Option<PathBuf>,
}

impl SubscriptionSource {
    /// Reads the subscription.
    pub(crate) fn read(&self, input: &mut dyn Read) -> Result<Input<'static>, Failure> {
        let path = self.subscription.as_ref().filter(|path| path.as_os_str() != "-");
        let (text, name) = match path {
            Some(path) => {
                let name = format!("`{}`", path.display());
                let mut file =
                    File::open(path).map_err(|error| Failure::new(format_args!("{name}: {error}")))?;
                (read_text(&mut file, MAX_INPUT_BYTES, &name)?, name)
            }
            None => {
                let name = "standard input".to_owned();
                (read_text(input, MAX_INPUT_BYTES, &name)?, name)
            }
        };
        // The line itself isn't shown: there may be secrets in it.
        Input::from_json(text.trim_start_matches('\u{feff}')).map_err(|problem| {
            let (line, column) = (problem.line(), problem.column());
            Failure::new(format_args!(
                "{name}, line {line}, column {column}: {}",
                problem.message()
            ))
        })
    }
}

/// Runs a future to its end, with timers for attributes.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(Failure::new)?.block_on(future))
}
