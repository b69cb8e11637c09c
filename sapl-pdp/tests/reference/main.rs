//! Numbers and three-valued logic beside an evaluator that is as plain as it can be: no constants folded beforehand, no machine
//! integers, every operand evaluated.
//!
//! `PROPTEST_CASES=N` runs other than the usual number of cases.

#![expect(clippy::panic, reason = "a test may end this way")]

use proptest::prelude::*;
use sapl_pdp::value::{Number, Object, Value};
use sapl_pdp::{CompiledExpression, Input};

use decimal::Decimal;
use expression::{Arithmetic, Comparison, Condition, Connective, Term, Truth};

mod decimal;
mod expression;

/// Digits and a scale near to where something changes: few digits, those of 64 bits, those that are rounded.
fn number() -> impl Strategy<Value = Decimal> {
    let digits = prop_oneof![
        3 => (-20..=20_i64).prop_map(|digits| digits.to_string()),
        1 => prop::sample::select(vec![
            "9223372036854775807", "-9223372036854775808", "9223372036854775808", "4611686018427387904",
            "9999999999999999999999999999999999", "10000000000000000000000000000000000", "5", "50", "500",
        ]).prop_map(str::to_owned),
        2 => "-?[1-9][0-9]{0,18}",
        2 => "-?[1-9][0-9]{15,39}",
        1 => "-?[1-9]0{10,36}[0-9]",
    ];
    let scale = prop_oneof![3 => Just(0_i32), 3 => 0..6_i32, 1 => -6..0_i32, 1 => -60..60_i32];
    (digits, scale).prop_map(|(digits, scale)| Decimal::new(&digits, scale))
}

fn term() -> impl Strategy<Value = Term> {
    // A literal, or a name that stands for the number in the subscription.
    let leaf = (number(), any::<bool>()).prop_map(|(number, is_asked)| Term::Number(number, is_asked));
    leaf.prop_recursive(3, 12, 2, |inner| {
        let operator = prop::sample::select(vec![
            Arithmetic::Add,
            Arithmetic::Subtract,
            Arithmetic::Multiply,
            Arithmetic::Divide,
            Arithmetic::Remainder,
        ]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone())
                .prop_map(|(left, operator, right)| Term::Operation(Box::new(left), operator, Box::new(right))),
            1 => inner.prop_map(|term| Term::Minus(Box::new(term))),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
    ]);
    let truth = prop::sample::select(vec![
        Truth::True,
        Truth::False,
        Truth::Error,
        Truth::NoBoolean,
        Truth::Undefined,
    ]);
    let leaf = prop_oneof![
        3 => (truth, any::<bool>()).prop_map(|(truth, is_asked)| Condition::Leaf(truth, is_asked)),
        1 => (term(), comparison, term())
            .prop_map(|(left, comparison, right)| Condition::Compared(left, comparison, right)),
    ];
    leaf.prop_recursive(5, 32, 4, |inner| {
        let connective = prop::sample::select(vec![
            Connective::LazyAnd,
            Connective::EagerAnd,
            Connective::LazyOr,
            Connective::EagerOr,
            Connective::Xor,
        ]);
        prop_oneof![
            4 => (connective, prop::collection::vec(inner.clone(), 2..5))
                .prop_map(|(connective, operands)| Condition::Chain(connective, operands)),
            1 => inner.prop_map(|operand| Condition::Not(Box::new(operand))),
        ]
    })
}

/// What the engine makes of an expression whose numbers stand in the subscription.
fn evaluated(text: &str, numbers: &[Decimal]) -> Value<'static> {
    let variables = Object::default();
    let expression =
        CompiledExpression::new("", text, &variables).unwrap_or_else(|problem| panic!("{text}: {problem}"));
    let numbers = numbers.iter().map(|number| {
        let text = number.literal();
        Number::parse(&text).map_or_else(|| panic!("{text}"), Value::Number)
    });
    let members = [
        ("n", Value::Array(numbers.collect())),
        ("yes", Value::Boolean(true)),
        ("no", Value::Boolean(false)),
        ("zero", Value::from(0_i64)),
    ];
    let members = members.into_iter().map(|(key, value)| (key.into(), value));
    let input = Input {
        subject: Value::Object(members.collect()),
        ..Input::default()
    };
    expression.evaluate(&input).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_are_computed_as_on_paper(term in term()) {
        let mut numbers = Vec::new();
        let text = term.written(&mut numbers);
        let found = evaluated(&text, &numbers);
        match (term.value(), found) {
            (Ok(expected), Value::Number(found)) => {
                let decimal = found.to_decimal();
                let found = Decimal { digits: decimal.digits, scale: decimal.scale.into() };
                let is_same = if term.has_remainder() {
                    expected.compare(&found).is_eq()
                } else {
                    expected.is_same(&found)
                };
                prop_assert!(is_same, "{text} is {found:?}, expected {expected:?}");
            }
            (Err(_), Value::Error(_)) => {}
            (expected, found) => prop_assert!(false, "{text} is {found}, expected {expected:?}"),
        }
    }

    #[test]
    fn conditions_have_three_values(condition in condition()) {
        let mut numbers = Vec::new();
        let text = condition.written(&mut numbers);
        let found = match evaluated(&text, &numbers) {
            Value::Boolean(true) => Truth::True,
            Value::Boolean(false) => Truth::False,
            Value::Error(_) => Truth::Error,
            Value::Undefined => Truth::Undefined,
            _ => Truth::NoBoolean,
        };
        prop_assert_eq!(found, condition.value(), "{}", text);
    }
}
