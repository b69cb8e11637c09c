//! How a rule gets onto a definition, and how the layer finds it there.

use std::{
    any::TypeId,
    sync::{Arc, Once},
};

use rmcp::model::{JsonObject, MetaObject, Prompt, Resource, ResourceTemplate, Tool};
use serde_json::Value;

use super::{
    Rule, Rules,
    marker::{self, GATE_KEY, KEY, RuleId},
    registry::{REGISTRY, Unregistered},
};

/// The key of what a definition says beyond the protocol.
const META: &str = "_meta";

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
    /// Puts the component under this rule. A gate and an enforcement go together; a second rule of one kind on one
    /// definition denies it.
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
    /// These rules.
    Rules(Rules),
    /// A marker that no rule of this process stands behind, or two rules of a kind: to be denied.
    Invalid,
}

impl Marked {
    /// Whether the component may be hidden from some caller.
    pub(crate) fn hides(&self) -> bool {
        match self {
            Self::None => false,
            Self::Rules(rules) => rules.hides(),
            Self::Invalid => true,
        }
    }

    /// Whether a rule of `listed` is not among these.
    pub(crate) fn lacks(&self, listed: &Self) -> bool {
        match (self, listed) {
            (_, Self::None) | (Self::Invalid, _) | (Self::Rules(_), Self::Invalid) => false,
            (Self::None, _) => true,
            (Self::Rules(own), Self::Rules(listed)) => listed
                .each()
                .any(|rule| !own.each().any(|own| own.is_gate() == rule.is_gate())),
        }
    }
}

/// The rules of a definition with this `_meta`.
pub(crate) fn rules_of(meta: Option<&MetaObject>) -> Marked {
    let Some(MetaObject(meta)) = meta else {
        return Marked::None;
    };
    let rules = match (meta.get(GATE_KEY), meta.get(KEY)) {
        (None, None) => return Marked::None,
        (Some(gate), None) => registered(gate, true),
        (None, Some(enforcement)) => registered(enforcement, false),
        (Some(gate), Some(enforcement)) => registered(gate, true)
            .zip(registered(enforcement, false))
            .and_then(|(gate, enforcement)| gate.and(enforcement)),
    };
    rules.map_or(Marked::Invalid, Marked::Rules)
}

/// The rule that a marker names, if it is of the kind that the marker's key says.
fn registered(marker: &Value, gate: bool) -> Option<Rules> {
    let rule = marker::read(marker).and_then(|id| REGISTRY.get(id))?;
    (rule.is_gate() == gate).then(|| Arc::clone(rule).into())
}

/// Whether the process has a rule that a definition could carry.
pub(crate) fn any_is_registered() -> bool {
    !REGISTRY.is_empty()
}

/// Takes the markers out, and a `_meta` that holds nothing else with them.
pub(crate) fn strip(meta: &mut Option<MetaObject>) {
    if let Some(MetaObject(object)) = meta
        && held_nothing_else(object)
    {
        *meta = None;
    }
}

/// The same for something in the form in which a client gets it.
pub(crate) fn strip_json(definition: &mut JsonObject) {
    if let Some(Value::Object(meta)) = definition.get_mut(META)
        && held_nothing_else(meta)
    {
        definition.remove(META);
    }
}

/// Takes the markers out of a `_meta`, and says whether there were some and nothing else.
fn held_nothing_else(meta: &mut JsonObject) -> bool {
    let marked = [KEY, GATE_KEY].map(|key| meta.remove(key).is_some());
    marked.contains(&true) && meta.is_empty()
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

    fn mark(self, MetaObject(meta): &mut MetaObject) {
        let rule = self
            .0
            .and_then(|id| REGISTRY.get(id).ok_or(Unregistered::Full).map(|rule| (id, rule)));
        let (key, marker) = match rule {
            Ok((id, rule)) => (if rule.is_gate() { GATE_KEY } else { KEY }, marker::write(id)),
            // No rule stands behind null.
            Err(reason) => {
                reason.log();
                (KEY, Value::Null)
            }
        };
        // Of two rules of a kind neither may win.
        let marker = if meta.contains_key(key) {
            Value::Null
        } else {
            marker
        };
        meta.insert(key.to_owned(), marker);
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
        static MISPLACED: Once = Once::new();
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
            Self::Misplaced(argument) => MISPLACED.call_once(|| {
                tracing::error!(
                    argument,
                    "a gate has an argument that has no meaning on a gate; the component is denied"
                );
            }),
            // Told with its diagnostic when the rule was refused.
            Self::Advisory => {}
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
