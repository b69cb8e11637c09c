//! What a compiled schema is made of.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Number, Value};

/// The number of a subschema.
pub(super) type NodeId = usize;

/// One subschema: all of its checks have to hold.
#[derive(Default)]
pub(super) struct Node {
    /// Where it stands, as a JSON pointer.
    pub(super) location: Box<str>,
    pub(super) checks: Vec<Check>,
}

/// What one keyword, or a few that belong together, ask of a value.
pub(super) enum Check {
    /// The schema `false`.
    Never,
    Type(Types),
    Enum(&'static str, Vec<Value>),
    Bound(&'static str, Bound, Number),
    MultipleOf(Number),
    Length(&'static str, Limit, Measured),
    Pattern(Regex),
    Items {
        prefix: Vec<NodeId>,
        rest: Option<NodeId>,
    },
    Contains {
        schema: NodeId,
        min: u64,
        max: u64,
    },
    UniqueItems,
    Properties {
        named: BTreeMap<String, NodeId>,
        patterns: Vec<(Regex, NodeId)>,
        rest: Option<NodeId>,
    },
    PropertyNames(NodeId),
    Required(&'static str, Vec<String>),
    DependentRequired(&'static str, Vec<(String, Vec<String>)>),
    DependentSchemas(Vec<(String, NodeId)>),
    Same(NodeId),
    AllOf(Vec<NodeId>),
    AnyOf(Vec<NodeId>),
    OneOf(Vec<NodeId>),
    Not(NodeId),
    If {
        condition: NodeId,
        then: Option<NodeId>,
        otherwise: Option<NodeId>,
    },
}

/// The types that a value may have.
#[derive(Clone, Copy, Default)]
pub(super) struct Types {
    pub(super) null: bool,
    pub(super) boolean: bool,
    pub(super) object: bool,
    pub(super) array: bool,
    pub(super) string: bool,
    pub(super) number: bool,
    pub(super) integer: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Bound {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

#[derive(Clone, Copy)]
pub(super) enum Limit {
    AtLeast(u64),
    AtMost(u64),
}

/// What has a length: characters of a string, items of an array, properties of an object.
#[derive(Clone, Copy)]
pub(super) enum Measured {
    String,
    Array,
    Object,
}
