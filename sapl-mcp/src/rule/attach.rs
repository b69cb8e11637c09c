//! How a rule gets onto a definition, and how the layer finds it there.

use std::{
    any::TypeId,
    sync::{Arc, Once},
};

use rmcp::model::{MetaObject, Prompt, Resource, ResourceTemplate, Tool};
use serde_json::Value;

use super::{
    Rule,
    marker::{self, KEY, RuleId},
    registry::{REGISTRY, Unregistered},
};

/// Attaches a rule to a definition that is built by hand.
///
/// Such definitions are often built at every request, so rules that say the same are kept once. A rule whose function
/// captures something equals no other: register it once with [`Rule::shared`] and attach the handle; attached as it
/// is, its component is denied, and the log says why.
///
/// ```
/// use rmcp::model::Resource;
/// use sapl_mcp::{EnforceExt as _, pre_enforce};
///
/// let segments = Resource::new("data://customers/segments", "segments")
///     .enforce(pre_enforce().tags(["pii"]).stealth());
/// ```
pub trait EnforceExt: Sized {
    /// Puts the component under this rule. A second rule on one definition denies it.
    #[must_use]
    fn enforce(self, rule: impl Into<RuleHandle>) -> Self;
}

/// A registered rule, to be attached to any number of definitions. See [`Rule::shared`].
#[derive(Clone, Copy, Debug)]
pub struct RuleHandle(Result<RuleId, Unregistered>);

/// What the `_meta` of a definition says.
#[derive(Clone, Debug)]
pub(crate) enum Marked {
    /// No rule.
    None,
    /// This rule.
    Rule(Arc<Rule>),
    /// A marker that no rule of this process stands behind, or two rules: to be denied.
    Invalid,
}

/// The rule of a definition with this `_meta`.
pub(crate) fn rule_of(meta: Option<&MetaObject>) -> Marked {
    match meta.and_then(|meta| meta.0.get(KEY)) {
        None => Marked::None,
        Some(marker) => match marker::read(marker).and_then(|id| REGISTRY.get(id)) {
            Some(rule) => Marked::Rule(Arc::clone(rule)),
            None => Marked::Invalid,
        },
    }
}

/// Takes the marker out, and a `_meta` that holds nothing else with it.
pub(crate) fn strip(meta: &mut Option<MetaObject>) {
    if let Some(object) = meta
        && object.0.remove(KEY).is_some()
        && object.0.is_empty()
    {
        *meta = None;
    }
}

/// Marks the `_meta` of an annotated component.
///
/// `F` is the type of a closure that stands in the component's own `…_attr()` function: one for each annotation *and*
/// each instantiation of the generic `impl` around it.
pub(crate) fn attach<F: FnOnce() -> Rule + 'static>(mut meta: MetaObject, make: F) -> MetaObject {
    RuleHandle(REGISTRY.of_site(TypeId::of::<F>(), make)).mark(&mut meta);
    meta
}

impl RuleHandle {
    /// Registers a rule, which is the one that says the same where that can be told.
    pub(super) fn register(rule: Rule) -> Self {
        Self(if rule.is_comparable() {
            REGISTRY.intern(rule)
        } else {
            REGISTRY.push(rule)
        })
    }

    fn mark(self, meta: &mut MetaObject) {
        let marker = match self.0 {
            // Two rules, neither of which may win: no rule stands behind null.
            _ if meta.0.contains_key(KEY) => Value::Null,
            Ok(id) => marker::write(id),
            Err(reason) => {
                reason.log();
                Value::Null
            }
        };
        meta.0.insert(KEY.to_owned(), marker);
    }
}

impl From<Rule> for RuleHandle {
    fn from(rule: Rule) -> Self {
        Self(REGISTRY.intern(rule))
    }
}

impl Unregistered {
    fn log(self) {
        static FULL: Once = Once::new();
        static CAPTURES: Once = Once::new();
        match self {
            Self::Full => FULL.call_once(|| {
                tracing::error!("there are too many different rules; components with further ones are denied");
            }),
            Self::Captures => CAPTURES.call_once(|| {
                tracing::error!(
                    "a rule with a function that captures something was attached to a definition; the component is \
                     denied. Register the rule once with `rule.shared()` and attach the handle"
                );
            }),
        }
    }
}

macro_rules! enforce {
    ($($definition:ty)*) => {$(
        impl EnforceExt for $definition {
            fn enforce(mut self, rule: impl Into<RuleHandle>) -> Self {
                rule.into().mark(self.meta.get_or_insert_default());
                self
            }
        }
    )*};
}

enforce!(Tool Prompt Resource ResourceTemplate);
