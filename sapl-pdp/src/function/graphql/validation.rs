//! Whether a document may be executed on a schema, by the rules of the specification of October 2021, in the words of SAPL.

use std::collections::{HashMap, HashSet};

use super::schema::{Schema, doubles};
use super::tree::{
    Arguments, Directive, Document, Field, Fragment, Input, Literal, Operation, Selection, SelectionKind,
    Type, TypeDefinition,
};
use super::{conflict, literal};
use crate::value::ErrorKind;

/// So many errors are told.
pub(super) const MAX_ERRORS: usize = 100;

/// The most selections that are looked at, those of fragments wherever they are spread.
pub(super) const MAX_STEPS: usize = 1 << 18;

pub(super) const TOO_MUCH: ErrorKind = ErrorKind::Function("validating the query takes too much");

const CONDITIONAL_ROOT: ErrorKind =
    ErrorKind::Function("the root field of a subscription must not be skipped or included");

/// What is wrong with a document.
///
/// # Errors
///
/// When it takes too much to tell.
pub(super) fn errors(document: &Document, schema: &Schema) -> Result<Vec<String>, ErrorKind> {
    let mut fragments = HashMap::new();
    for fragment in &document.fragments {
        fragments.entry(&*fragment.name).or_insert(fragment);
    }
    let mut validation = Validation {
        schema,
        document,
        fragments,
        errors: Vec::new(),
        steps: MAX_STEPS,
        path: Vec::new(),
    };
    validation.document()?;
    validation.errors.truncate(MAX_ERRORS);
    Ok(validation.errors)
}

struct Validation<'d> {
    schema: &'d Schema,
    document: &'d Document,
    fragments: HashMap<&'d str, &'d Fragment>,
    errors: Vec<String>,
    steps: usize,
    /// Where the rules are now: names of fields, at first maybe that of a fragment.
    path: Vec<&'d str>,
}

/// The operation whose variables count.
struct Scope<'d> {
    operation: &'d Operation,
    used: HashSet<&'d str>,
    /// Fragments that were spread and not looked at yet.
    spread: Vec<&'d Fragment>,
    seen: HashSet<&'d str>,
}

type Validated<T = ()> = Result<T, ErrorKind>;

impl<'d> Validation<'d> {
    fn tell(&mut self, rule: &str, message: &str) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let place = match &*self.path {
            [] => String::new(),
            path => format!("@[{}]", path.join("/")),
        };
        self.errors
            .push(format!("Validation error ({rule}{place}) : {message}"));
    }

    fn step(&mut self) -> Validated {
        self.steps = self.steps.checked_sub(1).ok_or(TOO_MUCH)?;
        Ok(())
    }

    fn document(&mut self) -> Validated {
        let document = self.document;
        let circular = self.circular()?;
        let (mut names, mut has_anonymous) = (HashSet::new(), false);
        for (index, operation) in document.operations.iter().enumerate() {
            let is_anonymous = operation.name.is_empty();
            if index > 0 && (is_anonymous || has_anonymous) {
                self.tell(
                    "LoneAnonymousOperationViolation",
                    "Anonymous operation with other operations",
                );
            }
            has_anonymous |= is_anonymous;
            if !is_anonymous && !names.insert(&operation.name) {
                let name = &operation.name;
                self.tell(
                    "DuplicateOperationName",
                    &format!("There can be only one operation named '{name}'"),
                );
            }
            self.operation(operation, circular.is_empty())?;
        }
        let mut names = HashSet::new();
        for fragment in &document.fragments {
            self.path.push(&fragment.name);
            if !names.insert(&fragment.name) {
                let name = &fragment.name;
                self.tell(
                    "DuplicateFragmentName",
                    &format!("There can be only one fragment named '{name}'"),
                );
            }
            if circular.contains(&*fragment.name) {
                self.tell("FragmentCycle", "Fragment cycles not allowed");
            }
            let of = self.schema.get(&fragment.on);
            if of.is_none() {
                self.tell("UnknownType", &format!("Unknown type '{}'", fragment.on));
            } else if !self.schema.is_composite(&fragment.on) {
                let message = "Fragment type condition is invalid, must be on Object/Interface/Union";
                self.tell("FragmentTypeConditionInvalid", message);
            }
            self.directives(
                &fragment.directives,
                "FRAGMENT_DEFINITION",
                "FragmentDefinition",
                true,
                None,
            );
            let of = of.filter(|_| self.schema.is_composite(&fragment.on));
            self.selections(&fragment.selections, of, true, &mut None)?;
            self.path.clear();
        }
        for other in &document.others {
            self.tell(
                "NonExecutableDefinition",
                &format!("{other} definition is not executable"),
            );
        }
        let used = self.reachable(document.operations.iter().map(|operation| &*operation.selections))?;
        for fragment in &document.fragments {
            if !used.contains(&*fragment.name) {
                self.tell("UnusedFragment", &format!("Unused fragment '{}'", fragment.name));
            }
        }
        Ok(())
    }

    fn operation(&mut self, operation: &'d Operation, is_finite: bool) -> Validated {
        let root = self.schema.root(operation.kind);
        if operation.kind == "subscription" && is_finite {
            self.one_root_field(operation)?;
        }
        for name in doubles(operation.variables.iter().map(|variable| &variable.name)) {
            self.tell(
                "DuplicateVariableName",
                &format!("There can be only one variable named '{name}'"),
            );
        }
        for variable in &operation.variables {
            let name = variable.kind.name();
            if self.schema.get(name).is_none() {
                self.tell("UnknownType", &format!("Unknown type '{name}'"));
            } else if !self.schema.is_input(name) {
                let message = format!(
                    "Input variable '{}' type '{}' is not an input type",
                    variable.name, variable.kind
                );
                self.tell("NonInputTypeOnVariable", &message);
            } else if let Some(default) = &variable.default
                && literal::problem(self.schema, default, &variable.kind, "").is_some()
            {
                let message = format!("Bad default value '{default}' for type '{}'", variable.kind);
                self.tell("BadValueForDefaultArg", &message);
            }
            self.directives(
                &variable.directives,
                "VARIABLE_DEFINITION",
                "VariableDefinition",
                true,
                None,
            );
        }
        let location = match operation.kind {
            "mutation" => "MUTATION",
            "subscription" => "SUBSCRIPTION",
            _ => "QUERY",
        };
        let mut scope = Some(Scope {
            operation,
            used: HashSet::new(),
            spread: Vec::new(),
            seen: HashSet::new(),
        });
        self.directives(
            &operation.directives,
            location,
            "OperationDefinition",
            true,
            scope.as_mut(),
        );
        match root {
            Some(root) if is_finite => {
                let found = conflict::of(
                    self.schema,
                    &self.fragments,
                    root,
                    &operation.selections,
                    &mut self.steps,
                )?;
                for (path, reason) in found {
                    self.tell("FieldsConflict", &format!("'{path}' : {reason}"));
                }
            }
            Some(_) => {}
            None => {
                let message = format!(
                    "The schema has no type for operations of kind '{}'",
                    operation.kind
                );
                self.tell("UnknownOperation", &message);
            }
        }
        self.selections(&operation.selections, root, true, &mut scope)?;
        // What fragments do with variables depends on the operation.
        while let Some(fragment) = scope.as_mut().and_then(|scope| scope.spread.pop()) {
            let of = self.schema.get(&fragment.on);
            self.path.push(&fragment.name);
            self.directives(
                &fragment.directives,
                "FRAGMENT_DEFINITION",
                "FragmentDefinition",
                false,
                scope.as_mut(),
            );
            self.selections(&fragment.selections, of, false, &mut scope)?;
            self.path.clear();
        }
        let used = scope.map(|scope| scope.used).unwrap_or_default();
        for variable in &operation.variables {
            if !used.contains(&*variable.name) {
                self.tell("UnusedVariable", &format!("Unused variable '{}'", variable.name));
            }
        }
        Ok(())
    }

    /// A subscription has one field at its root, and not one of the schema.
    fn one_root_field(&mut self, operation: &'d Operation) -> Validated {
        let name = match &*operation.name {
            "" => "null",
            name => name,
        };
        let mut names: Vec<(&str, &str)> = Vec::new();
        let mut rest: Vec<&Selection> = operation.selections.iter().rev().collect();
        let mut seen = HashSet::new();
        while let Some(selection) = rest.pop() {
            self.step()?;
            let is_conditional = |directive: &Directive| ["skip", "include"].contains(&&*directive.name);
            if selection.directives.iter().any(is_conditional) {
                return Err(CONDITIONAL_ROOT);
            }
            match &selection.kind {
                SelectionKind::Field { alias, name, .. } => {
                    let key = alias.as_ref().unwrap_or(name);
                    if names.iter().all(|(known, _)| known != key) && names.len() < 2 {
                        names.push((key, name));
                    }
                }
                SelectionKind::Inline(_) => rest.extend(selection.selections.iter().rev()),
                SelectionKind::Spread(name) => {
                    if let Some(fragment) = self.fragments.get(&**name).filter(|_| seen.insert(name)) {
                        rest.extend(fragment.selections.iter().rev());
                    }
                }
            }
        }
        match &*names {
            [(_, field)] if field.starts_with("__") => {
                let message = format!(
                    "Subscription operation '{name}' root field '{field}' cannot be an introspection field"
                );
                self.tell("SubscriptionIntrospectionRootField", &message);
            }
            [_] => {}
            _ => {
                let message = format!("Subscription operation '{name}' must have exactly one root field");
                self.tell("SubscriptionMultipleRootFields", &message);
            }
        }
        Ok(())
    }

    /// Applies the rules for selections, or with `all` only those about the variables of an operation.
    fn selections(
        &mut self,
        selections: &'d [Selection],
        of: Option<&'d TypeDefinition>,
        all: bool,
        scope: &mut Option<Scope<'d>>,
    ) -> Validated {
        for selection in selections {
            self.step()?;
            match &selection.kind {
                SelectionKind::Field { name, arguments, .. } => {
                    self.path.push(name);
                    let field = of.and_then(|of| self.schema.field(of, name));
                    if let (Some(of), None, true) = (of, field, all) {
                        let message = format!("Field '{name}' in type '{}' is undefined", of.name);
                        self.tell("FieldUndefined", &message);
                    }
                    if let (Some(field), true) = (field, all) {
                        self.leaf(selection, field);
                    }
                    self.arguments(arguments, field, all, scope.as_mut());
                    self.directives(&selection.directives, "FIELD", "Field", all, scope.as_mut());
                    let kind = field.map(|field| field.kind.name());
                    let kind = kind.filter(|kind| self.schema.is_composite(kind));
                    let of = kind.and_then(|kind| self.schema.get(kind));
                    self.selections(&selection.selections, of, all, scope)?;
                    self.path.pop();
                }
                SelectionKind::Inline(on) => {
                    let of = match on {
                        Some(on) => self.condition(on, of, all),
                        None => of,
                    };
                    self.directives(
                        &selection.directives,
                        "INLINE_FRAGMENT",
                        "InlineFragment",
                        all,
                        scope.as_mut(),
                    );
                    self.selections(&selection.selections, of, all, scope)?;
                }
                SelectionKind::Spread(name) => {
                    self.spread(name, of, all, scope.as_mut());
                    self.directives(
                        &selection.directives,
                        "FRAGMENT_SPREAD",
                        "FragmentSpread",
                        all,
                        scope.as_mut(),
                    );
                }
            }
        }
        Ok(())
    }

    /// Fields of objects have selections, others have none.
    fn leaf(&mut self, selection: &Selection, field: &Field) {
        let is_composite = self.schema.is_composite(field.kind.name());
        let (kind, name) = (&field.kind, &field.name);
        if is_composite && selection.selections.is_empty() {
            let message = format!("Subselection required for type '{kind}' of field '{name}'");
            self.tell("SubselectionRequired", &message);
        } else if !is_composite && !selection.selections.is_empty() {
            let message = format!("Subselection not allowed on leaf type '{kind}' of field '{name}'");
            self.tell("SubselectionNotAllowed", &message);
        }
    }

    /// The type of a fragment in its place.
    fn condition(
        &mut self,
        on: &str,
        of: Option<&'d TypeDefinition>,
        all: bool,
    ) -> Option<&'d TypeDefinition> {
        let found = self.schema.get(on);
        if !all {
            return found;
        }
        if found.is_none() {
            self.tell("UnknownType", &format!("Unknown type '{on}'"));
        } else if !self.schema.is_composite(on) {
            let message = "Inline fragment type condition is invalid, must be on Object/Interface/Union";
            self.tell("InlineFragmentTypeConditionInvalid", message);
            return None;
        } else if let Some(of) = of.filter(|of| of.name != on) {
            let message = format!(
                "Fragment cannot be spread here as objects of type '{}' can never be of type '{on}'",
                of.name
            );
            self.tell("InvalidFragmentType", &message);
        }
        found
    }

    fn spread(
        &mut self,
        name: &'d str,
        of: Option<&'d TypeDefinition>,
        all: bool,
        scope: Option<&mut Scope<'d>>,
    ) {
        let Some(&fragment) = self.fragments.get(name) else {
            if all {
                self.tell("UndefinedFragment", &format!("Undefined fragment '{name}'"));
            }
            return;
        };
        if let Some(of) = of
            && all
            && self.schema.is_composite(&fragment.on)
            && of.name != fragment.on
        {
            let message = format!(
                "Fragment '{name}' cannot be spread here as objects of type '{}' can never be of type '{}'",
                of.name, fragment.on
            );
            self.tell("InvalidFragmentType", &message);
        }
        if let Some(scope) = scope
            && scope.seen.insert(name)
        {
            scope.spread.push(fragment);
        }
    }

    fn arguments(
        &mut self,
        arguments: &'d Arguments,
        field: Option<&'d Field>,
        all: bool,
        mut scope: Option<&mut Scope<'d>>,
    ) {
        if all {
            for name in doubles(arguments.iter().map(|(name, _)| name)) {
                self.tell(
                    "DuplicateArgumentNames",
                    &format!("There can be only one argument named '{name}'"),
                );
            }
            for input in field.into_iter().flat_map(|field| &field.arguments) {
                self.required(input, arguments, "MissingFieldArgument", "field");
            }
        }
        for (name, value) in arguments {
            let input = field.and_then(|field| field.arguments.iter().find(|input| input.name == *name));
            if all && field.is_some() && input.is_none() {
                self.tell("UnknownArgument", &format!("Unknown field argument '{name}'"));
            }
            self.argument(name, value, input, all, scope.as_deref_mut());
        }
    }

    /// An argument that must be there.
    fn required(&mut self, input: &Input, arguments: &Arguments, rule: &str, of: &str) {
        if !input.kind.is_non_null() || input.default.is_some() {
            return;
        }
        let name = &input.name;
        match arguments.iter().find(|(given, _)| given == name) {
            None => self.tell(rule, &format!("Missing {of} argument '{name}'")),
            Some((_, Literal::Null)) if of == "field" => self.tell(
                "NullValueForNonNullArgument",
                &format!("Null value for non-null field argument '{name}'"),
            ),
            Some(_) => {}
        }
    }

    fn argument(
        &mut self,
        name: &str,
        value: &'d Literal,
        input: Option<&'d Input>,
        all: bool,
        scope: Option<&mut Scope<'d>>,
    ) {
        if all {
            if let Some(problem) =
                input.and_then(|input| literal::problem(self.schema, value, &input.kind, name))
            {
                self.tell("WrongType", &problem);
            }
            self.unique_members(value);
        }
        if let Some(scope) = scope {
            let has_default = input.is_some_and(|input| input.default.is_some());
            self.variables(value, input.map(|input| &input.kind), has_default, scope);
        }
    }

    fn unique_members(&mut self, value: &Literal) {
        match value {
            Literal::Object(members) => {
                for name in doubles(members.iter().map(|(name, _)| name)) {
                    let message = format!("There can be only one field named '{name}'");
                    self.tell("UniqueObjectFieldName", &message);
                    // This rule writes its name otherwise.
                    if let Some(last) = self.errors.last_mut() {
                        *last = last.replacen("Validation error", "Validation Error", 1);
                    }
                }
                members.iter().for_each(|(_, value)| self.unique_members(value));
            }
            Literal::List(elements) => elements.iter().for_each(|element| self.unique_members(element)),
            _ => {}
        }
    }

    /// The variables in a value, where a value of that type is expected, if that is known.
    fn variables(
        &mut self,
        value: &'d Literal,
        kind: Option<&'d Type>,
        has_default: bool,
        scope: &mut Scope<'d>,
    ) {
        match value {
            Literal::Variable(name) => {
                let mut variables = scope.operation.variables.iter();
                let Some(variable) = variables.find(|variable| variable.name == *name) else {
                    self.tell("UndefinedVariable", &format!("Undefined variable '{name}'"));
                    return;
                };
                scope.used.insert(&variable.name);
                let Some(expected) = kind.filter(|_| self.schema.get(variable.kind.name()).is_some()) else {
                    return;
                };
                let is_given = matches!(&variable.default, Some(default) if *default != Literal::Null);
                let fits = if is_given || has_default {
                    is_part(variable.kind.nullable(), expected.nullable())
                } else {
                    is_part(&variable.kind, expected)
                };
                if !fits {
                    let message = format!(
                        "Variable '{name}' of type '{}' used in position expecting type '{expected}'",
                        variable.kind
                    );
                    self.tell("VariableTypeMismatch", &message);
                }
            }
            Literal::List(elements) => {
                let kind = match kind.map(Type::nullable) {
                    Some(Type::List(inner)) => Some(&**inner),
                    _ => None,
                };
                for element in elements {
                    self.variables(element, kind, false, scope);
                }
            }
            Literal::Object(members) => {
                let definition = kind.and_then(|kind| self.schema.get(kind.name()));
                for (name, value) in members {
                    let mut fields = definition.into_iter().flat_map(|definition| &definition.fields);
                    let field = fields.find(|field| field.name == *name);
                    let has_default = field.is_some_and(|field| field.default.is_some());
                    self.variables(value, field.map(|field| &field.kind), has_default, scope);
                }
            }
            _ => {}
        }
    }

    fn directives(
        &mut self,
        directives: &'d [Directive],
        location: &str,
        node: &str,
        all: bool,
        mut scope: Option<&mut Scope<'d>>,
    ) {
        let mut names = HashSet::new();
        for directive in directives {
            let name = &directive.name;
            let definition = self.schema.directive(name);
            let is_repeatable = definition.is_none_or(|definition| definition.is_repeatable);
            if all && !names.insert(name) && !is_repeatable {
                let message = format!(
                    "Non repeatable directives must be uniquely named within a location. The directive '{name}' used on a \
                     '{node}' is not unique"
                );
                self.tell("DuplicateDirectiveName", &message);
            }
        }
        for directive in directives {
            let name = &directive.name;
            let Some(definition) = self.schema.directive(name) else {
                if all {
                    self.tell("UnknownDirective", &format!("Unknown directive '{name}'"));
                }
                continue;
            };
            if all {
                if !definition.locations.iter().any(|known| known == location) {
                    self.tell(
                        "MisplacedDirective",
                        &format!("Directive '{name}' not allowed here"),
                    );
                }
                for input in &definition.arguments {
                    self.required(
                        input,
                        &directive.arguments,
                        "MissingDirectiveArgument",
                        "directive",
                    );
                }
                for name in doubles(directive.arguments.iter().map(|(name, _)| name)) {
                    self.tell(
                        "DuplicateArgumentNames",
                        &format!("There can be only one argument named '{name}'"),
                    );
                }
            }
            for (argument, value) in &directive.arguments {
                let input = definition.arguments.iter().find(|input| input.name == *argument);
                if all && input.is_none() {
                    let message = format!("Unknown directive argument '{argument}'");
                    self.tell("UnknownDirective", &message);
                }
                self.argument(argument, value, input, all, scope.as_deref_mut());
            }
        }
    }

    /// The fragments that come back to themselves.
    fn circular(&mut self) -> Validated<HashSet<&'d str>> {
        let mut circular = HashSet::new();
        for fragment in &self.document.fragments {
            let reached = self.reachable(std::iter::once(&*fragment.selections))?;
            if reached.contains(&*fragment.name) {
                circular.insert(&*fragment.name);
            }
        }
        Ok(circular)
    }

    /// The fragments that selections spread, and those that these spread, and so on.
    fn reachable(&mut self, from: impl Iterator<Item = &'d [Selection]>) -> Validated<HashSet<&'d str>> {
        let mut reached = HashSet::new();
        let mut rest: Vec<&'d [Selection]> = from.collect();
        while let Some(selections) = rest.pop() {
            for selection in selections {
                self.step()?;
                if let SelectionKind::Spread(name) = &selection.kind
                    && reached.insert(&**name)
                {
                    rest.extend(self.fragments.get(&**name).map(|fragment| &*fragment.selections));
                }
                rest.push(&selection.selections);
            }
        }
        Ok(reached)
    }
}

/// Whether all values of a type are values of another.
fn is_part(kind: &Type, of: &Type) -> bool {
    match (kind, of) {
        (Type::NonNull(kind), Type::NonNull(of)) => is_part(kind, of),
        (_, Type::NonNull(_)) => false,
        (Type::NonNull(kind), of) => is_part(kind, of),
        (Type::List(kind), Type::List(of)) => is_part(kind, of),
        (Type::Named(kind), Type::Named(of)) => kind == of,
        _ => false,
    }
}
