//! Names that stand for nothing, and definitions that nobody uses.

use std::collections::HashSet;

use super::attributes;
use super::nearest::nearest;
use super::walk::{Found, walk};
use crate::function;
use crate::source::SourceDocument;
use crate::syntax::tree::{
    Document, Expression, FunctionName, Identifier, Member, Policy, PolicyElement, Statement,
    VariableDefinition,
};
use crate::syntax::{Diagnostic, Span};
use crate::value::{ErrorKind, Object};

/// The parts of the subscription.
const ELEMENTS: [&str; 4] = ["subject", "action", "resource", "environment"];

pub(super) fn warnings(document: &SourceDocument, variables: &Object<'static>) -> Vec<Diagnostic> {
    let mut names = Names {
        source: &document.text,
        settings: variables,
        scope: Vec::new(),
        imports: HashSet::new(),
        warnings: Vec::new(),
    };
    names.document(&document.tree);
    names.warnings
}

struct Names<'d> {
    source: &'d str,
    settings: &'d Object<'static>,
    scope: Vec<Variable<'d>>,
    /// The imported names that are used.
    imports: HashSet<&'d str>,
    warnings: Vec<Diagnostic>,
}

struct Variable<'d> {
    name: &'d Identifier,
    is_used: bool,
}

impl<'d> Names<'d> {
    fn document(&mut self, document: &'d Document) {
        match &document.element {
            PolicyElement::Policy(policy) => {
                // The schemas of a policy see none of its variables.
                self.schemas(document);
                self.policy(policy);
            }
            PolicyElement::Set(set) => {
                for variable in &set.variables {
                    self.variable(variable);
                }
                self.schemas(document);
                if let Some(target) = &set.target {
                    self.expression(target);
                }
                for policy in &set.policies {
                    self.policy(policy);
                }
                self.leave(0);
            }
        }
        for import in &document.imports {
            let name = import.short_name();
            if !self.imports.contains(&*name.name) {
                let message = format!("`{}` is imported and never used", name.name);
                self.warn("unused-import", message, import.span);
            }
        }
    }

    fn schemas(&mut self, document: &'d Document) {
        for schema in &document.schemas {
            if schema.enforced {
                self.expression(&schema.schema);
            } else {
                self.unchecked(&schema.schema);
            }
        }
    }

    fn policy(&mut self, policy: &'d Policy) {
        let outer = self.scope.len();
        for statement in &policy.body {
            match statement {
                Statement::Variable(variable) => self.variable(variable),
                Statement::Condition(condition) => self.expression(condition),
            }
        }
        let constraints = policy.obligations.iter().chain(&policy.advice);
        for constraint in constraints.chain(&policy.transform) {
            self.expression(constraint);
        }
        self.leave(outer);
    }

    fn variable(&mut self, variable: &'d VariableDefinition) {
        self.expression(&variable.value);
        for schema in &variable.schemas {
            self.unchecked(schema);
        }
        self.scope.push(Variable {
            name: &variable.name,
            is_used: false,
        });
    }

    /// Forgets the variables behind the first `outer` ones.
    fn leave(&mut self, outer: usize) {
        for variable in self.scope.split_off(outer) {
            if !variable.is_used {
                let message = format!("the variable `{}` is never used", variable.name.name);
                self.warn("unused-variable", message, variable.name.span);
            }
        }
    }

    fn expression(&mut self, expression: &'d Expression) {
        walk(expression, &mut |found| match found {
            Found::Name(name) => self.name(name),
            Found::Function(name, arguments) => self.function(name, arguments),
            Found::Attribute(name) => self.attribute(name),
            Found::Object(members) => self.object(members),
        });
    }

    /// What is never evaluated uses names all the same.
    fn unchecked(&mut self, expression: &'d Expression) {
        walk(expression, &mut |found| match found {
            Found::Name(name) => {
                self.mark(&name.name);
            }
            Found::Function(name, _) | Found::Attribute(name) => self.used_import(name),
            Found::Object(_) => {}
        });
    }

    fn mark(&mut self, name: &str) -> bool {
        let variable = self
            .scope
            .iter_mut()
            .rev()
            .find(|variable| &*variable.name.name == name);
        match variable {
            Some(variable) => {
                variable.is_used = true;
                true
            }
            None => false,
        }
    }

    fn name(&mut self, name: &'d Identifier) {
        let text = &*name.name;
        if ELEMENTS.contains(&text) || self.mark(text) || self.settings.get(text).is_some() {
            return;
        }
        let known: Vec<String> = self
            .scope
            .iter()
            .map(|variable| variable.name.name.to_string())
            .chain(self.settings.iter().map(|(name, _)| name.to_owned()))
            .chain(ELEMENTS.map(str::to_owned))
            .collect();
        let message = format!("`{text}` is no variable and no part of the subscription");
        let mut warning = self
            .warning("unknown-name", message, name.span)
            .with_label("always undefined");
        if let Some(near) = nearest(text, known.iter().map(String::as_str)) {
            warning = warning.with_help(format!("did you mean `{near}`?"));
        }
        self.warnings.push(warning);
    }

    fn used_import(&mut self, name: &'d FunctionName) {
        if let [short] = name.segments.as_slice() {
            self.imports.insert(&short.name);
        }
    }

    fn function(&mut self, name: &'d FunctionName, arguments: usize) {
        self.used_import(name);
        let (library, function) = (&*name.library, &*name.function);
        let is_available = function::library(library).is_none_or(function::Library::is_available);
        if !is_available {
            return;
        }
        let warning = match function::find(library, function, arguments) {
            Ok(_) => return,
            Err(ErrorKind::ArgumentCount { .. }) => {
                let message = format!("`{library}.{function}` does not take {arguments} arguments");
                let signatures = function::functions()
                    .filter(|known| known.library() == library && known.name() == function)
                    .map(|known| format!("`{}`", known.signature()));
                let signatures: Vec<_> = signatures.collect();
                self.warning("argument-count", message, name.span)
                    .with_help(format!("it is {}", signatures.join(" or ")))
            }
            Err(_) => {
                let message = format!("unknown function `{library}.{function}`");
                let warning = self.warning("unknown-function", message, name.span);
                match function::similar(&format!("{library}.{function}")) {
                    Some(near) => warning.with_help(format!("did you mean `{near}`?")),
                    None => warning,
                }
            }
        };
        self.warnings.push(warning.with_label("always an error"));
    }

    /// Libraries that a host may bring can have any attributes.
    fn attribute(&mut self, name: &'d FunctionName) {
        self.used_import(name);
        let (library, attribute) = (&*name.library, &*name.function);
        let Some(known) = attributes::of(library) else {
            return;
        };
        if known.contains(&attribute) {
            return;
        }
        let message = format!("unknown attribute `{library}.{attribute}`");
        let mut warning = self
            .warning("unknown-attribute", message, name.span)
            .with_label("always undefined");
        if let Some(near) = nearest(attribute, known.iter().copied()) {
            warning = warning.with_help(format!("did you mean `{library}.{near}`?"));
        }
        self.warnings.push(warning);
    }

    fn object(&mut self, members: &'d [Member]) {
        let mut keys = HashSet::new();
        for member in members {
            if !keys.insert(member.key.name()) {
                let message = format!(
                    "the key `{}` is there twice, only the last counts",
                    member.key.name()
                );
                self.warn("duplicate-key", message, member.key.span());
            }
        }
    }

    fn warn(&mut self, code: &'static str, message: String, span: Span) {
        let warning = self.warning(code, message, span);
        self.warnings.push(warning);
    }

    fn warning(&self, code: &'static str, message: String, span: Span) -> Diagnostic {
        Diagnostic::warning(code, message, span, self.source)
    }
}
