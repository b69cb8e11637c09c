//! Tools for engineers.

use rmcp::{
    handler::server::wrapper::{Json, Parameters},
    tool, tool_router,
};
use sapl_mcp::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;
use crate::analytics::data::{PIPELINES, Pipeline, model};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct ModelRequest {
    /// The model, for instance `churn-predictor-v3`.
    model_id: String,
    /// The dataset to run it on.
    dataset: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ModelRun {
    model_id: String,
    dataset: String,
    /// `completed` or `unknown_model`.
    status: &'static str,
    /// How good the model was in its last test, from 0 to 1.
    accuracy: Option<f64>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct PipelineRequest {
    /// What to do, for instance `list` or `restart`.
    operation: String,
    /// The pipeline; all of them when it is empty.
    #[serde(default)]
    pipeline_id: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Pipelines {
    operation: String,
    pipeline_id: String,
    pipelines: Vec<PipelineState>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PipelineState {
    pipeline_id: &'static str,
    schedule: &'static str,
    status: &'static str,
}

#[tool_router(router = engineering_tools, vis = "pub(super)")]
impl Analytics {
    // The decision is about the result, so it is made when there is one.
    #[post_enforce(
        resource = |ctx| json!({
            "name": ctx.name(),
            "tags": ctx.tags(),
            "model": ctx.argument("model_id"),
            "result_summary": ctx.return_value(),
        }),
        tags = ["engineering"],
    )]
    #[tool(description = "Run a model on a dataset")]
    async fn run_model(&self, Parameters(request): Parameters<ModelRequest>) -> Json<ModelRun> {
        self.note("run_model", &request);
        let model = model(&request.model_id);
        Json(ModelRun {
            model_id: request.model_id,
            dataset: request.dataset,
            status: model.map_or("unknown_model", |_| "completed"),
            accuracy: model.map(|model| model.accuracy),
        })
    }

    #[pre_enforce(tags = ["engineering"])]
    #[tool(description = "Look at pipelines and control them")]
    async fn manage_pipelines(&self, Parameters(request): Parameters<PipelineRequest>) -> Json<Pipelines> {
        self.note("manage_pipelines", &request);
        let wanted =
            |pipeline: &&Pipeline| request.pipeline_id.is_empty() || pipeline.id == request.pipeline_id;
        let pipelines = PIPELINES.iter().filter(wanted).map(PipelineState::from).collect();
        Json(Pipelines {
            operation: request.operation,
            pipeline_id: request.pipeline_id,
            pipelines,
        })
    }
}

impl From<&Pipeline> for PipelineState {
    fn from(pipeline: &Pipeline) -> Self {
        Self {
            pipeline_id: pipeline.id,
            schedule: pipeline.schedule,
            status: "running",
        }
    }
}
