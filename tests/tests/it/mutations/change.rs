//! A change of the demo's policies, and what comes of it.

use std::{fs, time::SystemTime};

use sapl_mcp::EmbeddedPdp;
use sapl_mcp_examples::analytics::{
    AccessLog, Analytics, Host, HostOptions, Matrix, Outcome, Received, Revision, Row, Target, User, layer,
    mint, policy_folder, walk,
};

/// The demo's folder with another text in it.
pub(super) struct Changed {
    policies: String,
    configuration: String,
}

/// The matrix under other policies.
pub(super) struct Observed(Matrix);

impl Changed {
    /// Changes the policies.
    pub(super) fn policies(change: impl FnOnce(&str) -> String) -> Self {
        let read = |file: &str| fs::read_to_string(policy_folder().join(file)).unwrap();
        Self {
            policies: really(&read("analytics.sapl"), change),
            configuration: read("pdp.json"),
        }
    }

    /// Changes `pdp.json` too.
    pub(super) fn configuration(self, change: impl FnOnce(&str) -> String) -> Self {
        Self {
            configuration: really(&self.configuration, change),
            ..self
        }
    }
}

/// Serves the demo under these policies and uses all of it.
pub(super) async fn changed(change: Changed) -> Observed {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("analytics.sapl"), change.policies).unwrap();
    fs::write(folder.path().join("pdp.json"), change.configuration).unwrap();
    let pdp = EmbeddedPdp::from_dir(folder.path()).unwrap();

    let received = Received::default();
    let server = Analytics::new().recording(received.clone());
    let host = Host::start(server, layer(pdp, AccessLog::default()), HostOptions::default())
        .await
        .unwrap();
    let tokens = User::ALL
        .into_iter()
        .map(|user| (user, mint(user, SystemTime::now()).unwrap()))
        .collect();
    let target = Target {
        url: host.url(),
        tokens,
        revision: Revision::default(),
        received: Some(received),
    };
    let matrix = walk(&target).await.unwrap();
    host.stop().await.unwrap();
    Observed(matrix)
}

impl Observed {
    /// Every cell is what `expected` makes of the cell of the demo itself, and nobody gets in without a token.
    pub(super) fn is(&self, expected: impl Fn(&Row, User, &Outcome) -> Outcome) {
        let demo = Matrix::expected();
        let mut wrong = Vec::new();
        for ((row, user, found), (_, _, before)) in self.0.cells().zip(demo.cells()) {
            let expected = expected(row, user, before);
            if *found != expected {
                wrong.push(format!("{} as {user}: {found:#} and not {expected:#}", row.name));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(*self.0.nobody(), Outcome::Unauthorized);
    }
}

/// The changed text, which has to be another one.
fn really(text: &str, change: impl FnOnce(&str) -> String) -> String {
    let changed = change(text);
    assert_ne!(changed, text, "the text to change is not there");
    changed
}
