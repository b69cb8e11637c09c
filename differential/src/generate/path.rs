//! Paths: what they start at, and their steps.

use super::expression::is_name;
use super::{Generator, Want};
use crate::tree::Node;

impl Generator {
    pub(super) fn path(&mut self, depth: usize) -> Node {
        let base = self.base(depth - 1);
        let steps = self.steps(depth - 1, 1);
        Node::expression("path").node(base).list(steps, "", 0)
    }

    /// What a path, a filter or a template can follow without parentheses.
    pub(super) fn base(&mut self, below: usize) -> Node {
        let want = self
            .random
            .pick(&[Want::Array, Want::Array, Want::Object, Want::Object, Want::Any]);
        match self.random.below(10) {
            0..4 => self.name(want),
            4..6 => self.array(below.min(1)),
            6..8 => self.object(below.min(1)),
            8 if self.relative > 0 => Node::expression("@").plain("@"),
            _ => Node::expression("group")
                .plain("(")
                .node(self.expression(want, below))
                .plain(")"),
        }
    }

    pub(super) fn steps(&mut self, below: usize, least: usize) -> Vec<Node> {
        let count = self.random.pick(&[least, 1, 1, 1, 2, 2, 3]);
        (0..count).map(|_| self.step(below)).collect()
    }

    fn step(&mut self, below: usize) -> Node {
        match self.random.below(20) {
            0..4 => self.key_step("step key", "."),
            4 | 5 => Node::fixed("step wildcard").plain(self.random.pick(&[".*", "[*]"])),
            6 | 7 => Node::fixed("step index").plain(format!("[{}]", self.index_text())),
            8 | 9 => self.slice(),
            10 => {
                let want = self.random.pick(&[Want::Number, Want::Text, Want::Any]);
                let computed = if self.random.percent(50) {
                    Node::expression("number").plain(self.index_text())
                } else {
                    self.within(want, below)
                };
                Node::fixed("step computed")
                    .plain("[(")
                    .node(computed)
                    .plain(")]")
            }
            11..14 => {
                let condition = self.within(Want::Boolean, below.max(1));
                Node::fixed("step condition")
                    .plain("[?(")
                    .node(condition)
                    .plain(")]")
            }
            14 => {
                let count = self.random.between(2, 4);
                let indices: Vec<_> = (0..count).map(|_| self.index_text()).collect();
                Node::fixed("step index union").plain(format!("[{}]", indices.join(", ")))
            }
            15 => {
                let count = self.random.between(2, 4);
                let keys = (0..count).map(|_| Node::fixed("").quoted(self.key()));
                let keys = keys.collect();
                Node::fixed("step key union")
                    .plain("[")
                    .list(keys, ", ", 2)
                    .plain("]")
            }
            16 | 17 => self.key_step("step recursive key", ".."),
            18 => Node::fixed("step recursive wildcard").plain(self.random.pick(&["..*", "..[*]"])),
            _ => Node::fixed("step recursive index").plain(format!("..[{}]", self.index_text())),
        }
    }

    /// An expression in which `@` and `#` have a meaning.
    pub(super) fn within(&mut self, want: Want, below: usize) -> Node {
        self.relative += 1;
        let expression = self.expression(want, below);
        self.relative -= 1;
        expression
    }

    fn key_step(&mut self, feature: &str, dots: &str) -> Node {
        let key = self.key();
        let node = Node::fixed(feature);
        let form = self.random.below(5);
        if is_name(&key) && form < 3 {
            let written = if form == 0 || key == "if" {
                format!("`{key}`")
            } else {
                key
            };
            node.plain(format!("{dots}{written}"))
        } else if form == 3 && dots == "." {
            node.plain(".").quoted(key)
        } else {
            let dots = if dots == "." { "" } else { dots };
            node.plain(format!("{dots}[")).quoted(key).plain("]")
        }
    }

    fn slice(&mut self) -> Node {
        let mut bound = |chance: usize| {
            if self.random.percent(chance) {
                self.index_text()
            } else {
                String::new()
            }
        };
        let (from, to, step) = (bound(60), bound(60), bound(40));
        let slice = if step.is_empty() {
            format!("[{from}:{to}]")
        } else {
            // Two colons with nothing between are another token.
            let space = if to.is_empty() { " " } else { "" };
            format!("[{from}:{to}{space}:{step}]")
        };
        Node::fixed("step slice").plain(slice)
    }
}
