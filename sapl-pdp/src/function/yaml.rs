//! `yaml`: values from and to YAML texts.
//!
//! As in SAPL only what JSON can say has a meaning of its own: `yes`, `~` and `0x10` are texts, and an alias is the text
//! of its name, so that a small document stays small.

use super::arguments::{Outcome, any, code, document};
use super::{Function, Parameter};
use crate::value::Value;

mod reader;
mod writer;

const NAME: &str = "yaml";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "valToYaml",
        &[Parameter::any("value")],
        "the YAML text of the value",
        code!(val_to_yaml),
    ),
    Function::new(
        NAME,
        "yamlToVal",
        &[Parameter::text("yaml")],
        "the value of a YAML text with one document",
        code!(yaml_to_val),
    ),
];

fn yaml_to_val<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reader::read(document(arguments, 0)?)
}

fn val_to_yaml<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(writer::written(any(arguments, 0)?)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let tree = serde_json::json!({
            "a b": [1, "it's \"x\"\n\\", true, {"e": 2.5, "f": [[], [1, [2]]], "y": null}], "yes": {}, "5": "5",
            "": "", "c: d": "- x", "-": "# c", "\u{1}\u{e9}\u{1f600}\u{2028}": "\u{1}\u{e9}\u{1f600}\u{2028} ", "'": {"~": "~"}
        });
        let value = Value::from_json(&tree);
        let text = val_to_yaml(std::slice::from_ref(&value)).unwrap();
        assert_eq!(yaml_to_val(std::slice::from_ref(&text)), Ok(value), "{text}");
    }
}
