//! Documents as trees: operations, fragments, and what schemas define.

use std::fmt;

use crate::value::{Array, Number, Object, Text, Value};

/// What is asked for.
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: Vec<Fragment>,
    /// What belongs in a schema, as it is named in messages.
    pub(super) others: Vec<String>,
}

pub(super) struct Operation {
    /// `query`, `mutation` or `subscription`.
    pub(super) kind: &'static str,
    /// Empty when it has none.
    pub(super) name: String,
    pub(super) variables: Vec<Variable>,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
}

/// A variable of an operation.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) default: Option<Literal>,
    pub(super) directives: Vec<Directive>,
}

pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) on: String,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
}

/// One thing that is asked for.
pub(super) struct Selection {
    pub(super) kind: SelectionKind,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
}

pub(super) enum SelectionKind {
    Field {
        alias: Option<String>,
        name: String,
        arguments: Arguments,
    },
    /// A fragment in its place, for a type or for any.
    Inline(Option<String>),
    /// A fragment by its name.
    Spread(String),
}

pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Arguments,
}

/// Names and values.
pub(super) type Arguments = Vec<(String, Literal)>;

/// A value as it is written.
#[derive(Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Boolean(bool),
    /// With the text that it was written as.
    Integer(String, Number),
    Float(String, Number),
    Text(String),
    Enum(String),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
    Variable(String),
}

impl Literal {
    /// The value, of which a variable is an object with its name.
    pub(super) fn to_value<'a>(&self) -> Value<'a> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(_, number) | Self::Float(_, number) => Value::Number(number.clone()),
            Self::Text(text) | Self::Enum(text) => Value::from(text.clone()),
            Self::List(elements) => elements.iter().map(Self::to_value).collect::<Array<'a>>().into(),
            Self::Object(members) => object(members),
            Self::Variable(name) => {
                let member = (Text::from("$variable"), Value::from(name.clone()));
                [member].into_iter().collect::<Object<'a>>().into()
            }
        }
    }

    /// What kind of value it is, as messages name it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NullValue",
            Self::Boolean(_) => "BooleanValue",
            Self::Integer(..) => "IntValue",
            Self::Float(..) => "FloatValue",
            Self::Text(_) => "StringValue",
            Self::Enum(_) => "EnumValue",
            Self::List(_) => "ArrayValue",
            Self::Object(_) => "ObjectValue",
            Self::Variable(_) => "VariableReference",
        }
    }
}

/// As messages show it.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Null => write!(f, "{kind}{{}}"),
            Self::Boolean(value) => write!(f, "{kind}{{value={value}}}"),
            Self::Integer(text, _) | Self::Float(text, _) => write!(f, "{kind}{{value={text}}}"),
            Self::Text(text) => write!(f, "{kind}{{value='{text}'}}"),
            Self::Enum(name) | Self::Variable(name) => write!(f, "{kind}{{name='{name}'}}"),
            Self::List(elements) => {
                write!(f, "{kind}{{values=[")?;
                for (index, element) in elements.iter().enumerate() {
                    let separator = if index > 0 { ", " } else { "" };
                    write!(f, "{separator}{element}")?;
                }
                f.write_str("]}")
            }
            Self::Object(members) => {
                write!(f, "{kind}{{objectFields=[")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    let separator = if index > 0 { ", " } else { "" };
                    write!(f, "{separator}ObjectField{{name='{name}', value={value}}}")?;
                }
                f.write_str("]}")
            }
        }
    }
}

/// The values of arguments by their names.
pub(super) fn object<'a>(members: &[(String, Literal)]) -> Value<'a> {
    let members = members
        .iter()
        .map(|(name, value)| (Text::from(name.clone()), value.to_value()));
    Value::Object(members.collect::<Object<'a>>())
}

/// The type of a field, an argument or a variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Named(String),
    List(Box<Type>),
    NonNull(Box<Type>),
}

impl Type {
    /// The name within lists and marks.
    pub(super) fn name(&self) -> &str {
        let mut kind = self;
        loop {
            match kind {
                Self::Named(name) => return name,
                Self::List(inner) | Self::NonNull(inner) => kind = inner,
            }
        }
    }

    /// The type without its mark that it is not null.
    pub(super) fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }

    pub(super) const fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// What a schema's text defines.
#[derive(Default)]
pub(super) struct Definitions {
    /// `schema { … }`, and what extends it.
    pub(super) schemas: Vec<SchemaDefinition>,
    pub(super) types: Vec<TypeDefinition>,
    pub(super) directives: Vec<DirectiveDefinition>,
}

pub(super) struct SchemaDefinition {
    pub(super) place: Place,
    pub(super) is_extension: bool,
    /// The kinds of operations, with the names of their types.
    pub(super) operations: Vec<(String, String, Place)>,
    pub(super) directives: Vec<Directive>,
}

pub(super) struct TypeDefinition {
    pub(super) kind: TypeKind,
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) is_extension: bool,
    /// Of objects and interfaces; those of input objects have no arguments.
    pub(super) fields: Vec<Field>,
    /// Of enums.
    pub(super) values: Vec<(String, Place)>,
    /// Of unions.
    pub(super) members: Vec<String>,
    pub(super) directives: Vec<Directive>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeKind {
    Object,
    Interface,
    Union,
    Enum,
    Input,
    Scalar,
}

pub(super) struct Field {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) arguments: Vec<Input>,
    pub(super) kind: Type,
    /// Of a field of an input object.
    pub(super) default: Option<Literal>,
    pub(super) directives: Vec<Directive>,
}

/// An argument of a field or directive.
pub(super) struct Input {
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) default: Option<Literal>,
}

pub(super) struct DirectiveDefinition {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) arguments: Vec<Input>,
    pub(super) is_repeatable: bool,
    pub(super) locations: Vec<String>,
}

/// Line and column, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    /// Where a text begins.
    pub(super) const FIRST: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[@{}:{}]", self.line, self.column)
    }
}
