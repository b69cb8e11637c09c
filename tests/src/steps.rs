//! Constraint handlers of all seven kinds, which write down that they ran and do what their constraint says.

use sapl_base::constraint::{
    ComponentError, ConstraintEnforcementService, ConstraintEnforcementServiceBuilder, MethodInvocation,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Log;

/// What a handler is to do. All but the id may be left out.
#[derive(Deserialize)]
struct Step {
    id: String,
    /// How it fails, after it has done the rest: `"error"` or `"panic"`.
    #[serde(default)]
    fail: Option<String>,
    /// Arguments to set.
    #[serde(default)]
    set: Map<String, Value>,
    /// What to map the value to; without it, the id goes to the end of a text, or into a list or object.
    #[serde(default)]
    to: Option<Value>,
    /// The values that a filter lets through.
    #[serde(default)]
    keep: Option<Vec<Value>>,
}

impl Step {
    fn end<T>(&self, value: T) -> Result<T, String> {
        match self.fail.as_deref() {
            None => Ok(value),
            Some("panic") => panic!("step {} panics", self.id),
            Some(other) => Err(format!("step {} fails: {other}", self.id)),
        }
    }

    fn mapped(&self, value: Value) -> Value {
        match (&self.to, value) {
            (Some(to), _) => to.clone(),
            (None, Value::String(text)) => format!("{text}+{}", self.id).into(),
            (None, Value::Array(mut list)) => {
                list.push(self.id.clone().into());
                list.into()
            }
            (None, Value::Object(mut object)) => {
                object.insert(self.id.clone(), true.into());
                object.into()
            }
            (None, other) => other,
        }
    }

    fn mapped_error(&self, mut error: ComponentError) -> ComponentError {
        error.message = format!("{}+{}", error.message, self.id);
        error
    }
}

/// Handlers for constraints of the types `run`, `run_async`, `invoke`, `invoke_async`, `keep`, `look`, `map`,
/// `map_first` (priority 10), `map_last` (priority -10), `on_error`, `map_error` and `map_error_first` (priority 10),
/// besides the built-in ones.
#[must_use]
pub fn steps(log: &Log) -> ConstraintEnforcementService {
    steps_builder(log).build()
}

/// The same, for a test that adds others.
pub fn steps_builder(log: &Log) -> ConstraintEnforcementServiceBuilder {
    let log = || log.clone();
    let builder = ConstraintEnforcementService::builder();

    let (a, b, c, d) = (log(), log(), log(), log());
    let builder = builder
        .runnable_fn("run", move |step: &Step| {
            a.add(format!("run {}", step.id));
            step.end(())
        })
        .runnable_async_fn("run_async", move |step: &Step| {
            let b = b.clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                b.add(format!("run {}", step.id));
                step.end(())
            })
        })
        .method_invocation_fn("invoke", move |step: &Step, call| {
            c.add(format!("invoke {} {}", step.id, json!(call.arguments())));
            set(step, call);
            step.end(())
        })
        .method_invocation_async_fn("invoke_async", move |step: &Step, call| {
            let d = d.clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                d.add(format!("invoke {} {}", step.id, json!(call.arguments())));
                set(step, call);
                step.end(())
            })
        });

    let (a, b) = (log(), log());
    let builder = builder
        .filter_predicate_fn("keep", move |step: &Step, element| {
            a.add(format!("keep {} {element}", step.id));
            let kept = step.keep.as_ref().is_none_or(|keep| keep.contains(element));
            step.end(kept)
        })
        .consumer_fn("look", move |step: &Step, value| {
            b.add(format!("look {} {value}", step.id));
            step.end(())
        });

    let map = |log: Log| {
        move |step: &Step, value: Value| {
            log.add(format!("map {} {value}", step.id));
            step.end(step.mapped(value))
        }
    };
    let builder = builder
        .mapping_priority_fn("map_last", -10, map(log()))
        .mapping_fn("map", map(log()))
        .mapping_priority_fn("map_first", 10, map(log()));

    let map_error = |log: Log| {
        move |step: &Step, error: ComponentError| {
            log.add(format!("map_error {} {}", step.id, error.message));
            step.end(step.mapped_error(error))
        }
    };
    let a = log();
    builder
        .error_handler_fn("on_error", move |step: &Step, error| {
            a.add(format!("on_error {} {}", step.id, error.message));
            step.end(())
        })
        .error_mapping_fn("map_error", map_error(log()))
        .error_mapping_priority_fn("map_error_first", 10, map_error(log()))
}

fn set(step: &Step, call: &mut MethodInvocation) {
    for (name, value) in &step.set {
        call.set(name.clone(), value.clone());
    }
}

/// The constraint of a step: of this type and with this id.
#[must_use]
pub fn step(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

/// The same, with these other members.
#[must_use]
pub fn step_with(kind: &str, id: &str, others: Value) -> Value {
    let mut constraint = others;
    constraint["type"] = kind.into();
    constraint["id"] = id.into();
    constraint
}
