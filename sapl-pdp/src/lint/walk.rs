//! Visits what an expression consists of.

use crate::syntax::tree::{
    Attribute, Expression, ExpressionKind, Filter, FilterCall, FunctionName, Identifier, Member, Step,
    StepKind,
};

/// Something of interest in an expression.
#[derive(Clone, Copy)]
pub(super) enum Found<'t> {
    Name(&'t Identifier),
    /// A function and how many arguments it gets.
    Function(&'t FunctionName, usize),
    Attribute(&'t FunctionName),
    Object(&'t [Member]),
}

/// Visits an expression, in the order of its text.
pub(super) fn walk<'t>(expression: &'t Expression, visit: &mut dyn FnMut(Found<'t>)) {
    match &expression.kind {
        ExpressionKind::Null
        | ExpressionKind::Undefined
        | ExpressionKind::Boolean(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::Text(_)
        | ExpressionKind::Relative
        | ExpressionKind::Location => {}
        ExpressionKind::Name(name) => visit(Found::Name(name)),
        ExpressionKind::Array(elements) => all(elements, visit),
        ExpressionKind::Object(members) => {
            visit(Found::Object(members));
            for member in members {
                walk(&member.value, visit);
            }
        }
        ExpressionKind::Call(call) => {
            visit(Found::Function(&call.name, call.arguments.len()));
            all(&call.arguments, visit);
        }
        ExpressionKind::Attribute(attribute) => walk_attribute(attribute, visit),
        ExpressionKind::Group(inner) => walk(inner, visit),
        ExpressionKind::Path { base, steps } => {
            walk(base, visit);
            walk_steps(steps, visit);
        }
        ExpressionKind::Unary { operand, .. } => walk(operand, visit),
        ExpressionKind::Logical { operands, .. } => all(operands, visit),
        ExpressionKind::Arithmetic { first, rest } => {
            walk(first, visit);
            for term in rest {
                walk(&term.operand, visit);
            }
        }
        ExpressionKind::Comparison { left, right, .. } => {
            walk(left, visit);
            walk(right, visit);
        }
        ExpressionKind::Filter { base, filter } => {
            walk(base, visit);
            walk_filter(filter, visit);
        }
        ExpressionKind::Subtemplate { base, template } => {
            walk(base, visit);
            walk(template, visit);
        }
    }
}

fn all<'t>(expressions: &'t [Expression], visit: &mut dyn FnMut(Found<'t>)) {
    for expression in expressions {
        walk(expression, visit);
    }
}

fn walk_steps<'t>(steps: &'t [Step], visit: &mut dyn FnMut(Found<'t>)) {
    for step in steps {
        match &step.kind {
            StepKind::Computed(inner) | StepKind::Condition(inner) => walk(inner, visit),
            StepKind::Attribute(attribute) => walk_attribute(attribute, visit),
            _ => {}
        }
    }
}

fn walk_attribute<'t>(attribute: &'t Attribute, visit: &mut dyn FnMut(Found<'t>)) {
    visit(Found::Attribute(&attribute.name));
    all(&attribute.arguments, visit);
    if let Some(options) = &attribute.options {
        walk(options, visit);
    }
}

fn walk_filter<'t>(filter: &'t Filter, visit: &mut dyn FnMut(Found<'t>)) {
    match filter {
        Filter::Simple(call) => walk_filter_call(call, visit),
        Filter::Extended(statements) => {
            for statement in statements {
                walk_steps(&statement.target, visit);
                walk_filter_call(&statement.call, visit);
            }
        }
    }
}

/// The filtered value is the first argument.
fn walk_filter_call<'t>(call: &'t FilterCall, visit: &mut dyn FnMut(Found<'t>)) {
    visit(Found::Function(&call.name, call.arguments.len() + 1));
    all(&call.arguments, visit);
}
