//! How much work a validation can be, before it begins: every part of a schema may be applied to every value, and references
//! can multiply that with each level of the value.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// The most often that parts of schemas may be applied to values in one validation; long texts count as several values.
pub(super) const MAX_APPLICATIONS: u64 = 10_000_000;

/// The same where violations are told, each of which takes memory.
pub(super) const MAX_TOLD_APPLICATIONS: u64 = 1_000_000;

/// So many bytes of a text count as one value more.
const BYTES_OF_A_VALUE: usize = 64;

/// Keywords that hold values to compare with.
const COMPARED: &[&str] = &["const", "dependentRequired", "enum", "required"];

/// Keywords whose schemas apply to members or elements.
const BELOW: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "contains",
    "items",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords that hold schemas by names.
const BY_NAME: &[&str] = &[
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// Keywords whose schemas apply to the same value, for some twice: to tell whether it complies, and why not.
const HERE: &[(&str, u64)] = &[
    ("allOf", 1),
    ("anyOf", 2),
    ("dependencies", 1),
    ("dependentSchemas", 1),
    ("else", 1),
    ("if", 2),
    ("not", 1),
    ("oneOf", 2),
    ("then", 1),
];

/// Schemas by the names under which others refer to them.
pub(super) struct Sources {
    schema: Json,
    others: Vec<(String, Json)>,
}

impl Sources {
    pub(super) const fn new(schema: Json, others: Vec<(String, Json)>) -> Self {
        Self { schema, others }
    }

    /// How often schemas may be applied to a value with so many levels and values in all.
    pub(super) fn applications(&self, levels: usize, values: u64) -> u64 {
        let mut count = Count {
            root: &self.schema,
            named: HashMap::new(),
            known: HashMap::new(),
        };
        for (name, schema) in &self.others {
            count.named.insert(name, schema);
            count.name(schema);
        }
        count.name(&self.schema);
        count.of(&self.schema, levels).saturating_mul(values)
    }
}

/// How many values there are, where long texts are several.
pub(super) fn values(json: &Json) -> u64 {
    let of_text = |text: &str| 1 + (text.len() / BYTES_OF_A_VALUE) as u64;
    match json {
        Json::Array(elements) => elements
            .iter()
            .fold(1, |sum, element| sum.saturating_add(values(element))),
        Json::Object(members) => members.iter().fold(1, |sum, (name, member)| {
            sum.saturating_add(of_text(name) - 1)
                .saturating_add(values(member))
        }),
        Json::String(text) => of_text(text),
        _ => 1,
    }
}

struct Count<'s> {
    root: &'s Json,
    named: HashMap<&'s str, &'s Json>,
    /// By schema and levels; none while it is being counted.
    known: HashMap<(usize, usize), Option<u64>>,
}

impl<'s> Count<'s> {
    fn name(&mut self, schema: &'s Json) {
        match schema {
            Json::Array(elements) => elements.iter().for_each(|element| self.name(element)),
            Json::Object(members) => {
                for name in ["$id", "$anchor", "$dynamicAnchor"] {
                    if let Some(Json::String(name)) = members.get(name) {
                        self.named.insert(name, schema);
                    }
                }
                members.values().for_each(|member| self.name(member));
            }
            _ => {}
        }
    }

    /// In how many ways schemas below this one come to be applied, for one chain of values with so many levels.
    fn of(&mut self, schema: &'s Json, levels: usize) -> u64 {
        let Json::Object(members) = schema else {
            return 1;
        };
        let key = (std::ptr::from_ref(schema).addr(), levels);
        match self.known.get(&key) {
            Some(Some(count)) => return *count,
            // What comes back to itself without going down is applied once.
            Some(None) => return 0,
            None => {}
        }
        self.known.insert(key, None);
        let count = self.of_members(members, levels);
        self.known.insert(key, Some(count));
        count
    }

    fn of_members(&mut self, members: &'s Map<String, Json>, levels: usize) -> u64 {
        let mut here = 1_u64;
        for keyword in COMPARED {
            here = here.saturating_add(members.get(*keyword).map_or(0, values));
        }
        for (keyword, times) in HERE {
            if let Some(schemas) = members.get(*keyword) {
                here = here.saturating_add(self.of_keyword(keyword, schemas, levels).saturating_mul(*times));
            }
        }
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(Json::String(reference)) = members.get(keyword) {
                let target = self.target(reference);
                here = here.saturating_add(self.of(target, levels));
            }
        }
        // These ask once more what the others have looked at.
        if members.keys().any(|keyword| keyword.starts_with("unevaluated")) {
            here = here.saturating_mul(2);
        }
        let Some(below) = levels.checked_sub(1) else {
            return here;
        };
        BELOW
            .iter()
            .fold(here, |count, keyword| match members.get(*keyword) {
                Some(schemas) => count.saturating_add(self.of_keyword(keyword, schemas, below)),
                None => count,
            })
    }

    /// Of what a keyword holds: a schema, or several in an array or by their names.
    fn of_keyword(&mut self, keyword: &str, schemas: &'s Json, levels: usize) -> u64 {
        match schemas {
            Json::Array(schemas) => schemas
                .iter()
                .fold(0, |count, schema| count.saturating_add(self.of(schema, levels))),
            Json::Object(schemas) if BY_NAME.contains(&keyword) => schemas
                .values()
                .fold(0, |count, schema| count.saturating_add(self.of(schema, levels))),
            schema => self.of(schema, levels),
        }
    }

    fn target(&self, reference: &str) -> &'s Json {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if base.is_empty() {
            self.root
        } else {
            self.named.get(base).copied().unwrap_or(self.root)
        };
        if fragment.starts_with('/') {
            return base.pointer(fragment).unwrap_or(base);
        }
        self.named
            .get(fragment)
            .copied()
            .filter(|_| !fragment.is_empty())
            .unwrap_or(base)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allows(schema: &Json, levels: usize, values: u64) -> bool {
        Sources::new(schema.clone(), Vec::new()).applications(levels, values) <= MAX_APPLICATIONS
    }

    #[test]
    fn references_that_multiply_are_too_much() {
        let list = json!({"items": {"$ref": "#"}});
        assert!(allows(&list, 190, 1000));
        let twice = json!({"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]});
        assert!(allows(&twice, 3, 100));
        assert!(!allows(&twice, 40, 100));
        let named = json!({
            "$defs": {"a": {"$anchor": "x", "allOf": [{"items": {"$ref": "#x"}}, {"items": {"$ref": "#/$defs/a"}}]}},
            "$ref": "#/$defs/a"
        });
        assert!(!allows(&named, 40, 100));
    }

    #[test]
    fn many_references_that_end_are_allowed() {
        let properties: Map<String, Json> = (0..100)
            .map(|number| (format!("p{number}"), json!({"$ref": "#/$defs/text"})))
            .collect();
        let schema = json!({"$defs": {"text": {"type": "string"}}, "properties": properties});
        assert!(allows(&schema, 20, 10_000));
    }

    #[test]
    fn schemas_within_each_other_only_add_up() {
        let deep = (0..90).fold(json!({}), |schema, _| json!({"not": schema}));
        assert!(allows(&deep, 90, 1000));
    }

    #[test]
    fn what_is_compared_and_long_texts_count() {
        let list: Vec<Json> = (0..99).map(Json::from).collect();
        let schema = json!({"$ref": "#/$defs/a", "$defs": {"a": {"enum": list}}});
        let sources = Sources::new(schema, Vec::new());
        assert_eq!(sources.applications(0, 10), (1 + 1 + 100) * 10);
        let long = "x".repeat(2 * BYTES_OF_A_VALUE);
        assert_eq!(values(&json!([1, long, "x"])), 1 + 1 + 3 + 1);
        assert_eq!(values(&json!({(long): null})), 1 + 2 + 1);
    }

    #[test]
    fn applications_end_at_their_limit() {
        // The schema and the one that it refers to.
        let schema = json!({"$defs": {"a": {}}, "$ref": "#/$defs/a"});
        assert!(allows(&schema, 0, MAX_APPLICATIONS / 2));
        assert!(!allows(&schema, 0, MAX_APPLICATIONS / 2 + 1));
    }
}
