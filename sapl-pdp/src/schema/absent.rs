//! Schemas of a build without them.

use std::convert::Infallible;

use serde_json::Value as Json;

use crate::value::ErrorKind;

/// A schema that nobody can have.
#[derive(Debug)]
pub(crate) struct Schema(Infallible);

impl Schema {
    /// Tells which feature is missing.
    pub(crate) fn new(_: Json, _: Vec<(String, Json)>) -> Result<Self, ErrorKind> {
        Err(ErrorKind::Function(concat!(
            "this build has no JSON Schema: it needs the feature `jsonschema` of `",
            env!("CARGO_PKG_NAME"),
            "`"
        )))
    }

    /// Whether the value complies.
    pub(crate) fn is_valid(&self, _: &Json) -> Result<bool, ErrorKind> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use crate::EmbeddedPdp;

    #[test]
    fn a_document_with_an_enforced_schema_is_refused_with_the_name_of_the_feature() {
        let load = |document: &str| EmbeddedPdp::from_texts(None, [("a.sapl", document)]);
        let problem = load("subject enforced schema {} policy \"p\" permit")
            .map(drop)
            .unwrap_err();
        assert!(
            problem.to_string().contains("feature `jsonschema` of `sapl-pdp`"),
            "{problem}"
        );
        assert!(load("subject schema {} policy \"p\" permit").is_ok());
    }
}
