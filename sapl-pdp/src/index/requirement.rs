//! What a subscription must have so that a member can apply.

use std::collections::HashSet;
use std::rc::Rc;

use super::key::Key;
use super::{Form, Map, Probe};
use crate::compile::program::{Node, Program};
use crate::compile::{Member, Policy, Set};
use crate::syntax::DefaultDecision;
use crate::syntax::tree::{ComparisonOperator, SubscriptionElement};
use crate::value::{NodeId, Value};

/// More constants than this in one condition are not looked up.
pub(super) const MAX_KEYS: usize = 1_024;

/// So many conjuncts of a condition are looked at.
pub(super) const MAX_ALTERNATIVES: usize = 16;

/// At least one of these holds, or can't be told, whenever the condition is not false. None of none: it is always false.
#[derive(Debug, Default)]
pub(super) struct Requirement {
    pub(super) atoms: Vec<Atom>,
}

/// The value that a probe looks at has one of the keys.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    /// The number of the probe.
    pub(super) probe: u32,
    pub(super) keys: Rc<[Key<'static>]>,
}

impl Requirement {
    pub(super) fn keys(&self) -> usize {
        self.atoms.iter().map(|atom| atom.keys.len()).sum()
    }
}

/// Finds what the members of a configuration require.
#[derive(Debug)]
pub(crate) struct Requirements<'p> {
    program: &'p Program,
    pub(super) probes: Vec<Probe>,
    numbers: Map<(Form, SubscriptionElement, &'p [Box<str>]), u32>,
    /// What is known of nodes with operands; variables are used more than once.
    known: Map<NodeId, Option<Rc<Requirement>>>,
}

impl<'p> Requirements<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        Self {
            program,
            probes: Vec::new(),
            numbers: Map::default(),
            known: Map::default(),
        }
    }

    /// Each of these is required by a member, in any case.
    pub(super) fn of_member(&mut self, member: &Member) -> Vec<Rc<Requirement>> {
        match member {
            Member::Policy(policy) => self.of_policy(policy),
            Member::Set(set) => self.of_set(set),
        }
    }

    /// Each of these is required by a policy, in any case.
    pub(super) fn of_policy(&mut self, policy: &Policy) -> Vec<Rc<Requirement>> {
        self.of_condition(policy.condition)
    }

    fn of_set(&mut self, set: &Set) -> Vec<Rc<Requirement>> {
        let always = matches!(self.program.constant(set.target), Some(Value::Boolean(true)));
        if !always {
            return self.of_condition(set.target);
        }
        // Where no policy applies, the default does.
        if set.algorithm.default != DefaultDecision::Abstain {
            return Vec::new();
        }
        let each: Option<Vec<Rc<Requirement>>> = set
            .policies
            .iter()
            .map(|policy| {
                let all = self.of_policy(policy);
                all.into_iter().min_by_key(|requirement| self.rank(requirement))
            })
            .collect();
        each.and_then(|each| any_of(&each)).into_iter().collect()
    }

    fn of_condition(&mut self, condition: NodeId) -> Vec<Rc<Requirement>> {
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut left = vec![condition];
        while let Some(id) = left.pop() {
            if all.len() >= MAX_ALTERNATIVES {
                break;
            }
            match self.program.node(id) {
                Node::And(operands) if seen.insert(id) => left.extend(operands.iter().rev()),
                Node::And(_) => {}
                _ => all.extend(self.of_node(id)),
            }
        }
        all
    }

    fn of_node(&mut self, id: NodeId) -> Option<Rc<Requirement>> {
        let program = self.program;
        let (operands, any) = match program.node(id) {
            Node::Constant(Value::Boolean(false)) => return Some(Rc::default()),
            Node::Comparison {
                operator,
                left,
                right,
            } => {
                let atom = self.atom(*operator, *left, *right)?;
                return Some(Rc::new(Requirement { atoms: vec![atom] }));
            }
            Node::And(operands) => (operands, false),
            Node::Or(operands) => (operands, true),
            _ => return None,
        };
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let mut operands = operands.iter().map(|operand| self.of_node(*operand));
        let requirement = if any {
            let each: Option<Vec<_>> = operands.collect();
            each.and_then(|each| any_of(&each))
        } else {
            let each: Vec<_> = operands.by_ref().flatten().collect();
            each.into_iter().min_by_key(|requirement| self.rank(requirement))
        };
        self.known.insert(id, requirement.clone());
        requirement
    }

    /// Less is likely to leave fewer members, and takes less memory.
    fn rank(&self, requirement: &Requirement) -> (usize, Option<Form>, usize) {
        let forms = requirement
            .atoms
            .iter()
            .filter_map(|atom| self.probes.get(atom.probe as usize).map(|probe| probe.form));
        (requirement.atoms.len(), forms.max(), requirement.keys())
    }

    fn atom(&mut self, operator: ComparisonOperator, left: NodeId, right: NodeId) -> Option<Atom> {
        let program = self.program;
        let constant = |id| program.constant(id);
        let (form, path, keys) = match (operator, constant(left), constant(right)) {
            (ComparisonOperator::Equal, None, Some(value)) => (Form::Equal, left, one(value)),
            (ComparisonOperator::Equal, Some(value), None) => (Form::Equal, right, one(value)),
            (ComparisonOperator::In, None, Some(values)) => (Form::Equal, left, each(values)),
            (ComparisonOperator::In, Some(value), None) => (Form::Member, right, one(value)),
            (ComparisonOperator::AnyIn, None, Some(values)) => (Form::Element, left, each(values)),
            (ComparisonOperator::AnyIn, Some(values @ Value::Array(_)), None) => {
                (Form::Member, right, each(values))
            }
            // Each of them is required; the first will do.
            (ComparisonOperator::AllIn, Some(values @ Value::Array(_)), None) => {
                let first = each(values).and_then(|keys| Some(vec![keys.into_iter().next()?]));
                (Form::Member, right, first)
            }
            _ => return None,
        };
        let keys = keys.filter(|keys| keys.len() <= MAX_KEYS)?.into();
        let probe = self.probe(form, path)?;
        Some(Atom { probe, keys })
    }

    /// The number of the probe, if the node is a part of the subscription.
    fn probe(&mut self, form: Form, path: NodeId) -> Option<u32> {
        let Node::Subscription { element, keys } = self.program.node(path) else {
            return None;
        };
        let next = u32::try_from(self.probes.len()).ok()?;
        let number = *self.numbers.entry((form, *element, keys)).or_insert(next);
        if number == next {
            self.probes.push(Probe { form, path });
        }
        Some(number)
    }
}

/// What is required when one of several things is.
fn any_of(each: &[Rc<Requirement>]) -> Option<Rc<Requirement>> {
    if let [only] = each {
        return Some(Rc::clone(only));
    }
    let keys: usize = each.iter().map(|requirement| requirement.keys()).sum();
    let atoms = each
        .iter()
        .flat_map(|requirement| requirement.atoms.iter().cloned());
    (keys <= MAX_KEYS).then(|| {
        Rc::new(Requirement {
            atoms: atoms.collect(),
        })
    })
}

fn one(value: &Value<'static>) -> Option<Vec<Key<'static>>> {
    Key::of(value)?.map(|key| vec![key])
}

/// The keys of all elements of an array, or of all values of an object.
fn each(values: &Value<'static>) -> Option<Vec<Key<'static>>> {
    let key = |value: Value<'static>| Key::of(&value)?;
    match values {
        Value::Array(array) => array.elements().map(key).collect(),
        Value::Object(object) => object.values().map(key).collect(),
        _ => None,
    }
}
