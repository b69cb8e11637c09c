//! Every function on random arguments: none panics, and none makes much of little.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sapl_pdp::function::{Function, MAX_TEXT, Parameter, functions};
use sapl_pdp::value::{Array, Kind, Number, Object, Text, Value};

/// Calls of each function.
const CALLS: u32 = 96;

/// Values within a result, with the characters of its texts. Results of as many elements are within their own limits;
/// this is what small arguments may become at most.
const MAX_SIZE: usize = 2 * MAX_TEXT;

/// Texts near to which functions have something to do.
const TEXTS: &[&str] = &[
    "",
    " ",
    "-",
    "0",
    "1",
    "+",
    "a.b.c",
    "ünï 漢 😀",
    "\u{0}\u{7f}\u{2028}",
    "2026-03-18",
    "2026-03-18T10:15:30Z",
    "2026-03-18T10:15:30.123456789+02:00",
    "+1000000000-12-31T23:59:59.999999999Z",
    "-1000000000-01-01T00:00:00Z",
    "18.03.2026 10:15:30",
    "03:15:30 PM",
    "23:59:59",
    "24:00:00",
    "+18:00",
    "Europe/Berlin",
    "MONTHS",
    "NANOS",
    "P1Y2M3DT4H5M6.7S",
    "PT-9223372036854775808S",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "255.255.255.255",
    "::/0",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
    "1.2.3-rc.1+b",
    "2147483647.2147483647.2147483647",
    "^1.2 || >=3 <4 - 5",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "0xffffffffffffffff",
    "-0b1_0",
    "10.5Ki",
    "1e999E",
    "{\"a\": [1, 2.50, null, \"x\"]}",
    "[[[[1e1000]]]]",
    "a,b\n1,\"x\"\"y\"",
    "[a]\nb.c = [1, {d = 2}]\n[[e]]",
    "a: &x [1, {b: *x}]\n",
    "<a x='1'><b>t</b>&amp;<![CDATA[x]]></a>",
    "^(a+)+$",
    "(?<x>a)|\\1[^b-d]{2,5}",
    "/x/**/[a-c]*?{d,e}",
    "${x}/{y}",
    "aGVsbG8=",
    "415a",
    "SHA-256",
    "HmacSHA512",
    "SELECT a FROM b",
    "query Q($a: Int = 1) { a(b: $a) { ...F @skip(if: true) } } fragment F on T { c }",
    "type Query { a(b: Int): [T!]! } type T { c: T }",
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
];

/// Numbers at the ends of what functions count with.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2.5",
    "63",
    "64",
    "255",
    "1e3",
    "65536",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775807",
    "9223372036854775808",
    "1e-1000",
    "1e1000",
    "123456789012345678901234567890.123456789",
];

fn text() -> impl Strategy<Value = String> {
    let known = || prop::sample::select(TEXTS).prop_map(str::to_owned);
    prop_oneof![
        4 => known(),
        1 => "\\PC{0,24}",
        2 => (known(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(text, place, character)| {
            let mut characters: Vec<char> = text.chars().collect();
            characters.insert(place.index(characters.len() + 1), character);
            characters.into_iter().collect()
        }),
        2 => (known(), any::<prop::sample::Index>()).prop_map(|(text, place)| {
            let characters: Vec<char> = text.chars().collect();
            characters.into_iter().take(place.index(text.len() + 1)).collect()
        }),
        1 => (known(), 1..2000_usize).prop_map(|(text, times)| text.repeat(times.min(20_000 / (text.len() + 1)))),
    ]
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        1 => Just(Value::Undefined),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        3 => number().prop_map(Value::Number),
        4 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|elements| Value::Array(elements.into())),
            prop::collection::vec((text(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(key, value)| (Text::from(key), value));
                Value::Object(members.collect::<Object<'static>>())
            }),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        prop::sample::select(NUMBERS).prop_map(|text| Number::parse(text).unwrap_or(Number::ZERO)),
        any::<i64>().prop_map(Number::from),
        (-100..100_i64).prop_map(Number::from),
        any::<f64>().prop_map(|value| Number::from_f64(value).unwrap_or(Number::ZERO)),
    ]
}

/// Mostly what the parameter takes.
fn argument(parameter: Parameter) -> BoxedStrategy<Value<'static>> {
    let kinds = parameter.kinds();
    let takes = |kind| kinds.contains(kind);
    if takes(Kind::Undefined) {
        return value().boxed();
    }
    let mut fitting: Vec<BoxedStrategy<Value<'static>>> = Vec::new();
    if takes(Kind::Number) {
        fitting.push(number().prop_map(Value::Number).boxed());
    }
    if takes(Kind::Text) {
        fitting.push(text().prop_map(Value::from).boxed());
    }
    if takes(Kind::Boolean) {
        fitting.push(any::<bool>().prop_map(Value::from).boxed());
    }
    if takes(Kind::Array) {
        let elements = prop_oneof![
            prop::collection::vec(value(), 0..12),
            prop::collection::vec(text().prop_map(Value::from), 0..12),
            prop::collection::vec(number().prop_map(Value::Number), 0..12),
        ];
        fitting.push(
            elements
                .prop_map(|elements| Value::Array(elements.into()))
                .boxed(),
        );
    }
    if takes(Kind::Object) {
        let members = prop::collection::vec((text(), value()), 0..12);
        let object = members.prop_map(|members| {
            let members = members.into_iter().map(|(key, value)| (Text::from(key), value));
            Value::Object(members.collect::<Object<'static>>())
        });
        fitting.push(object.boxed());
    }
    let fitting = prop::strategy::Union::new(fitting);
    prop_oneof![19 => fitting, 1 => value()].boxed()
}

fn arguments(function: &Function) -> BoxedStrategy<Vec<Value<'static>>> {
    let fixed: Vec<_> = function.parameters().iter().copied().map(argument).collect();
    match function.variadic_parameter() {
        None => fixed.boxed(),
        Some(parameter) => (fixed, prop::collection::vec(argument(parameter), 0..5))
            .prop_map(|(mut fixed, more)| {
                fixed.extend(more);
                fixed
            })
            .boxed(),
    }
}

/// How many values there are in a value, and bytes in its texts.
fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => 1 + text.len(),
        Value::Array(array) => 1 + array.iter().map(|element| size(&element)).sum::<usize>(),
        Value::Object(object) => {
            1 + object
                .iter()
                .map(|(key, value)| key.len() + size(&value))
                .sum::<usize>()
        }
        _ => 1,
    }
}

#[test]
fn no_function_panics_or_makes_too_much() {
    let mut runner = TestRunner::new(Config {
        cases: CALLS,
        failure_persistence: None,
        ..Config::default()
    });
    for function in functions() {
        let outcome = runner.run(&arguments(function), |arguments| {
            let result = function.call(&arguments);
            prop_assert!(size(&result) <= MAX_SIZE, "{function:?} made {}", size(&result));
            Ok(())
        });
        if let Err(problem) = outcome {
            panic!("{function:?}: {problem}");
        }
    }
}

#[test]
fn every_function_refuses_a_wrong_number_of_arguments() {
    for function in functions().filter(|function| function.variadic_parameter().is_none()) {
        let more = vec![Value::Array(Array::EMPTY); function.parameters().len() + 1];
        assert!(matches!(function.call(&more), Value::Error(_)), "{function:?}");
    }
}
