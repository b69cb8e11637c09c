//! Registering providers.

use std::{fmt, sync::Arc};

use futures_core::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    ComponentError, ConstraintEnforcementService, ConsumerHandler, ConsumerProvider, ErrorHandler,
    ErrorHandlerProvider, ErrorMappingHandler, ErrorMappingProvider, FilterPredicateHandler,
    FilterPredicateProvider, MappingHandler, MappingProvider, MethodInvocation, MethodInvocationHandler,
    MethodInvocationProvider, Outcome, RunnableHandler, RunnableProvider, service::Providers, typed::Typed,
};
use crate::filter::{FilterJsonContent, JsonContentFilterPredicate};

/// Collects providers for a [`ConstraintEnforcementService`].
///
/// The methods that end in `_fn` take the constraint's `type`, and a closure whose first argument is the constraint
/// read into a struct. It is read once per decision. A constraint of that type that does not fit the struct has
/// failed: an obligation then denies access. The closure may return its result, or a `Result` of it whose error can
/// be displayed.
///
/// ```
/// use sapl_base::constraint::ConstraintEnforcementService;
/// use serde::Deserialize;
/// use serde_json::Value;
///
/// #[derive(Deserialize)]
/// struct Allowed { levels: Vec<String> }
///
/// impl Allowed {
///     fn permits(&self, element: &Value) -> bool {
///         element["classification"].as_str().is_some_and(|level| self.levels.iter().any(|l| l == level))
///     }
/// }
///
/// #[derive(Deserialize)]
/// struct LogAccess { message: String }
///
/// let constraints = ConstraintEnforcementService::builder()
///     .runnable_fn("logAccess", |log: &LogAccess| println!("{}", log.message))
///     .filter_predicate_fn("filterByClassification", |allowed: &Allowed, element| allowed.permits(element))
///     .build();
/// ```
#[derive(Default)]
#[must_use = "nothing is registered before `build`"]
pub struct ConstraintEnforcementServiceBuilder {
    providers: Providers,
    without_builtin_filters: bool,
}

impl fmt::Debug for ConstraintEnforcementServiceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConstraintEnforcementServiceBuilder")
            .field("providers", &self.providers)
            .field("without_builtin_filters", &self.without_builtin_filters)
            .finish()
    }
}

impl ConstraintEnforcementServiceBuilder {
    /// Registers a provider of on-decision handlers.
    pub fn runnable(mut self, provider: impl RunnableProvider) -> Self {
        if provider.runs_on_listing() {
            self.providers.listing.push(self.providers.runnable.len());
        }
        self.providers.runnable.push(Box::new(provider));
        self
    }

    /// Registers a provider of handlers that change arguments.
    pub fn method_invocation(mut self, provider: impl MethodInvocationProvider) -> Self {
        self.providers.method_invocation.push(Box::new(provider));
        self
    }

    /// Registers a provider of handlers that look at the value.
    pub fn consumer(mut self, provider: impl ConsumerProvider) -> Self {
        self.providers.consumer.push(Box::new(provider));
        self
    }

    /// Registers a provider of handlers that replace the value.
    pub fn mapping(mut self, provider: impl MappingProvider) -> Self {
        self.providers.mapping.push(Box::new(provider));
        self
    }

    /// Registers a provider of predicates on the value or its elements.
    pub fn filter_predicate(mut self, provider: impl FilterPredicateProvider) -> Self {
        self.providers.filter_predicate.push(Box::new(provider));
        self
    }

    /// Registers a provider of handlers that look at an error.
    pub fn error_handler(mut self, provider: impl ErrorHandlerProvider) -> Self {
        self.providers.error_handler.push(Box::new(provider));
        self
    }

    /// Registers a provider of handlers that replace an error.
    pub fn error_mapping(mut self, provider: impl ErrorMappingProvider) -> Self {
        self.providers.error_mapping.push(Box::new(provider));
        self
    }

    /// Leaves `filterJsonContent` and `jsonContentFilterPredicate` out.
    pub const fn without_builtin_filters(mut self) -> Self {
        self.without_builtin_filters = true;
        self
    }

    /// The service.
    pub fn build(self) -> ConstraintEnforcementService {
        let builder = if self.without_builtin_filters {
            self
        } else {
            self.mapping(FilterJsonContent)
                .filter_predicate(JsonContentFilterPredicate)
        };
        ConstraintEnforcementService::new(builder.providers)
    }
}

/// Handlers that are closures.
impl ConstraintEnforcementServiceBuilder {
    /// Runs `handler` when the decision arrives.
    pub fn runnable_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<()>,
    {
        let handler = Arc::new(handler);
        self.runnable(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            RunnableHandler::new(move || handler(&constraint))
        }))
    }

    /// Runs an asynchronous `handler` when the decision arrives.
    ///
    /// ```
    /// use sapl_base::constraint::ConstraintEnforcementService;
    ///
    /// let constraints = ConstraintEnforcementService::builder()
    ///     .runnable_async_fn("audit", |record: &serde_json::Value| Box::pin(async move {
    ///         std::future::ready(record["message"].as_str().map(|_| ()).ok_or("no message")).await
    ///     }))
    ///     .build();
    /// ```
    pub fn runnable_async_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl for<'a> Fn(&'a C) -> BoxFuture<'a, R> + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + Sync + 'static,
        R: Outcome<()> + 'static,
    {
        let handler = Arc::new(handler);
        self.runnable(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            RunnableHandler::from_future(async move { handler(&constraint).await })
        }))
    }

    /// Runs `handler` before the component. It may change the arguments.
    ///
    /// ```
    /// # #[derive(serde::Deserialize)] struct LimitResults { max: u64 }
    /// let constraints = sapl_base::constraint::ConstraintEnforcementService::builder()
    ///     .method_invocation_fn("limitResults", |limit: &LimitResults, call| call.cap("limit", limit.max))
    ///     .build();
    /// ```
    pub fn method_invocation_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, &mut MethodInvocation) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<()>,
    {
        let handler = Arc::new(handler);
        self.method_invocation(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            MethodInvocationHandler::new(move |call: &mut MethodInvocation| handler(&constraint, call))
        }))
    }

    /// Runs an asynchronous `handler` before the component. It may change the arguments.
    ///
    /// ```
    /// # #[derive(serde::Deserialize)] struct Quota { of: String }
    /// # async fn remaining(of: &str) -> u64 { 3 }
    /// let constraints = sapl_base::constraint::ConstraintEnforcementService::builder()
    ///     .method_invocation_async_fn("quota", |quota: &Quota, call| Box::pin(async move {
    ///         call.cap("limit", remaining(&quota.of).await);
    ///     }))
    ///     .build();
    /// ```
    pub fn method_invocation_async_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl for<'a> Fn(&'a C, &'a mut MethodInvocation) -> BoxFuture<'a, R> + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + Sync + 'static,
        R: Outcome<()> + 'static,
    {
        let handler = Arc::new(handler);
        self.method_invocation(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            MethodInvocationHandler::from_async(move |call: &mut MethodInvocation| {
                Box::pin(async move { handler(&constraint, call).await })
            })
        }))
    }

    /// Shows the value to `handler`.
    pub fn consumer_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, &Value) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<()>,
    {
        let handler = Arc::new(handler);
        self.consumer(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            ConsumerHandler::new(move |value: &Value| handler(&constraint, value))
        }))
    }

    /// Replaces the value by what `handler` makes of it.
    pub fn mapping_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, Value) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<Value>,
    {
        self.mapping_priority_fn(constraint_type, 0, handler)
    }

    /// Replaces the value by what `handler` makes of it. Mappings of a higher priority run first.
    pub fn mapping_priority_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        priority: i32,
        handler: impl Fn(&C, Value) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<Value>,
    {
        let handler = Arc::new(handler);
        let make = move |constraint: C| {
            let handler = Arc::clone(&handler);
            MappingHandler::new(move |value| handler(&constraint, value))
        };
        self.mapping(Typed::new(constraint_type, make).with_priority(priority))
    }

    /// Keeps the elements of a list, or the single value, of which `handler` says true.
    pub fn filter_predicate_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, &Value) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<bool>,
    {
        let handler = Arc::new(handler);
        self.filter_predicate(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            FilterPredicateHandler::new(move |element: &Value| handler(&constraint, element))
        }))
    }

    /// Shows the error of a component that failed to `handler`.
    pub fn error_handler_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, &ComponentError) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<()>,
    {
        let handler = Arc::new(handler);
        self.error_handler(Typed::new(constraint_type, move |constraint: C| {
            let handler = Arc::clone(&handler);
            ErrorHandler::new(move |error: &ComponentError| handler(&constraint, error))
        }))
    }

    /// Replaces the error of a component that failed by what `handler` makes of it.
    pub fn error_mapping_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        handler: impl Fn(&C, ComponentError) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<ComponentError>,
    {
        self.error_mapping_priority_fn(constraint_type, 0, handler)
    }

    /// Replaces the error of a component that failed. Mappings of a higher priority run first.
    pub fn error_mapping_priority_fn<C, R>(
        self,
        constraint_type: impl Into<String>,
        priority: i32,
        handler: impl Fn(&C, ComponentError) -> R + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        R: Outcome<ComponentError>,
    {
        let handler = Arc::new(handler);
        let make = move |constraint: C| {
            let handler = Arc::clone(&handler);
            ErrorMappingHandler::new(move |error| handler(&constraint, error))
        };
        self.error_mapping(Typed::new(constraint_type, make).with_priority(priority))
    }
}
