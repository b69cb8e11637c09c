//! What the executor knows of the world around a call.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use sapl_mcp::client::GuardRequest;
use serde_json::{Value, json};

/// The hour of the day, and which files are protected. Both are the executor's own knowledge: neither the model nor the
/// server has a say in it.
#[derive(Clone, Debug)]
pub struct Circumstances {
    hour: Arc<AtomicU8>,
}

/// The folder whose files are protected.
const PROTECTED: &str = "payroll/";

impl Circumstances {
    /// At this hour, 0 to 23.
    pub fn at(hour: u8) -> Self {
        Self {
            hour: Arc::new(AtomicU8::new(hour)),
        }
    }

    /// Turns the clock to this hour.
    pub fn turn_to(&self, hour: u8) {
        self.hour.store(hour, Ordering::Relaxed);
    }

    /// What policies see as their environment: `{"hour": 10, "protected": false}`.
    pub fn of(&self, request: &GuardRequest) -> Value {
        let path = request.argument("path").and_then(Value::as_str);
        let protected = path.is_some_and(|path| path.starts_with(PROTECTED));
        json!({"hour": self.hour.load(Ordering::Relaxed), "protected": protected})
    }
}
