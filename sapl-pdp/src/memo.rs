//! What is the same for several decisions.
//!
//! The subscriptions of a listing share subject and environment, and mostly the action. Conjuncts that look at nothing
//! else are evaluated once and remembered until what they look at is another; equal conjuncts of different policies are
//! remembered as one. Errors are not remembered: each decision makes its own.

use std::cell::Cell;

use crate::compile::program::{Node, Program, StepKind};
use crate::compile::{Member, Policy};
use crate::eval::Input;
use crate::function::Function;
use crate::index::{Key, Map};
use crate::syntax::tree::{ComparisonOperator, SubscriptionElement};
use crate::value::{NodeId, Value};

/// Which conjuncts of a configuration can be remembered.
#[derive(Debug)]
pub(crate) struct Shared {
    /// For each node the number under which it is remembered, counted from 1; 0 for most.
    numbers: Box<[u32]>,
    /// What those look at.
    parts: Box<[Parts]>,
}

/// What was found out so far.
#[derive(Debug)]
pub(crate) struct Memo<'s> {
    shared: &'s Shared,
    known: Box<[Cell<Option<Known>>]>,
    /// For each set of parts, how often one of them has changed.
    changes: [u32; Parts::SETS],
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// The number of changes that had been by then.
    changes: u32,
    holds: bool,
}

/// The parts of a subscription that something looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Parts(u8);

impl Parts {
    const SUBJECT: Self = Self(1);
    const ACTION: Self = Self(2);
    const ENVIRONMENT: Self = Self(4);
    /// The number of sets of those that are shared.
    const SETS: usize = 8;
    /// The resource, or what depends on more than the subscription.
    const OTHER: Self = Self(8);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl From<SubscriptionElement> for Parts {
    fn from(element: SubscriptionElement) -> Self {
        match element {
            SubscriptionElement::Subject => Self::SUBJECT,
            SubscriptionElement::Action => Self::ACTION,
            SubscriptionElement::Environment => Self::ENVIRONMENT,
            SubscriptionElement::Resource => Self::OTHER,
        }
    }
}

impl<'s> Memo<'s> {
    pub(crate) fn new(shared: &'s Shared) -> Self {
        Self {
            shared,
            known: vec![Cell::new(None); shared.parts.len()].into(),
            changes: [0; Parts::SETS],
        }
    }

    /// Forgets what depends on parts in which the next subscription differs from the last one.
    pub(crate) fn turn(&mut self, last: &Input<'_>, next: &Input<'_>) {
        let parts = [
            (Parts::SUBJECT, &last.subject, &next.subject),
            (Parts::ACTION, &last.action, &next.action),
            (Parts::ENVIRONMENT, &last.environment, &next.environment),
        ];
        let changed = parts
            .into_iter()
            .filter(|(_, last, next)| !is_same(last, next))
            .fold(Parts::default(), |changed, (part, _, _)| changed.and(part));
        if changed == Parts::default() {
            return;
        }
        for (parts, changes) in (0..).zip(&mut self.changes) {
            if Parts(parts).has(changed) {
                *changes += 1;
            }
        }
    }

    /// Whether a conjunct holds, if that is known.
    pub(crate) fn get(&self, id: NodeId) -> Option<bool> {
        let (known, changes) = self.place(id)?;
        let known = known.get().filter(|known| known.changes == changes)?;
        Some(known.holds)
    }

    /// Remembers whether a conjunct holds, if that is of use.
    pub(crate) fn keep(&self, id: NodeId, holds: bool) {
        if let Some((known, changes)) = self.place(id) {
            known.set(Some(Known { changes, holds }));
        }
    }

    fn place(&self, id: NodeId) -> Option<(&Cell<Option<Known>>, u32)> {
        let number = *self.shared.numbers.get(id.0 as usize)?;
        let place = (number as usize).checked_sub(1)?;
        let parts = self.shared.parts.get(place)?;
        Some((self.known.get(place)?, *self.changes.get(usize::from(parts.0))?))
    }
}

/// Whether both are surely the same; larger values only if they are parts of JSON trees.
fn is_same(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => match (left.as_json(), right.as_json()) {
            (Some(left), Some(right)) => std::ptr::eq(left, right) || left == right,
            _ => false,
        },
        (Value::Array(left), Value::Array(right)) => match (left.as_json(), right.as_json()) {
            (Some(left), Some(right)) => std::ptr::eq(left, right) || left == right,
            _ => false,
        },
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Null, Value::Null) | (Value::Undefined, Value::Undefined) => true,
        _ => false,
    }
}

impl Shared {
    /// How many different conjuncts can be remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Looks for the conjuncts of members that can be remembered.
    pub(crate) fn of(program: &Program, members: &[Member]) -> Self {
        let survey = Survey::of(program);
        let mut numbers = vec![0; program.nodes().len()];
        let mut parts = Vec::new();
        let mut number_of_form = Map::default();
        let policy = |policy: &Policy| policy.condition;
        let conditions = members.iter().flat_map(|member| match member {
            Member::Policy(one) => vec![policy(one)],
            Member::Set(set) => std::iter::once(set.target)
                .chain(set.policies.iter().map(policy))
                .collect(),
        });
        for condition in conditions {
            let conjuncts = match program.node(condition) {
                Node::And(operands) => operands,
                _ => std::slice::from_ref(&condition),
            };
            for id in conjuncts {
                let looks_at = survey.parts(*id);
                let Some(number) = numbers.get_mut(id.0 as usize) else {
                    continue;
                };
                if looks_at.has(Parts::OTHER) || looks_at == Parts::default() {
                    continue;
                }
                *number = *number_of_form.entry(survey.form(*id)).or_insert_with(|| {
                    parts.push(looks_at);
                    u32::try_from(parts.len()).unwrap_or(0)
                });
            }
        }
        Self {
            numbers: numbers.into(),
            parts: parts.into(),
        }
    }
}

/// What each node looks at, and which nodes are the same expression.
struct Survey<'p> {
    parts: Vec<Parts>,
    /// The first node that is the same expression.
    first: Vec<u32>,
    forms: Map<Form<'p>, u32>,
}

/// An expression up to the operands that it is made of.
#[derive(PartialEq, Eq, Hash)]
enum Form<'p> {
    /// A constant, and the scale of a number, which its text shows.
    Constant(Key<'p>, Option<i32>),
    Subscription(SubscriptionElement, &'p [Box<str>]),
    Comparison(ComparisonOperator, u32, u32),
    Not(u32),
    And(Box<[u32]>),
    Or(Box<[u32]>),
    Call(*const Function, Box<[u32]>),
}

impl<'p> Survey<'p> {
    /// Operands come before the nodes that have them, so one pass suffices.
    fn of(program: &'p Program) -> Self {
        let mut survey = Self {
            parts: Vec::with_capacity(program.nodes().len()),
            first: Vec::with_capacity(program.nodes().len()),
            forms: Map::default(),
        };
        for (node, id) in program.nodes().iter().zip(0..) {
            let parts = survey.looks_at(node);
            let form = if parts.has(Parts::OTHER) {
                None
            } else {
                survey.form_of(node)
            };
            let first = match form {
                Some(form) => *survey.forms.entry(form).or_insert(id),
                None => id,
            };
            survey.parts.push(parts);
            survey.first.push(first);
        }
        survey
    }

    fn parts(&self, id: NodeId) -> Parts {
        self.parts.get(id.0 as usize).copied().unwrap_or(Parts::OTHER)
    }

    fn form(&self, id: NodeId) -> u32 {
        self.first.get(id.0 as usize).copied().unwrap_or(id.0)
    }

    fn all(&self, operands: impl IntoIterator<Item = NodeId>) -> Parts {
        let operands = operands.into_iter().map(|operand| self.parts(operand));
        operands.fold(Parts::default(), Parts::and)
    }

    fn looks_at(&self, node: &Node) -> Parts {
        match node {
            Node::Constant(_) => Parts::default(),
            Node::Subscription { element, .. } | Node::Complies { element, .. } => (*element).into(),
            Node::Not(operand) | Node::Minus(operand) | Node::Plus(operand) => self.parts(*operand),
            Node::Matches { text, .. } => self.parts(*text),
            Node::And(operands) | Node::Or(operands) | Node::Xor(operands) | Node::Array(operands) => {
                self.all(operands.iter().copied())
            }
            Node::Object(members) => self.all(members.iter().map(|(_, value)| *value)),
            Node::Call(call) => self.all(call.arguments.iter().copied()),
            Node::Arithmetic { first, rest } => {
                let rest = rest.iter().map(|(_, operand)| *operand);
                self.all(std::iter::once(*first).chain(rest))
            }
            Node::Comparison { left, right, .. } => self.all([*left, *right]),
            Node::Path { base, steps } => {
                let plain = steps.iter().all(|step| {
                    !matches!(
                        step.kind,
                        StepKind::Computed(_) | StepKind::Condition(_) | StepKind::Attribute(_)
                    )
                });
                if plain { self.parts(*base) } else { Parts::OTHER }
            }
            Node::Relative
            | Node::Location
            | Node::Attribute { .. }
            | Node::FilterEach { .. }
            | Node::Filter { .. }
            | Node::Subtemplate { .. }
            | Node::Fail(_) => Parts::OTHER,
        }
    }

    fn form_of(&self, node: &'p Node) -> Option<Form<'p>> {
        let forms = |operands: &[NodeId]| operands.iter().map(|operand| self.form(*operand)).collect();
        Some(match node {
            Node::Constant(value) => {
                let scale = value.as_number().map(|number| number.to_decimal().scale);
                Form::Constant(Key::of(value)??, scale)
            }
            Node::Subscription { element, keys } => Form::Subscription(*element, keys),
            Node::Comparison {
                operator,
                left,
                right,
            } => Form::Comparison(*operator, self.form(*left), self.form(*right)),
            Node::Not(operand) => Form::Not(self.form(*operand)),
            Node::And(operands) => Form::And(forms(operands)),
            Node::Or(operands) => Form::Or(forms(operands)),
            Node::Call(call) => Form::Call(std::ptr::from_ref(call.function.ok()?), forms(&call.arguments)),
            _ => return None,
        })
    }
}
