//! The folder of policies that a command serves or follows.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use sapl_pdp::{EmbeddedPdp, WatchEvent, WatchOptions};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::failure::Failure;
use crate::text::printable;

/// What happens to a folder while it is followed.
#[derive(Debug)]
pub(crate) struct Changes(UnboundedReceiver<String>);

/// Loads a folder and follows it for as long as its decision point is there.
pub(crate) fn load(folder: &Path) -> Result<(Arc<EmbeddedPdp>, Changes), Failure> {
    // As seldom as there are other problems, so it needs no bound.
    let (tell, told) = unbounded_channel();
    let options = WatchOptions::default().on_event(move |event| {
        // Nobody listens any more when the command ends.
        let _ = tell.send(line(event));
    });
    let pdp = EmbeddedPdp::from_dir(folder).and_then(|pdp| pdp.with_watch(options));
    Ok((Arc::new(pdp.map_err(Failure::new)?), Changes(told)))
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

fn line(event: WatchEvent<'_>) -> String {
    match event {
        WatchEvent::Changed => "the changed policies are in force".to_owned(),
        WatchEvent::Refused(error) => format!("{error}\nthe policies before stay in force"),
        WatchEvent::Polling(reason) => {
            format!("the system can't tell of changes, so the folder is looked at now and then: {reason}")
        }
        other => format!("the folder of policies: {other:?}"),
    }
}
