//! Providers of all kinds, which do what the constraint says that they do, and write down when their handlers run.

use sapl_mcp::constraint::{
    ComponentError, ConstraintEnforcementService, ConsumerHandler, ConsumerProvider, ErrorHandler,
    ErrorHandlerProvider, ErrorMappingHandler, ErrorMappingProvider, FilterPredicateHandler,
    FilterPredicateProvider, HandlerError, MappingHandler, MappingProvider, MethodInvocation,
    MethodInvocationHandler, MethodInvocationProvider, RunnableHandler, RunnableProvider,
};
use sapl_mcp_tests::Log;
use serde_json::{Value, json};

use super::content;
use crate::model::{Constraint, Does, HandlerKind, Provider};

/// A constraint on its way through the decision point: what each provider does stands under its name.
pub(super) fn written(constraint: &Constraint) -> Value {
    let mut written = json!({"id": constraint.id});
    for (provider, does) in &constraint.handlers {
        if provider.is_built_in() {
            let Value::Object(members) = content::written(*provider, does) else {
                panic!("a constraint is an object");
            };
            members
                .into_iter()
                .for_each(|(name, value)| written[name] = value);
            continue;
        }
        let (does, value) = match does {
            Does::Nothing => ("nothing", Value::Null),
            Does::Change(value) => ("change", value.clone()),
            Does::Fail => ("fail", Value::Null),
            Does::Panic => ("panic", Value::Null),
            Does::FailToMake => ("fail to make", Value::Null),
            Does::PanicInMaking => ("panic in making", Value::Null),
            Does::PanicWhenAsked => ("panic when asked", Value::Null),
            Does::Content(_) | Does::Flawed(_) => panic!("only a built-in filter does so: {does:?}"),
        };
        written[format!("{provider:?}")] = json!({"does": does, "value": value});
    }
    written
}

/// All providers, in the order of the model. The built-in ones come by themselves, each behind the others of its kind.
pub(super) fn service(log: &Log) -> ConstraintEnforcementService {
    let mut builder = ConstraintEnforcementService::builder();
    for provider in Provider::ALL
        .into_iter()
        .filter(|provider| !provider.is_built_in())
    {
        let told = Told {
            provider,
            log: log.clone(),
        };
        builder = match provider.kind() {
            HandlerKind::Runnable => builder.runnable(told),
            HandlerKind::MethodInvocation => builder.method_invocation(told),
            HandlerKind::Filter => builder.filter_predicate(told),
            HandlerKind::Consumer => builder.consumer(told),
            HandlerKind::Mapping => builder.mapping(told),
            HandlerKind::ErrorHandler => builder.error_handler(told),
            HandlerKind::ErrorMapping => builder.error_mapping(told),
        };
    }
    builder.build()
}

/// A provider that does as it is told.
#[derive(Clone)]
struct Told {
    provider: Provider,
    log: Log,
}

/// What a handler does.
#[derive(Clone)]
struct Order {
    id: String,
    does: String,
    value: Value,
    log: Log,
}

impl Told {
    fn order<'c>(&self, constraint: &'c Value) -> Option<&'c Value> {
        constraint.get(format!("{:?}", self.provider))
    }

    fn is_told(&self, constraint: &Value) -> bool {
        let order = self.order(constraint);
        if order.is_some_and(|order| order["does"] == "panic when asked") {
            panic!("a provider panics when it is asked");
        }
        order.is_some()
    }

    fn told(&self, constraint: &Value) -> Result<Order, HandlerError> {
        let order = self.order(constraint).ok_or("nothing is to be done")?;
        match order["does"].as_str() {
            Some("fail to make") => Err(HandlerError::new("the constraint is not as it should be")),
            Some("panic in making") => panic!("a provider panics"),
            Some(does) => Ok(Order {
                id: constraint["id"].as_str().ok_or("no id")?.to_owned(),
                does: does.to_owned(),
                value: order["value"].clone(),
                log: self.log.clone(),
            }),
            None => Err(HandlerError::new("it does not say what")),
        }
    }
}

impl Order {
    /// Writes down that the handler runs, and ends as it is told.
    fn run(&self, line: String) -> Result<(), HandlerError> {
        self.log.add(line);
        match self.does.as_str() {
            "fail" => Err(HandlerError::new("a handler fails")),
            "panic" => panic!("a handler panics"),
            _ => Ok(()),
        }
    }

    /// The value that it makes of something, if it makes one.
    fn change(&self) -> Option<&Value> {
        (self.does == "change").then_some(&self.value)
    }

    fn change_call(&self, call: &mut MethodInvocation) -> Result<(), HandlerError> {
        let arguments = Value::Object(call.arguments().clone());
        self.run(format!("method_invocation {} {arguments}", self.id))?;
        if let Some(value) = self.change() {
            call.set(self.id.clone(), value.clone());
        }
        Ok(())
    }
}

macro_rules! providers {
    ($($provider:ident -> $handler:ident, |$told:ident, $order:ident| $make:expr $(, $more:item)*;)*) => {$(
        impl $provider for Told {
            fn is_responsible(&self, constraint: &Value) -> bool {
                self.is_told(constraint)
            }

            fn handler(&self, constraint: &Value) -> Result<$handler, HandlerError> {
                let ($told, $order) = (self, self.told(constraint)?);
                let _ = $told;
                Ok($make)
            }

            $($more)*
        }
    )*};
}

providers! {
    RunnableProvider -> RunnableHandler, |told, order| {
        let line = format!("runnable {}", order.id);
        match told.provider {
            Provider::AsyncRunnable => RunnableHandler::from_future(async move {
                tokio::task::yield_now().await;
                order.run(line)
            }),
            _ => RunnableHandler::new(move || order.run(line)),
        }
    }, fn runs_on_listing(&self) -> bool {
        self.provider == Provider::ListingRunnable
    };
    MethodInvocationProvider -> MethodInvocationHandler, |told, order| match told.provider {
        Provider::AsyncMethodInvocation => MethodInvocationHandler::from_async(move |call| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                order.change_call(call)
            })
        }),
        _ => MethodInvocationHandler::new(move |call: &mut MethodInvocation| order.change_call(call)),
    };
    FilterPredicateProvider -> FilterPredicateHandler, |told, order| {
        FilterPredicateHandler::new(move |element: &Value| {
            order.run(format!("filter {} {element}", order.id))?;
            Ok::<bool, HandlerError>(order.change() != Some(element))
        })
    };
    ConsumerProvider -> ConsumerHandler, |told, order| {
        ConsumerHandler::new(move |value: &Value| order.run(format!("consumer {} {value}", order.id)))
    };
    MappingProvider -> MappingHandler, |told, order| {
        MappingHandler::new(move |value: Value| {
            order.run(format!("mapping {} {value}", order.id))?;
            Ok::<Value, HandlerError>(order.change().cloned().unwrap_or(value))
        })
    }, fn priority(&self) -> i32 {
        self.provider.priority()
    };
    ErrorHandlerProvider -> ErrorHandler, |told, order| {
        ErrorHandler::new(move |error: &ComponentError| {
            order.run(format!("error_handler {} {}", order.id, error.message))
        })
    };
    ErrorMappingProvider -> ErrorMappingHandler, |told, order| {
        ErrorMappingHandler::new(move |mut error: ComponentError| {
            order.run(format!("error_mapping {} {}", order.id, error.message))?;
            if let Some(value) = order.change() {
                error.message = value.to_string();
            }
            Ok::<ComponentError, HandlerError>(error)
        })
    }, fn priority(&self) -> i32 {
        self.provider.priority()
    };
}
