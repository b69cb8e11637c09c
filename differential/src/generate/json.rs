//! JSON: subscriptions, variables, what functions read.

use super::{Generator, KEYS};
use crate::tree::Node;

impl Generator {
    /// A JSON value at most so deep.
    pub(super) fn json(&mut self, depth: usize) -> Node {
        let kinds = if depth == 0 { 5 } else { 9 };
        match self.random.below(kinds) {
            0 => Node::json().plain(self.random.pick(&["null", "true", "false"])),
            1 | 2 => self.json_number(),
            3 | 4 => Node::json().quoted(self.text()),
            5 | 6 => self.json_array(depth - 1),
            _ => self.json_object(depth - 1),
        }
    }

    pub(super) fn json_number(&mut self) -> Node {
        let sign = if self.random.percent(20) { "-" } else { "" };
        Node::json().plain(format!("{sign}{}", self.number_text()))
    }

    fn json_array(&mut self, depth: usize) -> Node {
        let count = self.random.between(0, 5);
        let uniform = self.random.below(4);
        let items = (0..count).map(|_| match uniform {
            0 => self.json_number(),
            1 => Node::json().quoted(self.text()),
            _ => self.json(depth),
        });
        let items = items.collect();
        Node::json().plain("[").list(items, ", ", 0).plain("]")
    }

    fn json_object(&mut self, depth: usize) -> Node {
        let count = self.random.between(0, 5);
        let mut members = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        for _ in 0..count {
            let key = self.key();
            if !keys.contains(&key) {
                members.push(
                    Node::fixed("")
                        .quoted(key.clone())
                        .plain(": ")
                        .node(self.json(depth)),
                );
                keys.push(key);
            }
        }
        Node::json().plain("{").list(members, ", ", 0).plain("}")
    }

    /// A key, mostly one that others use too.
    pub(super) fn key(&mut self) -> String {
        if self.random.percent(93) {
            self.random.pick(KEYS).to_owned()
        } else {
            self.text()
        }
    }

    pub(super) fn subscription(&mut self) -> Node {
        let mut subscription = Node::fixed("").plain("{");
        for (name, depth) in [("subject", 3), ("action", 1), ("resource", 3)] {
            let value = if self.random.percent(75) && name != "action" {
                self.known_object(depth)
            } else {
                self.json(depth)
            };
            subscription = subscription.plain(format!("\"{name}\": ")).node(value);
            if name != "resource" {
                subscription = subscription.plain(", ");
            }
        }
        let mut environment = Vec::new();
        if self.random.percent(70) {
            let value = self.known_object(2);
            environment.push(Node::fixed("").plain(", \"environment\": ").node(value));
        }
        subscription.list(environment, "", 0).plain("}")
    }

    /// An object with members of the kinds that expressions look for.
    fn known_object(&mut self, depth: usize) -> Node {
        let mut members = Vec::new();
        let numbers = self.random.between(0, 5);
        let nested = depth.saturating_sub(1);
        for (key, chance) in [
            ("n", 80),
            ("s", 80),
            ("t", 80),
            ("f", 80),
            ("l", 80),
            ("o", 60),
            ("roles", 60),
            ("a", 40),
            ("b", 40),
        ] {
            if !self.random.percent(chance) {
                continue;
            }
            let value = match key {
                "n" => self.json_number(),
                "s" => Node::json().quoted(self.text()),
                "t" => Node::json().plain("true"),
                "f" => Node::json().plain("false"),
                "l" => {
                    let items = (0..numbers).map(|_| self.json_number()).collect();
                    Node::json().plain("[").list(items, ", ", 0).plain("]")
                }
                "roles" => {
                    let items = (0..numbers).map(|_| {
                        let role = self.random.pick(&["a", "b", "admin", "read", "x", "ß"]);
                        Node::json().quoted(role)
                    });
                    let items = items.collect();
                    Node::json().plain("[").list(items, ", ", 0).plain("]")
                }
                _ => self.json(nested),
            };
            members.push(Node::fixed("").quoted(key).plain(": ").node(value));
        }
        Node::json().plain("{").list(members, ", ", 0).plain("}")
    }

    /// The variables of a configuration.
    pub(super) fn variables(&mut self) -> Node {
        let mut members = Vec::new();
        for name in ["v", "w", "limits"] {
            if self.random.percent(60) {
                members.push(Node::fixed("").quoted(name).plain(": ").node(self.json(2)));
            }
        }
        Node::fixed("").plain("{").list(members, ", ", 0).plain("}")
    }
}
