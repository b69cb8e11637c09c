//! Tools for everybody.

use rmcp::{
    handler::server::wrapper::{Json, Parameters},
    tool, tool_router,
};
use sapl_mcp::pre_enforce;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct PublicQuery {
    /// The dataset to query.
    dataset: String,
    /// The days to cover.
    #[serde(default = "last_month")]
    date_range: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PublicRows {
    dataset: String,
    date_range: String,
    /// How many rows there are.
    rows: u64,
    columns: Vec<&'static str>,
    /// The first of them.
    sample: Vec<Traffic>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Traffic {
    day: &'static str,
    country: &'static str,
    visits: u32,
}

#[tool_router(router = public_tools, vis = "pub(super)")]
impl Analytics {
    #[pre_enforce(tags = ["public"])]
    #[tool(
        description = "Query aggregate, anonymous data",
        annotations(read_only_hint = true)
    )]
    async fn query_public_data(&self, Parameters(query): Parameters<PublicQuery>) -> Json<PublicRows> {
        self.note("query_public_data", &query);
        Json(PublicRows {
            dataset: query.dataset,
            date_range: query.date_range,
            rows: 18_420,
            columns: vec!["day", "country", "visits"],
            sample: vec![
                Traffic {
                    day: "2026-03-01",
                    country: "DE",
                    visits: 4_812,
                },
                Traffic {
                    day: "2026-03-01",
                    country: "SE",
                    visits: 1_377,
                },
            ],
        })
    }
}

fn last_month() -> String {
    "last_30d".to_owned()
}
