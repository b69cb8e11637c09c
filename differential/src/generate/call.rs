//! Calls of functions.

use sapl_pdp::function::{Function, Parameter};
use sapl_pdp::value::Kind;

use super::functions::{Sample, full_name};
use super::{Generator, Want};
use crate::tree::Node;

/// Counts beyond this only make texts and arrays that are too long.
const LONG: usize = 3;

impl Generator {
    /// A call by itself with likely arguments.
    pub(super) fn single_call(&mut self) -> Node {
        let Some(known) = self.functions.any(&mut self.random) else {
            return Node::expression("");
        };
        let function = known.function;
        let depth = self.random.below(2);
        let call = self.call_of(function, depth);
        if self.random.percent(10) && function.name() != "pow" {
            // The text form shows what a comparison of numbers does not.
            return Node::expression("op +").plain("\"\" + ").node(call);
        }
        call
    }

    /// A call of a function that likely gives what is wanted.
    pub(super) fn call(&mut self, want: Want, depth: usize) -> Node {
        match self.functions.giving(want, &mut self.random) {
            Some(known) => {
                let function = known.function;
                self.call_of(function, depth)
            }
            None => self.leaf(want),
        }
    }

    fn call_of(&mut self, function: &'static Function, depth: usize) -> Node {
        let arguments = self.arguments(function, 0, depth);
        Node::expression(format!("function {}", full_name(function)))
            .plain(format!("{}(", written_name(function)))
            .list(arguments, ", ", 0)
            .plain(")")
    }

    /// The arguments behind the first `given` ones, mostly as many as there should be.
    pub(super) fn arguments(&mut self, function: &'static Function, given: usize, depth: usize) -> Vec<Node> {
        let repeated = function.variadic_parameter();
        let more = if repeated.is_some() {
            self.random.below(4)
        } else {
            0
        };
        let mut count = function.parameters().len() + more;
        if self.random.percent(2) {
            count = self.random.below(5);
        }
        let parameters = function.parameters().iter().copied();
        let parameters: Vec<_> = parameters
            .map(Some)
            .chain(std::iter::repeat(repeated))
            .take(count)
            .collect();
        let places = parameters.into_iter().enumerate().skip(given);
        places
            .map(|(position, parameter)| self.argument(function, position, parameter, depth))
            .collect()
    }

    fn argument(
        &mut self,
        function: &'static Function,
        position: usize,
        parameter: Option<Parameter>,
        depth: usize,
    ) -> Node {
        let name = full_name(function);
        let choice = self.random.below(100);
        if choice < 72 {
            let sample = if choice < 60 {
                self.functions.sample_at(&name, position, &mut self.random)
            } else {
                self.functions
                    .sample_of_library(function.library(), &mut self.random)
            };
            if let Some(sample) = sample.cloned() {
                return self.sample(sample, choice);
            }
        }
        let want = match parameter {
            Some(parameter) if choice < 95 => Want::taken_by(parameter),
            _ => Want::Any,
        };
        if want == Want::Number && parameter.is_some_and(|parameter| is_count(parameter.name())) {
            let number = if self.random.percent(90) {
                self.random.between(0, LONG).to_string()
            } else {
                self.index_text()
            };
            return Node::expression("number").plain(number);
        }
        if want == Want::Text && parameter.is_some_and(|parameter| parameter.name() == "pattern") {
            return Node::expression("text").quoted(self.pattern());
        }
        self.expression(want, depth)
    }

    fn sample(&mut self, sample: Sample, choice: usize) -> Node {
        match sample {
            Sample::Text(text) if choice.is_multiple_of(3) => {
                let text = self.mutated(&text);
                Node::expression("text").quoted(text)
            }
            Sample::Text(text) => Node::expression("text").quoted(text),
            Sample::Other(source) => Node::expression("").plain(source),
        }
    }
}

impl Want {
    fn taken_by(parameter: Parameter) -> Self {
        let kinds = parameter.kinds();
        let taken = |kind| kinds.contains(kind);
        if taken(Kind::Null) {
            return Self::Any;
        }
        let wants = [
            (Kind::Text, Self::Text),
            (Kind::Number, Self::Number),
            (Kind::Array, Self::Array),
            (Kind::Object, Self::Object),
            (Kind::Boolean, Self::Boolean),
        ];
        let want = wants.iter().find(|(kind, _)| taken(*kind));
        want.map_or(Self::Any, |(_, want)| *want)
    }
}

/// How policies write the name: a reserved word is escaped.
pub(super) fn written_name(function: &Function) -> String {
    if function.name() == "all" {
        format!("{}.`all`", function.library())
    } else {
        full_name(function)
    }
}

fn is_count(parameter: &str) -> bool {
    ["count", "length", "width", "times", "limit"].contains(&parameter)
}
