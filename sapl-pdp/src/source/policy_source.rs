//! Policies that come from elsewhere than a folder.

use super::{Configuration, ConfigurationError};

/// Where a decision point has its policies from: a database, a repository, a bundle on a web server.
///
/// ```
/// use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};
/// use sapl_pdp::source::PolicySource;
/// use sapl_pdp::{Configuration, ConfigurationError, EmbeddedPdp};
/// use tokio::sync::watch;
///
/// /// The text of one document, which somebody else sends.
/// struct Sent(watch::Receiver<String>);
///
/// impl PolicySource for Sent {
///     async fn changed(&mut self) {
///         if self.0.changed().await.is_err() {
///             std::future::pending().await // the sender is gone: it stays as it is
///         }
///     }
///
///     async fn read(&mut self) -> Result<Configuration, ConfigurationError> {
///         let text = self.0.borrow_and_update().clone();
///         Configuration::from_texts(None, [("sent.sapl", text)])
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (send, sent) = watch::channel("policy \"sent\" permit".to_owned());
/// let mut source = Sent(sent);
/// let pdp = EmbeddedPdp::from_source(&mut source).await?;
/// tokio::spawn(pdp.follow_source(source)); // ends with `pdp`
///
/// let subscription = AuthorizationSubscription::new("mara", "read", "report");
/// let mut decisions = pdp.decide(&subscription);
/// # use futures_util::StreamExt as _;
/// assert_eq!(decisions.next().await.map(|decision| decision.decision), Some(Decision::Permit));
/// send.send("policy \"sent\" deny".to_owned())?;
/// assert_eq!(decisions.next().await.map(|decision| decision.decision), Some(Decision::Deny));
/// # Ok(()) }
/// ```
pub trait PolicySource: Send + 'static {
    /// Ends when the policies may have changed since the last [`read`](Self::read) began or, after one that failed,
    /// when it is time to try again. It may be dropped before it ends, and be called anew.
    fn changed(&mut self) -> impl Future<Output = ()> + Send;

    /// All policies, as they are now.
    ///
    /// # Errors
    /// The policies in force stay when it fails. What is wrong with the source itself is a
    /// [`ConfigurationError::Source`].
    fn read(&mut self) -> impl Future<Output = Result<Configuration, ConfigurationError>> + Send;
}
