//! The prompts.

use rmcp::{
    handler::server::wrapper::Parameters,
    model::{PromptMessage, Role},
    prompt, prompt_router,
};
use sapl_mcp::pre_enforce;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct TrendsArguments {
    /// The dataset to look at.
    dataset: Option<String>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct ReportArguments {
    /// The segment that the report is about.
    segment: Option<String>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct ReviewArguments {
    /// What is to be reviewed.
    subject: Option<String>,
}

#[expect(
    missing_docs,
    reason = "`#[prompt]` makes public functions and documents none"
)]
#[prompt_router(router = "prompts", vis = "pub(super)")]
impl Analytics {
    #[pre_enforce(tags = ["public"])]
    #[prompt(description = "Find what changes in public data")]
    async fn analyze_trends(&self, Parameters(arguments): Parameters<TrendsArguments>) -> Vec<PromptMessage> {
        self.note("analyze_trends", &arguments);
        let dataset = arguments.dataset.as_deref().unwrap_or("web_traffic");
        ask(format!(
            "Query the public dataset {dataset} and describe its three strongest trends."
        ))
    }

    #[pre_enforce(tags = ["pii"])]
    #[prompt(description = "Write a report about customers")]
    async fn generate_report(
        &self,
        Parameters(arguments): Parameters<ReportArguments>,
    ) -> Vec<PromptMessage> {
        self.note("generate_report", &arguments);
        let segment = arguments.segment.as_deref().unwrap_or("high_value");
        ask(format!(
            "Query the customers of the segment {segment} and write a one-page report about them."
        ))
    }

    #[pre_enforce(tags = ["compliance"])]
    #[prompt(description = "Review how data was used")]
    async fn compliance_review(
        &self,
        Parameters(arguments): Parameters<ReviewArguments>,
    ) -> Vec<PromptMessage> {
        self.note("compliance_review", &arguments);
        let subject = arguments
            .subject
            .as_deref()
            .unwrap_or("all exports of the last month");
        ask(format!(
            "Read the audit log and review {subject} for accesses without a purpose."
        ))
    }
}

fn ask(text: String) -> Vec<PromptMessage> {
    vec![PromptMessage::new_text(Role::User, text)]
}
