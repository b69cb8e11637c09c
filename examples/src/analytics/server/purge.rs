//! A tool that destroys something, and what makes it final.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rmcp::{
    handler::server::{
        common::Extension,
        wrapper::{Json, Parameters},
    },
    tool, tool_router,
};
use sapl_mcp::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct PurgeRequest {
    /// The dataset to delete.
    dataset_id: String,
    /// Why it has to go.
    reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Purged {
    dataset_id: String,
    reason: String,
    status: &'static str,
    records_deleted: u64,
}

/// How purges ended.
#[derive(Debug, Default)]
pub struct Purges {
    committed: AtomicU64,
    rolled_back: AtomicU64,
}

/// A purge that waits in its operation's slot for the end of it.
struct PendingPurge(Arc<Purges>);

#[tool_router(router = purge_tools, vis = "pub(super)")]
impl Analytics {
    #[pre_enforce(tags = ["destructive", "compliance"], stealth, finalize = purge_finished)]
    #[tool(
        description = "Delete a dataset for good",
        annotations(destructive_hint = true)
    )]
    async fn purge_dataset(
        &self,
        Extension(slots): Extension<Slots>,
        Parameters(request): Parameters<PurgeRequest>,
    ) -> Json<Purged> {
        self.note("purge_dataset", &request);
        slots.slot().set(PendingPurge(Arc::clone(&self.purges)));
        Json(Purged {
            dataset_id: request.dataset_id,
            reason: request.reason,
            status: "purged",
            records_deleted: 15_204,
        })
    }
}

impl Purges {
    /// How many were made final.
    pub fn committed(&self) -> u64 {
        self.committed.load(Ordering::Relaxed)
    }

    /// How many were taken back, because the operation did not come to a good end.
    pub fn rolled_back(&self) -> u64 {
        self.rolled_back.load(Ordering::Relaxed)
    }
}

/// Commits the purge, or takes it back. There is none where the tool did not run.
async fn purge_finished(_: &AuthorizationDecision, ctx: &SubscriptionContext) {
    let Some(PendingPurge(purges)) = ctx.slot().take() else {
        return;
    };
    let ending = match ctx.outcome() {
        Outcome::Completed => &purges.committed,
        _ => &purges.rolled_back,
    };
    ending.fetch_add(1, Ordering::Relaxed);
}
