//! What a finder is asked.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::SystemTime;

use sapl_base::Secret;

use super::size::identical;
use super::{AttributeOptions, Clock};
use crate::value::{Object, Value};

/// A request for an attribute: which, of what, and with what arguments.
#[derive(Debug)]
pub struct AttributeCall {
    /// Library and attribute.
    name: Arc<str>,
    entity: Option<Value<'static>>,
    arguments: Box<[Value<'static>]>,
    options: AttributeOptions,
    context: Arc<Context>,
    clock: Arc<dyn Clock>,
}

/// What a configuration tells finders.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) variables: Object<'static>,
    pub(crate) secrets: Secret<Object<'static>>,
}

/// What finders see besides the call itself.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) subscription_secrets: Secret<Object<'static>>,
}

impl AttributeCall {
    pub(super) fn new(
        name: Arc<str>,
        entity: Option<Value<'static>>,
        arguments: Box<[Value<'static>]>,
        options: AttributeOptions,
        context: Arc<Context>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            name,
            entity,
            arguments,
            options,
            context,
            clock,
        }
    }

    /// The library: `time` of `<time.now>`.
    #[must_use]
    pub fn library(&self) -> &str {
        self.name.rsplit_once('.').map_or("", |(library, _)| library)
    }

    /// The attribute: `now` of `<time.now>`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.rsplit_once('.').map_or(&*self.name, |(_, name)| name)
    }

    /// The value that stands before the attribute; `None` for an attribute of the environment. Never undefined.
    #[must_use]
    pub const fn entity(&self) -> Option<&Value<'static>> {
        self.entity.as_ref()
    }

    /// The arguments; one may be undefined, none is an error.
    #[must_use]
    pub fn arguments(&self) -> &[Value<'static>] {
        &self.arguments
    }

    /// How the stream is dealt with. A finder need not care.
    #[must_use]
    pub const fn options(&self) -> &AttributeOptions {
        &self.options
    }

    /// The variables of `pdp.json`, which policies see too.
    #[must_use]
    pub fn variables(&self) -> &Object<'static> {
        &self.context.surroundings.variables
    }

    /// The secrets of `pdp.json`, which no policy sees.
    #[must_use]
    pub fn secrets(&self) -> &Secret<Object<'static>> {
        &self.context.surroundings.secrets
    }

    /// The secrets of the subscription, which no policy sees.
    #[must_use]
    pub fn subscription_secrets(&self) -> &Secret<Object<'static>> {
        &self.context.subscription_secrets
    }

    /// The clock of the decision point.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn full_name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether both ask the same of the same finder, who sees the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.asks(
            &other.name,
            other.entity.as_ref(),
            &other.arguments,
            &other.options,
        ) && self.context.is_same(&other.context)
    }

    /// Whether it asks this, whatever else the finder sees.
    pub(super) fn asks(
        &self,
        name: &str,
        entity: Option<&Value<'_>>,
        arguments: &[Value<'_>],
        options: &AttributeOptions,
    ) -> bool {
        *self.name == *name
            && self.options == *options
            && match (&self.entity, entity) {
                (None, None) => true,
                (Some(own), Some(other)) => identical(own, other),
                _ => false,
            }
            && self.arguments.len() == arguments.len()
            && self
                .arguments
                .iter()
                .zip(arguments)
                .all(|(own, other)| identical(own, other))
    }

    /// Feeds a hasher with what [`is_same`](Self::is_same) compares, secrets left out.
    pub(super) fn hash(&self, state: &mut impl Hasher) {
        self.name.hash(state);
        self.options.hash(state);
        let mut text = Text(state);
        for value in self.entity.iter().chain(&*self.arguments) {
            // A text form that ends early, as that of a deeply nested value, is as good a hash.
            let _ = fmt::Write::write_fmt(&mut text, format_args!("{value};"));
        }
    }
}

impl Context {
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let object = |left: &Object<'static>, right: &Object<'static>| {
            identical(&Value::Object(left.reborrow()), &Value::Object(right.reborrow()))
        };
        self.surroundings.is_same(&other.surroundings)
            && object(
                self.subscription_secrets.expose(),
                other.subscription_secrets.expose(),
            )
    }
}

impl Surroundings {
    pub(crate) fn is_same(self: &Arc<Self>, other: &Arc<Self>) -> bool {
        let object = |left: &Object<'static>, right: &Object<'static>| {
            identical(&Value::Object(left.reborrow()), &Value::Object(right.reborrow()))
        };
        Arc::ptr_eq(self, other)
            || object(&self.variables, &other.variables)
                && object(self.secrets.expose(), other.secrets.expose())
    }
}

/// Hashes what is written.
struct Text<'h, H>(&'h mut H);

impl<H: Hasher> fmt::Write for Text<'_, H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
