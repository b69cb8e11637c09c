//! The functions that can be called, and arguments that were recorded with them.

use std::fs;
use std::path::Path;

use sapl_pdp::function::{Function, libraries};
use sapl_pdp::syntax;
use sapl_pdp::syntax::tree::{Expression, ExpressionKind, PolicyElement};
use serde::Deserialize;
use serde_json::Value as Json;

use super::Want;
use crate::random::Random;

/// Functions that compute with doubles: their last digits may differ, so they are not used within anything.
const INEXACT: &[&str] = &[
    "math.log",
    "math.log10",
    "math.logb",
    "math.pow",
    "math.sqrt",
    "array.avg",
    "array.median",
];

/// All functions that both engines can be asked about.
pub(crate) struct Functions {
    all: Vec<Known>,
}

/// A function with what is known of it.
pub(super) struct Known {
    pub(super) function: &'static Function,
    pub(super) is_inexact: bool,
    /// What kinds of values it was seen to give.
    gives: Vec<Want>,
    /// Arguments that it was recorded with, by position.
    samples: Vec<Vec<Sample>>,
}

/// A recorded argument.
#[derive(Clone)]
pub(super) enum Sample {
    Text(String),
    Other(String),
}

impl Functions {
    /// The functions of this build; those that tell about the implementation can't be compared, nor those that
    /// the reference can't call.
    pub(crate) fn new() -> Self {
        let all = libraries().flat_map(|library| library.functions());
        let all = all.filter(|function| function.library() != "sapl" && !function.name().contains('_'));
        let all = all.map(|function| Known {
            function,
            is_inexact: INEXACT.contains(&&*full_name(function)),
            gives: Vec::new(),
            samples: Vec::new(),
        });
        Self { all: all.collect() }
    }

    /// Learns likely arguments from recorded calls: a file of expressions with their values.
    pub(crate) fn learn(&mut self, recorded: &Path) -> Result<(), String> {
        let text =
            fs::read_to_string(recorded).map_err(|error| format!("{}: {error}", recorded.display()))?;
        let calls: Vec<Recorded> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for call in &calls {
            self.learn_call(call);
        }
        Ok(())
    }

    fn learn_call(&mut self, call: &Recorded) {
        let text = format!("policy \"call\" permit transform {}", call.expr);
        let Ok(document) = syntax::parse(&text) else {
            return;
        };
        let PolicyElement::Policy(policy) = &document.element else {
            return;
        };
        let Some(ExpressionKind::Call(parsed)) = policy.transform.as_ref().map(|transform| &transform.kind)
        else {
            return;
        };
        let full = format!("{}.{}", parsed.name.library, parsed.name.function);
        for known in self
            .all
            .iter_mut()
            .filter(|known| full_name(known.function) == full)
        {
            if let Some(value) = &call.value {
                known.gives.extend(Want::of(value));
            }
            for (position, argument) in parsed.arguments.iter().enumerate() {
                if known.samples.len() <= position {
                    known.samples.push(Vec::new());
                }
                if let (Some(samples), Some(sample)) =
                    (known.samples.get_mut(position), Sample::new(argument, &text))
                {
                    samples.push(sample);
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn names(&self) -> std::collections::BTreeSet<String> {
        self.all.iter().map(|known| full_name(known.function)).collect()
    }

    pub(super) fn any(&self, random: &mut Random) -> Option<&Known> {
        self.all.get(random.below(self.all.len()))
    }

    /// A function that gives what is wanted, if some is found soon, to be used within others.
    pub(super) fn giving(&self, want: Want, random: &mut Random) -> Option<&Known> {
        let mut candidates = std::iter::repeat_with(|| self.any(random)).take(60).flatten();
        candidates.find(|known| !known.is_inexact && (want == Want::Any || known.gives.contains(&want)))
    }

    /// A recorded argument of a function.
    pub(super) fn sample_at(&self, function: &str, position: usize, random: &mut Random) -> Option<&Sample> {
        let known = self
            .all
            .iter()
            .find(|known| full_name(known.function) == function)?;
        known.sample(position, random)
    }

    /// A recorded argument of another function of the library.
    pub(super) fn sample_of_library(&self, library: &str, random: &mut Random) -> Option<&Sample> {
        let of_library: Vec<&Known> = self
            .all
            .iter()
            .filter(|known| known.function.library() == library)
            .collect();
        of_library.get(random.below(of_library.len()))?.any_sample(random)
    }
}

impl Known {
    pub(super) fn sample(&self, position: usize, random: &mut Random) -> Option<&Sample> {
        let samples = self.samples.get(position).or(self.samples.last())?;
        samples.get(random.below(samples.len()))
    }

    fn any_sample(&self, random: &mut Random) -> Option<&Sample> {
        let position = random.below(self.samples.len());
        self.sample(position, random)
    }
}

impl Sample {
    fn new(argument: &Expression, text: &str) -> Option<Self> {
        if let ExpressionKind::Text(text) = &argument.kind {
            return Some(Self::Text(text.to_string()));
        }
        let source = text.get(argument.span.start as usize..argument.span.end as usize)?;
        Some(Self::Other(source.to_owned()))
    }
}

impl Want {
    fn of(value: &Json) -> Option<Self> {
        match value {
            Json::Null => None,
            Json::Bool(_) => Some(Self::Boolean),
            Json::Number(_) => Some(Self::Number),
            Json::String(_) => Some(Self::Text),
            Json::Array(_) => Some(Self::Array),
            Json::Object(_) => Some(Self::Object),
        }
    }
}

pub(super) fn full_name(function: &Function) -> String {
    format!("{}.{}", function.library(), function.name())
}

#[derive(Deserialize)]
struct Recorded {
    expr: String,
    value: Option<Json>,
}
