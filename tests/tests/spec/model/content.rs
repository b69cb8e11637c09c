//! [Built-in content filters]: what conditions and actions make of the JSON of a result. What that page leaves open is
//! said by the documentation of `FilterJsonContent` and `JsonContentFilterPredicate`.

use std::{cmp::Ordering, collections::BTreeSet};

use serde_json::Value;

use super::constraints::Failed;

/// `filterJsonContent`, or `jsonContentFilterPredicate`, which has no actions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ContentFilter {
    pub(crate) conditions: Vec<Condition>,
    pub(crate) actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Equal(Value),
    NotEqual(Value),
    Less(Value),
    Greater(Value),
    AtMost(Value),
    AtLeast(Value),
    /// A pattern of alternatives without any other syntax.
    Matches(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Action {
    pub(crate) path: Path,
    pub(crate) change: Change,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Blacken(Blacken),
    Delete,
    Replace(Value),
}

/// How a text is masked, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Blacken {
    pub(crate) replacement: Option<String>,
    pub(crate) disclose_left: Option<usize>,
    pub(crate) disclose_right: Option<usize>,
    pub(crate) length: Option<usize>,
}

/// A path of these steps from the root.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path(pub(crate) Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Member(String),
    /// An element, from the end where it is negative.
    Element(isize),
    /// All members of an object, or elements of a list.
    Every,
    /// The member of this name at every depth.
    Anywhere(String),
}

/// What can be wrong with the text of such a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    NoList,
    NotAList,
    PathOfCondition,
    UnknownComparison,
    NoValue,
    ValueWithoutOrder,
    Pattern,
    OptionOfCondition,
    PathOfAction,
    UnknownAction,
    NoReplacement,
    NegativeCount,
    OptionOfAction,
}

/// The way from the root to a node.
type Place = Vec<Key>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Name(String),
    Index(usize),
}

impl ContentFilter {
    /// Whether the predicate keeps an element.
    pub(super) fn keeps(&self, element: &Value) -> Result<bool, Failed> {
        must_be_object(element)?;
        Ok(self.conditions.iter().all(|condition| condition.holds(element)))
    }

    /// The value as the actions leave it: an object, or each element of a list of them.
    pub(super) fn mapped(&self, value: &Value) -> Result<Value, Failed> {
        match value {
            Value::Array(elements) => elements.iter().map(|element| self.changed(element)).collect(),
            single => self.changed(single),
        }
    }

    fn changed(&self, element: &Value) -> Result<Value, Failed> {
        let mut changed = element.clone();
        if self.keeps(element)? {
            for Action { path, change } in &self.actions {
                // What is deepest is changed first, and the last of a list before those in front of it.
                for place in path.select(&changed).into_iter().rev() {
                    change.apply(&mut changed, &place)?;
                }
            }
        }
        Ok(changed)
    }
}

/// What fails: "a value that is neither an object nor a list of objects".
fn must_be_object(element: &Value) -> Result<(), Failed> {
    element.is_object().then_some(()).ok_or(Failed)
}

impl Condition {
    /// It "is true when the path selects something and all of it satisfies the comparison".
    fn holds(&self, element: &Value) -> bool {
        let places = self.path.select(element);
        let satisfies = |place: &Place| node(element, place).is_some_and(|node| self.test.satisfies(node));
        !places.is_empty() && places.iter().all(satisfies)
    }
}

impl Test {
    fn satisfies(&self, node: &Value) -> bool {
        let is = |value, orders: &[Ordering]| order(node, value).is_some_and(|order| orders.contains(&order));
        match self {
            Self::Equal(value) => same(node, value),
            Self::NotEqual(value) => !same(node, value),
            Self::Less(value) => is(value, &[Ordering::Less]),
            Self::Greater(value) => is(value, &[Ordering::Greater]),
            Self::AtMost(value) => is(value, &[Ordering::Less, Ordering::Equal]),
            Self::AtLeast(value) => is(value, &[Ordering::Greater, Ordering::Equal]),
            // "`=~` matches a whole text".
            Self::Matches(words) => words.iter().any(|word| node.as_str() == Some(word)),
        }
    }
}

/// "Numbers are compared by what they are worth", those inside of lists and objects too.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => order(left, right) == Some(Ordering::Equal),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.keys().eq(right.keys()) && left.iter().all(|(name, left)| same(left, &right[name]))
        }
        _ => left == right,
    }
}

/// Of numbers and "texts by their characters". "A comparison of unlike types is false".
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.chars().cmp(right.chars())),
        _ => None,
    }
}

impl Change {
    fn apply(&self, root: &mut Value, place: &[Key]) -> Result<(), Failed> {
        match self {
            // There is nothing that the root could be taken out of.
            Self::Delete => {
                let (last, parent) = place.split_last().ok_or(Failed)?;
                match (node_mut(root, parent), last) {
                    (Some(Value::Object(parent)), Key::Name(name)) => drop(parent.remove(name)),
                    (Some(Value::Array(parent)), Key::Index(index)) => drop(parent.remove(*index)),
                    _ => {}
                }
            }
            Self::Replace(replacement) => {
                if let Some(node) = node_mut(root, place) {
                    *node = replacement.clone();
                }
            }
            Self::Blacken(blacken) => {
                if let Some(node) = node_mut(root, place) {
                    // What fails: "a masked node that is no text".
                    *node = blacken.masked(node.as_str().ok_or(Failed)?).into();
                }
            }
        }
        Ok(())
    }
}

impl Blacken {
    /// "`blacken` takes `replacement` (█), `discloseLeft`, `discloseRight` (0) and `length` (that of the masked part)."
    fn masked(&self, text: &str) -> String {
        let text: Vec<char> = text.chars().collect();
        let left = self.disclose_left.unwrap_or(0);
        let right = self.disclose_right.unwrap_or(0);
        // "A text stays as it is when all of it is disclosed."
        if left + right >= text.len() {
            return text.into_iter().collect();
        }
        let (left, rest) = text.split_at(left);
        let (masked, right) = rest.split_at(rest.len() - right);
        let replacement = self.replacement.as_deref().unwrap_or("█");
        let mask = replacement.repeat(self.length.unwrap_or(masked.len()));
        let (left, right): (String, String) = (left.iter().collect(), right.iter().collect());
        left + &mask + &right
    }
}

impl Path {
    /// All nodes that it selects, each once, and each in front of those within it. "A path that selects nothing changes
    /// nothing".
    fn select(&self, root: &Value) -> BTreeSet<Place> {
        let from_root = BTreeSet::from([Place::new()]);
        self.0.iter().fold(from_root, |places, step| {
            let next = places.iter().flat_map(|place| step.select(root, place));
            next.collect()
        })
    }
}

impl Step {
    fn select(&self, root: &Value, place: &[Key]) -> Vec<Place> {
        let children = children(root, place);
        let length = children.len();
        let at = |index: isize| match usize::try_from(index) {
            Ok(index) => Some(index),
            Err(_) => length.checked_sub(index.unsigned_abs()),
        };
        match self {
            Self::Member(name) => ending(children, &Key::Name(name.clone())),
            Self::Element(index) => {
                at(*index).map_or_else(Vec::new, |index| ending(children, &Key::Index(index)))
            }
            Self::Every => children,
            Self::Anywhere(name) => {
                let deeper: Vec<Place> = children
                    .iter()
                    .flat_map(|child| self.select(root, child))
                    .collect();
                let mut all = ending(children, &Key::Name(name.clone()));
                all.extend(deeper);
                all
            }
        }
    }
}

fn ending(mut places: Vec<Place>, key: &Key) -> Vec<Place> {
    places.retain(|place| place.last() == Some(key));
    places
}

/// The places of all members or elements of a node.
fn children(root: &Value, place: &[Key]) -> Vec<Place> {
    let keys: Vec<Key> = match node(root, place) {
        Some(Value::Object(members)) => members.keys().cloned().map(Key::Name).collect(),
        Some(Value::Array(elements)) => (0..elements.len()).map(Key::Index).collect(),
        _ => Vec::new(),
    };
    keys.into_iter().map(|key| [place, &[key]].concat()).collect()
}

fn node<'v>(root: &'v Value, place: &[Key]) -> Option<&'v Value> {
    place.iter().try_fold(root, |node, key| match key {
        Key::Name(name) => node.get(name),
        Key::Index(index) => node.get(index),
    })
}

fn node_mut<'v>(root: &'v mut Value, place: &[Key]) -> Option<&'v mut Value> {
    place.iter().try_fold(root, |node, key| match key {
        Key::Name(name) => node.get_mut(name),
        Key::Index(index) => node.get_mut(index),
    })
}
