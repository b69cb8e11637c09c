//! What providers make: one handler for one constraint of one decision.

use std::{fmt, future::Future};

use futures_core::future::BoxFuture;
use serde_json::Value;

use super::{ComponentError, HandlerError, MethodInvocation, Outcome, guard};

/// Runs once, when the decision arrives.
pub struct RunnableHandler(RunnableForm);

enum RunnableForm {
    Sync(Box<dyn FnOnce() -> Result<(), HandlerError> + Send>),
    Async(BoxFuture<'static, Result<(), HandlerError>>),
}

/// Runs once, before the component, and may change its arguments.
pub struct MethodInvocationHandler(MethodInvocationForm);

enum MethodInvocationForm {
    Sync(Box<SyncInvocation>),
    Async(Box<AsyncInvocation>),
}

type SyncInvocation = dyn FnOnce(&mut MethodInvocation) -> Result<(), HandlerError> + Send;
type AsyncInvocation =
    dyn for<'a> FnOnce(&'a mut MethodInvocation) -> BoxFuture<'a, Result<(), HandlerError>> + Send;

impl RunnableHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<()>>(run: impl FnOnce() -> R + Send + 'static) -> Self {
        Self(RunnableForm::Sync(Box::new(move || run().outcome())))
    }

    /// A handler that is a future. It is dropped unpolled when the operation ends before its turn.
    pub fn from_future<R: Outcome<()>>(run: impl Future<Output = R> + Send + 'static) -> Self {
        Self(RunnableForm::Async(Box::pin(async move { run.await.outcome() })))
    }

    pub(super) async fn run(self) -> Result<(), HandlerError> {
        match self.0 {
            RunnableForm::Sync(run) => guard::guard(run),
            RunnableForm::Async(future) => guard::guard_async(future).await,
        }
    }
}

impl MethodInvocationHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<()>>(run: impl FnOnce(&mut MethodInvocation) -> R + Send + 'static) -> Self {
        Self(MethodInvocationForm::Sync(Box::new(move |call| {
            run(call).outcome()
        })))
    }

    /// A handler that is an asynchronous closure.
    ///
    /// ```
    /// use sapl_base::constraint::MethodInvocationHandler;
    ///
    /// let handler = MethodInvocationHandler::from_async(|call| {
    ///     Box::pin(async move { call.set("limit", std::future::ready(5).await) })
    /// });
    /// ```
    pub fn from_async<R: Outcome<()> + 'static>(
        run: impl for<'a> FnOnce(&'a mut MethodInvocation) -> BoxFuture<'a, R> + Send + 'static,
    ) -> Self {
        Self(MethodInvocationForm::Async(Box::new(move |call| {
            Box::pin(async move { run(call).await.outcome() })
        })))
    }

    pub(super) async fn run(self, call: &mut MethodInvocation) -> Result<(), HandlerError> {
        let outcome = match self.0 {
            MethodInvocationForm::Sync(run) => guard::guard(|| run(call)),
            MethodInvocationForm::Async(run) => guard::guard_async(run(call)).await,
        };
        if call.take_refused() {
            return Err(HandlerError::new("it tried to change a read-only argument"));
        }
        outcome
    }
}

macro_rules! synchronous {
    ($(#[$doc:meta] $name:ident: $bound:ident($($argument:ty),*) -> $result:ty;)*) => {$(
        #[$doc]
        pub struct $name(Box<dyn $bound($($argument),*) -> Result<$result, HandlerError> + Send>);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

synchronous! {
    /// Runs once and looks at the component's value.
    ConsumerHandler: FnOnce(&Value) -> ();
    /// Runs once and replaces the component's value.
    MappingHandler: FnOnce(Value) -> Value;
    /// Runs once for each element of a list, or for a single value, and says whether it stays.
    FilterPredicateHandler: FnMut(&Value) -> bool;
    /// Runs once when the component failed and looks at its error.
    ErrorHandler: FnOnce(&ComponentError) -> ();
    /// Runs once when the component failed and replaces its error.
    ErrorMappingHandler: FnOnce(ComponentError) -> ComponentError;
}

impl ConsumerHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<()>>(run: impl FnOnce(&Value) -> R + Send + 'static) -> Self {
        Self(Box::new(move |value| run(value).outcome()))
    }

    pub(super) fn run(self, value: &Value) -> Result<(), HandlerError> {
        guard::guard(|| (self.0)(value))
    }
}

impl MappingHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<Value>>(run: impl FnOnce(Value) -> R + Send + 'static) -> Self {
        Self(Box::new(move |value| run(value).outcome()))
    }

    pub(super) fn run(self, value: Value) -> Result<Value, HandlerError> {
        guard::guard(|| (self.0)(value))
    }
}

impl FilterPredicateHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<bool>>(mut run: impl FnMut(&Value) -> R + Send + 'static) -> Self {
        Self(Box::new(move |element| run(element).outcome()))
    }

    /// The verdict on each element, in one guarded run.
    pub(super) fn run<'v>(
        &mut self,
        elements: impl Iterator<Item = &'v Value>,
    ) -> Result<Vec<bool>, HandlerError> {
        guard::guard(|| elements.map(|element| (self.0)(element)).collect())
    }
}

impl ErrorHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<()>>(run: impl FnOnce(&ComponentError) -> R + Send + 'static) -> Self {
        Self(Box::new(move |error| run(error).outcome()))
    }

    pub(super) fn run(self, error: &ComponentError) -> Result<(), HandlerError> {
        guard::guard(|| (self.0)(error))
    }
}

impl ErrorMappingHandler {
    /// A handler that is a closure.
    pub fn new<R: Outcome<ComponentError>>(run: impl FnOnce(ComponentError) -> R + Send + 'static) -> Self {
        Self(Box::new(move |error| run(error).outcome()))
    }

    pub(super) fn run(self, error: ComponentError) -> Result<ComponentError, HandlerError> {
        guard::guard(|| (self.0)(error))
    }
}

impl fmt::Debug for RunnableHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunnableHandler")
    }
}

impl fmt::Debug for MethodInvocationHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MethodInvocationHandler")
    }
}
