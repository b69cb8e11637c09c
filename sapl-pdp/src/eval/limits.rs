//! What one decision may use up.

/// What one decision may use up. Beyond it, expressions become errors, so that the decision fails closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Evaluated expressions and visited values.
    pub steps: u64,
    /// Bytes of text and elements of arrays and objects that are made.
    pub output: u64,
}

impl Limits {
    /// The steps of [`Limits::default`].
    pub const STEPS: u64 = 10_000_000;
    /// The output of [`Limits::default`].
    pub const OUTPUT: u64 = 16 * 1024 * 1024;

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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: Self::STEPS,
            output: Self::OUTPUT,
        }
    }
}
