//! The analytics demo, decided by the node.

use std::time::SystemTime;

use sapl_base::{CachingPdp, PolicyDecisionPoint};
use sapl_mcp_examples::analytics::{
    AccessLog, Analytics, Host, HostOptions, Matrix, Received, Revision, Target, User, layer, mint, walk,
    wrong_cells,
};

use crate::Scene;

pub(crate) async fn matrix(scene: &Scene) {
    matrix_of(scene.pdp()).await;
}

pub(crate) async fn matrix_cached(scene: &Scene) {
    matrix_of(CachingPdp::new(scene.pdp())).await;
}

async fn matrix_of(pdp: impl PolicyDecisionPoint) {
    let received = Received::default();
    let server = Analytics::new().recording(received.clone());
    let host = Host::start(server, layer(pdp, AccessLog::default()), HostOptions::default())
        .await
        .unwrap();
    let now = SystemTime::now();
    let target = Target {
        url: host.url(),
        tokens: User::ALL.map(|user| (user, mint(user, now).unwrap())).into(),
        revision: Revision::default(),
        received: Some(received),
    };
    let matrix = walk(&target).await.unwrap();
    assert_eq!(wrong_cells(&matrix.differences(&Matrix::expected())), [""; 0]);
    host.stop().await.unwrap();
}
