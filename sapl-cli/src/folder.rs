//! The folder of policies that a command serves or follows.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sapl_base::text::printable;
use sapl_pdp::{ConfigurationError, EmbeddedPdp, WatchEvent, WatchOptions};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::failure::Failure;

/// What happens to a folder while it is followed.
#[derive(Debug)]
pub(crate) struct Changes(UnboundedReceiver<String>);

/// Loads a folder and follows it for as long as its decision point is there.
pub(crate) fn load(folder: &Path) -> Result<(Arc<EmbeddedPdp>, Changes), Failure> {
    followed(EmbeddedPdp::from_dir(folder).map_err(Failure::new)?)
}

/// As [`load`], also when the policies of the folder are refused: all decisions are INDETERMINATE then, until they are mended.
pub(crate) fn load_even_if_refused(
    folder: &Path,
    errors: &mut dyn Write,
) -> Result<(Arc<EmbeddedPdp>, Changes), Failure> {
    let pdp = EmbeddedPdp::from_dir_even_if_refused(folder);
    if let Some(problem) = pdp.health().problem {
        tell(errors, &printable(&refused(&problem, false)));
    }
    followed(pdp)
}

fn followed(pdp: EmbeddedPdp) -> Result<(Arc<EmbeddedPdp>, Changes), Failure> {
    // As seldom as there are other problems, so it needs no bound.
    let (tell, told) = unbounded_channel();
    let has_policies = AtomicBool::new(pdp.health().problem.is_none());
    let options = WatchOptions::default().on_event(move |event| {
        if let WatchEvent::Changed = event {
            has_policies.store(true, Ordering::Relaxed);
        }
        // Nobody listens any more when the command ends.
        let _ = tell.send(line(event, has_policies.load(Ordering::Relaxed)));
    });
    let pdp = pdp.with_watch(options).map_err(Failure::new)?;
    Ok((Arc::new(pdp), Changes(told)))
}

impl Changes {
    /// Tells whoever runs the command, for ever.
    pub(crate) async fn tell(mut self, errors: &mut (dyn Write + Send)) {
        while let Some(line) = self.0.recv().await {
            tell(errors, &printable(&line));
        }
        std::future::pending().await
    }
}

/// A line for whoever runs the command; one that can't be written doesn't end it.
pub(crate) fn tell(errors: &mut dyn Write, message: &dyn fmt::Display) {
    let _: io::Result<()> = writeln!(errors, "{message}");
}

fn line(event: WatchEvent<'_>, has_policies: bool) -> String {
    match event {
        WatchEvent::Changed => "the changed policies are in force".to_owned(),
        WatchEvent::Refused(error) => refused(error, has_policies),
        WatchEvent::Polling(reason) => {
            format!("the system can't tell of changes, so the folder is looked at now and then: {reason}")
        }
        other => format!("the folder of policies: {other:?}"),
    }
}

fn refused(problem: &ConfigurationError, has_policies: bool) -> String {
    let consequence = match has_policies {
        true => "the policies before stay in force",
        false => "every decision is INDETERMINATE until the policies are mended",
    };
    format!("{problem}\n{consequence}")
}
