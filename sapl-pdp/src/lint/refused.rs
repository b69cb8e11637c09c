//! Takes out of a tree what the compiler refuses.

use crate::syntax::Span;
use crate::syntax::tree::{
    Document, Expression, ExpressionKind, Identifier, Policy, PolicyElement, Statement, VariableDefinition,
};

/// What no compiler refuses anywhere, and nobody knows beforehand.
const NEUTRAL: &str = "environment";

/// Puts something neutral for the statement in which `span` lies; gives whether there was one.
pub(super) fn replace(document: &mut Document, span: Span) -> bool {
    let schemas = document.schemas.len();
    document.schemas.retain(|schema| !contains(schema.span, span));
    if document.schemas.len() < schemas {
        return true;
    }
    let slot = match &mut document.element {
        PolicyElement::Policy(policy) => slot_of_policy(policy, span),
        PolicyElement::Set(set) => {
            let mut slot = set.target.as_mut().filter(|target| contains(target.span, span));
            slot = slot.or_else(|| slot_of_variables(&mut set.variables, span));
            slot.or_else(|| {
                set.policies
                    .iter_mut()
                    .find(|policy| contains(policy.span, span))
                    .and_then(|policy| slot_of_policy(policy, span))
            })
        }
    };
    match slot {
        Some(slot) if !is_neutral(slot) => {
            slot.kind = ExpressionKind::Name(Identifier {
                span: slot.span,
                name: NEUTRAL.into(),
                escaped: false,
            });
            true
        }
        _ => false,
    }
}

fn slot_of_policy(policy: &mut Policy, span: Span) -> Option<&mut Expression> {
    let body = policy.body.iter_mut().map(|statement| match statement {
        Statement::Variable(variable) => &mut variable.value,
        Statement::Condition(condition) => condition,
    });
    body.chain(&mut policy.obligations)
        .chain(&mut policy.advice)
        .chain(&mut policy.transform)
        .find(|slot| contains(slot.span, span))
}

fn slot_of_variables(variables: &mut [VariableDefinition], span: Span) -> Option<&mut Expression> {
    variables
        .iter_mut()
        .map(|variable| &mut variable.value)
        .find(|value| contains(value.span, span))
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn is_neutral(expression: &Expression) -> bool {
    matches!(&expression.kind, ExpressionKind::Name(name) if &*name.name == NEUTRAL)
}
