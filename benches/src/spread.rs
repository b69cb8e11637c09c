//! What many measurements come down to.

use std::fmt;

/// The median of measurements, and between what the middle half of them lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// As many are above as below.
    pub median: f64,
    /// A quarter is below.
    pub lower: f64,
    /// A quarter is above.
    pub upper: f64,
}

impl Spread {
    /// The spread of `values`; not a number where there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let quarter = |number: usize| {
            let index = values.len().saturating_sub(1) * number / 4;
            values.get(index).copied().unwrap_or(f64::NAN)
        };
        Self {
            median: quarter(2),
            lower: quarter(1),
            upper: quarter(3),
        }
    }
}

/// With as many decimals as are asked for.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = f.precision().unwrap_or_default();
        write!(
            f,
            "{:.decimals$} (half of them {:.decimals$} to {:.decimals$})",
            self.median, self.lower, self.upper
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_measurements_does_not_matter() {
        let spread = Spread::of([5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!((spread.lower, spread.median, spread.upper), (2.0, 3.0, 4.0));
        assert_eq!(format!("{spread:.1}"), "3.0 (half of them 2.0 to 4.0)");
    }
}
