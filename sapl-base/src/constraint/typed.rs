//! Providers made of a type name, a struct to read the constraint into, and a closure.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    ConsumerHandler, ConsumerProvider, ErrorHandler, ErrorHandlerProvider, ErrorMappingHandler,
    ErrorMappingProvider, FilterPredicateHandler, FilterPredicateProvider, HandlerError, MappingHandler,
    MappingProvider, MethodInvocationHandler, MethodInvocationProvider, RunnableHandler, RunnableProvider,
};

/// A provider for the constraints of one `type`, each read as a `C` and given to `make`, which makes an `H`.
pub(super) struct Typed<C, H, F> {
    constraint_type: Box<str>,
    priority: i32,
    make: F,
    made: PhantomData<fn(C) -> H>,
}

impl<C, H, F: Fn(C) -> H> Typed<C, H, F> {
    pub(super) fn new(constraint_type: impl Into<String>, make: F) -> Self {
        Self {
            constraint_type: constraint_type.into().into_boxed_str(),
            priority: 0,
            make,
            made: PhantomData,
        }
    }

    pub(super) fn with_priority(self, priority: i32) -> Self {
        Self { priority, ..self }
    }

    fn claims(&self, constraint: &Value) -> bool {
        constraint.get("type").and_then(Value::as_str) == Some(&*self.constraint_type)
    }
}

impl<C: DeserializeOwned, H, F: Fn(C) -> H> Typed<C, H, F> {
    fn make(&self, constraint: &Value) -> Result<H, HandlerError> {
        read(constraint).map(&self.make)
    }
}

macro_rules! typed {
    ($($provider:ident -> $handler:ident { $($more:item)* })*) => {$(
        impl<C, F> $provider for Typed<C, $handler, F>
        where
            C: DeserializeOwned + 'static,
            F: Fn(C) -> $handler + Send + Sync + 'static,
        {
            fn is_responsible(&self, constraint: &Value) -> bool {
                self.claims(constraint)
            }

            fn handler(&self, constraint: &Value) -> Result<$handler, HandlerError> {
                self.make(constraint)
            }

            $($more)*
        }
    )*};
}

typed! {
    RunnableProvider -> RunnableHandler {}
    MethodInvocationProvider -> MethodInvocationHandler {}
    ConsumerProvider -> ConsumerHandler {}
    MappingProvider -> MappingHandler {
        fn priority(&self) -> i32 {
            self.priority
        }
    }
    FilterPredicateProvider -> FilterPredicateHandler {}
    ErrorHandlerProvider -> ErrorHandler {}
    ErrorMappingProvider -> ErrorMappingHandler {
        fn priority(&self) -> i32 {
            self.priority
        }
    }
}

/// Reads a constraint into the type that a closure wants.
///
/// The message names the field and the types, and holds no value of the constraint, since it goes to the log.
fn read<C: DeserializeOwned>(constraint: &Value) -> Result<C, HandlerError> {
    serde_path_to_error::deserialize(constraint).map_err(|error| {
        let cause = without_value(&error.inner().to_string());
        match error.path().to_string().as_str() {
            "." => HandlerError::new(cause),
            path => HandlerError::new(format_args!("at `{path}`: {cause}")),
        }
    })
}

/// Cuts the value out of serde's "invalid type: string "…", expected u64".
fn without_value(message: &str) -> String {
    let expected = message.rfind(", expected ").unwrap_or_default();
    let (before, after) = message.split_at_checked(expected).unwrap_or_default();
    match before.split_once(['"', '`']) {
        Some((what, _)) if what.starts_with("invalid ") => format!("{}{after}", what.trim_end()),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Levels {
        #[expect(dead_code, reason = "only read")]
        max_level: u8,
        #[expect(dead_code, reason = "only read")]
        #[serde(default)]
        names: Vec<String>,
    }

    fn message(constraint: &Value) -> String {
        read::<Levels>(constraint).unwrap_err().into_message()
    }

    #[test]
    fn a_constraint_that_does_not_fit_names_the_field_and_not_its_value() {
        assert!(read::<Levels>(&json!({"type": "x", "maxLevel": 5})).is_ok());
        assert_eq!(message(&json!({"type": "x"})), "missing field `maxLevel`");
        assert_eq!(
            message(&json!({"maxLevel": "se\"cr`et, expected x"})),
            "at `maxLevel`: invalid type: string, expected u8"
        );
        assert_eq!(
            message(&json!({"maxLevel": 1, "names": ["a", 4711]})),
            "at `names[1]`: invalid type: integer, expected a string"
        );
        assert_eq!(
            message(&json!({"maxLevel": 4711})),
            "at `maxLevel`: invalid value: integer, expected u8"
        );
    }

    #[test]
    fn what_was_expected_stays_as_it_is() {
        for message in [
            "invalid type: null, expected \"a\" or `b`",
            "missing field `a`, expected b",
            "invalid `a`",
            "",
        ] {
            assert_eq!(without_value(message), message);
        }
    }
}
