//! What is told of a query.

use std::collections::{HashMap, HashSet};

use super::tree::{Arguments, Document, Fragment, Literal, Selection, SelectionKind, object};
use crate::value::{Array, Number, Object, Text, Value};

/// The depth that is told of deeper queries.
const MAX_TOLD_DEPTH: i64 = 100;

/// What an alias counts for, against a field at the root.
const ALIAS_WEIGHT: i64 = 5;

/// What a level of depth counts for, against a field.
const DEPTH_WEIGHT: i64 = 2;

/// The order of what is told of a text that is no query, which is another one than for queries.
const INVALID_ORDER: &[&str] = &[
    "operation",
    "depth",
    "fieldCount",
    "complexity",
    "fields",
    "security",
    "ast",
];
const INVALID_AST_ORDER: &[&str] = &[
    "operationName",
    "types",
    "directives",
    "variables",
    "fragments",
    "fragmentCount",
    "arguments",
];

/// Arguments that say how much is asked for.
const PAGINATION: &[&str] = &["first", "last", "limit", "offset", "skip", "take"];

/// The analysis of a document.
pub(super) fn of<'a>(document: &Document) -> Value<'a> {
    let mut measures = Measures::default();
    for operation in &document.operations {
        measures.selections(&operation.selections, 1, true);
    }
    for fragment in &document.fragments {
        measures.fragment(fragment);
    }
    measures.has_cycle = has_cycle(&document.fragments);
    let first = document.operations.first();
    let variables = first.map(|operation| {
        let defaults = operation.variables.iter().filter_map(|variable| {
            let default = variable.default.as_ref()?;
            Some((variable.name.clone(), default.to_value()))
        });
        members(defaults.collect())
    });
    let mut members = vec![("valid", Value::from(true))];
    members.extend(measures.told(
        first.map_or("query", |operation| operation.kind),
        first.map_or("", |operation| &operation.name),
        variables.unwrap_or_else(|| Value::Object(Object::default())),
    ));
    named(members)
}

/// The analysis of a text that is no query.
pub(super) fn invalid<'a>(problem: &str) -> Value<'a> {
    failed(vec![format!("Failed to parse GraphQL query: {problem}")])
}

/// The analysis of what has errors.
pub(super) fn failed<'a>(errors: Vec<String>) -> Value<'a> {
    let mut members = vec![("valid", Value::from(false)), ("errors", texts(errors))];
    let mut told = Measures::default().told("query", "", Value::Object(Object::default()));
    told.sort_by_key(|(name, _)| INVALID_ORDER.iter().position(|known| known == name));
    if let Some(("ast", ast)) = told.last_mut()
        && let Some(known) = ast.as_object()
    {
        let of_name = |&name: &&'static str| Some((name, known.get(name)?));
        *ast = named(INVALID_AST_ORDER.iter().filter_map(of_name).collect());
    }
    members.extend(told);
    named(members)
}

#[derive(Default)]
struct Measures {
    fields: Vec<String>,
    depth: i64,
    aliases: i64,
    root_fields: i64,
    pagination: i64,
    has_cycle: bool,
    types: Vec<String>,
    directives: Vec<Value<'static>>,
    arguments: Vec<(String, Value<'static>)>,
    fragments: Vec<(String, Value<'static>)>,
}

impl Measures {
    fn selections(&mut self, selections: &[Selection], depth: i64, is_root: bool) {
        self.depth = self.depth.max(depth).min(MAX_TOLD_DEPTH);
        for selection in selections {
            match &selection.kind {
                SelectionKind::Field {
                    alias,
                    name,
                    arguments,
                } => {
                    self.fields.push(name.clone());
                    self.root_fields += i64::from(is_root);
                    self.aliases += i64::from(alias.is_some());
                    self.field_arguments(name, arguments);
                }
                SelectionKind::Inline(on) => self.types.extend(on.clone()),
                SelectionKind::Spread(_) => {}
            }
            let directives = selection.directives.iter().map(|directive| {
                named(vec![
                    ("name", directive.name.clone().into()),
                    ("arguments", object(&directive.arguments)),
                ])
            });
            self.directives.extend(directives);
            if !selection.selections.is_empty() {
                self.selections(&selection.selections, depth + 1, false);
            }
        }
    }

    fn field_arguments(&mut self, field: &str, arguments: &Arguments) {
        if arguments.is_empty() {
            return;
        }
        self.arguments.push((field.to_owned(), object(arguments)));
        for (name, value) in arguments {
            if let Literal::Integer(_, number) = value
                && PAGINATION.contains(&&*name.to_ascii_lowercase())
            {
                let end = if number.is_negative() { i64::MIN } else { i64::MAX };
                self.pagination = self.pagination.max(number.to_i64().unwrap_or(end));
            }
        }
    }

    fn fragment(&mut self, fragment: &Fragment) {
        fn fields_of(selections: &[Selection], fields: &mut Vec<Value<'static>>) {
            for selection in selections {
                if let SelectionKind::Field { name, .. } = &selection.kind {
                    fields.push(name.clone().into());
                }
                fields_of(&selection.selections, fields);
            }
        }
        let mut fields = Vec::new();
        fields_of(&fragment.selections, &mut fields);
        let told = named(vec![
            ("typeName", fragment.on.clone().into()),
            ("fields", Value::Array(fields.into())),
        ]);
        self.types.push(fragment.on.clone());
        self.fragments.push((fragment.name.clone(), told));
    }

    /// The members of the result.
    fn told<'a>(
        mut self,
        operation: &'static str,
        name: &str,
        variables: Value<'a>,
    ) -> Vec<(&'static str, Value<'a>)> {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let (fields, directives) = (count(self.fields.len()), count(self.directives.len()));
        #[expect(
            clippy::cast_precision_loss,
            reason = "queries have far fewer fields and directives"
        )]
        let per_field = if fields > 0 {
            directives as f64 / fields as f64
        } else {
            0.0
        };
        let is_introspection = self.fields.iter().any(|field| field.starts_with("__"));
        self.types.sort_unstable();
        self.types.dedup();
        let fragments: HashSet<&String> = self.fragments.iter().map(|(name, _)| name).collect();
        let fragment_count = count(fragments.len());
        let security = named(vec![
            ("aliasCount", self.aliases.into()),
            ("rootFieldCount", self.root_fields.into()),
            (
                "batchingScore",
                (self.aliases * ALIAS_WEIGHT + self.root_fields).into(),
            ),
            ("maxPaginationLimit", self.pagination.into()),
            ("hasCircularFragments", self.has_cycle.into()),
            ("isIntrospection", is_introspection.into()),
            ("directiveCount", directives.into()),
            (
                "directivesPerField",
                Number::from_f64(per_field).unwrap_or(Number::ZERO).into(),
            ),
        ]);
        let ast = named(vec![
            ("operationName", name.to_owned().into()),
            ("types", texts(self.types)),
            ("variables", variables),
            ("arguments", members(self.arguments)),
            ("fragments", members(self.fragments)),
            ("fragmentCount", fragment_count.into()),
            ("directives", Value::Array(self.directives.into())),
        ]);
        vec![
            ("operation", operation.into()),
            ("fields", texts(self.fields)),
            ("fieldCount", fields.into()),
            ("depth", self.depth.into()),
            ("complexity", (fields + self.depth * DEPTH_WEIGHT).into()),
            ("security", security),
            ("ast", ast),
        ]
    }
}

/// Whether a fragment comes back to itself.
fn has_cycle(fragments: &[Fragment]) -> bool {
    fn spreads_of<'q>(selections: &'q [Selection], spreads: &mut Vec<&'q str>) {
        for selection in selections {
            if let SelectionKind::Spread(name) = &selection.kind {
                spreads.push(name);
            }
            spreads_of(&selection.selections, spreads);
        }
    }
    let mut uses: HashMap<&str, HashSet<&str>> = HashMap::new();
    for fragment in fragments {
        let mut spreads = Vec::new();
        spreads_of(&fragment.selections, &mut spreads);
        uses.insert(&fragment.name, spreads.into_iter().collect());
    }
    // Who is used by nobody that is left can't be part of a circle.
    let mut users: HashMap<&str, usize> = uses.keys().map(|name| (*name, 0)).collect();
    for name in uses.values().flatten() {
        if let Some(count) = users.get_mut(name) {
            *count += 1;
        }
    }
    let mut unused: Vec<&str> = users
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(name, _)| *name)
        .collect();
    let mut left = users.len();
    while let Some(name) = unused.pop() {
        left -= 1;
        for used in uses.get(name).into_iter().flatten() {
            if let Some(count) = users.get_mut(used) {
                *count -= 1;
                if *count == 0 {
                    unused.push(used);
                }
            }
        }
    }
    left > 0
}

pub(super) fn named<'a>(members: Vec<(&'static str, Value<'a>)>) -> Value<'a> {
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Object(members.collect::<Object<'a>>())
}

fn members<'a>(members: Vec<(String, Value<'static>)>) -> Value<'a> {
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Object(members.collect::<Object<'a>>())
}

pub(super) fn texts<'a>(texts: Vec<String>) -> Value<'a> {
    Value::Array(texts.into_iter().map(Value::from).collect::<Array<'a>>())
}

#[cfg(test)]
mod tests {
    use super::super::query::parse;
    use super::*;

    fn told(query: &str, path: &[&str]) -> String {
        let mut value = match parse(query) {
            Ok(document) => of(&document),
            Err(problem) => invalid(&problem.message),
        };
        for key in path {
            value = value
                .as_object()
                .and_then(|object| object.get(key))
                .unwrap_or_default();
        }
        value.to_string()
    }

    #[test]
    fn fragments_that_come_back_to_themselves_are_told() {
        let circle = "{ ...F } fragment F on T { a { ...G } } fragment G on T { ... on U { ...F } }";
        assert_eq!(told(circle, &["security", "hasCircularFragments"]), "true");
        assert_eq!(told(circle, &["ast", "fragmentCount"]), "2");
        let chain = "{ ...F } fragment F on T { ...G ...X } fragment G on T { b }";
        assert_eq!(told(chain, &["security", "hasCircularFragments"]), "false");
    }

    #[test]
    fn the_largest_page_is_told() {
        let query = "{ a(LIMIT: 5, last: -9) b(first: 99999999999999999999) c(count: 7) }";
        assert_eq!(
            told(query, &["security", "maxPaginationLimit"]),
            i64::MAX.to_string()
        );
        assert_eq!(
            told("{ a(first: 2.5) }", &["security", "maxPaginationLimit"]),
            "0"
        );
    }

    #[test]
    fn arguments_variables_and_directives_are_told() {
        let query = "query Q($a: [Int!]! = [1], $b: T) { x: b(y: {z: $v}) @skip(if: true) { c } }";
        assert_eq!(told(query, &["ast", "variables"]), r#"{"a"=[1]}"#);
        assert_eq!(
            told(query, &["ast", "arguments"]),
            r#"{"b"={"y"={"z"={"$variable"="v"}}}}"#
        );
        assert_eq!(
            told(query, &["ast", "directives"]),
            r#"[{"name"="skip", "arguments"={"if"=true}}]"#
        );
        assert_eq!(told(query, &["security", "directivesPerField"]), "0.5");
        assert_eq!(told(query, &["complexity"]), "6");
    }
}
