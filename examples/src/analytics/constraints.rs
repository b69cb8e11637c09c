//! What the policies may ask for, and how it is done.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use sapl_mcp::constraint::ConstraintEnforcementService;
use serde::Deserialize;
use serde_json::Value;

/// How many lines an [`AccessLog`] keeps; older ones make room for new ones.
pub const MAX_LOG_LINES: usize = 1024;

/// `{"type": "logAccess", "message", "subject"?, "action"?}`: the access leaves a line in the log.
#[derive(Debug, Deserialize)]
pub struct LogAccess {
    /// What happened.
    pub message: String,
    /// Who did it.
    pub subject: Option<Value>,
    /// What they did.
    pub action: Option<Value>,
}

/// `{"type": "limitResults", "maxLimit"}`: the argument `limit` is at most that.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitResults {
    /// The largest limit.
    pub max_limit: u64,
}

/// `{"type": "filterByClassification", "allowedLevels"}`: only elements of these classifications remain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedLevels {
    /// The classifications.
    pub allowed_levels: Vec<String>,
}

/// The handlers of the demo, with `log` as the place where accesses are noted.
pub fn constraints(log: AccessLog) -> ConstraintEnforcementService {
    ConstraintEnforcementService::builder()
        .runnable_fn("logAccess", move |access: &LogAccess| log.note(access))
        .method_invocation_fn("limitResults", |limit: &LimitResults, call| {
            call.cap("limit", limit.max_limit)
        })
        .filter_predicate_fn("filterByClassification", |allowed: &AllowedLevels, element| {
            allowed.permits(element)
        })
        .build()
}

impl AllowedLevels {
    /// Whether the element says that it is of an allowed classification.
    pub fn permits(&self, element: &Value) -> bool {
        let level = element.get("classification").and_then(Value::as_str);
        level.is_some_and(|level| self.allowed_levels.iter().any(|allowed| allowed == level))
    }
}

/// The log of accesses. Clones are the same log.
#[derive(Clone, Debug, Default)]
pub struct AccessLog {
    lines: Arc<Mutex<VecDeque<String>>>,
    prints: bool,
}

impl AccessLog {
    /// A log that also prints its lines, on standard error.
    pub fn printing() -> Self {
        Self {
            prints: true,
            ..Self::default()
        }
    }

    /// Takes all lines out, in order.
    pub fn take(&self) -> Vec<String> {
        self.lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }

    /// An access that can't be noted is an obligation that can't be fulfilled, so the error matters.
    pub(crate) fn note(&self, access: &LogAccess) -> io::Result<()> {
        let line = access.to_string();
        if self.prints {
            writeln!(io::stderr(), "access: {line}")?;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == MAX_LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
        Ok(())
    }
}

impl fmt::Display for LogAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (name, value) in [("subject", &self.subject), ("action", &self.action)] {
            if let Some(value) = value {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_element_without_an_allowed_classification_does_not_remain() {
        let allowed = AllowedLevels {
            allowed_levels: vec!["public".to_owned()],
        };
        assert!(allowed.permits(&json!({"classification": "public"})));
        for element in [
            json!({"classification": "secret"}),
            json!({}),
            json!({"classification": 1}),
            json!(null),
        ] {
            assert!(!allowed.permits(&element), "{element}");
        }
    }

    #[test]
    fn a_log_line_says_who_did_what_and_the_oldest_makes_room() {
        let access = LogAccess {
            message: "seen".to_owned(),
            subject: Some(json!("mara")),
            action: None,
        };
        let log = AccessLog::default();
        log.note(&access).unwrap();
        assert_eq!(log.take(), ["seen subject=\"mara\""]);
        for _ in 0..=MAX_LOG_LINES {
            log.note(&access).unwrap();
        }
        assert_eq!(log.take().len(), MAX_LOG_LINES);
    }
}
