//! The seven kinds of providers.
//!
//! Most constraints need none of these traits: the `*_fn` methods of the
//! [builder](super::ConstraintEnforcementServiceBuilder) make a provider of a type name, a struct and a closure.

use serde_json::Value;

use super::{
    ConsumerHandler, ErrorHandler, ErrorMappingHandler, FilterPredicateHandler, HandlerError, MappingHandler,
    MethodInvocationHandler, RunnableHandler,
};

macro_rules! provider {
    ($(#[$doc:meta])* $name:ident -> $handler:ident { $($more:item)* }) => {
        $(#[$doc])*
        pub trait $name: Send + Sync + 'static {
            /// Whether this provider handles `constraint`. It is also asked when components are listed, so it
            /// should be cheap and must have no effect.
            fn is_responsible(&self, constraint: &Value) -> bool;

            /// Makes the handler for a constraint that this provider is responsible for. It is called once per
            /// decision, so this is the place to read and check the constraint.
            ///
            /// # Errors
            /// When the constraint is not as it should be. An obligation then denies access.
            fn handler(&self, constraint: &Value) -> Result<$handler, HandlerError>;

            $($more)*
        }
    };
}

provider! {
    /// Makes handlers that run when the decision arrives, for a side effect such as logging.
    ///
    /// ```
    /// use sapl_base::constraint::{ConstraintEnforcementService, HandlerError, RunnableHandler, RunnableProvider};
    /// use serde_json::Value;
    ///
    /// struct AccessLogging;
    ///
    /// impl RunnableProvider for AccessLogging {
    ///     fn is_responsible(&self, constraint: &Value) -> bool {
    ///         constraint["type"] == "logAccess"
    ///     }
    ///
    ///     fn handler(&self, constraint: &Value) -> Result<RunnableHandler, HandlerError> {
    ///         let message = constraint["message"].as_str().ok_or("it has no message")?.to_owned();
    ///         Ok(RunnableHandler::new(move || println!("{message}")))
    ///     }
    /// }
    ///
    /// let constraints = ConstraintEnforcementService::builder().runnable(AccessLogging).build();
    /// ```
    RunnableProvider -> RunnableHandler {
        /// Whether the handler also runs when the component is merely listed.
        fn runs_on_listing(&self) -> bool {
            false
        }
    }
}

provider! {
    /// Makes handlers that may change the component's arguments.
    MethodInvocationProvider -> MethodInvocationHandler {}
}

provider! {
    /// Makes handlers that look at the component's value.
    ConsumerProvider -> ConsumerHandler {}
}

provider! {
    /// Makes handlers that replace the component's value.
    MappingProvider -> MappingHandler {
        /// Mappings of a higher priority run first; those of the same one in the order of the decision.
        fn priority(&self) -> i32 {
            0
        }
    }
}

provider! {
    /// Makes predicates that say which elements of a list stay, or whether a single value does.
    FilterPredicateProvider -> FilterPredicateHandler {}
}

provider! {
    /// Makes handlers that look at the error of a component that failed.
    ErrorHandlerProvider -> ErrorHandler {}
}

provider! {
    /// Makes handlers that replace the error of a component that failed.
    ErrorMappingProvider -> ErrorMappingHandler {
        /// Mappings of a higher priority run first; those of the same one in the order of the decision.
        fn priority(&self) -> i32 {
            0
        }
    }
}
