use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn number(text: &str) -> Number {
    Number::parse(text).expect("a number")
}

fn shown(result: Result<Number, ErrorKind>) -> String {
    result.map_or_else(|kind| kind.to_string(), |number| number.to_string())
}

#[test]
fn the_text_form_keeps_the_scale() {
    for (read, written) in [
        ("1.10", "1.10"),
        ("1e3", "1E+3"),
        ("1e-7", "1E-7"),
        ("1E-6", "0.000001"),
        ("12.5e2", "1.25E+3"),
        ("1.0", "1"),
        ("10.00", "10"),
        ("1e1", "10"),
        ("-1.0", "-1.0"),
        ("0.00", "0"),
        ("-0.0", "0"),
        ("20.0", "20.0"),
        ("100e-2", "1"),
        ("1e1000", "1E+1000"),
        ("-0.00000012", "-1.2E-7"),
        (
            "12345678901234567890123456789012345.60",
            "12345678901234567890123456789012345.60",
        ),
    ] {
        assert_eq!(number(read).to_string(), written, "{read}");
    }
}

#[test]
fn reading_stops_at_its_limits() {
    assert!(Number::parse(&"9".repeat(MAX_NUMBER_LENGTH)).is_some());
    assert!(Number::parse(&"9".repeat(MAX_NUMBER_LENGTH + 1)).is_none());
    assert!(Number::parse("1e1000").is_some() && Number::parse("1e1001").is_none());
    assert!(Number::parse("1e-1000").is_some() && Number::parse("1.0e-1000").is_none());
    for text in ["", "-", ".", "e5", "1e", "+1", "1x", "0x1", "١"] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn results_have_34_digits_and_the_scale_of_java() {
    let div = |a: &str, b: &str| shown(number(a).divide(&number(b)));
    assert_eq!(div("1", "3"), "0.3333333333333333333333333333333333");
    assert_eq!(div("2", "3"), "0.6666666666666666666666666666666667");
    assert_eq!(div("1e34", "3"), "3333333333333333333333333333333333");
    assert_eq!(div("2.40", "1.2"), "2.0");
    assert_eq!(div("6.0", "2"), "3.0");
    assert_eq!(div("6", "2.0"), "3");
    assert_eq!(div("10", "4"), "2.5");
    assert_eq!(div("1000", "10"), "100");
    assert_eq!(div("0.00", "5"), "0");
    assert_eq!(div("1", "0.0"), "division by zero");
    let sum = |a: &str, b: &str| shown(number(a).add(&number(b)));
    assert_eq!(
        sum("9999999999999999999999999999999999", "1"),
        "1.000000000000000000000000000000000E+34"
    );
    assert_eq!(
        sum("1000000000000000000000000000000001.5", "0"),
        "1000000000000000000000000000000002"
    );
    assert_eq!(
        sum("12345678901234567890123456789012345", "0"),
        "1.234567890123456789012345678901234E+34"
    );
    assert_eq!(sum("1e3", "0"), "1000");
    assert_eq!(sum("1.10", "1.10"), "2.20");
    assert_eq!(sum("1e-40", "1"), "1.000000000000000000000000000000000");
    assert_eq!(shown(number("1e1000").multiply(&number("1e1000"))), "1E+2000");
    let rem = |a: &str, b: &str| shown(number(a).remainder(&number(b)));
    assert_eq!(rem("-7", "3"), "2");
    assert_eq!(rem("7", "-3"), "1");
    assert_eq!(rem("-7", "-3"), "-1");
    assert_eq!(rem("5.5", "0.5"), "0.0");
    assert_eq!(rem("1e20", "7"), "2");
    assert_eq!(rem("1e50", "7"), "number beyond the supported range");
}

#[test]
fn operands_beyond_the_range_are_refused() {
    let far = number("1e1000").multiply(&number("1e1")).expect("in range");
    assert_eq!(far.to_string(), "1.0E+1001");
    let farther = number("1e1000").multiply(&number("2e1")).expect("in range");
    assert_eq!(farther.add(&Number::ZERO), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(farther.divide(&Number::from(2)), Err(ErrorKind::NumberOutOfRange));
    assert_eq!(farther.divide(&Number::ZERO), Err(ErrorKind::DivisionByZero));
}

#[test]
fn floats_enter_by_their_shortest_text() {
    for (value, text) in [
        (7.5, "7.5"),
        (0.1, "0.1"),
        (-2.25e-9, "-2.25E-9"),
        (1e300, "1E+300"),
        (1000.0, "1000.0"),
        (1.0, "1"),
        (-0.0, "0"),
        (5e-324, "5E-324"),
    ] {
        assert_eq!(
            Number::from_f64(value)
                .map(|number| number.to_string())
                .as_deref(),
            Some(text)
        );
    }
    assert!(Number::from_f64(f64::NAN).is_none() && Number::from_f64(f64::INFINITY).is_none());
}

#[test]
fn integers_are_recognised_whatever_their_scale() {
    assert_eq!(number("12.00").to_i64(), Some(12));
    assert_eq!(number("3e2").to_i64(), Some(300));
    assert_eq!(number("0.5").to_i64(), None);
    assert_eq!(number("9223372036854775808").to_i64(), None);
    assert_eq!(number("9223372036854775808").to_u64(), Some(1 << 63));
    assert_eq!(number("1e30").to_i64(), None);
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        (any::<i64>(), -25_i16..25).prop_map(|(digits, scale)| Number::short(digits, scale)),
        (-1000_i64..1000, -3_i16..4).prop_map(|(digits, scale)| Number::short(digits, scale)),
        (any::<i128>(), -40_i32..40).prop_map(|(digits, scale)| Number::from(Decimal {
            digits: digits.into(),
            scale
        })),
    ]
}

/// The same number in the slow form, whatever its size.
fn long(number: &Number) -> Number {
    Number(Repr::Long(Arc::new(number.to_decimal())))
}

proptest! {
    #[test]
    fn the_fast_path_gives_what_the_decimal_path_gives(a in any_number(), b in any_number()) {
        for operation in [Number::add, Number::subtract, Number::multiply, Number::divide, Number::remainder] {
            prop_assert_eq!(shown(operation(&a, &b)), shown(operation(&long(&a), &long(&b))));
        }
        prop_assert_eq!(a.cmp(&b), long(&a).cmp(&long(&b)));
        prop_assert_eq!(a.negate().to_string(), long(&a).negate().to_string());
        prop_assert_eq!(a.to_i64(), long(&a).to_i64());
    }

    #[test]
    fn order_agrees_with_the_sign_of_the_difference(a in any_number(), b in any_number()) {
        let difference = a.subtract(&b).expect("in range");
        let expected = if difference.is_zero() {
            Ordering::Equal
        } else if difference.is_negative() {
            Ordering::Less
        } else {
            Ordering::Greater
        };
        prop_assert_eq!(a.cmp(&b), expected);
    }

    #[test]
    fn text_reads_back_as_the_same_number(a in any_number()) {
        prop_assert_eq!(Number::parse(&a.to_string()), Some(a));
    }

    #[test]
    fn every_double_keeps_its_value(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        prop_assert_eq!(Number::from_f64(value).map(|number| number.to_f64()), Some(value));
    }
}
