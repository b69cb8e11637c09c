//! Tools about exports.

use rmcp::{
    handler::server::wrapper::{Json, Parameters},
    tool, tool_router,
};
use sapl_mcp::pre_enforce;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;
use crate::analytics::data::{EXPORTS, Export};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct ExportRequest {
    /// The query whose result is exported.
    query_ref: String,
    /// The columns, separated by commas.
    #[serde(default = "all")]
    columns: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ExportedFile {
    query_ref: String,
    columns: String,
    format: &'static str,
    rows: u64,
    file: &'static str,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct ExportFilter {
    /// The department that made the export.
    #[serde(default = "all")]
    department: String,
}

/// A list has to be a member of an object: structured content is an object.
#[derive(Debug, Serialize, JsonSchema)]
struct DataExports {
    result: Vec<DataExport>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DataExport {
    export_id: &'static str,
    dataset: &'static str,
    department: &'static str,
    classification: &'static str,
    rows: u64,
}

#[tool_router(router = export_tools, vis = "pub(super)")]
impl Analytics {
    #[pre_enforce(action = "export_data", tags = ["pii", "export"], stealth)]
    #[tool(description = "Export the result of a query as CSV")]
    async fn export_csv(&self, Parameters(request): Parameters<ExportRequest>) -> Json<ExportedFile> {
        self.note("export_csv", &request);
        Json(ExportedFile {
            query_ref: request.query_ref,
            columns: request.columns,
            format: "csv",
            rows: 1_248,
            file: "exports/2026-03-18.csv",
        })
    }

    #[pre_enforce(tags = ["export"])]
    #[tool(
        description = "List the exports that were made",
        annotations(read_only_hint = true)
    )]
    async fn list_data_exports(&self, Parameters(filter): Parameters<ExportFilter>) -> Json<DataExports> {
        self.note("list_data_exports", &filter);
        let wanted = |export: &&Export| filter.department == "all" || export.department == filter.department;
        Json(DataExports {
            result: EXPORTS.iter().filter(wanted).map(DataExport::from).collect(),
        })
    }
}

impl From<&Export> for DataExport {
    fn from(export: &Export) -> Self {
        Self {
            export_id: export.id,
            dataset: export.dataset,
            department: export.department,
            classification: export.classification,
            rows: export.rows,
        }
    }
}

fn all() -> String {
    "all".to_owned()
}
