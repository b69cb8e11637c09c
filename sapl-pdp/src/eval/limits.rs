//! The limits of documents and decisions.

use std::time::Duration;

use crate::compile::MAX_EXPRESSION_DEPTH;
use crate::pattern::MAX_PATTERN_LENGTH;
use crate::syntax::MAX_DOCUMENT_BYTES;

/// What documents may be and what one decision may use up.
///
/// A document beyond them is refused. An expression beyond them is an error, so that the decision fails closed.
///
/// ```
/// use sapl_pdp::{EmbeddedPdp, Limits};
/// use std::time::Duration;
///
/// let limits = Limits::default().with_steps(100_000).with_time(Duration::from_millis(50));
/// let pdp = EmbeddedPdp::from_texts(None, [("a.sapl", "policy \"a\" permit")])?.with_limits(limits);
/// # Ok::<(), sapl_pdp::source::ConfigurationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The bytes of a document, at most [`MAX_DOCUMENT_BYTES`](crate::syntax::MAX_DOCUMENT_BYTES).
    pub document: usize,
    /// How many operations may lie within each other, variables included, at most
    /// [`MAX_EXPRESSION_DEPTH`](crate::MAX_EXPRESSION_DEPTH); deeper expressions are errors. Brackets have
    /// [`MAX_NESTING`](crate::syntax::MAX_NESTING) besides.
    pub nesting: u16,
    /// The bytes of a regular expression, at most [`MAX_PATTERN_LENGTH`](crate::pattern::MAX_PATTERN_LENGTH).
    pub pattern: usize,
    /// Evaluated expressions and visited values, and in proportion what functions are given.
    pub steps: u64,
    /// Bytes of text and elements of arrays and objects that are made.
    pub output: u64,
    /// How large a value may be that is made, and all constraints of a decision together, as
    /// [`Value::weight`](crate::value::Value::weight) counts: parts that are shared count wherever they stand.
    pub size: u64,
    /// How long the evaluation for one decision may take. It is measured now and then, and not before the first few
    /// thousand steps, so a single operation is never broken off.
    pub time: Duration,
}

impl Limits {
    /// The largest document of [`Limits::default`].
    pub const DOCUMENT: usize = MAX_DOCUMENT_BYTES;
    /// The nesting of [`Limits::default`].
    pub const NESTING: u16 = MAX_EXPRESSION_DEPTH;
    /// The longest regular expression of [`Limits::default`].
    pub const PATTERN: usize = MAX_PATTERN_LENGTH;
    /// The steps of [`Limits::default`].
    pub const STEPS: u64 = 10_000_000;
    /// The output of [`Limits::default`].
    pub const OUTPUT: u64 = 16 * 1024 * 1024;
    /// The size of [`Limits::default`].
    pub const SIZE: u64 = 8 * 1024 * 1024;
    /// The time of [`Limits::default`].
    pub const TIME: Duration = Duration::from_millis(500);

    /// The limits with another size of documents.
    #[must_use]
    pub const fn with_document(mut self, bytes: usize) -> Self {
        self.document = bytes;
        self
    }

    /// The limits with another nesting.
    #[must_use]
    pub const fn with_nesting(mut self, levels: u16) -> Self {
        self.nesting = levels;
        self
    }

    /// The limits with another length of regular expressions.
    #[must_use]
    pub const fn with_pattern(mut self, bytes: usize) -> Self {
        self.pattern = bytes;
        self
    }

    /// The limits with another number of steps.
    #[must_use]
    pub const fn with_steps(mut self, steps: u64) -> Self {
        self.steps = steps;
        self
    }

    /// The limits with another amount of output.
    #[must_use]
    pub const fn with_output(mut self, output: u64) -> Self {
        self.output = output;
        self
    }

    /// The limits with another size of values.
    #[must_use]
    pub const fn with_size(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// The limits with another time.
    #[must_use]
    pub const fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// So many times the steps, the output and the time.
    pub(crate) const fn times(mut self, times: u32) -> Self {
        self.steps = self.steps.saturating_mul(times as u64);
        self.output = self.output.saturating_mul(times as u64);
        self.time = self.time.saturating_mul(times);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: Self::DOCUMENT,
            nesting: Self::NESTING,
            pattern: Self::PATTERN,
            steps: Self::STEPS,
            output: Self::OUTPUT,
            size: Self::SIZE,
            time: Self::TIME,
        }
    }
}
