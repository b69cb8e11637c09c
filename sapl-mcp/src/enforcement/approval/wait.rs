//! Waiting for a person.

use std::time::Duration;

use rmcp::model::ProgressNotificationParam;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Context, Refusal};

/// How often a client that wants to hear of progress is told that the call still waits.
pub(super) const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);

/// How often it is looked whether the client is still there.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What one check counts as progress: so little that what a component tells later is always more.
const PROGRESS_STEP: f64 = 1e-6;

/// A call that waits, and what ends the waiting.
pub(super) struct Waiting<'a> {
    pub(super) context: &'a Context,
    pub(super) cancelled: &'a CancellationToken,
    pub(super) deadline: Instant,
}

impl Waiting<'_> {
    /// The answer, or why it is not waited for any more.
    pub(super) async fn on<T>(&self, answer: impl Future<Output = T>) -> Result<T, Refusal> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Err(Refusal::RequestCancelled),
            answer = answer => Ok(answer),
            () = sleep_until(self.deadline) => Err(Refusal::TimedOut),
            () = self.closed() => Err(Refusal::Disconnected),
        }
    }

    /// Ends when the client has gone. Until then it is told from time to time that the call waits.
    async fn closed(&self) {
        let peer = &self.context.peer;
        let token = self.context.meta.get_progress_token();
        let (mut since, mut progress) = (Duration::ZERO, 0.0);
        while !peer.is_transport_closed() {
            sleep(CHECK_INTERVAL).await;
            since += CHECK_INTERVAL;
            progress += PROGRESS_STEP;
            if let Some(token) = token.as_ref().filter(|_| since >= PROGRESS_INTERVAL) {
                since = Duration::ZERO;
                let told = ProgressNotificationParam::new(token.clone(), progress)
                    .with_message("Waiting for approval");
                // Who can't be told is seen to have gone, or is not interested.
                drop(peer.notify_progress(told).await);
            }
        }
    }
}
