//! Tools about single customers.

use rmcp::{
    handler::server::wrapper::{Json, Parameters},
    tool, tool_router,
};
use sapl_mcp::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Analytics;
use crate::analytics::data::{CUSTOMERS, Customer, customer, segment};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct CustomerQuery {
    /// The segment to look into, for instance `high_value`.
    segment: String,
    /// How many records to return at most.
    #[serde(default = "ten")]
    limit: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Customers {
    segment: String,
    /// How many customers the segment has.
    total_matches: u64,
    /// How many records were to be returned at most.
    limit: u64,
    records: Vec<CustomerRecord>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CustomerRecord {
    customer_id: &'static str,
    name: &'static str,
    email: &'static str,
    lifetime_value: u32,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct CardQuery {
    /// The customer, for instance `C-10042`.
    customer_id: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CustomerCard {
    customer_id: &'static str,
    name: &'static str,
    ssn: &'static str,
    #[serde(rename = "internalNotes")]
    internal_notes: &'static str,
    classification: &'static str,
}

#[tool_router(router = customer_tools, vis = "pub(super)")]
impl Analytics {
    #[pre_enforce(
        resource = |ctx| json!({"name": ctx.name(), "tags": ctx.tags(), "segment": ctx.argument("segment")}),
        tags = ["pii"],
        stealth,
    )]
    #[tool(
        description = "Query the customers of a segment",
        annotations(read_only_hint = true)
    )]
    async fn query_customer_data(&self, Parameters(query): Parameters<CustomerQuery>) -> Json<Customers> {
        self.note("query_customer_data", &query);
        let segment = segment(&query.segment);
        let known = segment.map_or(&[][..], |_| &CUSTOMERS[..]);
        let records = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Json(Customers {
            segment: query.segment,
            total_matches: segment.map_or(0, |segment| segment.customers),
            limit: query.limit,
            records: known.iter().take(records).map(CustomerRecord::from).collect(),
        })
    }

    #[pre_enforce(tags = ["pii", "card"], output_schema = relaxed)]
    #[tool(
        description = "Show all that is known of a customer",
        annotations(read_only_hint = true)
    )]
    async fn customer_card(
        &self,
        Parameters(query): Parameters<CardQuery>,
    ) -> Result<Json<CustomerCard>, String> {
        self.note("customer_card", &query);
        let customer = customer(&query.customer_id).ok_or("there is no such customer")?;
        Ok(Json(customer.into()))
    }
}

impl From<&Customer> for CustomerRecord {
    fn from(customer: &Customer) -> Self {
        Self {
            customer_id: customer.id,
            name: customer.name,
            email: customer.email,
            lifetime_value: customer.lifetime_value,
        }
    }
}

impl From<&Customer> for CustomerCard {
    fn from(customer: &Customer) -> Self {
        Self {
            customer_id: customer.id,
            name: customer.name,
            ssn: customer.ssn,
            internal_notes: customer.internal_notes,
            classification: customer.classification,
        }
    }
}

fn ten() -> u64 {
    10
}
