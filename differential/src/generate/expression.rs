//! Expressions: literals, names, operators.

use super::{Generator, Want};
use crate::tree::Node;

const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
const LOGIC: &[&str] = &["&&", "||", "&", "|", "^"];
const ARITHMETIC: &[&str] = &["+", "-", "*", "/", "%"];
const MEMBERSHIP: &[&str] = &["in", "any in", "all in"];
const HAS: &[&str] = &["has", "has any", "has all"];

impl Generator {
    /// An expression with at most so many levels of operations.
    pub(super) fn expression(&mut self, want: Want, depth: usize) -> Node {
        let want = if want == Want::Any || self.random.percent(6) {
            self.random.pick(&[
                Want::Any,
                Want::Boolean,
                Want::Boolean,
                Want::Number,
                Want::Number,
                Want::Text,
                Want::Text,
                Want::Array,
                Want::Array,
                Want::Object,
            ])
        } else {
            want
        };
        if depth == 0 {
            return self.leaf(want);
        }
        let below = depth - 1;
        match self.random.below(100) {
            0..8 => self.leaf(want),
            8..20 => self.path(depth),
            20..32 => self.call(want, below),
            32..40 => self.filtered(below),
            40..46 => self.subtemplate(below),
            _ => self.operation(want, below),
        }
    }

    fn operation(&mut self, want: Want, below: usize) -> Node {
        match want {
            Want::Boolean => self.boolean(below),
            Want::Number => self.arithmetic(below),
            Want::Text => self.joined(below),
            Want::Array => self.array(below),
            Want::Object => self.object(below),
            Want::Any => self.odd(),
        }
    }

    pub(super) fn leaf(&mut self, want: Want) -> Node {
        if self.relative > 0 && self.random.percent(35) {
            let feature = self.random.pick(&["@", "@", "@", "#"]);
            return Node::expression(feature).plain(feature);
        }
        if self.random.percent(40) {
            return self.name(want);
        }
        match want {
            Want::Boolean => {
                let literal = self.random.pick(&["true", "false"]);
                Node::expression("boolean").plain(literal)
            }
            Want::Number => self.number(),
            Want::Text => Node::expression("text").quoted(self.text()),
            Want::Array => self.array(0),
            Want::Object => self.object(0),
            Want::Any => self.odd(),
        }
    }

    fn number(&mut self) -> Node {
        let text = self.number_text();
        let sign = self.random.pick(&["", "", "", "", "-", "-", "+"]);
        Node::expression("number").plain(format!("{sign}{text}"))
    }

    /// What gives an error, nothing, or what is not meant where it stands.
    fn odd(&mut self) -> Node {
        let (feature, text) = self.random.pick(&[
            ("undefined", "undefined"),
            ("undefined", "undefined"),
            ("null", "null"),
            ("error", "(1/0)"),
            ("error", "(subject.n / 0)"),
            ("error", "([] + 1)"),
            ("name", "nope"),
            ("name", "environment"),
            ("error", "resource.n.x[3]"),
            ("@", "@"),
            ("call", "nope.nope()"),
            ("text", "\"\\u0041\\n\\/\""),
            ("number", "5.e3"),
        ]);
        // Outside of a step `@` is refused, so it would make most questions the same.
        if feature == "@" && self.relative == 0 && self.random.percent(90) {
            return Node::expression("null").plain("null");
        }
        Node::expression(feature).plain(text)
    }

    /// A name with what is known to lie behind it.
    pub(super) fn name(&mut self, want: Want) -> Node {
        let variable = self.random.pick(&self.names);
        if !variable.is_empty() && self.random.percent(25) {
            return Node::expression("variable").plain(variable);
        }
        let element = self
            .random
            .pick(&["subject", "resource", "resource", "environment"]);
        let key = match want {
            Want::Any => "",
            Want::Boolean => self.random.pick(&["t", "f"]),
            Want::Number => "n",
            Want::Text => "s",
            Want::Array => self.random.pick(&["l", "roles"]),
            Want::Object => self.random.pick(&["", "o"]),
        };
        if want == Want::Text && self.random.percent(20) {
            return Node::expression("name").plain("action");
        }
        let dot = if key.is_empty() { "" } else { "." };
        Node::expression("name").plain(format!("{element}{dot}{key}"))
    }

    fn boolean(&mut self, below: usize) -> Node {
        match self.random.below(10) {
            0..3 => {
                let operator = self.random.pick(COMPARISONS);
                let want = if operator.contains('=') && self.random.percent(50) {
                    Want::Any
                } else {
                    Want::Number
                };
                self.binary(operator, want, want, below)
            }
            3..6 => self.logic(below),
            6 => {
                let operator = self.random.pick(MEMBERSHIP);
                let left = if operator == "in" { Want::Any } else { Want::Array };
                let right = self
                    .random
                    .pick(&[Want::Array, Want::Array, Want::Object, Want::Text]);
                self.binary(operator, left, right, below)
            }
            7 => {
                let operator = self.random.pick(HAS);
                let (left, right) = (self.expression(Want::Object, below), self.keys(operator, below));
                self.grouped(operator, left, right)
            }
            8 => {
                let left = self.expression(Want::Text, below);
                let right = if self.random.percent(80) {
                    Node::expression("text").quoted(self.pattern())
                } else {
                    self.expression(Want::Text, below)
                };
                self.grouped("=~", left, right)
            }
            _ => self.prefixed("!", Want::Boolean, below),
        }
    }

    /// One key, or an array of them.
    fn keys(&mut self, operator: &str, below: usize) -> Node {
        if self.random.percent(20) {
            return self.expression(Want::Any, below);
        }
        if operator == "has" {
            return Node::expression("text").quoted(self.key());
        }
        let count = self.random.between(0, 3);
        let items = (0..count).map(|_| Node::expression("text").quoted(self.key()));
        let items = items.collect();
        Node::expression("array")
            .plain("[")
            .list(items, ", ", 0)
            .plain("]")
    }

    /// A chain of one operator of logic.
    fn logic(&mut self, below: usize) -> Node {
        let operator = self.random.pick(LOGIC);
        let count = if self.random.percent(80) { 2 } else { 3 };
        let operands = (0..count).map(|_| self.expression(Want::Boolean, below));
        let operands = operands.collect();
        let separator = match operator {
            "&&" => " && ",
            "||" => " || ",
            "&" => " & ",
            "|" => " | ",
            _ => " ^ ",
        };
        let chain = Node::expression(format!("op {operator}"));
        if self.random.percent(75) {
            chain.plain("(").list(operands, separator, 1).plain(")")
        } else {
            chain.list(operands, separator, 1)
        }
    }

    fn arithmetic(&mut self, below: usize) -> Node {
        if self.random.percent(15) {
            let sign = self.random.pick(&["-", "+"]);
            return self.prefixed(sign, Want::Number, below);
        }
        let operator = self.random.pick(ARITHMETIC);
        self.binary(operator, Want::Number, Want::Number, below)
    }

    fn joined(&mut self, below: usize) -> Node {
        let right = if self.random.percent(40) {
            Want::Text
        } else {
            Want::Any
        };
        self.binary("+", Want::Text, right, below)
    }

    fn binary(&mut self, operator: &str, left: Want, right: Want, below: usize) -> Node {
        let (left, right) = (self.expression(left, below), self.expression(right, below));
        self.grouped(operator, left, right)
    }

    /// Mostly in parentheses; without them, it shows how operators bind.
    fn grouped(&mut self, operator: &str, left: Node, right: Node) -> Node {
        let node = Node::expression(format!("op {operator}"));
        let operator = format!(" {operator} ");
        if self.random.percent(85) {
            node.plain("(").node(left).plain(operator).node(right).plain(")")
        } else {
            node.node(left).plain(operator).node(right)
        }
    }

    fn prefixed(&mut self, operator: &'static str, want: Want, below: usize) -> Node {
        let operand = self.expression(want, below);
        Node::expression(format!("prefix {operator}"))
            .plain(operator)
            .node(operand)
    }

    pub(super) fn array(&mut self, below: usize) -> Node {
        let most = if self.random.percent(90) { 4 } else { 8 };
        let count = self.random.between(0, most);
        let want = self.random.pick(&[
            Want::Any,
            Want::Number,
            Want::Number,
            Want::Text,
            Want::Boolean,
            Want::Object,
        ]);
        let items = (0..count).map(|_| self.element(want, below));
        let items = items.collect();
        Node::expression("array")
            .plain("[")
            .list(items, ", ", 0)
            .plain("]")
    }

    fn element(&mut self, want: Want, below: usize) -> Node {
        if below == 0 && matches!(want, Want::Any | Want::Array | Want::Object) {
            let want = self.random.pick(&[Want::Number, Want::Text, Want::Boolean]);
            return self.leaf(want);
        }
        self.expression(want, below.saturating_sub(1))
    }

    pub(super) fn object(&mut self, below: usize) -> Node {
        let count = self.random.between(0, 4);
        let mut members = Vec::new();
        for _ in 0..count {
            let key = self.written_key();
            let want = self
                .random
                .pick(&[Want::Any, Want::Number, Want::Text, Want::Array]);
            let value = self.element(want, below);
            members.push(key.plain(": ").node(value));
        }
        Node::expression("object")
            .plain("{")
            .list(members, ", ", 0)
            .plain("}")
    }

    /// A key as a name, escaped, or as a text.
    fn written_key(&mut self) -> Node {
        let key = self.key();
        let is_name = is_name(&key);
        match self.random.below(4) {
            0 if is_name => Node::fixed("").plain(format!("`{key}`")),
            1 | 2 if is_name && key != "if" => Node::fixed("").plain(key),
            _ => Node::fixed("").quoted(key),
        }
    }
}

/// Whether it can be written as a name.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}
