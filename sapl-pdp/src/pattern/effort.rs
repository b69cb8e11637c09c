//! How much work patterns may do on texts.

use crate::value::ErrorKind;

/// What is left of the work that patterns may do for one operation: bytes that are looked at. A step of a pattern with
/// look-around or back references counts for eight of them.
#[derive(Debug)]
pub(crate) struct Effort {
    most: u64,
    left: u64,
}

/// The most work for one operation, as one `=~` or one call of a function: bytes that are looked at, where a step of a pattern
/// with look-around or back references counts for eight of them.
pub const MAX_EFFORT: u64 = 1 << 25;

impl Effort {
    pub(crate) const fn new() -> Self {
        Self::of(MAX_EFFORT)
    }

    /// So much work at most.
    pub(super) const fn of(most: u64) -> Self {
        Self { most, left: most }
    }

    /// Takes from what is left.
    #[inline]
    pub(crate) fn spend(&mut self, amount: u64) -> Result<(), ErrorKind> {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(ErrorKind::PatternTooExpensive)
            }
        }
    }

    /// How much has been done.
    pub(crate) const fn spent(&self) -> u64 {
        self.most - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_at_its_limit() {
        let mut effort = Effort::new();
        assert_eq!(effort.spend(MAX_EFFORT), Ok(()));
        assert_eq!(effort.spend(0), Ok(()));
        assert_eq!(effort.spend(1), Err(ErrorKind::PatternTooExpensive));
        assert_eq!(effort.spent(), MAX_EFFORT);
    }
}
