//! Texts that know how they were made, so that they can be made smaller.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write as _};

/// A piece of generated text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    /// What of the language it uses, for the report; empty for nothing worth to count.
    pub(crate) feature: String,
    pub(crate) parts: Vec<Part>,
}

/// What can stand in place of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// An expression: any other one.
    Expression,
    /// A JSON value: any other one.
    Json,
    /// Nothing else.
    Fixed,
}

/// A part of a node.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Plain(String),
    /// The content of a text literal, to be quoted.
    Quoted(String),
    Node(Node),
    /// Nodes that may be left out.
    List {
        items: Vec<Node>,
        separator: &'static str,
        least: usize,
    },
}

/// A node under construction: `expression("op +").node(left).plain(" + ").node(right)`.
impl Node {
    pub(crate) fn new(role: Role, feature: impl Into<String>) -> Self {
        Self {
            role,
            feature: feature.into(),
            parts: Vec::new(),
        }
    }

    pub(crate) fn expression(feature: impl Into<String>) -> Self {
        Self::new(Role::Expression, feature)
    }

    pub(crate) fn json() -> Self {
        Self::new(Role::Json, "")
    }

    pub(crate) fn fixed(feature: impl Into<String>) -> Self {
        Self::new(Role::Fixed, feature)
    }

    pub(crate) fn plain(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Plain(text.into()));
        self
    }

    pub(crate) fn quoted(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Quoted(text.into()));
        self
    }

    pub(crate) fn node(mut self, node: Self) -> Self {
        self.parts.push(Part::Node(node));
        self
    }

    /// Items of which as many as `least` have to stay.
    pub(crate) fn list(mut self, items: Vec<Self>, separator: &'static str, least: usize) -> Self {
        self.parts.push(Part::List {
            items,
            separator,
            least,
        });
        self
    }

    pub(crate) fn add_features(&self, features: &mut BTreeSet<String>) {
        if !self.feature.is_empty() {
            features.insert(self.feature.clone());
        }
        for part in &self.parts {
            match part {
                Part::Plain(_) | Part::Quoted(_) => {}
                Part::Node(node) => node.add_features(features),
                Part::List { items, .. } => items.iter().for_each(|item| item.add_features(features)),
            }
        }
    }

    /// Texts with one thing left out or replaced by something simpler.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        if self.role != Role::Fixed {
            for part in &self.parts {
                part.replacements(self.role, &mut smaller);
            }
            let own = self.to_string();
            for simple in simplest(self.role) {
                if simple.len() < own.len() {
                    smaller.push(Self::new(self.role, "").plain(*simple));
                }
            }
        }
        for (index, part) in self.parts.iter().enumerate() {
            for part in part.smaller() {
                let mut parts = self.parts.clone();
                if let Some(place) = parts.get_mut(index) {
                    *place = part;
                }
                smaller.push(Self {
                    role: self.role,
                    feature: self.feature.clone(),
                    parts,
                });
            }
        }
        smaller
    }
}

fn simplest(role: Role) -> &'static [&'static str] {
    match role {
        Role::Expression => &["1", "true", "\"a\"", "undefined", "[]", "{}"],
        Role::Json => &["1", "null", "[]", "{}"],
        Role::Fixed => &[],
    }
}

impl Part {
    /// The nearest nodes below of a role.
    fn replacements(&self, role: Role, found: &mut Vec<Node>) {
        let mut add = |node: &Node| {
            if node.role == role {
                found.push(node.clone());
            } else {
                node.parts.iter().for_each(|part| part.replacements(role, found));
            }
        };
        match self {
            Self::Plain(_) | Self::Quoted(_) => {}
            Self::Node(node) => add(node),
            Self::List { items, .. } => items.iter().for_each(add),
        }
    }

    fn smaller(&self) -> Vec<Self> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Quoted(text) => shorter(text).into_iter().map(Self::Quoted).collect(),
            Self::Node(node) => node.smaller().into_iter().map(Self::Node).collect(),
            Self::List {
                items,
                separator,
                least,
            } => {
                let list = |items| Self::List {
                    items,
                    separator,
                    least: *least,
                };
                let mut smaller = Vec::new();
                for index in 0..items.len() {
                    if items.len() > *least {
                        let mut fewer = items.clone();
                        fewer.remove(index);
                        smaller.push(list(fewer));
                    }
                }
                for (index, item) in items.iter().enumerate() {
                    for item in item.smaller() {
                        let mut others = items.clone();
                        if let Some(place) = others.get_mut(index) {
                            *place = item;
                        }
                        smaller.push(list(others));
                    }
                }
                smaller
            }
        }
    }
}

/// A text without one of its halves, or without one character.
fn shorter(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let half = characters.len() / 2;
    let mut shorter = Vec::new();
    if half > 1 {
        let (first, second) = characters.split_at(half);
        shorter.push(first.iter().collect());
        shorter.push(second.iter().collect());
    }
    if characters.len() <= 40 {
        for left_out in 0..characters.len() {
            let others = characters.iter().enumerate();
            let others = others.filter(|(index, _)| *index != left_out);
            shorter.push(others.map(|(_, character)| character).collect());
        }
    }
    shorter
}

impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Plain(text) => f.write_str(text)?,
                Part::Quoted(text) => write_quoted(f, text)?,
                Part::Node(node) => node.fmt(f)?,
                Part::List { items, separator, .. } => {
                    for (index, item) in items.iter().enumerate() {
                        if index > 0 {
                            f.write_str(separator)?;
                        }
                        item.fmt(f)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Writes a text literal, which the policy language and JSON spell the same.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            // Bidirectional controls are refused when they are not escaped.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                write!(f, "\\u{:04x}", u32::from(character))?;
            }
            _ => f.write_char(character)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Node {
        Node::expression("number").plain(text)
    }

    #[test]
    fn a_node_is_written_with_its_parts() {
        let list = Node::expression("array")
            .plain("[")
            .list(
                vec![number("1"), Node::expression("text").quoted("a\"\u{1}")],
                ", ",
                0,
            )
            .plain("]");
        assert_eq!(list.to_string(), r#"[1, "a\"\u0001"]"#);
        let mut features = BTreeSet::new();
        list.add_features(&mut features);
        assert_eq!(Vec::from_iter(features), ["array", "number", "text"]);
    }

    #[test]
    fn smaller_texts_leave_out_or_replace_one_thing() {
        let sum = Node::expression("op +")
            .plain("(")
            .node(number("17"))
            .plain(" + ")
            .node(
                Node::expression("array")
                    .plain("[")
                    .list(vec![number("22")], ", ", 0)
                    .plain("]"),
            )
            .plain(")");
        let smaller: Vec<_> = sum.smaller().iter().map(Node::to_string).collect();
        for expected in ["17", "[22]", "(17 + [])", "(17 + 22)", "undefined", "(1 + [22])"] {
            assert!(
                smaller.iter().any(|found| found == expected),
                "{expected} in {smaller:?}"
            );
        }
        let text = Node::expression("text").quoted("abcd");
        let smaller: Vec<_> = text.smaller().iter().map(Node::to_string).collect();
        for expected in [r#""ab""#, r#""cd""#, r#""abd""#, "1"] {
            assert!(
                smaller.iter().any(|found| found == expected),
                "{expected} in {smaller:?}"
            );
        }
    }

    #[test]
    fn what_has_to_stay_stays() {
        let list = Node::fixed("").list(vec![number("1")], ", ", 1);
        assert!(
            list.smaller()
                .iter()
                .all(|smaller| !smaller.to_string().is_empty())
        );
    }
}
