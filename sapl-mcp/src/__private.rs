//! What the attributes expand to. Nothing here is for use by hand, and all of it may change in any release.

use std::{borrow::Cow, fmt::Display};

use rmcp::model::MetaObject;
use serde::Serialize;
use serde_json::Value;

pub use crate::{
    Rule,
    rule::{Failure, Field, Source, gate, post_enforce, pre_enforce},
};
use crate::{
    SubscriptionContext,
    rule::{self, Finalize},
    subscription::present,
};

/// The `_meta` of an annotated component. `F` is the type of a closure in the component's own `…_attr()` function:
/// one for each annotation and each instantiation of the generic `impl` around it.
pub fn attach<F: FnOnce() -> Rule + 'static>(make: F) -> MetaObject {
    rule::attach(MetaObject::default(), make)
}

/// The same beside what the author's own `meta` says.
pub fn attach_to<F: FnOnce() -> Rule + 'static>(meta: MetaObject, make: F) -> MetaObject {
    rule::attach(meta, make)
}

/// A rule with one field set.
pub fn with_field(rule: Rule, field: Field, source: Source) -> Rule {
    rule.with_field(field, source)
}

/// A rule with something to run at the end. The parameter's type is what makes the closure around the author's path
/// work for all lifetimes.
pub fn with_finalize(rule: Rule, finalize: Finalize) -> Rule {
    rule.with_finalizer(finalize.into())
}

/// A value that is the same at every operation.
pub fn fixed(value: Result<Value, Failure>) -> Source {
    Source::fixed(value)
}

/// A function that runs at every operation.
pub fn function<F>(function: F) -> Source
where
    F: Fn(&SubscriptionContext) -> Result<Value, Failure> + Send + Sync + 'static,
{
    Source::function(function)
}

/// A tag, a scope or an advisory policy.
pub fn text(text: impl Text) -> String {
    text.into_text()
}

/// What a text in an annotation can be written as: few types, so that the compiler's list of them stays short.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text",
    label = "here goes a `&str` or a `String`"
)]
pub trait Text {
    /// The text.
    fn into_text(self) -> String;
}

impl Text for &str {
    fn into_text(self) -> String {
        self.to_owned()
    }
}

impl Text for String {
    fn into_text(self) -> String {
        self
    }
}

impl Text for &String {
    fn into_text(self) -> String {
        self.clone()
    }
}

impl Text for Cow<'_, str> {
    fn into_text(self) -> String {
        self.into_owned()
    }
}

/// Calls the author's closure. Its parameter then has one known type: methods on it resolve, `return` and `?` work,
/// and the result may borrow from the context.
pub fn call<'a, R>(
    context: &'a SubscriptionContext,
    function: impl FnOnce(&'a SubscriptionContext) -> R,
) -> R {
    function(context)
}

/// What the author's code gave, to be read as JSON by `json`.
///
/// Which `json` it is depends on the type: an inherent one if its bounds hold, else [`AnswerResult`]'s, which
/// takes the answer itself, else [`AnswerValue`]'s, which takes a reference.
#[derive(Debug)]
pub struct Answer<T>(pub T);

/// JSON already: moved, not written anew.
impl Answer<Value> {
    /// The value.
    pub fn json(self) -> Result<Value, Failure> {
        Ok(self.0)
    }
}

impl Answer<Option<Value>> {
    /// The value, if there is one.
    pub fn json(self) -> Result<Value, Failure> {
        self.0.ok_or(Failure::Absent)
    }
}

impl<T: Serialize, E: Display> Answer<Result<T, E>> {
    /// The value, or the text of the error.
    pub fn json(self) -> Result<Value, Failure> {
        self.0
            .map_err(|error| failure(&error))
            .and_then(|value| present(&value))
    }
}

impl<T: Serialize, E: Display> Answer<&Result<T, E>> {
    /// The value, or the text of the error.
    pub fn json(self) -> Result<Value, Failure> {
        self.0.as_ref().map_err(|error| failure(error)).and_then(present)
    }
}

/// The answer of a `Result` whose error has no text.
pub trait AnswerResult {
    /// The value, or that there is an error.
    fn json(self) -> Result<Value, Failure>;
}

impl<T: Serialize, E> AnswerResult for Answer<Result<T, E>> {
    fn json(self) -> Result<Value, Failure> {
        self.0
            .map_err(|_| Failure::Error(None))
            .and_then(|value| present(&value))
    }
}

impl<T: Serialize, E> AnswerResult for Answer<&Result<T, E>> {
    fn json(self) -> Result<Value, Failure> {
        self.0
            .as_ref()
            .map_err(|_| Failure::Error(None))
            .and_then(present)
    }
}

/// The answer of anything that serialises. The bound is on the method, so that a type without it is told as such.
pub trait AnswerValue<T> {
    /// The value.
    fn json(&self) -> Result<Value, Failure>
    where
        T: Serialize;
}

impl<T> AnswerValue<T> for Answer<T> {
    fn json(&self) -> Result<Value, Failure>
    where
        T: Serialize,
    {
        present(&self.0)
    }
}

/// What a path names: a function of the context, which [`NamedFunction`] takes by value, or else a value, which
/// [`NamedValue`] takes by reference.
#[derive(Debug)]
pub struct Named<'f, F>(pub &'f F);

/// A path of a function.
pub trait NamedFunction<'a, R> {
    /// Nothing: its value is known only at an operation.
    fn value(self) -> Option<()>;

    /// Its value for this operation.
    fn run(self, context: &'a SubscriptionContext) -> R;
}

impl<'a, F: Fn(&'a SubscriptionContext) -> R, R> NamedFunction<'a, R> for Named<'_, F> {
    fn value(self) -> Option<()> {
        None
    }

    fn run(self, context: &'a SubscriptionContext) -> R {
        (self.0)(context)
    }
}

/// A path of a value.
pub trait NamedValue<'f, F> {
    /// The value.
    fn value(&self) -> Option<&'f F>;

    /// The value, whatever the operation.
    fn run(&self, context: &SubscriptionContext) -> &'f F;
}

impl<'f, F> NamedValue<'f, F> for Named<'f, F> {
    fn value(&self) -> Option<&'f F> {
        Some(self.0)
    }

    fn run(&self, _: &SubscriptionContext) -> &'f F {
        self.0
    }
}

fn failure(error: &impl Display) -> Failure {
    Failure::Error(Some(error.to_string().into()))
}

#[cfg(test)]
mod tests;
