//! Numbers: decimals whose digits mostly fit a machine integer.

use std::cmp::Ordering;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use num_bigint::BigInt;

use super::decimal::{self, Decimal};
use super::error::ErrorKind;

/// The longest text that is read as a number, in characters.
pub const MAX_NUMBER_LENGTH: usize = 1000;

/// The largest scale, and the most negative one, of a number that is read or computed with.
pub const MAX_SCALE: u32 = 1000;

/// A decimal number with the scale it was written with.
///
/// Numbers compare by value: `1.0` equals `1.00`. Literals keep all their digits; results of arithmetic are rounded
/// half-even to 34. The text form ([`Display`](fmt::Display)) shows the scale, as SAPL's does: `1.10`, `1E+3`.
///
/// Digits that fit 64 bits are kept inline, so that comparing and counting never allocate.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Short { digits: i64, scale: i16 },
    Long(Arc<Decimal>),
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self::short(0, 0);

    const fn short(digits: i64, scale: i16) -> Self {
        Self(Repr::Short { digits, scale })
    }

    /// Reads a number as policies and JSON write it, without sign or with `-`: `5`, `0.50`, `1.5E-3`.
    ///
    /// `None` when the text is no number, longer than [`MAX_NUMBER_LENGTH`] or has a scale beyond [`MAX_SCALE`].
    /// 0, 1 and 10 lose their zeros, as in SAPL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_NUMBER_LENGTH {
            return None;
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = String::with_capacity(mantissa.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if scale.unsigned_abs() > MAX_SCALE {
            return None;
        }
        let number = match digits.parse::<i64>() {
            Ok(digits) => Self::short(digits, i16::try_from(scale).ok()?),
            Err(_) => Self::from(Decimal {
                digits: digits.parse().ok()?,
                scale,
            }),
        };
        Some(number.entered())
    }

    /// The number nearest to what a binary floating-point number shows: its shortest text that reads back as the
    /// same. `None` for infinities and NaN.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let mut text = Stack::default();
        write!(text, "{value:e}").ok()?;
        let text = text.as_str();
        let (mantissa, exponent) = text.split_once('e')?;
        let exponent = exponent.parse::<i16>().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = whole.parse::<i64>().ok()?;
        let negative = whole.starts_with('-');
        for digit in fraction.bytes() {
            let digit = i64::from(digit.checked_sub(b'0')?);
            digits = digits
                .checked_mul(10)?
                .checked_add(if negative { -digit } else { digit })?;
        }
        let mut scale = i16::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        // Java shows a whole double with one zero behind the point, and so does SAPL: `7.0`.
        if scale < 1 && exponent < 7 {
            let zeros = u32::try_from(1 - scale).ok()?;
            digits = digits.checked_mul(10_i64.checked_pow(zeros)?)?;
            scale = 1;
        }
        Some(Self::short(digits, scale).entered())
    }

    /// Reads a number of a JSON document held by `serde_json`.
    #[must_use]
    pub fn from_json(number: &serde_json::Number) -> Option<Self> {
        if let Some(digits) = number.as_i64() {
            Some(Self::short(digits, 0))
        } else if let Some(digits) = number.as_u64() {
            Some(Self::from(digits))
        } else {
            Self::from_f64(number.as_f64()?)
        }
    }

    /// The digits and how many of them stand behind the point.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        match &self.0 {
            Repr::Short { digits, scale } => Decimal {
                digits: BigInt::from(*digits),
                scale: i32::from(*scale),
            },
            Repr::Long(decimal) => Decimal::clone(decimal),
        }
    }

    /// The value as a 64-bit integer, if it is one; `1.0` and `1e3` are.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Short { digits, scale: 0 } => Some(*digits),
            Repr::Short { digits: 0, .. } => Some(0),
            Repr::Short { digits, scale } => {
                let unit = 10_i64.checked_pow(u32::from(scale.unsigned_abs()))?;
                if *scale < 0 {
                    digits.checked_mul(unit)
                } else {
                    (digits % unit == 0).then(|| digits / unit)
                }
            }
            Repr::Long(_) => i64::try_from(self.to_integer()?).ok(),
        }
    }

    /// The value as an unsigned 64-bit integer, if it is one.
    #[must_use]
    pub fn to_u64(&self) -> Option<u64> {
        match self.to_i64() {
            Some(value) => u64::try_from(value).ok(),
            None => u64::try_from(self.to_integer()?).ok(),
        }
    }

    /// The value as an integer, if it is one.
    #[must_use]
    pub fn to_integer(&self) -> Option<BigInt> {
        let decimal = self.to_decimal();
        let digits = decimal.at(0);
        let whole = Decimal {
            digits: digits.clone(),
            scale: 0,
        };
        (whole.compare(&decimal) == Ordering::Equal).then_some(digits)
    }

    /// The nearest binary floating-point number; infinite when the value is beyond their range.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // Reading the decimal text rounds correctly; an infinity stands for what is too large.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The sum, rounded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NumberOutOfRange`] when an operand has more than 1000 digits or a scale beyond ±1000, as for
    /// the other operations.
    pub fn add(&self, other: &Self) -> Result<Self, ErrorKind> {
        if let Some(sum) = self.short_sum(other) {
            return Ok(sum);
        }
        self.in_range(other)?;
        Ok(self.to_decimal().add(&other.to_decimal()).into())
    }

    /// The difference, rounded.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn subtract(&self, other: &Self) -> Result<Self, ErrorKind> {
        if let Some(negated) = other.short_negated()
            && let Some(difference) = self.short_sum(&negated)
        {
            return Ok(difference);
        }
        self.in_range(other)?;
        Ok(self.to_decimal().subtract(&other.to_decimal()).into())
    }

    /// The product, rounded.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn multiply(&self, other: &Self) -> Result<Self, ErrorKind> {
        self.in_range(other)?;
        if let (
            Repr::Short { digits, scale },
            Repr::Short {
                digits: other_digits,
                scale: other_scale,
            },
        ) = (&self.0, &other.0)
            && let (Some(digits), Some(scale)) =
                (digits.checked_mul(*other_digits), scale.checked_add(*other_scale))
        {
            return Ok(Self::short(digits, scale));
        }
        Ok(self.to_decimal().multiply(&other.to_decimal()).into())
    }

    /// The quotient, rounded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DivisionByZero`], else as [`add`](Self::add).
    pub fn divide(&self, divisor: &Self) -> Result<Self, ErrorKind> {
        if divisor.is_zero() {
            return Err(ErrorKind::DivisionByZero);
        }
        self.in_range(divisor)?;
        if let (
            Repr::Short { digits, scale },
            Repr::Short {
                digits: divisor,
                scale: divisor_scale,
            },
        ) = (&self.0, &divisor.0)
            && digits.checked_rem(*divisor) == Some(0)
            && let (Some(digits), Some(scale)) =
                (digits.checked_div(*divisor), scale.checked_sub(*divisor_scale))
        {
            return Ok(Self::short(digits, scale));
        }
        Ok(self.to_decimal().divide(&divisor.to_decimal()).into())
    }

    /// The remainder: not negative for a positive divisor, else with the sign of the dividend.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::DivisionByZero`]; [`ErrorKind::NumberOutOfRange`] also when the whole quotient has more digits
    /// than are kept.
    pub fn remainder(&self, divisor: &Self) -> Result<Self, ErrorKind> {
        if divisor.is_zero() {
            return Err(ErrorKind::DivisionByZero);
        }
        self.in_range(divisor)?;
        let rest = match (&self.0, &divisor.0) {
            (
                Repr::Short { digits, scale },
                Repr::Short {
                    digits: divisor,
                    scale: divisor_scale,
                },
            ) if scale == divisor_scale => Self::short(digits.checked_rem(*divisor).unwrap_or(0), *scale),
            _ => self
                .to_decimal()
                .remainder(&divisor.to_decimal())
                .ok_or(ErrorKind::NumberOutOfRange)?
                .into(),
        };
        if rest.is_negative() && !divisor.is_negative() {
            return rest.add(divisor);
        }
        Ok(rest)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negate(&self) -> Self {
        self.short_negated().unwrap_or_else(|| {
            let mut decimal = self.to_decimal();
            decimal.digits = -decimal.digits;
            decimal.into()
        })
    }

    /// Whether the value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Repr::Short { digits, .. } => *digits == 0,
            Repr::Long(decimal) => decimal.digits == BigInt::ZERO,
        }
    }

    /// Whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Short { digits, .. } => *digits < 0,
            Repr::Long(decimal) => decimal.digits < BigInt::ZERO,
        }
    }

    /// Digits without zeros at their end, and the scale that goes with them: the same for equal numbers. `None` when the
    /// digits were too many for 64 bits.
    pub(crate) fn short_digits(&self) -> Option<(i64, i32)> {
        let Repr::Short { mut digits, scale } = self.0 else {
            return None;
        };
        if digits == 0 {
            return Some((0, 0));
        }
        let mut scale = i32::from(scale);
        while digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Some((digits, scale))
    }

    fn short_negated(&self) -> Option<Self> {
        match &self.0 {
            Repr::Short { digits, scale } => Some(Self::short(digits.checked_neg()?, *scale)),
            Repr::Long(_) => None,
        }
    }

    fn short_sum(&self, other: &Self) -> Option<Self> {
        let (Repr::Short { digits: a, scale: s }, Repr::Short { digits: b, scale: t }) = (&self.0, &other.0)
        else {
            return None;
        };
        if s.unsigned_abs() > MAX_SCALE_SHORT || t.unsigned_abs() > MAX_SCALE_SHORT {
            return None;
        }
        if s == t {
            return Some(Self::short(a.checked_add(*b)?, *s));
        }
        // The scale of a sum with zero follows other rules.
        if *a == 0 || *b == 0 {
            return None;
        }
        let (a, b) = aligned(*a, *s, *b, *t)?;
        let sum = i64::try_from(a.checked_add(b)?).ok()?;
        Some(Self::short(sum, (*s).max(*t)))
    }

    fn in_range(&self, other: &Self) -> Result<(), ErrorKind> {
        let fits = |number: &Self| match &number.0 {
            Repr::Short { scale, .. } => scale.unsigned_abs() <= MAX_SCALE_SHORT,
            Repr::Long(decimal) => {
                decimal.scale.unsigned_abs() <= MAX_SCALE && decimal.precision() <= MAX_NUMBER_LENGTH as u64
            }
        };
        if fits(self) && fits(other) {
            Ok(())
        } else {
            Err(ErrorKind::NumberOutOfRange)
        }
    }

    /// What a number becomes when it is read or comes out of a function: 0, 1 and 10 are kept without zeros.
    pub(crate) fn entered(self) -> Self {
        match &self.0 {
            Repr::Short { scale: 0, .. } => self,
            Repr::Short { digits: 0, .. } => Self::ZERO,
            _ => match self.to_i64() {
                Some(value @ (1 | 10)) => Self::from(value),
                _ => self,
            },
        }
    }
}

const MAX_SCALE_SHORT: u16 = 1000;
const _: () = assert!(MAX_SCALE_SHORT as u32 == MAX_SCALE);

/// Both digits with the larger of both scales, if they fit.
fn aligned(a: i64, s: i16, b: i64, t: i16) -> Option<(i128, i128)> {
    let difference = u32::from(s.abs_diff(t));
    // 10^18 times any 64-bit integer fits 128 bits.
    if difference > 18 {
        return None;
    }
    let unit = 10_i128.pow(difference);
    let (a, b) = (i128::from(a), i128::from(b));
    Some(if s < t { (a * unit, b) } else { (a, b * unit) })
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::short(value, 0)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(
            |_| {
                Self::from(Decimal {
                    digits: value.into(),
                    scale: 0,
                })
            },
            Self::from,
        )
    }
}

impl From<i32> for Number {
    fn from(value: i32) -> Self {
        Self::short(i64::from(value), 0)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::from(u64::try_from(value).unwrap_or(u64::MAX))
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        match (i64::try_from(&decimal.digits), i16::try_from(decimal.scale)) {
            (Ok(digits), Ok(scale)) => Self::short(digits, scale),
            _ => Self(Repr::Long(Arc::new(decimal))),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Short { digits: a, scale: s }, Repr::Short { digits: b, scale: t }) =
            (&self.0, &other.0)
        {
            if s == t {
                return a.cmp(b);
            }
            if let Some((a, b)) = aligned(*a, *s, *b, *t) {
                return a.cmp(&b);
            }
        }
        self.to_decimal().compare(&other.to_decimal())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Short { digits, scale: 0 } => write!(f, "{digits}"),
            Repr::Short { digits, scale } => {
                let mut text = Stack::default();
                write!(text, "{}", digits.unsigned_abs())?;
                decimal::write(f, *digits < 0, text.as_str(), i32::from(*scale))
            }
            Repr::Long(decimal) => decimal.fmt(f),
        }
    }
}

/// A short text without allocation.
#[derive(Default)]
struct Stack {
    bytes: [u8; 32],
    length: usize,
}

impl Stack {
    fn as_str(&self) -> &str {
        self.bytes
            .get(..self.length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Write for Stack {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let free = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        free.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
