//! Reads tests.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use sapl_base::Decision;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::text::read_text;

/// How the name of a file with tests ends.
const SUFFIX: &str = ".test.json";

/// The largest file with tests, in bytes.
pub(super) const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A file with its tests.
pub(super) struct TestFile {
    pub(super) name: String,
    pub(super) cases: Vec<Case>,
}

/// A question and the decision that is expected.
pub(super) struct Case {
    pub(super) name: String,
    /// The text of the subscription, so that its numbers keep their digits.
    pub(super) subscription: String,
    pub(super) expect: Expected,
}

/// A whole decision.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    #[serde(deserialize_with = "decision")]
    pub(super) decision: Decision,
    #[serde(default)]
    pub(super) obligations: Vec<Json>,
    #[serde(default)]
    pub(super) advice: Vec<Json>,
    #[serde(default, deserialize_with = "present")]
    pub(super) resource: Option<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    subscription: Option<Box<RawValue>>,
    expect: Option<Expected>,
    cases: Option<Vec<EntryCase>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryCase {
    name: Option<String>,
    subscription: Box<RawValue>,
    expect: Expected,
}

/// The files with tests of a folder, in the order of their names.
pub(super) fn files(folder: &Path) -> Result<Vec<TestFile>, Failure> {
    let unreadable = |error| Failure::new(format_args!("`{}`: {error}", folder.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if name.as_encoded_bytes().ends_with(SUFFIX.as_bytes()) {
            names.push(name);
        }
    }
    names.sort();
    let read = |name: OsString| {
        let path = folder.join(&name);
        let shown = format!("`{}`", path.display());
        let mut file = File::open(&path).map_err(|error| Failure::new(format_args!("{shown}: {error}")))?;
        let text = read_text(&mut file, MAX_FILE_BYTES, &shown)?;
        let cases = parse(&text).map_err(|problem| Failure::new(format_args!("{shown}: {problem}")))?;
        Ok(TestFile {
            name: name.to_string_lossy().into_owned(),
            cases,
        })
    };
    names.into_iter().map(read).collect()
}

fn parse(text: &str) -> Result<Vec<Case>, String> {
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut cases = Vec::new();
    for Entry {
        name,
        subscription,
        expect,
        cases: several,
    } in entries
    {
        match (subscription, expect, several) {
            (Some(subscription), Some(expect), None) => cases.push(Case {
                name,
                subscription: subscription.get().to_owned(),
                expect,
            }),
            (None, None, Some(several)) => {
                for (number, case) in several.into_iter().enumerate() {
                    let of_case = case.name.unwrap_or_else(|| format!("case {}", number + 1));
                    cases.push(Case {
                        name: format!("{name}: {of_case}"),
                        subscription: case.subscription.get().to_owned(),
                        expect: case.expect,
                    });
                }
            }
            _ => {
                return Err(format!(
                    "the test `{name}` must have either `subscription` and `expect`, or `cases`"
                ));
            }
        }
    }
    Ok(cases)
}

fn decision<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decision, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(match name.as_str() {
        "PERMIT" => Decision::Permit,
        "DENY" => Decision::Deny,
        "SUSPEND" => Decision::Suspend,
        "NOT_APPLICABLE" => Decision::NotApplicable,
        "INDETERMINATE" => Decision::Indeterminate,
        _ => {
            let message = format!(
                "`{name}` is no decision: PERMIT, DENY, SUSPEND, NOT_APPLICABLE and INDETERMINATE are"
            );
            return Err(serde::de::Error::custom(message));
        }
    })
}

/// `null` is a value that is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_have_one_case_or_several() {
        let cases = parse(
            r#"[
                {"name": "a", "subscription": {"subject": 1.50}, "expect": {"decision": "PERMIT", "resource": null}},
                {"name": "b", "cases": [
                    {"subscription": 1, "expect": {"decision": "DENY", "obligations": [1]}},
                    {"name": "second", "subscription": 2, "expect": {"decision": "SUSPEND"}}
                ]}
            ]"#,
        )
        .unwrap();
        let names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["a", "b: case 1", "b: second"]);
        let first = cases.first().unwrap();
        assert_eq!(first.subscription, r#"{"subject": 1.50}"#);
        assert_eq!(first.expect.resource, Some(Json::Null));
    }

    #[test]
    fn what_is_misspelled_is_refused() {
        for (text, problem) in [
            (r#"[{"name": "a"}]"#, "the test `a` must have either"),
            (
                r#"[{"name": "a", "cases": [], "expect": {"decision": "DENY"}}]"#,
                "the test `a` must",
            ),
            (r#"[{"name": "a", "cases": [], "x": 1}]"#, "unknown field `x`"),
            (
                r#"[{"name": "a", "subscription": 1, "expect": {"decision": "ALLOW"}}]"#,
                "`ALLOW` is no decision",
            ),
            (
                r#"[{"name": "a", "subscription": 1, "expect": {"decision": "DENY", "obligation": []}}]"#,
                "unknown field `obligation`",
            ),
            ("{}", "expected a sequence"),
        ] {
            let found = parse(text).map(drop).unwrap_err();
            assert!(found.contains(problem), "{found}");
        }
    }
}
