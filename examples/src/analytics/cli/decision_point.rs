//! Who decides.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use sapl_mcp::{
    AuthorizationSubscription, CachingPdp, Decision, EmbeddedPdp, PolicyDecisionPoint, WatchEvent,
    WatchOptions,
    http::{Cleartext, HttpPdp, PdpConfig, checked_url},
};

use tokio::sync::mpsc::UnboundedSender;

use super::{Environment, TOKEN, commands::Failure};

/// Where decisions come from.
#[derive(Debug)]
pub(super) enum DecisionPoint {
    /// The policies in a folder, in this process.
    Embedded { folder: PathBuf },
    /// A SAPL Node.
    Remote { url: String, cached: bool },
}

impl DecisionPoint {
    /// Loads the policies, and those that the folder has later, or gets ready to ask the node.
    ///
    /// What becomes of changed policies is sent to `changes`, as it is to be printed.
    pub(super) fn connect(
        &self,
        environment: &Environment,
        changes: UnboundedSender<String>,
    ) -> Result<Arc<dyn PolicyDecisionPoint>, Failure> {
        match self {
            Self::Embedded { folder } => {
                let options = WatchOptions::default().on_event(move |event| {
                    let line = match event {
                        WatchEvent::Changed => "the changed policies are in force".to_owned(),
                        WatchEvent::Refused(error) => format!("{error}\nthe policies before stay in force"),
                        _ => return,
                    };
                    // Nobody listens any more when the command ends.
                    let _ = changes.send(line);
                });
                match EmbeddedPdp::from_dir(folder).and_then(|pdp| pdp.with_watch(options)) {
                    Ok(pdp) => Ok(Arc::new(pdp)),
                    Err(error) => Err(Failure::new(format!(
                        "the policies in {} can't be loaded\n{error}",
                        folder.display()
                    ))),
                }
            }
            Self::Remote { url, cached } => {
                let mut config = PdpConfig::new(url).allow_insecure_connections(is_here(url)?);
                if let Some(token) = &environment.pdp_token {
                    config = config.token(token.expose());
                }
                let pdp = HttpPdp::new(config)?;
                Ok(if *cached {
                    Arc::new(CachingPdp::new(pdp))
                } else {
                    Arc::new(pdp)
                })
            }
        }
    }

    /// Whether decisions come from there, so that a wrong address does not look like a policy that refuses everything.
    /// There it is asked `question`.
    pub(super) async fn check(
        &self,
        pdp: &Arc<dyn PolicyDecisionPoint>,
        question: &AuthorizationSubscription,
    ) -> Result<(), Failure> {
        let Self::Remote { url, .. } = self else {
            return Ok(());
        };
        match pdp.decide_once(question).await.decision {
            Decision::Indeterminate => Err(Failure::new(format!(
                "no decisions come from {url}: is a node there, with the demo's policies, and {TOKEN} its API key?"
            ))),
            _ => Ok(()),
        }
    }
}

/// Whether the URL is one of this machine over `http`, which nobody else can listen in on.
fn is_here(url: &str) -> Result<bool, Failure> {
    // What is wrong with it otherwise, the configuration says.
    let Ok(uri) = checked_url(url, Cleartext::Allowed) else {
        return Ok(false);
    };
    if uri.scheme_str() != Some("http") {
        return Ok(false);
    }
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    if host == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback()) {
        return Ok(true);
    }
    Err(Failure::new(format!(
        "{url} is not encrypted, and `http` is spoken only on this machine: use `https`"
    )))
}
