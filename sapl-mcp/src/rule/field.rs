//! Where the value of a subscription's field comes from, and how it can fail to come.

use std::{
    any::TypeId,
    fmt,
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sapl_base::SubscriptionField;
use serde::Serialize;
use serde_json::Value;

use crate::subscription::{SubscriptionContext, present};

/// A field of an authorization subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Who asks.
    Subject,
    /// What is to be done.
    Action,
    /// What it is to be done to.
    Resource,
    /// The circumstances.
    Environment,
    /// What only attribute finders see.
    Secrets,
}

/// What a rule says about one field.
#[derive(Clone, PartialEq, Hash)]
pub struct Source(Origin);

#[derive(Clone, PartialEq, Hash)]
enum Origin {
    /// The same at every operation, or the same failure.
    Fixed(Result<Arc<Value>, Failure>),
    /// Computed at every operation.
    Function(Function),
}

type Call = dyn Fn(&SubscriptionContext) -> Result<Value, Failure> + Send + Sync;

/// Code of the author.
#[derive(Clone)]
struct Function {
    call: Arc<Call>,
    /// The type of a function that captures nothing: equal types then mean equal functions.
    identity: Option<TypeId>,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It is `None`.
    Absent,
    /// It is an `Err`, with its text where it has one.
    Error(Option<Box<str>>),
    /// It can't be written as JSON, for this reason.
    NotJson(Box<str>),
    /// Secrets, or an environment that an approval has to go into, that are no object.
    NotAnObject,
    /// An environment with the member that is for approvals.
    Reserved,
    /// The function panicked.
    Panicked,
}

/// A subscription could not be built, so the operation is denied. For the log, never for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    field: Field,
    failure: Failure,
}

impl Field {
    /// All fields, in the order of their declaration.
    pub(crate) const ALL: [Self; 5] = [
        Self::Subject,
        Self::Action,
        Self::Resource,
        Self::Environment,
        Self::Secrets,
    ];

    /// The name, as in the subscription.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::Environment => "environment",
            Self::Secrets => "secrets",
        }
    }
}

impl Source {
    /// A value that never changes.
    pub(crate) fn fixed(value: Result<Value, Failure>) -> Self {
        Self(Origin::Fixed(value.map(Arc::new)))
    }

    /// A function that makes the value, or says why there is none.
    pub(crate) fn function<F>(function: F) -> Self
    where
        F: Fn(&SubscriptionContext) -> Result<Value, Failure> + Send + Sync + 'static,
    {
        Self(Origin::Function(Function {
            identity: stateless::<F>(),
            call: Arc::new(function),
        }))
    }

    /// A function whose result is written as JSON.
    pub(crate) fn serializing<F, R>(function: F) -> Self
    where
        F: Fn(&SubscriptionContext) -> R + Send + Sync + 'static,
        R: Serialize,
    {
        Self::function(move |context| present(&function(context)))
    }

    /// The value for this operation.
    pub(crate) fn value(
        &self,
        field: Field,
        context: &SubscriptionContext,
    ) -> Result<SubscriptionField, FieldError> {
        let value = match &self.0 {
            Origin::Fixed(value) => value.clone().map(SubscriptionField::Shared),
            Origin::Function(function) => function.run(context).map(SubscriptionField::Owned),
        };
        value.map_err(|failure| FieldError::new(field, failure))
    }

    pub(super) fn is_function(&self) -> bool {
        matches!(self.0, Origin::Function(_))
    }

    pub(super) fn is_comparable(&self) -> bool {
        match &self.0 {
            Origin::Fixed(_) => true,
            Origin::Function(function) => function.identity.is_some(),
        }
    }
}

impl Function {
    fn run(&self, context: &SubscriptionContext) -> Result<Value, Failure> {
        catch_unwind(AssertUnwindSafe(|| (self.call)(context))).unwrap_or(Err(Failure::Panicked))
    }
}

/// The type of a function without state.
pub(super) fn stateless<F: 'static>() -> Option<TypeId> {
    (size_of::<F>() == 0).then(TypeId::of::<F>)
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }
}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
    }
}

/// Only which kind it is: a value may be a secret, and so may what a function captures.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Origin::Fixed(_) => "Fixed",
            Origin::Function(_) => "Function",
        })
    }
}

impl FieldError {
    pub(crate) fn new(field: Field, failure: Failure) -> Self {
        // An error's text may tell a secret.
        let failure = match failure {
            Failure::Error(_) if field == Field::Secrets => Failure::Error(None),
            failure => failure,
        };
        Self { field, failure }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field.as_str();
        match &self.failure {
            Failure::Absent => write!(f, "`{field}` of the rule has no value"),
            Failure::Error(None) => write!(f, "`{field}` of the rule is an error"),
            Failure::Error(Some(text)) => write!(f, "`{field}` of the rule is an error: {text}"),
            Failure::NotJson(reason) => write!(f, "`{field}` of the rule can't be written as JSON: {reason}"),
            Failure::NotAnObject => write!(f, "`{field}` of the rule is not a JSON object"),
            Failure::Reserved => write!(
                f,
                "`{field}` of the rule has a member `approval`, which is for what a person has approved"
            ),
            Failure::Panicked => write!(f, "the function for `{field}` of the rule panicked"),
        }
    }
}

impl std::error::Error for FieldError {}
