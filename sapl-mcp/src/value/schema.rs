//! Output schemas: what a rebuilt result is checked against, and the relaxed form of a schema.

mod cache;
mod check;
mod compile;
mod relax;
mod validate;

use std::sync::Arc;

use rmcp::model::JsonObject;

pub(crate) use cache::Schemas;
pub(crate) use relax::relaxed;

/// The output schema of a tool, and how strictly results are held to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputSchema<'a> {
    declared: &'a Arc<JsonObject>,
    relaxed: bool,
}

impl<'a> OutputSchema<'a> {
    /// Results have to fit the schema as the tool declares it.
    pub(crate) fn declared(schema: &'a Arc<JsonObject>) -> Self {
        Self {
            declared: schema,
            relaxed: false,
        }
    }

    /// Results have to fit the relaxed form of the schema that the tool declares (a rule's `output_schema = relaxed`).
    pub(crate) fn relaxed(schema: &'a Arc<JsonObject>) -> Self {
        Self {
            declared: schema,
            relaxed: true,
        }
    }

    /// The schema as the tool declares it.
    pub(crate) fn as_object(self) -> &'a JsonObject {
        self.declared
    }
}

#[cfg(test)]
mod tests;
