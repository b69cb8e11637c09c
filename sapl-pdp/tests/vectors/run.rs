//! Asks the engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use std::{fs, future, io, iter};

use futures_util::future::BoxFuture;
use sapl_pdp::attribute::Clock;
use sapl_pdp::value::{Object, Value};
use sapl_pdp::{CompiledExpression, ConfigurationError, EmbeddedPdp, Input};
use serde::Deserialize as _;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use tempfile::TempDir;

use crate::compare::{decision_difference, nearly_same, same_but_number_forms, same_decimal, same_value};
use crate::entry::{Entry, Outcome};
use crate::exact;

/// What the vectors ask when they don't say it.
const DEFAULT_SUBSCRIPTION: &str = r#"{"subject": "alice", "action": "read", "resource": "doc"}"#;

/// Functions that compute with doubles, whose last digits may differ.
const INEXACT: &[&str] = &[
    "math-log-",
    "math-log10-",
    "math-logb-",
    "math-pow-",
    "math-sqrt-",
    "array-avg-",
    "array-median-",
];

/// Runs all cases of an entry.
pub(crate) fn entry(entry: &Entry) -> Vec<Outcome> {
    let run = || {
        if entry.expr.is_some() {
            vec![expression(entry)]
        } else if entry.document.is_some() {
            vec![single(entry, document_difference(entry))]
        } else if entry.policies.is_some() || entry.files.is_some() {
            decisions(entry)
        } else {
            vec![single(entry, Some("an entry of an unknown kind".to_owned()))]
        }
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let count = entry.cases.as_ref().map_or(1, Vec::len);
        iter::repeat_with(|| single(entry, Some(format!("panicked: {message}"))))
            .take(count)
            .collect()
    })
}

fn single(entry: &Entry, difference: Option<String>) -> Outcome {
    Outcome {
        name: entry.name.clone(),
        difference,
        permits_wrongly: false,
        differs_in_number_forms: false,
    }
}

fn expression(entry: &Entry) -> Outcome {
    match evaluated(entry) {
        Ok(differs) => differs,
        Err(problem) => single(entry, Some(problem)),
    }
}

/// What became of an expression that could be evaluated, or was rightly refused.
fn evaluated(entry: &Entry) -> Result<Outcome, String> {
    let text = entry.expr.as_deref().unwrap_or_default();
    let variables = match &entry.variables {
        Some(text) => variables(text.get()).map_err(|error| format!("variables are refused: {error}"))?,
        None => Object::default(),
    };
    let compiled = match CompiledExpression::new(&entry.imports, text, &variables) {
        Ok(compiled) => compiled,
        Err(_) if entry.error && entry.stage.is_some() => return Ok(single(entry, None)),
        Err(problem) => {
            return Err(format!(
                "{text} is refused: {}, expected {}",
                problem.message(),
                answer(entry)
            ));
        }
    };
    let subscription = Subscription::read(entry.subscription.as_deref())?;
    let input = subscription.input();
    let found = compiled.evaluate(&input);
    let mut outcome = single(entry, None);
    let equal = match (&found, &entry.value) {
        // A text that should have been refused is no error of evaluation.
        (Value::Error(_), _) => entry.error && entry.stage.is_none(),
        (Value::Undefined, _) => entry.undefined,
        (found, Some(expected)) => {
            let exact = match (&entry.decimal, found) {
                (Some(decimal), Value::Number(found)) => same_decimal(decimal, found),
                _ => same_value(expected, found),
            };
            let is_inexact = INEXACT.iter().any(|prefix| entry.name.starts_with(prefix));
            outcome.differs_in_number_forms = same_but_number_forms(expected, found, text);
            exact || is_inexact && nearly_same(expected, found)
        }
        (_, None) => false,
    };
    if !equal {
        outcome.difference = Some(format!("{text} is {found}, expected {}", answer(entry)));
    }
    Ok(outcome)
}

fn answer(entry: &Entry) -> String {
    match (&entry.value, &entry.stage) {
        (Some(value), _) => value.to_string(),
        (None, Some(stage)) if entry.error => format!("a refusal ({stage})"),
        (None, _) if entry.error => "an error".to_owned(),
        (None, _) => "undefined".to_owned(),
    }
}

fn document_difference(entry: &Entry) -> Option<String> {
    let document = entry.document.as_deref().unwrap_or_default();
    let loaded = EmbeddedPdp::from_texts(None, [("document.sapl", document)]);
    match (loaded, entry.accepted.unwrap_or_default()) {
        (Ok(_), true) | (Err(_), false) => None,
        (Ok(_), false) => Some(format!(
            "{document:?} is accepted, expected a refusal ({:?})",
            entry.stage
        )),
        (Err(error), true) => Some(format!("{document:?} is refused: {error}")),
    }
}

fn decisions(entry: &Entry) -> Vec<Outcome> {
    let pdp = load(entry);
    let mut outcomes = Vec::new();
    if let Some(cases) = &entry.cases {
        for (index, case) in cases.iter().enumerate() {
            let name = format!("{}#{}", entry.name, index + 1);
            outcomes.push(decide(name, &pdp, Some(&case.subscription), &case.expect));
        }
    } else {
        let expected = entry.expect.clone().unwrap_or_default();
        outcomes.push(decide(
            entry.name.clone(),
            &pdp,
            entry.subscription.as_deref(),
            &expected,
        ));
    }
    outcomes
}

fn decide(
    name: String,
    pdp: &Result<EmbeddedPdp, ConfigurationError>,
    subscription: Option<&RawValue>,
    expected: &Json,
) -> Outcome {
    let refused = expected.get("configuration_error").is_some();
    let (difference, permits) = match (pdp, Subscription::read(subscription)) {
        (Err(_), _) if refused => (None, false),
        (Err(error), _) => (Some(format!("the configuration is refused: {error}")), false),
        (Ok(_), Err(problem)) => (Some(problem), false),
        (Ok(pdp), Ok(subscription)) => {
            let decision = pdp.decision_on(&subscription.input());
            let permits = decision.decision == sapl_base::Decision::Permit;
            let difference = if refused {
                Some(format!("the configuration is accepted and gives {decision:?}"))
            } else {
                decision_difference(expected, &decision)
            };
            (difference, permits)
        }
    };
    let permits_wrongly = permits && expected.get("decision").and_then(Json::as_str) != Some("PERMIT");
    Outcome {
        name,
        difference,
        permits_wrongly,
        differs_in_number_forms: false,
    }
}

fn load(entry: &Entry) -> Result<EmbeddedPdp, ConfigurationError> {
    loaded(entry).map(|pdp| pdp.with_clock(Standing))
}

fn loaded(entry: &Entry) -> Result<EmbeddedPdp, ConfigurationError> {
    if let Some(policies) = &entry.policies {
        return EmbeddedPdp::from_texts(entry.pdp.as_deref().map(RawValue::get), policies);
    }
    let files = entry.files.iter().flatten();
    let folder = written(files).map_err(|error| ConfigurationError::Unreadable {
        path: PathBuf::new(),
        error,
    })?;
    EmbeddedPdp::from_dir(folder.path())
}

/// The clock of the recording, which stood still at 2026-03-18T10:15:30.123Z.
#[derive(Debug)]
struct Standing;

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_773_828_930_123)
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(future::pending())
    }
}

fn written<'f>(files: impl Iterator<Item = (&'f String, &'f Json)>) -> io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, content) in files {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match content {
            Json::String(text) => fs::write(path, text)?,
            bytes => fs::write(path, Vec::<u8>::deserialize(bytes)?)?,
        }
    }
    Ok(folder)
}

/// A subscription with its members in order and its numbers exact, which the trees of `serde_json` don't keep.
struct Subscription(Object<'static>);

impl Subscription {
    fn read(text: Option<&RawValue>) -> Result<Self, String> {
        let text = text.map_or(DEFAULT_SUBSCRIPTION, RawValue::get);
        match exact::read(text) {
            Ok(Value::Object(subscription)) => Ok(Self(subscription)),
            other => Err(format!("the subscription is {other:?}")),
        }
    }

    fn input(&self) -> Input<'_> {
        let element = |name| self.0.get(name).unwrap_or_default();
        Input {
            subject: element("subject"),
            action: element("action"),
            resource: element("resource"),
            environment: element("environment"),
            secrets: element("secrets").into(),
        }
    }
}

/// The variables that an expression sees, with their numbers exact: it has no `pdp.json` that would round them.
fn variables(text: &str) -> Result<Object<'static>, String> {
    match exact::read(text) {
        Ok(Value::Object(variables)) => Ok(variables),
        other => Err(format!("{other:?}")),
    }
}
