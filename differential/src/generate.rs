//! Makes random questions.

use crate::case::Case;
use crate::random::Random;
use crate::tree::Node;
pub(crate) use functions::Functions;

mod call;
mod document;
mod expression;
mod filter;
mod functions;
mod json;
mod literal;
mod path;
mod population;

/// Keys of objects, on both sides of a path.
const KEYS: &[&str] = &[
    "n", "s", "t", "f", "l", "o", "a", "b", "c", "roles", "key", "if", "", "x y", "ß", "first",
];

/// Makes questions from a seed.
pub(crate) struct Generator {
    random: Random,
    functions: Functions,
    /// Names that expressions may use beside the subscription's.
    names: Vec<&'static str>,
    /// How many expressions around the current one give `@` a meaning.
    relative: usize,
    /// A condition that needs the import of the document.
    imported: &'static str,
    /// Whether most policies are to have a condition by which they can be found.
    selective: bool,
}

/// What kinds of questions to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    All,
    Expressions,
    /// Single calls with likely arguments.
    Functions,
    Documents,
    Decisions,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "all" => Self::All,
            "expressions" => Self::Expressions,
            "functions" => Self::Functions,
            "documents" => Self::Documents,
            "decisions" => Self::Decisions,
            _ => return None,
        })
    }
}

/// What value an expression is to give, most of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Want {
    #[default]
    Any,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}

impl Generator {
    pub(crate) fn new(functions: Functions) -> Self {
        Self {
            random: Random::new(0),
            functions,
            names: Vec::new(),
            relative: 0,
            imported: "",
            selective: false,
        }
    }

    /// The question of a seed.
    pub(crate) fn case(&mut self, kind: Kind, seed: u64) -> Case {
        self.random = Random::new(seed);
        self.relative = 0;
        self.names.clear();
        self.selective = false;
        let kind = match kind {
            Kind::All => self.random.pick(&[
                Kind::Expressions,
                Kind::Expressions,
                Kind::Expressions,
                Kind::Functions,
                Kind::Functions,
                Kind::Functions,
                Kind::Decisions,
                Kind::Decisions,
                Kind::Documents,
            ]),
            kind => kind,
        };
        match kind {
            Kind::Functions => {
                let expression = self.single_call();
                self.question(expression)
            }
            Kind::Documents => Case::Document(self.broken_document()),
            Kind::Decisions => self.decision(),
            Kind::All | Kind::Expressions => {
                self.names.extend(["v", "w", "limits"]);
                let depth = self.random.between(1, 4);
                let expression = self.expression(Want::Any, depth);
                self.question(expression)
            }
        }
    }

    fn question(&mut self, expression: Node) -> Case {
        Case::Expression {
            imports: Node::fixed(""),
            expression,
            subscription: self.subscription(),
            variables: self.variables(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use sapl_pdp::{CompiledExpression, value::Object};

    use super::*;

    fn generator() -> Generator {
        let mut functions = Functions::new();
        let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sapl-pdp/tests/vectors/functions.json");
        functions.learn(&recorded).unwrap();
        Generator::new(functions)
    }

    #[test]
    fn a_seed_repeats_its_question() {
        let (mut one, mut other) = (generator(), generator());
        other.case(Kind::All, 1);
        for seed in 0..200 {
            let line = one.case(Kind::All, seed).line("seed").unwrap();
            assert_eq!(line, other.case(Kind::All, seed).line("seed").unwrap());
        }
    }

    #[test]
    fn questions_use_all_of_the_language() {
        let mut generator = generator();
        let mut features = BTreeSet::new();
        for seed in 0..6000 {
            features.extend(generator.case(Kind::All, seed).features());
        }
        let of = |kind: &str| {
            features
                .iter()
                .filter(|feature| feature.starts_with(kind))
                .count()
        };
        let steps = "key, wildcard, index, slice, computed, condition, index union, key union, recursive key, \
                     recursive wildcard, recursive index";
        assert_eq!(of("step "), steps.split(", ").count(), "{features:?}");
        assert_eq!(of("op "), 23, "{features:?}");
        assert_eq!(of("pdp.json "), 6, "{features:?}");
        let known = generator.functions.names();
        let asked = features
            .iter()
            .filter_map(|feature| feature.strip_prefix("function "));
        let asked: BTreeSet<_> = asked.map(str::to_owned).collect();
        assert_eq!(
            known.difference(&asked).collect::<Vec<_>>(),
            Vec::<&String>::new()
        );
    }

    #[test]
    fn most_expressions_are_accepted() {
        let mut generator = generator();
        let accepted = (0..500).filter(|&seed| match generator.case(Kind::Expressions, seed) {
            Case::Expression { expression, .. } => {
                CompiledExpression::new("", &expression.to_string(), &Object::default()).is_ok()
            }
            _ => false,
        });
        let accepted = accepted.count();
        assert!(accepted > 400, "{accepted} of 500");
    }
}
