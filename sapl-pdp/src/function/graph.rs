//! `graph`: what can be reached in a directed graph.
//!
//! A graph is an object from the names of nodes to the arrays of their neighbours, or, where a function takes a key, to
//! objects that have this array under the key. A node that is no text goes by its text form.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;

use super::arguments::{Outcome, any, code, object, text};
use super::{Function, Parameter};
use crate::value::{Array, ErrorKind, Object, Text, Value};

const NAME: &str = "graph";

/// The most entries of all results together: nodes of closures, steps of paths, projected values.
const MAX_ENTRIES: usize = 1 << 18;

/// The most edges that are followed for one result.
const MAX_STEPS: usize = 1 << 23;

const FROM: &[Parameter] = &[Parameter::object("graph"), Parameter::any("initial")];
const GRAPH: &[Parameter] = &[Parameter::object("graph")];
const GRAPH_EDGES: &[Parameter] = &[Parameter::object("graph"), Parameter::text("edgeKey")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "isReachable",
        &[
            Parameter::object("graph"),
            Parameter::any("from"),
            Parameter::any("to"),
        ],
        "whether a node, or one of an array of nodes, leads to another",
        code!(is_reachable),
    ),
    Function::new(
        NAME,
        "reachable",
        FROM,
        "the nodes to which a node or an array of nodes leads, nearest first, with themselves",
        code!(reachable),
    ),
    Function::new(
        NAME,
        "reachable_paths",
        FROM,
        "a shortest path to each node to which a node or an array of nodes leads",
        code!(reachable_paths),
    ),
    Function::new(
        NAME,
        "transitiveClosure",
        GRAPH,
        "the nodes to which each node leads, with itself",
        code!(transitive_closure),
    ),
    Function::new(
        NAME,
        "transitiveClosure",
        GRAPH_EDGES,
        "the nodes to which each node leads, with itself, by the edges under a key",
        code!(transitive_closure),
    ),
    Function::new(
        NAME,
        "transitiveClosureProjection",
        &[
            Parameter::object("graph"),
            Parameter::text("edgeKey"),
            Parameter::text("attrKey"),
        ],
        "what the nodes to which each node leads have under a key of their `attributes`",
        code!(transitive_closure_projection),
    ),
    Function::new(
        NAME,
        "transitiveClosureSet",
        GRAPH,
        "the nodes to which each node leads, with itself, as the keys of an object",
        code!(transitive_closure_set),
    ),
    Function::new(
        NAME,
        "transitiveClosureSet",
        GRAPH_EDGES,
        "the nodes to which each node leads, with itself, by the edges under a key, as the keys of an object",
        code!(transitive_closure_set),
    ),
];

/// A graph with numbered nodes.
struct Graph<'a> {
    object: Object<'a>,
    edge_key: Option<Text<'a>>,
    numbers: HashMap<Text<'a>, usize>,
    nodes: Vec<Node<'a>>,
    /// By which walk each node was seen last.
    seen: Vec<u32>,
    /// The number of the walk.
    walk: u32,
    /// How many edges may still be followed.
    steps: usize,
}

struct Node<'a> {
    name: Text<'a>,
    /// Once they were asked for.
    neighbours: Option<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn new(object: &Object<'a>, edge_key: Option<Text<'a>>) -> Self {
        Self {
            object: object.clone(),
            edge_key,
            numbers: HashMap::new(),
            nodes: Vec::new(),
            seen: Vec::new(),
            walk: 0,
            steps: MAX_STEPS,
        }
    }

    fn number(&mut self, name: Text<'a>) -> usize {
        match self.numbers.entry(name) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let number = self.nodes.len();
                self.nodes.push(Node {
                    name: new.key().clone(),
                    neighbours: None,
                });
                *new.insert(number)
            }
        }
    }

    fn name(&self, node: usize) -> Text<'a> {
        self.nodes
            .get(node)
            .map_or_else(|| "".into(), |node| node.name.clone())
    }

    /// Makes sure that the neighbours of a node are known.
    fn look_up(&mut self, node: usize) -> Result<(), ErrorKind> {
        let Some(Node {
            name,
            neighbours: None,
        }) = self.nodes.get(node)
        else {
            return Ok(());
        };
        let value = self.object.get(name);
        let edges = match (&self.edge_key, value) {
            (None, value) => value,
            (Some(key), Some(Value::Object(object))) => object.get(key),
            (Some(_), _) => None,
        };
        let mut neighbours = Vec::new();
        if let Some(Value::Array(edges)) = edges {
            for neighbour in edges.elements() {
                if !matches!(neighbour, Value::Null | Value::Undefined) {
                    let name = name_of(&neighbour)?;
                    neighbours.push(self.number(name));
                }
            }
        }
        if let Some(node) = self.nodes.get_mut(node) {
            node.neighbours = Some(neighbours);
        }
        Ok(())
    }

    /// Visits the nodes that can be reached, nearest first, until `visit` says that it is enough; it gets a node and the
    /// one from which it was reached first.
    fn walk(
        &mut self,
        initial: Vec<usize>,
        mut visit: impl FnMut(usize, Option<usize>) -> Result<bool, ErrorKind>,
    ) -> Result<(), ErrorKind> {
        // Each node has a closure, so what was seen is not forgotten but counted as of another walk.
        self.walk += 1;
        let mut queue = VecDeque::new();
        for node in initial {
            if mark(&mut self.seen, self.walk, node) {
                if visit(node, None)? {
                    return Ok(());
                }
                queue.push_back(node);
            }
        }
        while let Some(node) = queue.pop_front() {
            self.look_up(node)?;
            let neighbours = self.nodes.get(node).and_then(|node| node.neighbours.as_ref());
            let neighbours = neighbours.map_or(&[][..], Vec::as_slice);
            self.steps = self
                .steps
                .checked_sub(neighbours.len())
                .ok_or(ErrorKind::StepLimit)?;
            for &neighbour in neighbours {
                if mark(&mut self.seen, self.walk, neighbour) {
                    if visit(neighbour, Some(node))? {
                        return Ok(());
                    }
                    queue.push_back(neighbour);
                }
            }
        }
        Ok(())
    }

    /// The numbers of a node or of an array of nodes.
    fn initial(&mut self, initial: &Value<'a>) -> Result<Vec<usize>, ErrorKind> {
        let nodes: Vec<Value<'a>> = match initial {
            Value::Array(nodes) => nodes.elements().collect(),
            node => vec![node.clone()],
        };
        nodes.iter().map(|node| Ok(self.number(name_of(node)?))).collect()
    }

    /// For each node of the object the nodes to which it leads, by name.
    fn closures(&mut self) -> Result<Vec<(Text<'a>, Vec<Text<'a>>)>, ErrorKind> {
        let mut entries = 0;
        let mut closures = Vec::with_capacity(self.object.len());
        let keys: Vec<_> = self.object.keys().collect();
        for key in keys {
            let node = self.number(key.clone());
            let mut reached = Vec::new();
            self.walk(vec![node], |node, _| {
                reached.push(node);
                entries += 1;
                if entries > MAX_ENTRIES {
                    return Err(ErrorKind::OutputLimit);
                }
                Ok(false)
            })?;
            let mut names: Vec<_> = reached.into_iter().map(|node| self.name(node)).collect();
            names.sort_unstable_by(|left, right| str::cmp(left, right));
            closures.push((key, names));
        }
        Ok(closures)
    }
}

/// Whether a node is seen for the first time on this walk.
fn mark(seen: &mut Vec<u32>, walk: u32, node: usize) -> bool {
    if node >= seen.len() {
        seen.resize(node + 1, 0);
    }
    seen.get_mut(node)
        .is_some_and(|seen| std::mem::replace(seen, walk) != walk)
}

/// By what name a value is a node.
fn name_of<'a>(value: &Value<'a>) -> Result<Text<'a>, ErrorKind> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null | Value::Undefined => Ok("null".into()),
        value => {
            let mut name = String::new();
            write!(name, "{value}").map_err(|_| ErrorKind::NestingLimit)?;
            Ok(name.into())
        }
    }
}

fn is_reachable<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut graph = Graph::new(object(arguments, 0)?, None);
    let initial = graph.initial(any(arguments, 1)?)?;
    let target = name_of(any(arguments, 2)?)?;
    let target = graph.number(target);
    let mut found = false;
    graph.walk(initial, |node, _| {
        found = node == target;
        Ok(found)
    })?;
    Ok(found.into())
}

fn reachable<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut graph = Graph::new(object(arguments, 0)?, None);
    let initial = graph.initial(any(arguments, 1)?)?;
    let mut reached = Vec::new();
    graph.walk(initial, |node, _| {
        reached.push(node);
        Ok(false)
    })?;
    let names = reached.into_iter().map(|node| Value::Text(graph.name(node)));
    Ok(names.collect::<Array<'a>>().into())
}

fn reachable_paths<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut graph = Graph::new(object(arguments, 0)?, None);
    let initial = graph.initial(any(arguments, 1)?)?;
    let mut paths: Vec<Vec<usize>> = Vec::new();
    let mut path_of = HashMap::new();
    let mut entries = 0;
    graph.walk(initial, |node, from| {
        let path = from
            .and_then(|from| path_of.get(&from))
            .and_then(|&path: &usize| paths.get(path));
        let mut path = path.cloned().unwrap_or_default();
        path.push(node);
        entries += path.len();
        if entries > MAX_ENTRIES {
            return Err(ErrorKind::OutputLimit);
        }
        path_of.insert(node, paths.len());
        paths.push(path);
        Ok(false)
    })?;
    let paths = paths.into_iter().map(|path| {
        let names = path.into_iter().map(|node| Value::Text(graph.name(node)));
        Value::Array(names.collect())
    });
    Ok(paths.collect::<Array<'a>>().into())
}

/// The closures of the graph of a call, with the key of its edges if one is given.
fn closures<'a>(arguments: &[Value<'a>]) -> Result<Vec<(Text<'a>, Vec<Text<'a>>)>, ErrorKind> {
    let edge_key = match arguments.len() {
        1 => None,
        _ => Some(text(arguments, 1)?.clone()),
    };
    Graph::new(object(arguments, 0)?, edge_key).closures()
}

fn transitive_closure<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let closures = closures(arguments)?.into_iter().map(|(node, reached)| {
        let reached: Array<'a> = reached.into_iter().map(Value::Text).collect();
        (node, reached.into())
    });
    Ok(closures.collect::<Object<'a>>().into())
}

fn transitive_closure_set<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let closures = closures(arguments)?.into_iter().map(|(node, reached)| {
        let reached: Object<'a> = reached.into_iter().map(|node| (node, true.into())).collect();
        (node, reached.into())
    });
    Ok(closures.collect::<Object<'a>>().into())
}

fn transitive_closure_projection<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let graph = object(arguments, 0)?;
    let key = text(arguments, 2)?;
    let attribute = |node: &str| match graph.get(node)? {
        Value::Object(node) => match node.get("attributes")? {
            Value::Object(attributes) => attributes.get(key),
            _ => None,
        },
        _ => None,
    };
    let mut entries = 0;
    let mut projections = Vec::new();
    for (node, reached) in closures(arguments)? {
        let mut projected = Vec::new();
        for attribute in reached.iter().filter_map(|node| attribute(node)) {
            let size = attribute.as_array().map_or(1, Array::len);
            entries += size;
            if entries > MAX_ENTRIES {
                return Err(ErrorKind::OutputLimit);
            }
            match attribute {
                Value::Array(values) => projected.extend(values.elements()),
                value => projected.push(value),
            }
        }
        projections.push((node, Value::Array(projected.into())));
    }
    Ok(projections.into_iter().collect::<Object<'a>>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: usize) -> Value<'static> {
        let name = |node: usize| format!("n{node:06}");
        let nodes = (0..length).map(|node| {
            let next = Value::Array(vec![Value::from(name(node + 1))].into());
            (Text::from(name(node)), next)
        });
        Value::Object(nodes.collect())
    }

    #[test]
    fn the_nearest_nodes_come_first_with_their_shortest_paths() {
        let tree = serde_json::json!({"a": ["b", "c", null, 1], "b": ["d"], "c": ["d", "a"]});
        let graph = Value::from_json(&tree);
        let reached = reachable(&[graph.clone(), "a".into()]).map(|value| value.to_string());
        assert_eq!(reached.as_deref(), Ok(r#"["a", "b", "c", "1", "d"]"#));
        let paths = reachable_paths(&[graph, "c".into()]).map(|value| value.to_string());
        let expected = r#"[["c"], ["c", "d"], ["c", "a"], ["c", "a", "b"], ["c", "a", "1"]]"#;
        assert_eq!(paths.as_deref(), Ok(expected));
    }

    #[test]
    fn closures_end_at_their_limit() {
        // A chain of n nodes has n (n + 3) / 2 entries, with the node behind its end.
        let fits = |length: usize| transitive_closure(&[chain(length)]);
        let longest = (1..).find(|n| n * (n + 3) / 2 > MAX_ENTRIES).unwrap_or(0) - 1;
        assert!(fits(longest).is_ok());
        assert_eq!(fits(longest + 1).err(), Some(ErrorKind::OutputLimit));
    }

    #[test]
    fn paths_end_at_their_limit() {
        let fits = |length: usize| reachable_paths(&[chain(length), "n000000".into()]);
        let longest = (1..).find(|n| (n + 1) * (n + 2) / 2 > MAX_ENTRIES).unwrap_or(0) - 1;
        assert!(fits(longest).is_ok());
        assert_eq!(fits(longest + 1).err(), Some(ErrorKind::OutputLimit));
    }

    #[test]
    fn only_so_many_edges_are_followed() {
        // Each node of a ring leads to all others.
        let complete = |size: usize| {
            let names: Array<'static> = (0..size).map(|node| Value::from(node.to_string())).collect();
            let nodes = (0..size).map(|node| (Text::from(node.to_string()), Value::Array(names.clone())));
            transitive_closure(&[Value::Object(nodes.collect())])
        };
        // The cube of the size is the number of edges followed.
        assert!(complete(203).is_ok());
        assert_eq!(complete(204).err(), Some(ErrorKind::StepLimit));
    }
}
