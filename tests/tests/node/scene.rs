//! The node, and how to reach it.

use std::{env, fmt, fs, path::PathBuf, process::Command, time::Duration};

use sapl_base::{
    AuthorizationDecision, Decision,
    http::{HttpPdp, PdpConfig, TlsSettings},
};
use sapl_mcp_tests::DENY_QUERY;
use tokio::time::{Instant, sleep, timeout};

/// How long anything may take that a node does by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The node, and what it takes to talk to it and to change it.
pub(crate) struct Scene {
    url: String,
    credentials: Credentials,
    ca: Option<PathBuf>,
    policies: PathBuf,
    restart: String,
}

/// Who one is.
pub(crate) enum Credentials {
    None,
    Token(String),
    User(String, String),
}

/// A document among the node's policies, until this is dropped.
pub(crate) struct Denied {
    document: PathBuf,
}

impl Scene {
    /// The node that the environment tells of, if it does.
    ///
    /// # Panics
    /// When it tells of one, but not all of it.
    pub(crate) fn of_environment() -> Option<Self> {
        let url = variable("SAPL_NODE_URL")?;
        let needed = |name| variable(name).unwrap_or_else(|| panic!("{name} is needed too"));
        let credentials = match (variable("SAPL_PDP_TOKEN"), variable("SAPL_PDP_USERNAME")) {
            (Some(_), Some(_)) => panic!("SAPL_PDP_TOKEN and SAPL_PDP_USERNAME exclude each other"),
            (Some(token), None) => Credentials::Token(token),
            (None, Some(user)) => Credentials::User(user, needed("SAPL_PDP_PASSWORD")),
            (None, None) => Credentials::None,
        };
        Some(Self {
            url,
            credentials,
            ca: variable("SAPL_PDP_CA").map(PathBuf::from),
            policies: needed("SAPL_NODE_POLICIES").into(),
            restart: needed("SAPL_NODE_RESTART"),
        })
    }

    /// A client of the node.
    pub(crate) fn pdp(&self) -> HttpPdp {
        self.pdp_as(&self.credentials)
    }

    /// A client that says to be somebody.
    pub(crate) fn pdp_as(&self, credentials: &Credentials) -> HttpPdp {
        let config = PdpConfig::new(&self.url).allow_insecure_connections(self.url.starts_with("http://"));
        let config = match credentials {
            Credentials::None => config,
            Credentials::Token(token) => config.token(token),
            Credentials::User(user, password) => config.username(user).password(password),
        };
        let config = match &self.ca {
            Some(ca) => config.tls(TlsSettings::default().private_ca_file(ca)),
            None => config,
        };
        HttpPdp::new(config).unwrap()
    }

    pub(crate) const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Adds a policy that denies what [`Question::Query`](sapl_mcp_tests::Question::Query) asks for.
    pub(crate) fn deny_query(&self) -> Denied {
        let document = self.policies.join("live-test.sapl");
        fs::write(&document, DENY_QUERY).unwrap();
        Denied { document }
    }

    /// Stops the node and starts it again.
    pub(crate) async fn restart(&self) {
        let command = self.restart.clone();
        let run = move || Command::new("sh").args(["-c", &command]).status().unwrap();
        let status = tokio::task::spawn_blocking(run).await.unwrap();
        assert!(
            status.success(),
            "the command that restarts the node ended with {status}"
        );
    }
}

impl Drop for Denied {
    fn drop(&mut self) {
        // A run that has failed already must not fail over this as well.
        let _ = fs::remove_file(&self.document);
    }
}

/// Waits for something that a node does by itself.
///
/// # Panics
/// When it takes too long.
pub(crate) async fn soon<T>(what: &str, waiting: impl Future<Output = T>) -> T {
    match timeout(PATIENCE, waiting).await {
        Ok(result) => result,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Asks until the decision is this one: a cache is told of a change by a stream that nobody else hears.
///
/// # Panics
/// When that takes too long.
pub(crate) async fn until<F: Future<Output = AuthorizationDecision>>(
    expected: Decision,
    patience: Duration,
    ask: impl Fn() -> F,
) {
    const PAUSE: Duration = Duration::from_millis(20);
    let deadline = Instant::now() + patience;
    loop {
        let decided = ask().await;
        if decided.decision == expected {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "waited in vain for {expected:?}: {decided:?}"
        );
        sleep(PAUSE).await;
    }
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| {
        value
            .into_string()
            .unwrap_or_else(|_| panic!("{name} is no text"))
    })
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.credentials {
            Credentials::None => "without credentials",
            Credentials::Token(_) => "with a token",
            Credentials::User(..) => "with a user and a password",
        };
        write!(f, "a node at {}, {who}", self.url)
    }
}
