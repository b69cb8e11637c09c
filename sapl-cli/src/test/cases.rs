//! Reads tests.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

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
    pub(super) surroundings: Surroundings,
    pub(super) expect: Expected,
}

/// What a test says of the world instead of the world itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Surroundings {
    /// What time it is.
    pub(super) now: Option<SystemTime>,
    /// Values of attributes by their names, without the angle brackets.
    pub(super) attributes: BTreeMap<String, Json>,
}

impl Surroundings {
    /// What a file says; where a case says nothing, what is said of all `outer` cases counts.
    fn read(
        now: Option<String>,
        attributes: Option<BTreeMap<String, Json>>,
        outer: &Self,
    ) -> Result<Self, String> {
        let mut surroundings = outer.clone();
        if let Some(now) = now {
            let time = sapl_pdp::attribute::timestamp(&now);
            let problem = || format!("`{now}` is no timestamp as in `2026-03-18T10:15:30Z`");
            surroundings.now = Some(time.ok_or_else(problem)?);
        }
        for (name, value) in attributes.into_iter().flatten() {
            let bare = name.strip_prefix('<').and_then(|name| name.strip_suffix('>'));
            let is_name = |name: &&str| {
                let mut parts = name.split('.');
                let is_part =
                    |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
                parts.by_ref().take(2).filter(|part| is_part(part)).count() == 2 && parts.next().is_none()
            };
            let Some(bare) = bare.filter(is_name) else {
                return Err(format!("`{name}` is no attribute as in `<time.now>`"));
            };
            surroundings.attributes.insert(bare.to_owned(), value);
        }
        Ok(surroundings)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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
    now: Option<String>,
    attributes: Option<BTreeMap<String, Json>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryCase {
    name: Option<String>,
    subscription: Box<RawValue>,
    expect: Expected,
    now: Option<String>,
    attributes: Option<BTreeMap<String, Json>>,
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
        now,
        attributes,
    } in entries
    {
        let in_test = |problem| format!("the test `{name}`: {problem}");
        let surroundings = Surroundings::read(now, attributes, &Surroundings::default()).map_err(in_test)?;
        match (subscription, expect, several) {
            (Some(subscription), Some(expect), None) => cases.push(Case {
                name,
                subscription: subscription.get().to_owned(),
                surroundings,
                expect,
            }),
            (None, None, Some(several)) => {
                for (number, case) in several.into_iter().enumerate() {
                    let of_case = case.name.unwrap_or_else(|| format!("case {}", number + 1));
                    let surroundings =
                        Surroundings::read(case.now, case.attributes, &surroundings).map_err(in_test)?;
                    cases.push(Case {
                        name: format!("{name}: {of_case}"),
                        surroundings,
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
    fn what_is_said_of_a_test_counts_for_its_cases() {
        let cases = parse(
            r#"[{"name": "a", "now": "1970-01-01T00:00:01Z", "attributes": {"<a.b>": 1, "<a.c>": null}, "cases": [
                {"subscription": 1, "expect": {"decision": "DENY"}},
                {"subscription": 1, "expect": {"decision": "DENY"},
                 "now": "1970-01-01T01:00:02+01:00", "attributes": {"<a.b>": [2]}}
            ]}]"#,
        )
        .unwrap();
        let said: Vec<_> = cases
            .iter()
            .map(|case| {
                let now = case
                    .surroundings
                    .now
                    .and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok());
                let attributes = serde_json::to_string(&case.surroundings.attributes).unwrap();
                (now.map(|now| now.as_secs()), attributes)
            })
            .collect();
        assert_eq!(
            said,
            [
                (Some(1), r#"{"a.b":1,"a.c":null}"#.to_owned()),
                (Some(2), r#"{"a.b":[2],"a.c":null}"#.to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_misspelled_is_refused() {
        for (text, problem) in [
            (
                r#"[{"name": "a", "now": "noon", "cases": []}]"#,
                "the test `a`: `noon` is no timestamp",
            ),
            (
                r#"[{"name": "a", "attributes": {"time.now": 1}, "cases": []}]"#,
                "the test `a`: `time.now` is no attribute as in `<time.now>`",
            ),
            (
                r#"[{"name": "a", "attributes": {"<now>": 1}, "cases": []}]"#,
                "`<now>` is no attribute",
            ),
            (
                r#"[{"name": "a", "attributes": {"<a.b.c>": 1}, "cases": []}]"#,
                "`<a.b.c>` is no attribute",
            ),
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
