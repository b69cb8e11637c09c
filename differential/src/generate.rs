//! Makes random questions.

use crate::case::Case;
use crate::random::Random;
use crate::tree::Node;
use functions::Functions;

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
        }
    }

    /// The question of a seed.
    pub(crate) fn case(&mut self, kind: Kind, seed: u64) -> Case {
        self.random = Random::new(seed);
        self.relative = 0;
        self.names.clear();
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

pub(crate) use functions::Functions as KnownFunctions;
