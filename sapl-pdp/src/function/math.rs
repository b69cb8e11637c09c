//! `math`: functions of numbers. Powers, roots and logarithms compute with doubles.

use num_bigint::{BigInt, Sign};

use super::arguments::{Outcome, code, number};
use super::{Function, Kinds, Parameter};
use crate::value::{Decimal, ErrorKind, Number, Value};

const NAME: &str = "math";

const fn numeric(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::NUMBER)
}

const VALUE: &[Parameter] = &[numeric("value")];
const TWO: &[Parameter] = &[numeric("a"), numeric("b")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(NAME, "abs", VALUE, "the number without its sign", code!(abs)),
    Function::new(
        NAME,
        "ceil",
        VALUE,
        "the smallest integer that is not below the number",
        code!(ceil),
    ),
    Function::new(
        NAME,
        "clamp",
        &[numeric("value"), numeric("minimum"), numeric("maximum")],
        "the number, or the bound that it is beyond",
        code!(clamp),
    ),
    Function::new(NAME, "e", &[], "the base of natural logarithms", code!(e)),
    Function::new(
        NAME,
        "floor",
        VALUE,
        "the largest integer that is not above the number",
        code!(floor),
    ),
    Function::new(NAME, "log", VALUE, "the natural logarithm", code!(log)),
    Function::new(NAME, "log10", VALUE, "the logarithm to base 10", code!(log10)),
    Function::new(
        NAME,
        "logb",
        &[numeric("value"), numeric("base")],
        "the logarithm to a base",
        code!(logb),
    ),
    Function::new(NAME, "max", TWO, "the larger of two numbers", code!(max)),
    Function::new(NAME, "min", TWO, "the smaller of two numbers", code!(min)),
    Function::new(
        NAME,
        "pi",
        &[],
        "the ratio of a circle's circumference to its diameter",
        code!(pi),
    ),
    Function::new(
        NAME,
        "pow",
        &[numeric("base"), numeric("exponent")],
        "the base to the exponent",
        code!(pow),
    ),
    Function::new(
        NAME,
        "round",
        VALUE,
        "the nearest integer, halves upwards",
        code!(round),
    ),
    Function::new(NAME, "sign", VALUE, "-1, 0 or 1", code!(sign)),
    Function::new(NAME, "sqrt", VALUE, "the square root", code!(sqrt)),
];

fn abs<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = number(arguments, 0)?;
    Ok(entered(if value.is_negative() {
        value.negate()
    } else {
        value.clone()
    }))
}

fn ceil<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Number(floored(&number(arguments, 0)?.negate()).negate()))
}

fn floor<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Number(floored(number(arguments, 0)?)))
}

fn round<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let Decimal { digits, scale } = number(arguments, 0)?.to_decimal();
    if scale <= 0 {
        return floor(arguments);
    }
    let half = BigInt::from(10).pow(scale.unsigned_abs() - 1) * 5;
    Ok(Value::Number(floored(&Number::from(Decimal {
        digits: digits + half,
        scale,
    }))))
}

/// The largest integer that is not above the number.
fn floored(number: &Number) -> Number {
    let Decimal { digits, scale } = number.to_decimal();
    let unit = BigInt::from(10).pow(scale.unsigned_abs());
    let digits = if scale <= 0 {
        digits * unit
    } else {
        let whole = &digits / &unit;
        let cut_upwards = digits.sign() == Sign::Minus && &whole * &unit != digits;
        if cut_upwards { whole - 1 } else { whole }
    };
    Number::from(Decimal { digits, scale: 0 })
}

fn sign<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = number(arguments, 0)?;
    Ok(Value::from(if value.is_negative() {
        -1_i64
    } else {
        i64::from(!value.is_zero())
    }))
}

fn max<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (a, b) = (number(arguments, 0)?, number(arguments, 1)?);
    Ok(entered(if b > a { b } else { a }.clone()))
}

fn min<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (a, b) = (number(arguments, 0)?, number(arguments, 1)?);
    Ok(entered(if b < a { b } else { a }.clone()))
}

fn clamp<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (value, minimum, maximum) = (
        double(arguments, 0)?,
        double(arguments, 1)?,
        double(arguments, 2)?,
    );
    if minimum > maximum {
        return Err(ErrorKind::Function("the minimum must not be above the maximum"));
    }
    from_double(value.clamp(minimum, maximum))
}

fn e<'a>(_: &[Value<'a>]) -> Outcome<'a> {
    from_double(std::f64::consts::E)
}

fn pi<'a>(_: &[Value<'a>]) -> Outcome<'a> {
    from_double(std::f64::consts::PI)
}

fn pow<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (base, exponent) = (double(arguments, 0)?, double(arguments, 1)?);
    // Numbers beyond every double are infinite here, and then it is unknown where the power tends to.
    let is_unknown = exponent.is_infinite() && base.abs() == 1.0;
    from_double(if is_unknown { f64::NAN } else { base.powf(exponent) })
}

fn sqrt<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    from_double(double(arguments, 0)?.sqrt())
}

fn log<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    from_double(positive(arguments, 0)?.ln())
}

fn log10<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    from_double(positive(arguments, 0)?.log10())
}

fn logb<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    // A base of 1 divides by zero, so its result is not finite.
    from_double(positive(arguments, 0)?.ln() / positive(arguments, 1)?.ln())
}

/// What comes out of a function loses its zeros when it is 0, 1 or 10.
fn entered<'a>(number: Number) -> Value<'a> {
    Value::Number(number.entered())
}

fn positive(arguments: &[Value<'_>], index: usize) -> Result<f64, ErrorKind> {
    let value = double(arguments, index)?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err(ErrorKind::Function("logarithms need positive numbers"))
    }
}

fn double(arguments: &[Value<'_>], index: usize) -> Result<f64, ErrorKind> {
    Ok(number(arguments, index)?.to_f64())
}

fn from_double<'a>(value: f64) -> Outcome<'a> {
    Number::from_f64(value)
        .map(Value::Number)
        .ok_or(ErrorKind::NumberOutOfRange)
}
