//! What `|-` and `::` do.

use super::call::written_name;
use super::functions::full_name;
use super::{Generator, Want};
use crate::tree::Node;

impl Generator {
    pub(super) fn filtered(&mut self, below: usize) -> Node {
        let base = self.base(below);
        if self.random.percent(40) {
            let call = self.filter_call(below);
            return Node::expression("filter")
                .node(base)
                .plain(" |- ")
                .node(self.each())
                .node(call);
        }
        let count = self.random.between(1, 3);
        let mut statements = Vec::new();
        for _ in 0..count {
            let each = self.each();
            let target = if self.random.percent(15) {
                Vec::new()
            } else {
                self.steps(below, 1)
            };
            let call = self.filter_call(below);
            statements.push(
                Node::fixed("")
                    .node(each)
                    .plain("@")
                    .list(target, "", 0)
                    .plain(": ")
                    .node(call),
            );
        }
        Node::expression("filter statements")
            .node(base)
            .plain(" |- {")
            .list(statements, ", ", 1)
            .plain("}")
    }

    fn each(&mut self) -> Node {
        if self.random.percent(20) {
            Node::fixed("").list(vec![Node::fixed("filter each").plain("each ")], "", 0)
        } else {
            Node::fixed("")
        }
    }

    fn filter_call(&mut self, below: usize) -> Node {
        if self.random.percent(30) {
            return Node::fixed("function filter.remove").plain("filter.remove");
        }
        if self.random.percent(55) {
            let replacement = self.expression(Want::Any, below.min(1));
            return Node::fixed("function filter.replace")
                .plain("filter.replace(")
                .node(replacement)
                .plain(")");
        }
        if self.random.percent(40) {
            let count = self.random.between(0, 4);
            let mut arguments = Vec::new();
            for position in 0..count {
                arguments.push(if position == 2 {
                    Node::expression("text").quoted(self.text())
                } else {
                    Node::expression("number").plain(self.index_text())
                });
            }
            return Node::fixed("function filter.blacken")
                .plain("filter.blacken(")
                .list(arguments, ", ", 0)
                .plain(")");
        }
        let Some(known) = self.functions.giving(Want::Any, &mut self.random) else {
            return Node::fixed("");
        };
        let function = known.function;
        let arguments = self.arguments(function, 1, below.min(1));
        Node::fixed(format!("function {}", full_name(function)))
            .plain(format!("{}(", written_name(function)))
            .list(arguments, ", ", 0)
            .plain(")")
    }

    pub(super) fn subtemplate(&mut self, below: usize) -> Node {
        let base = self.base(below);
        self.relative += 1;
        let template = if below == 0 || self.random.percent(30) {
            self.leaf(Want::Any)
        } else if self.random.percent(50) {
            self.object(below)
        } else {
            Node::expression("group")
                .plain("(")
                .node(self.expression(Want::Any, below))
                .plain(")")
        };
        self.relative -= 1;
        Node::expression("subtemplate")
            .node(base)
            .plain(" :: ")
            .node(template)
    }
}
