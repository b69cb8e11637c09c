//! Providers that write down what they do.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::constraint::{
    ComponentError, ConstraintEnforcementService, ConstraintEnforcementServiceBuilder, MethodInvocation,
};

/// What happened, in order.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// How a handler of [`recording`] ends, as its constraint says by `"then"`.
fn end(constraint: &Value) -> Result<(), String> {
    match constraint["then"].as_str() {
        Some("fail") => Err("it was told to".to_owned()),
        Some("panic") => panic!("it was told to"),
        _ => Ok(()),
    }
}

fn id(constraint: &Value) -> &str {
    constraint["id"].as_str().unwrap_or_default()
}

/// One provider of each kind, for constraints whose type is the name of the kind. Each writes down the constraint's
/// `id`, does what it is there for, and ends as the constraint says by `then`: `"fail"` or `"panic"`.
pub(super) fn recording(log: &Log) -> ConstraintEnforcementServiceBuilder {
    let logs: [Log; 9] = std::array::from_fn(|_| log.clone());
    let [
        runnable,
        slow,
        call,
        slow_call,
        consumer,
        mapping,
        filter,
        handler,
        error,
    ] = logs;
    ConstraintEnforcementService::builder()
        .runnable_fn("runnable", move |c: &Value| {
            runnable.write(id(c));
            end(c)
        })
        .runnable_async_fn("slow", move |c: &Value| {
            let slow = slow.clone();
            Box::pin(async move {
                tokio::task::yield_now().await;
                slow.write(id(c));
                end(c)
            })
        })
        .method_invocation_fn(
            "method_invocation",
            move |c: &Value, invocation: &mut MethodInvocation| {
                call.write(id(c));
                invocation.set("by", id(c));
                end(c)
            },
        )
        .method_invocation_async_fn(
            "slow_call",
            move |c: &Value, invocation: &mut MethodInvocation| {
                let log = slow_call.clone();
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    log.write(id(c));
                    invocation.set("by", id(c));
                    end(c)
                })
            },
        )
        .consumer_fn("consumer", move |c: &Value, value| {
            consumer.write(format!("{} {value}", id(c)));
            end(c)
        })
        .mapping_fn("mapping", move |c: &Value, value| {
            mapping.write(id(c));
            end(c).map(|()| json!([value, id(c)]))
        })
        .filter_predicate_fn("filter_predicate", move |c: &Value, element| {
            filter.write(format!("{} {element}", id(c)));
            end(c).map(|()| *element != c["drop"])
        })
        .error_handler_fn("error_handler", move |c: &Value, error| {
            handler.write(format!("{} {}", id(c), error.message));
            end(c)
        })
        .error_mapping_fn("error_mapping", move |c: &Value, mapped: ComponentError| {
            error.write(id(c));
            end(c).map(|()| ComponentError {
                message: format!("{}+{}", mapped.message, id(c)),
                ..mapped
            })
        })
}

/// A constraint for [`recording`].
pub(super) fn constraint(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

/// A constraint for [`recording`] whose handler ends badly.
pub(super) fn ending(kind: &str, id: &str, then: &str) -> Value {
    json!({"type": kind, "id": id, "then": then})
}
