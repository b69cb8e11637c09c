//! A JSON Schema, read once and turned into checks.
//!
//! The dialect is JSON Schema 2020-12, which MCP prescribes where a schema names none, with the older forms that
//! mean the same (`definitions`, `dependencies`, a list as `items`). `format` and the `content…` keywords are annotations there.
//! A schema that needs more (references out of the document, `$dynamicRef`, `unevaluated…`) can't be used, and says so:
//! a keyword is never skipped when it could refuse something.

use std::collections::{BTreeMap, HashMap};

use regex::{Regex, RegexBuilder};
use rmcp::model::JsonObject;
use serde_json::{Map, Number, Value};

use super::check::{Bound, Check, Limit, Measured, Node, NodeId, Types};
use crate::value::Unfit;

/// How many subschemas a schema may have.
pub(super) const MAX_NODES: usize = 10_000;
/// How deep schemas may nest, references included, and how deep a check may go.
pub(super) const MAX_DEPTH: usize = 192;
/// How many regular expressions a schema may have.
pub(super) const MAX_PATTERNS: usize = 128;
/// How large one compiled regular expression may be, in bytes.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A schema as checks. Subschemas are known by their number, so that a schema may refer to itself.
pub(super) struct Compiled {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

impl Compiled {
    /// Reads a schema.
    ///
    /// # Errors
    ///
    /// [`Unfit::UnusableSchema`] with the place that is malformed, unsupported or beyond a limit.
    pub(super) fn new(schema: &JsonObject) -> Result<Self, Unfit> {
        let mut compiler = Compiler {
            root: schema,
            nodes: Vec::new(),
            known: HashMap::new(),
            patterns: 0,
        };
        let root = compiler.object("", schema, 0)?;
        Ok(Self {
            nodes: compiler.nodes,
            root,
        })
    }
}

struct Compiler<'s> {
    root: &'s JsonObject,
    nodes: Vec<Node>,
    known: HashMap<String, NodeId>,
    patterns: usize,
}

type Compile<T> = Result<T, Unfit>;

impl<'s> Compiler<'s> {
    fn schema(&mut self, location: &str, schema: &'s Value, depth: usize) -> Compile<NodeId> {
        match schema {
            Value::Object(schema) => self.object(location, schema, depth),
            Value::Bool(true) => self.node(location, Vec::new()),
            Value::Bool(false) => self.node(location, vec![Check::Never]),
            _ => Err(unusable(
                location,
                "a schema that is neither an object nor a boolean",
            )),
        }
    }

    fn object(&mut self, location: &str, schema: &'s JsonObject, depth: usize) -> Compile<NodeId> {
        if let Some(id) = self.known.get(location) {
            return Ok(*id);
        }
        if depth > MAX_DEPTH {
            return Err(unusable(location, "too deep nesting"));
        }
        // The number is given out before the checks are known, so that a reference back to here finds it.
        let id = self.node(location, Vec::new())?;
        self.known.insert(location.to_owned(), id);
        let mut scope = Scope {
            compiler: self,
            location,
            schema,
            depth,
        };
        let checks = scope.checks()?;
        if let Some(node) = self.nodes.get_mut(id) {
            node.checks = checks;
        }
        Ok(id)
    }

    fn node(&mut self, location: &str, checks: Vec<Check>) -> Compile<NodeId> {
        if self.nodes.len() >= MAX_NODES {
            return Err(unusable(location, "too many subschemas"));
        }
        self.nodes.push(Node {
            location: location.into(),
            checks,
        });
        Ok(self.nodes.len() - 1)
    }
}

/// One schema object while it is read.
struct Scope<'c, 's, 'l> {
    compiler: &'c mut Compiler<'s>,
    location: &'l str,
    schema: &'s JsonObject,
    depth: usize,
}

impl<'s> Scope<'_, 's, '_> {
    fn checks(&mut self) -> Compile<Vec<Check>> {
        let schema = self.schema;
        let mut checks = Vec::with_capacity(schema.len());
        for (keyword, argument) in schema {
            if let Some(check) = self.check(keyword, argument)? {
                checks.push(check);
            }
        }
        checks.extend(self.properties()?);
        checks.extend(self.items()?);
        checks.extend(self.contains()?);
        checks.extend(self.condition()?);
        Ok(checks)
    }

    fn check(&mut self, keyword: &str, argument: &'s Value) -> Compile<Option<Check>> {
        let at = |scope: &Self| child(scope.location, keyword);
        Ok(Some(match keyword {
            "$ref" => Check::Same(self.reference(argument)?),
            "type" => Check::Type(self.types(argument)?),
            "enum" => Check::Enum("enum", self.array(keyword, argument)?.clone()),
            "const" => Check::Enum("const", vec![argument.clone()]),
            "minimum" => Check::Bound("minimum", Bound::Minimum, self.number(keyword, argument)?),
            "maximum" => Check::Bound("maximum", Bound::Maximum, self.number(keyword, argument)?),
            "exclusiveMinimum" => Check::Bound(
                "exclusiveMinimum",
                Bound::ExclusiveMinimum,
                self.number(keyword, argument)?,
            ),
            "exclusiveMaximum" => Check::Bound(
                "exclusiveMaximum",
                Bound::ExclusiveMaximum,
                self.number(keyword, argument)?,
            ),
            "multipleOf" => {
                let factor = self.number(keyword, argument)?;
                if factor.as_f64().is_none_or(|factor| factor <= 0.0) {
                    return Err(unusable(&at(self), "a number that is not positive"));
                }
                Check::MultipleOf(factor)
            }
            "minLength" => Check::Length(
                "minLength",
                Limit::AtLeast(self.count(keyword, argument)?),
                Measured::String,
            ),
            "maxLength" => Check::Length(
                "maxLength",
                Limit::AtMost(self.count(keyword, argument)?),
                Measured::String,
            ),
            "minItems" => Check::Length(
                "minItems",
                Limit::AtLeast(self.count(keyword, argument)?),
                Measured::Array,
            ),
            "maxItems" => Check::Length(
                "maxItems",
                Limit::AtMost(self.count(keyword, argument)?),
                Measured::Array,
            ),
            "minProperties" => Check::Length(
                "minProperties",
                Limit::AtLeast(self.count(keyword, argument)?),
                Measured::Object,
            ),
            "maxProperties" => Check::Length(
                "maxProperties",
                Limit::AtMost(self.count(keyword, argument)?),
                Measured::Object,
            ),
            "pattern" => {
                let pattern = argument
                    .as_str()
                    .ok_or_else(|| unusable(&at(self), "a pattern that is not a string"))?;
                Check::Pattern(self.pattern(keyword, pattern)?)
            }
            "uniqueItems" => match argument {
                Value::Bool(true) => Check::UniqueItems,
                Value::Bool(false) => return Ok(None),
                _ => return Err(unusable(&at(self), "a value that is not a boolean")),
            },
            "required" => Check::Required("required", self.names(keyword, argument)?),
            "dependentRequired" => {
                let mut dependent = Vec::new();
                for (name, names) in self.map(keyword, argument)? {
                    dependent.push((name.clone(), self.names(keyword, names)?));
                }
                Check::DependentRequired("dependentRequired", dependent)
            }
            "dependentSchemas" => {
                let schemas = self.named(keyword, self.map(keyword, argument)?)?;
                Check::DependentSchemas(schemas.into_iter().collect())
            }
            "dependencies" => return self.dependencies(argument).map(Some),
            "propertyNames" => Check::PropertyNames(self.below(&at(self), argument)?),
            "allOf" => Check::AllOf(self.schemas(keyword, argument)?),
            "anyOf" => Check::AnyOf(self.schemas(keyword, argument)?),
            "oneOf" => Check::OneOf(self.schemas(keyword, argument)?),
            "not" => Check::Not(self.below(&at(self), argument)?),
            "unevaluatedItems" | "unevaluatedProperties" if *argument == Value::Bool(true) => {
                return Ok(None);
            }
            "unevaluatedItems"
            | "unevaluatedProperties"
            | "$dynamicRef"
            | "$recursiveRef"
            | "extends"
            | "disallow"
            | "divisibleBy" => return Err(unusable(&at(self), "an unsupported keyword")),
            "$id" | "id" if argument.is_string() && !self.location.is_empty() => {
                return Err(unusable(
                    &at(self),
                    "an embedded schema with an identifier of its own",
                ));
            }
            _ => return Ok(None),
        }))
    }

    fn properties(&mut self) -> Compile<Option<Check>> {
        let schema = self.schema;
        let (named, patterns, rest) = (
            schema.get("properties"),
            schema.get("patternProperties"),
            schema.get("additionalProperties"),
        );
        if named.is_none() && patterns.is_none() && rest.is_none() {
            return Ok(None);
        }
        let named = match named {
            Some(named) => self.named("properties", self.map("properties", named)?)?,
            None => BTreeMap::new(),
        };
        let mut matching = Vec::new();
        if let Some(patterns) = patterns {
            for (pattern, schema) in self.map("patternProperties", patterns)? {
                let place = child(&child(self.location, "patternProperties"), pattern);
                matching.push((
                    self.pattern("patternProperties", pattern)?,
                    self.below(&place, schema)?,
                ));
            }
        }
        let rest = self.single("additionalProperties", rest)?;
        Ok(Some(Check::Properties {
            named,
            patterns: matching,
            rest,
        }))
    }

    fn items(&mut self) -> Compile<Option<Check>> {
        let schema = self.schema;
        let (prefix, items) = (schema.get("prefixItems"), schema.get("items"));
        let (keyword, prefix, rest) = match (prefix, items) {
            (None, None) => return Ok(None),
            (None, Some(Value::Array(_))) => (
                "items",
                items,
                self.single("additionalItems", schema.get("additionalItems"))?,
            ),
            _ => ("prefixItems", prefix, self.single("items", items)?),
        };
        let prefix = match prefix {
            Some(schemas) => self.schemas(keyword, schemas)?,
            None => Vec::new(),
        };
        Ok(Some(Check::Items { prefix, rest }))
    }

    fn contains(&mut self) -> Compile<Option<Check>> {
        let Some(schema) = self.single("contains", self.schema.get("contains"))? else {
            return Ok(None);
        };
        let count = |keyword| {
            self.schema
                .get(keyword)
                .map(|count| self.count(keyword, count))
                .transpose()
        };
        let (min, max) = (
            count("minContains")?.unwrap_or(1),
            count("maxContains")?.unwrap_or(u64::MAX),
        );
        Ok(Some(Check::Contains { schema, min, max }))
    }

    fn condition(&mut self) -> Compile<Option<Check>> {
        let schema = self.schema;
        let Some(condition) = self.single("if", schema.get("if"))? else {
            return Ok(None);
        };
        let then = self.single("then", schema.get("then"))?;
        let otherwise = self.single("else", schema.get("else"))?;
        Ok(Some(Check::If {
            condition,
            then,
            otherwise,
        }))
    }

    fn dependencies(&mut self, argument: &'s Value) -> Compile<Check> {
        let place = child(self.location, "dependencies");
        let (mut names, mut schemas) = (Vec::new(), Vec::new());
        for (name, dependency) in self.map("dependencies", argument)? {
            if dependency.is_array() {
                names.push((name.clone(), self.names("dependencies", dependency)?));
            } else {
                schemas.push((name.clone(), self.below(&child(&place, name), dependency)?));
            }
        }
        let checks = vec![
            Check::DependentRequired("dependencies", names),
            Check::DependentSchemas(schemas),
        ];
        Ok(Check::Same(self.compiler.node(self.location, checks)?))
    }

    fn reference(&mut self, argument: &'s Value) -> Compile<NodeId> {
        let place = child(self.location, "$ref");
        let unresolved = || unusable(&place, "a reference that can't be followed inside of the schema");
        let fragment = argument
            .as_str()
            .and_then(|reference| reference.strip_prefix('#'))
            .ok_or_else(unresolved)?;
        if fragment.is_empty() {
            return self.compiler.object("", self.compiler.root, self.depth);
        }
        // Percent-encoding in a pointer of a schema is so rare that a name with `%` counts as unknown.
        let mut tokens = fragment
            .strip_prefix('/')
            .ok_or_else(unresolved)?
            .split('/')
            .map(unescaped);
        let first = tokens.next().ok_or_else(unresolved)?;
        let mut target = self.compiler.root.get(&first).ok_or_else(unresolved)?;
        for token in tokens {
            target = match target {
                Value::Object(object) => object.get(&token),
                Value::Array(array) => token.parse().ok().and_then(|index: usize| array.get(index)),
                _ => None,
            }
            .ok_or_else(unresolved)?;
        }
        self.compiler.schema(fragment, target, self.depth + 1)
    }

    fn below(&mut self, location: &str, schema: &'s Value) -> Compile<NodeId> {
        self.compiler.schema(location, schema, self.depth + 1)
    }

    fn single(&mut self, keyword: &str, schema: Option<&'s Value>) -> Compile<Option<NodeId>> {
        schema
            .map(|schema| self.below(&child(self.location, keyword), schema))
            .transpose()
    }

    fn schemas(&mut self, keyword: &str, argument: &'s Value) -> Compile<Vec<NodeId>> {
        let place = child(self.location, keyword);
        let schemas = self.array(keyword, argument)?;
        schemas
            .iter()
            .enumerate()
            .map(|(index, schema)| self.below(&child(&place, &index.to_string()), schema))
            .collect()
    }

    fn named(&mut self, keyword: &str, schemas: &'s Map<String, Value>) -> Compile<BTreeMap<String, NodeId>> {
        let place = child(self.location, keyword);
        schemas
            .iter()
            .map(|(name, schema)| Ok((name.clone(), self.below(&child(&place, name), schema)?)))
            .collect()
    }

    fn pattern(&mut self, keyword: &str, pattern: &str) -> Compile<Regex> {
        let place = || child(self.location, keyword);
        self.compiler.patterns += 1;
        if self.compiler.patterns > MAX_PATTERNS {
            return Err(unusable(&place(), "too many regular expressions"));
        }
        RegexBuilder::new(pattern)
            .size_limit(MAX_PATTERN_BYTES)
            .build()
            .map_err(|_| {
                unusable(
                    &place(),
                    "a regular expression that can't be used in linear time and space",
                )
            })
    }

    fn types(&self, argument: &Value) -> Compile<Types> {
        let mut types = Types::default();
        let names = match argument {
            Value::Array(names) => names.as_slice(),
            name => std::slice::from_ref(name),
        };
        for name in names {
            match name.as_str() {
                Some("null") => types.null = true,
                Some("boolean") => types.boolean = true,
                Some("object") => types.object = true,
                Some("array") => types.array = true,
                Some("string") => types.string = true,
                Some("number") => types.number = true,
                Some("integer") => types.integer = true,
                _ => return Err(unusable(&child(self.location, "type"), "an unknown type")),
            }
        }
        Ok(types)
    }

    fn names(&self, keyword: &str, argument: &Value) -> Compile<Vec<String>> {
        let name = |name: &Value| name.as_str().map(str::to_owned);
        let names = argument
            .as_array()
            .and_then(|names| names.iter().map(name).collect());
        names.ok_or_else(|| {
            unusable(
                &child(self.location, keyword),
                "a value that is not a list of names",
            )
        })
    }

    fn array<'v>(&self, keyword: &str, argument: &'v Value) -> Compile<&'v Vec<Value>> {
        argument
            .as_array()
            .ok_or_else(|| unusable(&child(self.location, keyword), "a value that is not an array"))
    }

    fn map<'v>(&self, keyword: &str, argument: &'v Value) -> Compile<&'v Map<String, Value>> {
        argument
            .as_object()
            .ok_or_else(|| unusable(&child(self.location, keyword), "a value that is not an object"))
    }

    fn number(&self, keyword: &str, argument: &Value) -> Compile<Number> {
        match argument {
            Value::Number(number) => Ok(number.clone()),
            _ => Err(unusable(
                &child(self.location, keyword),
                "a value that is not a number",
            )),
        }
    }

    fn count(&self, keyword: &str, argument: &Value) -> Compile<u64> {
        let whole =
            |number: f64| (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64);
        let count = argument.as_u64().or_else(|| argument.as_f64().and_then(whole));
        count.ok_or_else(|| unusable(&child(self.location, keyword), "a value that is not a count"))
    }
}

fn unusable(location: &str, problem: &'static str) -> Unfit {
    Unfit::UnusableSchema {
        location: location.into(),
        problem,
    }
}

/// The pointer to `name` below `location`.
fn child(location: &str, name: &str) -> String {
    format!("{location}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A token of a JSON pointer as a name (RFC 6901, section 4).
fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
