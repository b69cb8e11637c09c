//! A subscription that is a JSON tree, as policies see it.

use sapl_pdp::{Input, value::Value};

/// Borrows the parts of a subscription without an environment from its JSON tree.
pub fn input(json: &serde_json::Value) -> Input<'_> {
    let part = |name| json.get(name).map_or(Value::Undefined, Value::from_json);
    Input {
        subject: part("subject"),
        action: part("action"),
        resource: part("resource"),
        ..Input::default()
    }
}
