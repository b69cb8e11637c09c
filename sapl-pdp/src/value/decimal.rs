//! Decimals of any size: what [`Number`](super::Number) falls back to when 64 bits do not suffice.
//!
//! The scale rules are those of Java's `BigDecimal` with `MathContext.DECIMAL128`, because SAPL shows them in the
//! text form of numbers: `2.40 / 1.2` is `2.0`, `1000 / 10` is `100`.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::{BigInt, Sign};

/// Digits to which results are rounded, half-even.
pub(super) const PRECISION: u64 = 34;

/// `digits` · 10^-`scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits, with the sign.
    pub digits: BigInt,
    /// How many of the digits stand behind the point; negative for trailing zeros not written.
    pub scale: i32,
}

impl Decimal {
    /// The number of decimal digits, 1 for zero.
    pub(super) fn precision(&self) -> u64 {
        length(&self.digits)
    }

    fn is_zero(&self) -> bool {
        self.digits.sign() == Sign::NoSign
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let preferred = self.scale.max(other.scale);
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Self {
                digits: BigInt::ZERO,
                scale: preferred,
            },
            (true, false) => other.clone().rounded().towards(preferred),
            (false, true) => self.clone().rounded().towards(preferred),
            (false, false) => Self {
                digits: self.at(preferred) + other.at(preferred),
                scale: preferred,
            }
            .rounded(),
        }
    }

    pub(super) fn subtract(&self, other: &Self) -> Self {
        self.add(&Self {
            digits: -&other.digits,
            scale: other.scale,
        })
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        Self {
            digits: &self.digits * &other.digits,
            scale: self.scale.saturating_add(other.scale),
        }
        .rounded()
    }

    /// The quotient; the divisor is not zero.
    pub(super) fn divide(&self, divisor: &Self) -> Self {
        let preferred = self.scale.saturating_sub(divisor.scale);
        if self.is_zero() {
            return Self {
                digits: BigInt::ZERO,
                scale: preferred,
            };
        }
        // Two digits more than are kept, so that rounding sees what follows them.
        let shift = i64::try_from(PRECISION + 3 + divisor.precision()).unwrap_or(i64::MAX)
            - i64::try_from(self.precision()).unwrap_or(i64::MAX);
        let shift = i32::try_from(shift).unwrap_or(i32::MAX);
        let (dividend, divisor) = if shift >= 0 {
            (
                &self.digits * ten_to(shift.unsigned_abs()),
                divisor.digits.clone(),
            )
        } else {
            (
                self.digits.clone(),
                &divisor.digits * ten_to(shift.unsigned_abs()),
            )
        };
        let mut digits = &dividend / &divisor;
        let mut scale = preferred.saturating_add(shift);
        let exact = (&dividend % &divisor).sign() == Sign::NoSign;
        if !exact {
            // A last digit that stands for all that follow keeps ties apart from what lies just beyond them.
            let beyond = if dividend.sign() == divisor.sign() { 1 } else { -1 };
            digits = digits * 10 + beyond;
            scale = scale.saturating_add(1);
        }
        let quotient = Self { digits, scale };
        let rounded = quotient.clone().rounded();
        if exact && rounded.compare(&quotient) == Ordering::Equal {
            rounded.stripped(preferred)
        } else {
            rounded
        }
    }

    /// What remains of a division towards zero; `None` when the quotient has more digits than are kept. The
    /// divisor is not zero.
    pub(super) fn remainder(&self, divisor: &Self) -> Option<Self> {
        let common = self.scale.max(divisor.scale);
        let (dividend_digits, divisor_digits) = (self.at(common), divisor.at(common));
        let quotient = Self {
            digits: &dividend_digits / &divisor_digits,
            scale: 0,
        };
        if quotient.is_zero() {
            return Some(self.clone());
        }
        if quotient.compare(&quotient.clone().truncated()) != Ordering::Equal {
            return None;
        }
        let preferred = self.scale.saturating_sub(divisor.scale);
        let scale = if preferred < 0 {
            let quotient_scale = quotient.stripped(preferred).scale;
            self.scale.max(quotient_scale.saturating_add(divisor.scale))
        } else {
            self.scale
        };
        let rest = Self {
            digits: dividend_digits % divisor_digits,
            scale: common,
        };
        Some(Self {
            digits: rest.at(scale),
            scale,
        })
    }

    /// The digits written with another scale; digits that do not fit are cut off.
    pub(super) fn at(&self, scale: i32) -> BigInt {
        match scale.cmp(&self.scale) {
            Ordering::Equal => self.digits.clone(),
            Ordering::Greater => &self.digits * ten_to(scale.abs_diff(self.scale)),
            Ordering::Less => &self.digits / ten_to(scale.abs_diff(self.scale)),
        }
    }

    /// The order by value; the scale does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let (left, right) = (self.digits.sign(), other.digits.sign());
        if left != right || left == Sign::NoSign {
            return left.cmp(&right);
        }
        let magnitude = self.magnitude().cmp(&other.magnitude());
        if magnitude == Ordering::Equal {
            let common = self.scale.max(other.scale);
            return self.at(common).cmp(&other.at(common));
        }
        if left == Sign::Minus {
            magnitude.reverse()
        } else {
            magnitude
        }
    }

    /// How many digits stand before the point.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.precision()).unwrap_or(i64::MAX) - i64::from(self.scale)
    }

    fn rounded(self) -> Self {
        let precision = self.precision();
        if precision <= PRECISION {
            return self;
        }
        let drop = u32::try_from(precision - PRECISION).unwrap_or(u32::MAX);
        let unit = ten_to(drop);
        let mut digits = &self.digits / &unit;
        let rest = (&self.digits % &unit).magnitude() * 2_u32;
        let up = match rest.cmp(unit.magnitude()) {
            Ordering::Less => false,
            Ordering::Equal => digits.bit(0),
            Ordering::Greater => true,
        };
        if up {
            digits += if self.digits.sign() == Sign::Minus { -1 } else { 1 };
        }
        let scale = self.scale.saturating_sub_unsigned(drop);
        // 99…9 rounds to one digit more, all of them zeros but the first.
        Self { digits, scale }.rounded()
    }

    fn truncated(self) -> Self {
        let precision = self.precision();
        if precision <= PRECISION {
            return self;
        }
        let drop = u32::try_from(precision - PRECISION).unwrap_or(u32::MAX);
        Self {
            digits: self.digits / ten_to(drop),
            scale: self.scale.saturating_sub_unsigned(drop),
        }
    }

    /// Without trailing zeros, as long as the scale stays at or above `scale`.
    fn stripped(mut self, scale: i32) -> Self {
        while self.scale > scale && (&self.digits % 10_u32).sign() == Sign::NoSign {
            self.digits /= 10_u32;
            self.scale -= 1;
        }
        self
    }

    /// The same value with a scale as near to `preferred` as zeros and precision allow.
    fn towards(self, preferred: i32) -> Self {
        match self.scale.cmp(&preferred) {
            Ordering::Equal => self,
            Ordering::Greater => self.stripped(preferred),
            Ordering::Less => {
                let room = i32::try_from(PRECISION.saturating_sub(self.precision())).unwrap_or(0);
                let scale = preferred.min(self.scale.saturating_add(room));
                Self {
                    digits: self.at(scale),
                    scale,
                }
            }
        }
    }
}

/// 10^`exponent`.
pub(super) fn ten_to(exponent: u32) -> BigInt {
    BigInt::from(10_u32).pow(exponent)
}

fn length(digits: &BigInt) -> u64 {
    if digits.sign() == Sign::NoSign {
        return 1;
    }
    // log10(2) is a little above 0.30102; the estimate is at most one too small.
    let estimate = digits.bits().saturating_sub(1) * 30_102 / 100_000;
    let power = ten_to(u32::try_from(estimate).unwrap_or(u32::MAX));
    let mut length = estimate;
    let mut bound = power.magnitude().clone();
    while &bound <= digits.magnitude() {
        bound *= 10_u32;
        length += 1;
    }
    length
}

/// Writes digits and scale: plain as long as the exponent is small, else with an exponent behind `E`.
pub(super) fn write(f: &mut fmt::Formatter<'_>, negative: bool, digits: &str, scale: i32) -> fmt::Result {
    if negative {
        f.write_str("-")?;
    }
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let exponent = length - 1 - i64::from(scale);
    if scale == 0 {
        return f.write_str(digits);
    }
    if scale > 0 && exponent >= -6 {
        let point = length - i64::from(scale);
        let Ok(point) = usize::try_from(point) else {
            f.write_str("0.")?;
            for _ in 0..point.unsigned_abs() {
                f.write_str("0")?;
            }
            return f.write_str(digits);
        };
        let (whole, fraction) = digits.split_at_checked(point).unwrap_or((digits, ""));
        let whole = if whole.is_empty() { "0" } else { whole };
        return write!(f, "{whole}.{fraction}");
    }
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    f.write_str(first)?;
    if !rest.is_empty() {
        write!(f, ".{rest}")?;
    }
    if exponent != 0 {
        write!(f, "E{exponent:+}")?;
    }
    Ok(())
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.magnitude().to_string();
        write(f, self.digits.sign() == Sign::Minus, &digits, self.scale)
    }
}
