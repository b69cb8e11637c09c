//! What the components really got to see.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;

/// How many runs are kept; older ones make room for new ones.
pub const MAX_RUNS: usize = 1024;

/// A record of the components that ran, with the arguments that reached them. Clones are the same record.
#[derive(Clone, Debug, Default)]
pub struct Received(Arc<Mutex<VecDeque<Run>>>);

/// One run of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name; for a resource the URI.
    pub component: String,
    /// Its arguments, `null` for a resource.
    pub arguments: Value,
}

impl Received {
    /// Takes all runs out, in order.
    pub fn take(&self) -> Vec<Run> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }

    pub(crate) fn note(&self, component: &str, arguments: &impl Serialize) {
        let run = Run {
            component: component.to_owned(),
            arguments: serde_json::to_value(arguments).unwrap_or_default(),
        };
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.len() == MAX_RUNS {
            runs.pop_front();
        }
        runs.push_back(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_run_makes_room_for_one_too_many() {
        let received = Received::default();
        for n in 0..MAX_RUNS {
            received.note("tool", &n);
        }
        assert_eq!(received.take().len(), MAX_RUNS);
        for n in 0..=MAX_RUNS {
            received.note("tool", &n);
        }
        let runs = received.take();
        assert_eq!((runs.len(), &runs[0].arguments), (MAX_RUNS, &Value::from(1)));
    }
}
