//! `array`: functions of arrays.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::arguments::{Outcome, array, code, number};
use super::set::Seen;
use super::{Function, Kinds, Parameter, utf16};
use crate::value::{Array, Decimal, ErrorKind, MAX_NUMBER_LENGTH, MAX_SCALE, Number, Value};

const NAME: &str = "array";

/// The most elements of a range, and of a cross product.
pub(super) const MAX_GENERATED: usize = 65_535;

/// The most elements of an array that is put together of others.
pub(super) const MAX_JOINED: usize = 1 << 18;

const fn listing(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::ARRAY)
}

const fn numeric(name: &'static str) -> Parameter {
    Parameter::new(name, Kinds::NUMBER)
}

const ONE: &[Parameter] = &[listing("array")];
const TWO: &[Parameter] = &[listing("array1"), listing("array2")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(NAME, "avg", ONE, "the mean of the numbers", code!(avg)),
    Function::new(
        NAME,
        "concatenate",
        &[],
        "the arrays one behind the other",
        code!(concatenate),
    )
    .variadic(listing("arrays")),
    Function::new(
        NAME,
        "containsAllInOrder",
        &[listing("array"), listing("elements")],
        "whether the elements of the second array are found in the first in their order",
        code!(contains_all_in_order),
    ),
    Function::new(
        NAME,
        "crossProduct",
        TWO,
        "all pairs of elements of both arrays",
        code!(cross_product),
    ),
    Function::new(
        NAME,
        "difference",
        TWO,
        "the elements of the first array that are not in the second, each once",
        code!(difference),
    ),
    Function::new(
        NAME,
        "flatten",
        ONE,
        "the array with the elements of the arrays in it",
        code!(flatten),
    ),
    Function::new(NAME, "head", ONE, "the first element", code!(head)),
    Function::new(
        NAME,
        "intersect",
        &[],
        "the elements that all arrays have, each once",
        code!(intersect),
    )
    .variadic(listing("arrays")),
    Function::new(
        NAME,
        "isSet",
        ONE,
        "whether no element is there twice",
        code!(is_set),
    ),
    Function::new(NAME, "last", ONE, "the last element", code!(last)),
    Function::new(NAME, "max", ONE, "the largest number or last text", code!(max)),
    Function::new(NAME, "median", ONE, "the number in the middle", code!(median)),
    Function::new(NAME, "min", ONE, "the smallest number or first text", code!(min)),
    Function::new(
        NAME,
        "multiply",
        ONE,
        "the product of the numbers",
        code!(multiply),
    ),
    Function::new(
        NAME,
        "range",
        &[numeric("from"), numeric("to")],
        "the integers from the first to the second, both included",
        code!(range),
    ),
    Function::new(
        NAME,
        "rangeStepped",
        &[numeric("from"), numeric("to"), numeric("step")],
        "the integers from the first to the second by a step, both included",
        code!(range),
    ),
    Function::new(
        NAME,
        "reverse",
        ONE,
        "the array from its end to its beginning",
        code!(reverse),
    ),
    Function::new(NAME, "sort", ONE, "the numbers or texts in order", code!(sort)),
    Function::new(NAME, "sum", ONE, "the sum of the numbers", code!(sum)),
    Function::new(NAME, "toSet", ONE, "the elements, each once", code!(union)),
    Function::new(
        NAME,
        "union",
        &[],
        "the elements of all arrays, each once",
        code!(union),
    )
    .variadic(listing("arrays")),
    Function::new(
        NAME,
        "zip",
        TWO,
        "pairs of the elements with the same index",
        code!(zip),
    ),
];

const EMPTY: ErrorKind = ErrorKind::Function("the array must not be empty");
const NUMBERS: ErrorKind = ErrorKind::Function("the elements must be numbers");
const ALIKE: ErrorKind = ErrorKind::Function("the elements must be all numbers or all texts");

fn collected<'a>(values: impl Iterator<Item = Value<'a>>) -> Outcome<'a> {
    Ok(values.collect::<Array<'a>>().into())
}

fn concatenate<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let arrays: Vec<_> = arguments.iter().filter_map(Value::as_array).collect();
    within(arrays.iter().map(|array| array.len()), MAX_JOINED)?;
    collected(arrays.iter().flat_map(|array| array.elements()))
}

fn flatten<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let array = array(arguments, 0)?;
    let size = |element: Value<'_>| element.as_array().map_or(1, Array::len);
    within(array.iter().map(size), MAX_JOINED)?;
    let mut flat = Vec::new();
    for element in array.elements() {
        match element {
            Value::Array(inner) => flat.extend(inner.elements()),
            other => flat.push(other),
        }
    }
    Ok(Array::from(flat).into())
}

/// Whether the sizes together are within a limit.
fn within(mut sizes: impl Iterator<Item = usize>, limit: usize) -> Result<(), ErrorKind> {
    match sizes.try_fold(0_usize, |sum, size| {
        sum.checked_add(size).filter(|&sum| sum <= limit)
    }) {
        Some(_) => Ok(()),
        None => Err(ErrorKind::OutputLimit),
    }
}

fn difference<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut seen = Seen::of(array(arguments, 1)?.elements());
    collected(
        array(arguments, 0)?
            .elements()
            .filter(|element| seen.insert(element.clone())),
    )
}

fn union<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut seen = Seen::default();
    let elements = arguments
        .iter()
        .filter_map(Value::as_array)
        .flat_map(Array::elements);
    collected(elements.filter(|element| seen.insert(element.clone())))
}

fn intersect<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let Some((first, others)) = arguments.split_first() else {
        return Ok(Array::EMPTY.into());
    };
    let others: Vec<_> = others
        .iter()
        .filter_map(Value::as_array)
        .map(|array| Seen::of(array.elements()))
        .collect();
    let mut seen = Seen::default();
    let elements = first.as_array().into_iter().flat_map(Array::elements);
    collected(
        elements.filter(|element| {
            others.iter().all(|other| other.contains(element)) && seen.insert(element.clone())
        }),
    )
}

fn is_set<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut seen = Seen::default();
    Ok(array(arguments, 0)?
        .elements()
        .all(|element| seen.insert(element))
        .into())
}

fn contains_all_in_order<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let wanted = array(arguments, 1)?;
    let mut found = 0;
    for element in array(arguments, 0)?.iter() {
        match wanted.get(found) {
            Some(next) if element.equals(&next)? => found += 1,
            Some(_) => {}
            None => break,
        }
    }
    Ok((found == wanted.len()).into())
}

fn reverse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    collected(array(arguments, 0)?.elements().rev())
}

fn head<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    array(arguments, 0)?.get(0).ok_or(EMPTY)
}

fn last<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    array(arguments, 0)?.elements().next_back().ok_or(EMPTY)
}

fn cross_product<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = (array(arguments, 0)?, array(arguments, 1)?);
    if left.len().saturating_mul(right.len()) > MAX_GENERATED {
        return Err(ErrorKind::OutputLimit);
    }
    collected(
        left.elements()
            .flat_map(|a| right.elements().map(move |b| pair(a.clone(), b))),
    )
}

fn zip<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = (array(arguments, 0)?, array(arguments, 1)?);
    collected(left.elements().zip(right.elements()).map(|(a, b)| pair(a, b)))
}

fn pair<'a>(left: Value<'a>, right: Value<'a>) -> Value<'a> {
    Value::Array([left, right].into_iter().collect())
}

fn sort<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut elements: Vec<_> = array(arguments, 0)?.elements().collect();
    match elements.first() {
        None => {}
        Some(Value::Number(_)) => {
            let mut keyed = Vec::with_capacity(elements.len());
            for element in elements {
                keyed.push((element.as_number().ok_or(ALIKE)?.to_f64(), element));
            }
            keyed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            elements = keyed.into_iter().map(|(_, element)| element).collect();
        }
        Some(_) => {
            if !elements.iter().all(|element| matches!(element, Value::Text(_))) {
                return Err(ALIKE);
            }
            elements.sort_by(|a, b| utf16::compare(a.as_text().unwrap_or(""), b.as_text().unwrap_or("")));
        }
    }
    Ok(Array::from(elements).into())
}

fn max<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    extremum(arguments, Ordering::Greater)
}

fn min<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    extremum(arguments, Ordering::Less)
}

/// The first element that compares with all others as `wanted`, or equal.
fn extremum<'a>(arguments: &[Value<'a>], wanted: Ordering) -> Outcome<'a> {
    let mut elements = array(arguments, 0)?.elements();
    let mut extremum = elements.next().ok_or(EMPTY)?;
    if !matches!(extremum, Value::Number(_) | Value::Text(_)) {
        return Err(ALIKE);
    }
    for element in elements {
        let order = match (&element, &extremum) {
            (Value::Number(element), Value::Number(extremum)) => element.cmp(extremum),
            (Value::Text(element), Value::Text(extremum)) => utf16::compare(element, extremum),
            _ => return Err(ALIKE),
        };
        if order == wanted {
            extremum = element;
        }
    }
    Ok(extremum)
}

fn sum<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reduced(arguments, 0, |sum, number| {
        let scale = sum.scale.max(number.scale);
        let digits = |decimal: Decimal| decimal.digits * ten_to(scale.abs_diff(decimal.scale));
        Decimal {
            digits: digits(sum) + digits(number),
            scale,
        }
    })
}

fn multiply<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reduced(arguments, 1, |product, number| Decimal {
        digits: product.digits * number.digits,
        scale: product.scale.saturating_add(number.scale),
    })
}

fn ten_to(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// Sums and products of arrays are exact, so what they may grow to is limited.
fn reduced<'a>(
    arguments: &[Value<'a>],
    identity: i64,
    operation: impl Fn(Decimal, Decimal) -> Decimal,
) -> Outcome<'a> {
    let mut result = Number::from(identity).to_decimal();
    for element in array(arguments, 0)?.iter() {
        result = operation(result, element.as_number().ok_or(NUMBERS)?.to_decimal());
        // 10 is more than 2^3, so this many bits are surely more digits than are allowed.
        let too_long = result.digits.bits() > 4 * MAX_NUMBER_LENGTH as u64;
        if too_long || result.scale.unsigned_abs() > MAX_SCALE {
            return Err(ErrorKind::NumberOutOfRange);
        }
    }
    Ok(Value::Number(Number::from(result).entered()))
}

fn avg<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let numbers = doubles(arguments)?;
    let size = f64::from(u32::try_from(numbers.len()).map_err(|_| ErrorKind::OutputLimit)?);
    from_double(numbers.iter().fold(0.0, |sum, number| sum + number) / size)
}

fn median<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut numbers = doubles(arguments)?;
    numbers.sort_by(f64::total_cmp);
    let middle = |index: usize| numbers.get(index).copied().ok_or(EMPTY);
    let upper = middle(numbers.len() / 2)?;
    if numbers.len() % 2 == 1 {
        return from_double(upper);
    }
    from_double((middle(numbers.len() / 2 - 1)? + upper) / 2.0)
}

/// The numbers of an array that is not empty.
fn doubles(arguments: &[Value<'_>]) -> Result<Vec<f64>, ErrorKind> {
    let numbers = array(arguments, 0)?
        .iter()
        .map(|element| element.as_number().map(Number::to_f64));
    let numbers: Vec<_> = numbers.collect::<Option<_>>().ok_or(NUMBERS)?;
    if numbers.is_empty() {
        Err(EMPTY)
    } else {
        Ok(numbers)
    }
}

fn from_double<'a>(value: f64) -> Outcome<'a> {
    Number::from_f64(value)
        .map(Value::Number)
        .ok_or(ErrorKind::NumberOutOfRange)
}

fn range<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (from, to) = (whole(number(arguments, 0)?)?, whole(number(arguments, 1)?)?);
    let step = if arguments.len() > 2 {
        whole(number(arguments, 2)?)?
    } else {
        1
    };
    let distance = i128::from(to) - i128::from(from);
    let Some(steps) = distance.checked_div(i128::from(step)) else {
        return Err(ErrorKind::Function("the step must not be zero"));
    };
    if distance.signum() * i128::from(step.signum()) < 0 {
        return Ok(Array::EMPTY.into());
    }
    let steps = usize::try_from(steps).ok().filter(|&steps| steps < MAX_GENERATED);
    let steps = steps.ok_or(ErrorKind::OutputLimit)?;
    // Within the bounds nothing wraps; what lies behind the last element is never used.
    collected((0..=steps).scan(from, |next, _| {
        let value = *next;
        *next = value.wrapping_add(step);
        Some(Value::from(value))
    }))
}

/// A 64-bit integer written without a fraction, even one of zeros.
fn whole(number: &Number) -> Result<i64, ErrorKind> {
    let integer = if number.to_decimal().scale <= 0 {
        number.to_i64()
    } else {
        None
    };
    integer.ok_or(ErrorKind::Function("64-bit integers are needed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranged(from: i64, to: i64, step: i64) -> Result<usize, ErrorKind> {
        range(&[from.into(), to.into(), step.into()]).map(|value| value.as_array().map_or(0, Array::len))
    }

    #[test]
    fn ranges_end_at_their_limit_and_never_wrap() {
        let limit = i64::try_from(MAX_GENERATED).unwrap();
        assert_eq!(ranged(1, limit, 1), Ok(MAX_GENERATED));
        assert_eq!(ranged(0, limit, 1), Err(ErrorKind::OutputLimit));
        assert_eq!(ranged(i64::MAX - 1, i64::MAX, 1), Ok(2));
        assert_eq!(ranged(i64::MIN, i64::MAX, i64::MAX), Ok(3));
        assert_eq!(ranged(1, 5, -1), Ok(0));
        assert_eq!(ranged(5, 5, -1), Ok(1));
        assert!(ranged(1, 5, 0).is_err());
    }

    #[test]
    fn joined_arrays_end_at_their_limit() {
        let array = |length: usize| Value::Array(vec![Value::Null; length].into());
        let half = MAX_JOINED / 2;
        assert!(concatenate(&[array(half), array(half)]).is_ok());
        assert_eq!(
            concatenate(&[array(half), array(half + 1)]).err(),
            Some(ErrorKind::OutputLimit)
        );
        let nested = |length: usize| Value::Array(vec![array(half), array(length)].into());
        assert!(flatten(&[nested(half)]).is_ok());
        assert_eq!(flatten(&[nested(half + 1)]).err(), Some(ErrorKind::OutputLimit));
        let product = |length: usize| cross_product(&[array(257), array(length)]);
        assert!(product(255).is_ok());
        assert_eq!(product(256).err(), Some(ErrorKind::OutputLimit));
    }

    #[test]
    fn sums_are_exact_and_products_limited() {
        let numbers = |text: &[&str]| {
            let numbers: Vec<_> = text
                .iter()
                .map(|text| Value::Number(Number::parse(text).unwrap()))
                .collect();
            [Value::Array(numbers.into())]
        };
        let shown = |value: Outcome<'static>| value.map(|value| value.to_string());
        assert_eq!(
            shown(sum(&numbers(&["1e40", "0.5"]))).as_deref(),
            Ok("10000000000000000000000000000000000000000.5")
        );
        assert_eq!(shown(sum(&numbers(&["1e3", "1"]))).as_deref(), Ok("1001"));
        assert_eq!(
            multiply(&numbers(&["1e600", "1e600"])),
            Err(ErrorKind::NumberOutOfRange)
        );
        let long = "9".repeat(600);
        assert!(multiply(&numbers(&[&long])).is_ok());
        assert_eq!(
            multiply(&numbers(&[&long, &long, &long])),
            Err(ErrorKind::NumberOutOfRange)
        );
    }
}
