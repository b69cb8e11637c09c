//! Evaluates a configuration and writes everything down.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{self, Poll, Waker};

use sapl_base::Secret;

use super::Explanation;
use super::evaluation::Evaluation;
use super::places::Lines;
use crate::attribute::{
    AttributeFinder, Attributes, Clock, Context, LibraryTaken, Settled, Surroundings, Table,
};
use crate::compile::program::Program;
use crate::compile::{Compiler, DocumentParts};
use crate::eval::{Input, Limits};
use crate::pdp::MAX_ROUNDS;
use crate::source::{Configuration, ConfigurationError, SourceDocument};
use crate::syntax::CombiningAlgorithm;
use crate::value::{Object, Value};

/// Explains decisions on a configuration.
#[derive(Debug)]
pub struct Explainer {
    pub(super) program: Program,
    pub(super) documents: Vec<Compiled>,
    algorithm: CombiningAlgorithm,
    pub(super) limits: Limits,
    attributes: Attributes,
    surroundings: Arc<Surroundings>,
}

/// A document with its compiled parts.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) source: SourceDocument,
    pub(super) lines: Lines,
    pub(super) parts: DocumentParts,
}

impl Explainer {
    /// Compiles a configuration.
    ///
    /// # Errors
    ///
    /// The first document that is refused.
    pub fn new(configuration: Configuration) -> Result<Self, ConfigurationError> {
        let limits = Limits::default();
        let Configuration {
            variables,
            documents,
            algorithm,
            secrets,
        } = configuration;
        let mut compiler = Compiler::new(&variables, limits);
        let mut parts = Vec::with_capacity(documents.len());
        for document in &documents {
            let compiled = compiler
                .document_parts(&document.tree, &document.text)
                .map_err(|problem| problem.in_file(&document.file))?;
            parts.push(compiled);
        }
        let program = compiler.finish();
        let documents = documents.into_iter().zip(parts).map(|(source, parts)| Compiled {
            lines: Lines::of(&source.text),
            source,
            parts,
        });
        Ok(Self {
            program,
            documents: documents.collect(),
            algorithm,
            limits,
            attributes: Attributes::default(),
            surroundings: Arc::new(Surroundings { variables, secrets }),
        })
    }

    /// The same with a finder of attributes, as [`EmbeddedPdp::with_attribute_finder`](crate::EmbeddedPdp::with_attribute_finder).
    ///
    /// # Errors
    ///
    /// When its library has a finder already, or when policies could not write its name.
    pub fn with_attribute_finder(mut self, finder: impl AttributeFinder) -> Result<Self, LibraryTaken> {
        self.attributes = self.attributes.with_finder(Arc::new(finder))?;
        Ok(self)
    }

    /// The same with a value for an attribute, named as in `time.now`, instead of what a finder says, of whatever and with
    /// whatever arguments it is asked for: for tests of policies.
    #[must_use]
    pub fn with_attribute_value(mut self, name: impl Into<String>, value: Value<'static>) -> Self {
        self.attributes = self.attributes.with_value(name, value);
        self
    }

    /// The same with another clock for attributes.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.attributes = self.attributes.with_clock(Arc::new(clock));
        self
    }

    /// The same with other limits for evaluations; all of an explanation together may use up as much as eight decisions.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The documents, in the order of their files.
    pub fn documents(&self) -> impl Iterator<Item = &SourceDocument> {
        self.documents.iter().map(|document| &document.source)
    }

    /// Explains the decision on a subscription, at once: an attribute whose finder has no value at once is an error.
    ///
    /// All expressions together may use up as much as eight decisions.
    #[must_use]
    pub fn explain(&self, input: &Input<'_>) -> Explanation {
        let mut session = Session::default();
        match session.poll(self, input, &mut task::Context::from_waker(Waker::noop())) {
            Poll::Ready(explanation) => explanation,
            Poll::Pending => self.explanation(input, &session.table),
        }
    }

    /// Explains the decision on a subscription, once the attributes are there that any expression needs.
    pub async fn explain_once(&self, input: &Input<'_>) -> Explanation {
        let mut session = Session::default();
        poll_fn(|task| session.poll(self, input, task)).await
    }

    fn explanation(&self, input: &Input<'_>, attributes: &Table) -> Explanation {
        let evaluation = Evaluation::new(self, input, attributes);
        let mut documents = Vec::with_capacity(self.documents.len());
        let mut ballots = Vec::with_capacity(self.documents.len());
        for document in &self.documents {
            let (explained, ballot) = evaluation.document(document);
            documents.push(explained);
            ballots.push(ballot);
        }
        ballots.sort_by_key(|ballot| ballot.class);
        let (mut combination, decision) = evaluation.decided(&ballots, self.algorithm);
        combination.decision = decision.decision;
        Explanation {
            decision,
            documents,
            combination,
        }
    }
}

/// The attributes that an explanation needs, from one evaluation to the next.
#[derive(Default)]
struct Session {
    table: Table,
    context: Option<Arc<Context>>,
    rounds: u32,
}

impl Session {
    fn poll(
        &mut self,
        explainer: &Explainer,
        input: &Input<'_>,
        task: &mut task::Context<'_>,
    ) -> Poll<Explanation> {
        if self.rounds > 0 && !self.table.poll(task) {
            return Poll::Pending;
        }
        loop {
            self.table.begin();
            let explanation = explainer.explanation(input, &self.table);
            self.rounds += 1;
            let context = &mut self.context;
            let context = || Arc::clone(context.get_or_insert_with(|| Arc::new(seen(explainer, input))));
            match self.table.settle(&explainer.attributes, context, task) {
                Settled::Complete | Settled::TooMany => return Poll::Ready(explanation),
                _ if self.rounds >= MAX_ROUNDS => return Poll::Ready(explanation),
                Settled::Again => {}
                Settled::Waiting => return Poll::Pending,
            }
        }
    }
}

/// What finders see.
fn seen(explainer: &Explainer, input: &Input<'_>) -> Context {
    let secrets = match input.secrets.expose() {
        Value::Object(secrets) => secrets.clone().into_owned(),
        _ => Object::default(),
    };
    Context {
        surroundings: Arc::clone(&explainer.surroundings),
        subscription_secrets: Secret::new(secrets),
    }
}
