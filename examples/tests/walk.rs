//! The demo's matrix, over HTTP, is what it has to be.

#![expect(clippy::unwrap_used, reason = "what goes wrong ends the test")]

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use sapl_mcp::EmbeddedPdp;
use sapl_mcp_examples::analytics::{
    AccessLog, Analytics, Host, HostOptions, Matrix, Purges, Received, Revision, Target, User, layer, mint,
    policy_folder, walk, wrong_cells,
};

/// A served demo and all that can be seen of it.
struct Demo {
    host: Host,
    received: Received,
    log: AccessLog,
    purges: Arc<Purges>,
}

impl Demo {
    async fn start(options: HostOptions) -> Self {
        let (received, log) = (Received::default(), AccessLog::default());
        let server = Analytics::new().recording(received.clone());
        let purges = Arc::clone(server.purges());
        let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
        let host = Host::start(server, layer(pdp, log.clone()), options)
            .await
            .unwrap();
        Self {
            host,
            received,
            log,
            purges,
        }
    }

    async fn walk(&self, revision: Revision) -> Matrix {
        let now = SystemTime::now();
        let tokens: BTreeMap<User, String> = User::ALL
            .into_iter()
            .map(|user| (user, mint(user, now).unwrap()))
            .collect();
        let target = Target {
            url: self.host.url(),
            tokens,
            revision,
            received: Some(self.received.clone()),
        };
        walk(&target).await.unwrap()
    }
}

#[tokio::test]
async fn every_cell_is_as_expected_on_every_revision() {
    let demo = Demo::start(HostOptions::default()).await;
    for revision in Revision::ALL {
        let matrix = demo.walk(revision).await;
        assert_eq!(
            wrong_cells(&matrix.differences(&Matrix::expected())),
            [""; 0],
            "{revision:?}"
        );
    }
    demo.host.stop().await.unwrap();
}

#[tokio::test]
async fn every_cell_is_as_expected_with_sessions() {
    let demo = Demo::start(HostOptions {
        sessions: true,
        ..HostOptions::default()
    })
    .await;
    let matrix = demo.walk(Revision::V2025_11_25).await;
    assert_eq!(wrong_cells(&matrix.differences(&Matrix::expected())), [""; 0]);
    demo.host.stop().await.unwrap();
}

#[tokio::test]
async fn a_walk_leaves_the_traces_that_the_policies_ask_for() {
    let demo = Demo::start(HostOptions::default()).await;
    let matrix = demo.walk(Revision::default()).await;
    assert!(
        matrix
            .challenge()
            .unwrap()
            .starts_with("Bearer resource_metadata="),
        "{matrix:?}"
    );

    let log = demo.log.take();
    for line in [
        r#"customer records, capped subject="mara" action="call""#,
        r#"dataset purged subject="diana" action="call""#,
        r#"customer data exported subject="mara" action="export_data""#,
        r#"personal data subject="diana" action="read""#,
        r#"refused subject="sam" action="get""#,
        r#"refused subject="felix" action="export_data""#,
    ] {
        assert!(log.iter().any(|logged| logged == line), "{line} in {log:#?}");
    }
    // A list asks about purge_dataset too, and must not leave the trace of a purge.
    assert_eq!(
        log.iter()
            .filter(|line| line.starts_with("dataset purged"))
            .count(),
        1
    );
    assert_eq!((demo.purges.committed(), demo.purges.rolled_back()), (1, 0));
    demo.host.stop().await.unwrap();
}
