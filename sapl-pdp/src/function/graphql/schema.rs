//! Schemas: what their definitions come to, and whether that makes sense.

use std::collections::{HashMap, HashSet};

use super::definitions::errors;
use super::literal;
use super::tree::{
    Definitions, Directive, DirectiveDefinition, Field, Input, Literal, Place, Type, TypeDefinition, TypeKind,
};
use crate::value::ErrorKind;

/// What every schema has.
const BUILT_IN: &str = r#"
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String! = "No longer supported")
    on FIELD_DEFINITION | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema {
    description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
    directives: [__Directive!]!
}
type __Type {
    kind: __TypeKind! name: String description: String specifiedByURL: String isOneOf: Boolean
    fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
    enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
    inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type
}
type __Field {
    name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!
    isDeprecated: Boolean! deprecationReason: String
}
type __InputValue {
    name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean deprecationReason: String
}
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
    name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]!
    args(includeDeprecated: Boolean = false): [__InputValue!]!
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
enum __DirectiveLocation {
    QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR
    OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION
}
type __Root { __schema: __Schema! __type(name: String!): __Type __typename: String! }
"#;

/// The scalars of every schema.
pub(super) const SCALARS: &[&str] = &["Int", "Float", "String", "Boolean", "ID"];

/// The fields of all objects, and of the root of queries: those of this type.
const ROOT: &str = "__Root";

const UNSOUND: ErrorKind = ErrorKind::Function("the schema is not sound");

/// A schema that makes sense: of objects, enums and input objects only, since only those can be resolved here.
pub(super) struct Schema {
    types: HashMap<String, TypeDefinition>,
    directives: HashMap<String, DirectiveDefinition>,
    /// The names of the types of `query`, `mutation` and `subscription`.
    operations: HashMap<String, String>,
}

/// Why a schema can't be used.
pub(super) enum Unusable {
    /// With a message for the result.
    Told(String),
    Error(ErrorKind),
}

impl Schema {
    /// The schema of these definitions.
    pub(super) fn new(definitions: Definitions) -> Result<Self, Unusable> {
        let built_in = super::definitions::parse(BUILT_IN).map_err(|_| Unusable::Error(UNSOUND))?;
        let mut problems = Vec::new();
        let mut schema = Self {
            types: HashMap::new(),
            directives: HashMap::new(),
            operations: HashMap::new(),
        };
        for definition in built_in.types {
            schema.types.insert(definition.name.clone(), definition);
        }
        for definition in built_in.directives {
            schema.directives.insert(definition.name.clone(), definition);
        }
        let mut order = Vec::new();
        let Definitions {
            schemas,
            types,
            directives,
        } = definitions;
        let (extensions, types): (Vec<_>, Vec<_>) =
            types.into_iter().partition(|definition| definition.is_extension);
        for definition in types {
            order.push(definition.name.clone());
            schema.types.insert(definition.name.clone(), definition);
        }
        for extension in extensions {
            schema.extend(extension, &mut problems);
        }
        let own_directives: Vec<String> = directives
            .iter()
            .map(|definition| definition.name.clone())
            .collect();
        for definition in directives {
            schema.directives.insert(definition.name.clone(), definition);
        }
        let order: Vec<&TypeDefinition> = order.iter().filter_map(|name| schema.types.get(name)).collect();
        for definition in &order {
            schema.check_types(definition, &mut problems);
        }
        for definition in &order {
            for member in &definition.members {
                if !schema.is_composite(member) {
                    problems.push(format!(
                        "The member types of a Union type must all be Object base types. member type '{member}' in Union \
                         '{}' is invalid.",
                        definition.name
                    ));
                }
            }
        }
        let mut operations = HashMap::new();
        for (kind, name, place) in schemas.iter().flat_map(|schema| &schema.operations) {
            if !schema.types.contains_key(name) {
                problems.push(format!(
                    "The operation type '{name}' is not present when resolving type '{kind}' {place}"
                ));
            }
            operations.insert(kind.clone(), name.clone());
        }
        if !schemas.iter().any(|schema| !schema.is_extension) {
            for (kind, name) in [
                ("query", "Query"),
                ("mutation", "Mutation"),
                ("subscription", "Subscription"),
            ] {
                if schema.types.contains_key(name) {
                    operations
                        .entry(kind.to_owned())
                        .or_insert_with(|| name.to_owned());
                }
            }
        }
        if !operations.contains_key("query") {
            problems.push("A schema MUST have a 'query' operation defined".to_owned());
        }
        for name in &own_directives {
            if let Some(definition) = schema.directives.get(name) {
                schema.check_directive(definition, &mut problems);
            }
        }
        for definition in &order {
            schema.check_uses(definition, &mut problems);
        }
        for schema_definition in &schemas {
            schema.check_use(
                "schema",
                schema_definition.place,
                &schema_definition.directives,
                &mut problems,
            );
        }
        for definition in &order {
            check_names(definition, &mut problems);
        }
        for definition in &order {
            if definition.kind == TypeKind::Scalar && !SCALARS.contains(&&*definition.name) {
                problems.push(format!(
                    "There is no scalar implementation for the named  '{}' scalar type",
                    definition.name
                ));
            }
        }
        for definition in &order {
            if matches!(definition.kind, TypeKind::Interface | TypeKind::Union) {
                problems.push(format!(
                    "There is no type resolver defined for interface / union '{}' type",
                    definition.name
                ));
            }
        }
        if !problems.is_empty() {
            return Err(Unusable::Told(errors(&problems)));
        }
        let is_sound = order.iter().all(|definition| schema.is_sound(definition))
            && operations.values().all(|name| {
                schema
                    .types
                    .get(name)
                    .is_some_and(|definition| definition.kind == TypeKind::Object)
            });
        if !is_sound {
            return Err(Unusable::Error(UNSOUND));
        }
        schema.operations = operations;
        Ok(schema)
    }

    pub(super) fn get(&self, name: &str) -> Option<&TypeDefinition> {
        self.types.get(name).filter(|definition| definition.name != ROOT)
    }

    pub(super) fn directive(&self, name: &str) -> Option<&DirectiveDefinition> {
        self.directives.get(name)
    }

    /// The type at which operations of a kind begin.
    pub(super) fn root(&self, kind: &str) -> Option<&TypeDefinition> {
        self.get(self.operations.get(kind)?)
    }

    /// The field of an object; those that begin with `__` belong to every object or to the root of queries.
    pub(super) fn field<'s>(&'s self, of: &'s TypeDefinition, name: &str) -> Option<&'s Field> {
        let is_root = self.operations.get("query") == Some(&of.name);
        let definition = match name {
            "__typename" => self.types.get(ROOT)?,
            "__schema" | "__type" if is_root => self.types.get(ROOT)?,
            _ => of,
        };
        definition.fields.iter().find(|field| field.name == name)
    }

    /// Whether values of a type can be given.
    pub(super) fn is_input(&self, name: &str) -> bool {
        let kind = self.get(name).map(|definition| definition.kind);
        matches!(kind, Some(TypeKind::Enum | TypeKind::Input | TypeKind::Scalar))
    }

    /// Whether a type has fields.
    pub(super) fn is_composite(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|definition| definition.kind == TypeKind::Object)
    }

    fn extend(&mut self, extension: TypeDefinition, problems: &mut Vec<String>) {
        let TypeDefinition { name, place, .. } = &extension;
        let Some(base) = self
            .types
            .get_mut(name)
            .filter(|base| base.kind == extension.kind)
        else {
            problems.push(format!(
                "The extension '{name}' type {place} is missing its base underlying type"
            ));
            return;
        };
        for field in &extension.fields {
            if base.fields.iter().any(|known| known.name == field.name) {
                problems.push(format!(
                    "'{name}' extension type {place} tried to redefine field '{}' {}",
                    field.name, field.place
                ));
            }
        }
        for (value, value_place) in &extension.values {
            if base.values.iter().any(|(known, _)| known == value) {
                problems.push(format!(
                    "'{name}' extension type {place} tried to redefine enum value '{value}' {value_place}"
                ));
            }
        }
        let (fields, values) = (base.fields.len(), base.values.len());
        for field in extension.fields {
            if base
                .fields
                .iter()
                .take(fields)
                .all(|known| known.name != field.name)
            {
                base.fields.push(field);
            }
        }
        for value in extension.values {
            if base
                .values
                .iter()
                .take(values)
                .all(|(known, _)| *known != value.0)
            {
                base.values.push(value);
            }
        }
        base.members.extend(extension.members);
        base.directives.extend(extension.directives);
    }

    /// Whether all types are there that a type names.
    fn check_types(&self, definition: &TypeDefinition, problems: &mut Vec<String>) {
        let TypeDefinition {
            name, place, kind, ..
        } = definition;
        let mut need = |what: &str, of: &Type| {
            let needed = of.name();
            if self.get(needed).is_none() {
                problems.push(format!(
                    "The {what} type '{needed}' is not present when resolving type '{name}' {place}"
                ));
            }
        };
        for field in &definition.fields {
            need(
                if *kind == TypeKind::Input {
                    "input value"
                } else {
                    "field"
                },
                &field.kind,
            );
        }
        for argument in definition.fields.iter().flat_map(|field| &field.arguments) {
            need("field input", &argument.kind);
        }
        for member in &definition.members {
            need("union member", &Type::Named(member.clone()));
        }
    }

    fn check_directive(&self, definition: &DirectiveDefinition, problems: &mut Vec<String>) {
        const LOCATIONS: &str = "__DirectiveLocation";
        let DirectiveDefinition { name, place, .. } = definition;
        for argument in &definition.arguments {
            let needed = argument.kind.name();
            if self.get(needed).is_none() {
                problems.push(format!(
                    "The directive definition type '{needed}' is not present when resolving type '{name}' {place}"
                ));
            }
        }
        let known = self.types.get(LOCATIONS);
        for location in &definition.locations {
            let is_known = known.is_some_and(|known| known.values.iter().any(|(name, _)| name == location));
            if !is_known {
                problems.push(format!(
                    "'{name}' {place} tried to use a location '{location}' but that is illegal"
                ));
            }
        }
    }

    /// Whether all directives are there that a type uses.
    fn check_uses(&self, definition: &TypeDefinition, problems: &mut Vec<String>) {
        self.check_use(
            &definition.name,
            definition.place,
            &definition.directives,
            problems,
        );
        for field in &definition.fields {
            self.check_use(&field.name, field.place, &field.directives, problems);
        }
    }

    fn check_use(&self, name: &str, place: Place, directives: &[Directive], problems: &mut Vec<String>) {
        for directive in directives {
            let used = &directive.name;
            // Those of queries have no meaning here.
            let definition = self
                .directive(used)
                .filter(|_| !["include", "skip"].contains(&&**used));
            let Some(definition) = definition else {
                problems.push(format!(
                    "'{name}' {place} tried to use an undeclared directive '{used}'"
                ));
                continue;
            };
            for (argument, value) in &directive.arguments {
                match definition.arguments.iter().find(|known| known.name == *argument) {
                    None => problems.push(format!(
                        "'{name}' {place} use an unknown argument '{argument}' on directive '{used}'"
                    )),
                    Some(known) if literal::problem(self, value, &known.kind, argument).is_some() => {
                        problems.push(format!(
                            "'{name}' {place} uses an illegal value for the argument '{argument}' on directive '{used}'. \
                             Argument value is not a valid value of {} '{}'.",
                            self.noun(known.kind.name()),
                            known.kind.name(),
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn noun(&self, name: &str) -> &'static str {
        match self.get(name).map(|definition| definition.kind) {
            Some(TypeKind::Enum) => "enum",
            Some(TypeKind::Input) => "input object",
            _ => "scalar",
        }
    }

    /// Whether a type has members, of kinds that they may have, with defaults that fit.
    fn is_sound(&self, definition: &TypeDefinition) -> bool {
        let is_own = |name: &str| !name.starts_with("__");
        let fits = |kind: &Type, default: Option<&Literal>| {
            self.is_input(kind.name())
                && default.is_none_or(|default| literal::problem(self, default, kind, "").is_none())
        };
        let is_argument = |input: &Input| is_own(&input.name) && fits(&input.kind, input.default.as_ref());
        is_own(&definition.name)
            && match definition.kind {
                TypeKind::Object => {
                    let is_field = |field: &Field| {
                        let of = self.get(field.kind.name()).map(|definition| definition.kind);
                        is_own(&field.name)
                            && of.is_some_and(|kind| kind != TypeKind::Input)
                            && field.arguments.iter().all(is_argument)
                    };
                    !definition.fields.is_empty() && definition.fields.iter().all(is_field)
                }
                TypeKind::Input => {
                    let is_field =
                        |field: &Field| is_own(&field.name) && fits(&field.kind, field.default.as_ref());
                    !definition.fields.is_empty() && definition.fields.iter().all(is_field)
                }
                TypeKind::Enum => {
                    !definition.values.is_empty() && definition.values.iter().all(|(name, _)| is_own(name))
                }
                TypeKind::Scalar | TypeKind::Interface | TypeKind::Union => true,
            }
    }
}

/// Whether no member is there twice.
fn check_names(definition: &TypeDefinition, problems: &mut Vec<String>) {
    let TypeDefinition { name, place, .. } = definition;
    let what = if definition.kind == TypeKind::Input {
        "an input field"
    } else {
        "a field"
    };
    for field in doubles(definition.fields.iter().map(|field| &field.name)) {
        problems.push(format!(
            "The type '{name}' {place} has declared {what} with a non unique name '{field}'"
        ));
    }
    for field in &definition.fields {
        for argument in doubles(field.arguments.iter().map(|argument| &argument.name)) {
            problems.push(format!(
                "The type '{name}' with field '{}' {place} has declared an argument with a non unique name '{argument}'",
                field.name
            ));
        }
    }
    for value in doubles(definition.values.iter().map(|(name, _)| name)) {
        problems.push(format!(
            "The type '{name}' {place} has declared an enum value with a non unique name '{value}'"
        ));
    }
}

/// The names that are there before already.
pub(super) fn doubles<'n>(names: impl Iterator<Item = &'n String>) -> Vec<&'n String> {
    let mut seen = HashSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}
