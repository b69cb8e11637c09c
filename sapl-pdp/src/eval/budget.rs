//! What is left of the limits of one decision.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Limits;
use crate::value::{ErrorKind, Value};

/// So many steps pass between two looks at the clock.
const STEPS_BETWEEN_LOOKS: u64 = 2048;

/// So much weight of a value that is made, or given to a function, counts as a step.
const WEIGHT_OF_A_STEP: u64 = 64;

/// What is left of the limits of one decision.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    /// The clock is looked at when there are fewer steps left.
    next_look: Cell<u64>,
    output: Cell<u64>,
    size: u64,
    pattern: usize,
    time: Duration,
    began: Cell<Option<Instant>>,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            steps: Cell::new(limits.steps),
            next_look: Cell::new(limits.steps.saturating_sub(STEPS_BETWEEN_LOOKS)),
            output: Cell::new(limits.output),
            size: limits.size,
            pattern: limits.pattern,
            time: limits.time,
            began: Cell::new(None),
        }
    }

    /// Counts steps of work.
    #[inline]
    pub(super) fn steps(&self, count: u64) -> Result<(), ErrorKind> {
        let Some(left) = self.steps.get().checked_sub(count) else {
            // What was too much may have been done already, so nothing more is.
            self.steps.set(0);
            return Err(ErrorKind::StepLimit);
        };
        self.steps.set(left);
        if left < self.next_look.get() {
            return self.look();
        }
        Ok(())
    }

    /// How many steps are left.
    pub(super) fn steps_left(&self) -> u64 {
        self.steps.get()
    }

    /// Counts what stands for the work on something so large.
    pub(super) fn weigh(&self, weight: u64) -> Result<(), ErrorKind> {
        self.steps(weight / WEIGHT_OF_A_STEP)
    }

    /// Counts output: bytes of text, or elements of arrays and objects.
    pub(super) fn produce(&self, size: usize) -> Result<(), ErrorKind> {
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let left = self
            .output
            .get()
            .checked_sub(size)
            .ok_or(ErrorKind::OutputLimit)?;
        self.output.set(left);
        Ok(())
    }

    /// How much output is left.
    pub(super) fn output(&self) -> u64 {
        self.output.get()
    }

    /// Checks that a regular expression is not too long.
    pub(super) fn check_pattern(&self, pattern: &str) -> Result<(), ErrorKind> {
        if pattern.len() > self.pattern {
            return Err(ErrorKind::PatternTooLong);
        }
        Ok(())
    }

    /// How large a value may be.
    pub(super) fn largest_value(&self) -> u64 {
        self.size
    }

    /// Checks that a value that was made is not too large.
    pub(super) fn check_size(&self, value: &Value<'_>) -> Result<(), ErrorKind> {
        let weight = value.weight();
        if weight > self.size {
            return Err(ErrorKind::OutputLimit);
        }
        self.weigh(weight)
    }

    #[cold]
    fn look(&self) -> Result<(), ErrorKind> {
        self.look_at(Instant::now())
    }

    fn look_at(&self, now: Instant) -> Result<(), ErrorKind> {
        self.next_look
            .set(self.steps.get().saturating_sub(STEPS_BETWEEN_LOOKS));
        match self.began.get() {
            None => self.began.set(Some(now)),
            Some(began) if now.saturating_duration_since(began) > self.time => {
                // From here on every step fails.
                self.steps.set(0);
                return Err(ErrorKind::TimeLimit);
            }
            Some(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ends_behind_its_limit() {
        let time = Duration::from_millis(20);
        let budget = Budget::new(&Limits::default().with_time(time));
        let began = Instant::now();
        assert_eq!(budget.look_at(began), Ok(()));
        assert_eq!(budget.look_at(began + time), Ok(()));
        let late = began + time + Duration::from_nanos(1);
        assert_eq!(budget.look_at(late), Err(ErrorKind::TimeLimit));
        assert_eq!(budget.steps(1), Err(ErrorKind::StepLimit));
    }

    #[test]
    fn the_clock_is_looked_at_now_and_then() {
        let budget = Budget::new(&Limits::default());
        assert_eq!(budget.steps(STEPS_BETWEEN_LOOKS), Ok(()));
        assert!(budget.began.get().is_none());
        assert_eq!(budget.steps(1), Ok(()));
        let began = budget.began.get();
        assert!(began.is_some());
        assert_eq!(budget.next_look.get(), budget.steps.get() - STEPS_BETWEEN_LOOKS);
    }

    #[test]
    fn steps_end_at_their_limit_without_a_clock() {
        let budget = Budget::new(&Limits::default().with_steps(3));
        assert_eq!(budget.steps(3), Ok(()));
        assert_eq!(budget.steps(1), Err(ErrorKind::StepLimit));
        let budget = Budget::new(&Limits::default().with_steps(3));
        assert_eq!(budget.steps(4), Err(ErrorKind::StepLimit));
        assert_eq!(budget.steps(1), Err(ErrorKind::StepLimit));
    }

    #[test]
    fn values_may_be_as_large_as_their_limit() {
        let budget = Budget::new(&Limits::default().with_size(10));
        assert_eq!(budget.check_size(&Value::from("ab")), Ok(()));
        assert_eq!(
            budget.check_size(&Value::from("abc")),
            Err(ErrorKind::OutputLimit)
        );
    }
}
