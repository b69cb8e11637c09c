//! The resources and resource templates, each with its rule.

use rmcp::{
    ErrorData,
    model::{ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use sapl_mcp::prelude::*;
use serde_json::Value;

use crate::analytics::data::{CUSTOMERS, MODELS, Model, SEGMENT_FIELDS, SEGMENTS, model, segment};

const SUMMARY: &str = "data://public/summary";
const SEGMENT_LIST: &str = "data://customers/segments";
const MODEL_CATALOG: &str = "data://models/catalog";
const AUDIT_LOG: &str = "data://audit/log";
const MODEL_PREFIX: &str = "data://models/";
const CUSTOMER_PREFIX: &str = "data://customers/";

const JSON: &str = "application/json";

/// The definitions, made once: a list is a clone of them.
pub(super) struct Catalogue {
    pub(super) resources: Vec<Resource>,
    pub(super) templates: Vec<ResourceTemplate>,
}

impl Catalogue {
    pub(super) fn new() -> Self {
        Self {
            resources: vec![
                Resource::new(SUMMARY, "public_summary")
                    .with_description("Key figures that anybody may know")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["public"])),
                Resource::new(SEGMENT_LIST, "customer_segments")
                    .with_description("The segments that customers are sorted into")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["pii"]).stealth()),
                Resource::new(MODEL_CATALOG, "model_catalog")
                    .with_description("The models that can be run")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["engineering"])),
                Resource::new(AUDIT_LOG, "audit_log")
                    .with_description("Who used what")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["compliance"]).stealth()),
            ],
            templates: vec![
                ResourceTemplate::new("data://models/{model_id}", "model_details")
                    .with_description("One model")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["engineering"])),
                ResourceTemplate::new("data://customers/{segment}/{field}", "customer_segment_field")
                    .with_description("One field of all customers of a segment")
                    .with_mime_type(JSON)
                    .enforce(pre_enforce().tags(["pii"]).stealth()),
            ],
        }
    }
}

/// The content of a resource.
pub(super) fn read(uri: &str) -> Result<ReadResourceResponse, ErrorData> {
    let content = content(uri)
        .ok_or_else(|| ErrorData::resource_not_found("Resource not found", Some(json!({"uri": uri}))))?;
    let text = ResourceContents::text(content.to_string(), uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![text]).into())
}

fn content(uri: &str) -> Option<Value> {
    match uri {
        SUMMARY => Some(json!({"visits": 1_204_311, "countries": 42, "updated": "2026-03-18"})),
        SEGMENT_LIST => Some(
            SEGMENTS
                .iter()
                .map(|it| json!({"segment": it.name, "customers": it.customers}))
                .collect(),
        ),
        MODEL_CATALOG => Some(MODELS.iter().map(about_model).collect()),
        AUDIT_LOG => Some(json!([
            {"at": "2026-03-18T09:12:44Z", "who": "mara", "what": "query_customer_data"},
            {"at": "2026-03-18T09:40:02Z", "who": "diana", "what": "export_csv"},
        ])),
        _ => uri
            .strip_prefix(MODEL_PREFIX)
            .and_then(model)
            .map(about_model)
            .or_else(|| field(uri.strip_prefix(CUSTOMER_PREFIX)?)),
    }
}

fn about_model(model: &Model) -> Value {
    json!({"model_id": model.id, "kind": model.kind, "accuracy": model.accuracy})
}

/// What `SEGMENT/FIELD` stands for.
fn field(path: &str) -> Option<Value> {
    let (name, field) = path.split_once('/')?;
    segment(name)?;
    if !SEGMENT_FIELDS.contains(&field) {
        return None;
    }
    let values: Vec<Value> = CUSTOMERS
        .iter()
        .map(|customer| match field {
            "names" => customer.name.into(),
            "emails" => customer.email.into(),
            "purchase_history" => json!({"customer_id": customer.id, "total": customer.lifetime_value}),
            _ => json!({"customer_id": customer.id, "country": "DE"}),
        })
        .collect();
    Some(json!({"segment": name, "field": field, "values": values}))
}
