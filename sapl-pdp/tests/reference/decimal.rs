//! Decimals as one computes on paper: digit by digit, then rounded.

use std::cmp::Ordering;

use num_bigint::BigInt;

/// So many digits are kept, half-even.
const PRECISION: usize = 34;

/// Digits, and how many of them stand behind the point.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    pub(crate) digits: BigInt,
    pub(crate) scale: i64,
}

/// A division by zero, or a remainder of a quotient with too many digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoNumber;

impl Decimal {
    /// A number as the engine reads it: 0, 1 and 10 lose their zeros.
    pub(crate) fn new(digits: &str, scale: i32) -> Self {
        let digits: BigInt = digits.parse().unwrap_or_default();
        let scale = scale.into();
        Self { digits, scale }.entered()
    }

    /// As [`literal`](Self::literal) is read where it stands in an expression: a minus is none of its signs.
    pub(crate) fn in_text(&self) -> Self {
        if self.digits < BigInt::ZERO {
            return self.negated().entered().negated();
        }
        self.clone()
    }

    fn entered(self) -> Self {
        let number = self;
        for whole in [0, 1, 10] {
            let whole = Self {
                digits: whole.into(),
                scale: 0,
            };
            if number.compare(&whole) == Ordering::Equal {
                return whole;
            }
        }
        number
    }

    /// As it stands in a text.
    pub(crate) fn literal(&self) -> String {
        match self.scale {
            0 => self.digits.to_string(),
            scale => format!("{}E{}", self.digits, -scale),
        }
    }

    /// The same value with the same scale.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.digits == other.digits && self.scale == other.scale
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at(scale).cmp(&other.at(scale))
    }

    pub(crate) fn negated(&self) -> Self {
        Self {
            digits: -&self.digits,
            scale: self.scale,
        }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        let preferred = self.scale.max(other.scale);
        let exact = Self {
            digits: self.at(preferred) + other.at(preferred),
            scale: preferred,
        };
        let zero = BigInt::ZERO;
        if self.digits == zero || other.digits == zero {
            // What is added to zero keeps its value, with as many zeros more as there is room for.
            let other = if self.digits == zero { other } else { self };
            return other.rounded().with_scale_near(preferred);
        }
        exact.rounded()
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        let exact = Self {
            digits: &self.digits * &other.digits,
            scale: self.scale + other.scale,
        };
        exact.rounded()
    }

    /// Long division: one digit after the other until nothing remains, or one more than are kept.
    pub(crate) fn divided_by(&self, divisor: &Self) -> Result<Self, NoNumber> {
        let zero = BigInt::ZERO;
        if divisor.digits == zero {
            return Err(NoNumber);
        }
        let preferred = self.scale - divisor.scale;
        let is_negative = (self.digits < zero) != (divisor.digits < zero);
        let by = BigInt::from(divisor.digits.magnitude().clone());
        let dividend = BigInt::from(self.digits.magnitude().clone());
        let (mut digits, mut rest, mut scale) = (&dividend / &by, &dividend % &by, preferred);
        while rest != zero && length(&digits) <= PRECISION + 1 {
            rest *= 10;
            digits = digits * 10 + &rest / &by;
            rest %= &by;
            scale += 1;
        }
        let is_exact = rest == zero;
        if !is_exact {
            // Something follows, so that this is no tie.
            digits = digits * 10 + 1;
            scale += 1;
        }
        if is_negative {
            digits = -digits;
        }
        let quotient = Self { digits, scale };
        let rounded = quotient.rounded();
        if is_exact && rounded.compare(&quotient) == Ordering::Equal {
            return Ok(rounded.stripped(preferred));
        }
        Ok(rounded)
    }

    /// What remains; not negative for a positive divisor, else with the sign of the dividend. Its scale is not told.
    pub(crate) fn remainder_of(&self, divisor: &Self) -> Result<Self, NoNumber> {
        let zero = BigInt::ZERO;
        if divisor.digits == zero {
            return Err(NoNumber);
        }
        let scale = self.scale.max(divisor.scale);
        let (dividend, by) = (self.at(scale), divisor.at(scale));
        let quotient = Self {
            digits: &dividend / &by,
            scale: 0,
        };
        if length(&quotient.stripped(i64::MIN).digits) > PRECISION {
            return Err(NoNumber);
        }
        let rest = Self {
            digits: &dividend % &by,
            scale,
        };
        if rest.digits < zero && by > zero {
            return Ok(rest.plus(divisor));
        }
        Ok(rest)
    }

    /// The digits at a scale that is not below its own.
    fn at(&self, scale: i64) -> BigInt {
        &self.digits * ten_to(scale - self.scale)
    }

    fn rounded(&self) -> Self {
        let mut rounded = self.clone();
        // Rounding up may make one digit more.
        while length(&rounded.digits) > PRECISION {
            let more = length(&rounded.digits) - PRECISION;
            let unit = ten_to(i64::try_from(more).unwrap_or(i64::MAX));
            let magnitude = BigInt::from(rounded.digits.magnitude().clone());
            let (mut kept, rest): (BigInt, BigInt) = (&magnitude / &unit, &magnitude % &unit);
            let is_odd = &kept % 2 == BigInt::from(1);
            let twice: BigInt = rest * 2;
            match twice.cmp(&unit) {
                Ordering::Greater => kept += 1,
                Ordering::Equal if is_odd => kept += 1,
                _ => {}
            }
            rounded = Self {
                digits: if rounded.digits < BigInt::ZERO {
                    -kept
                } else {
                    kept
                },
                scale: rounded.scale - i64::try_from(more).unwrap_or(i64::MAX),
            };
        }
        rounded
    }

    /// Without zeros at its end, but none less than that scale needs.
    fn stripped(&self, scale: i64) -> Self {
        let mut stripped = self.clone();
        while stripped.scale > scale
            && stripped.digits != BigInt::ZERO
            && &stripped.digits % 10 == BigInt::ZERO
        {
            stripped.digits /= 10;
            stripped.scale -= 1;
        }
        if stripped.digits == BigInt::ZERO {
            stripped.scale = stripped.scale.min(scale.max(self.scale.min(0)));
        }
        stripped
    }

    /// With zeros added or taken away until its scale is the preferred one, as far as that keeps the value.
    fn with_scale_near(&self, preferred: i64) -> Self {
        let mut number = self.clone();
        while number.scale < preferred && length(&number.digits) < PRECISION {
            number.digits *= 10;
            number.scale += 1;
        }
        if number.scale > preferred {
            return number.stripped(preferred);
        }
        number
    }
}

fn ten_to(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

fn length(digits: &BigInt) -> usize {
    digits.magnitude().to_string().len()
}
