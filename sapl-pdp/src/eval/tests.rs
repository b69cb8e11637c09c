use serde_json::json;

use super::*;
use crate::CompiledExpression;
use crate::compile::MAX_EXPRESSION_DEPTH;
use crate::value::{MAX_DEPTH, Object};

fn compiled(expression: &str) -> CompiledExpression {
    CompiledExpression::new("", expression, &Object::default()).expect("valid")
}

fn with_limits(expression: &str, limits: Limits) -> Value<'static> {
    let input = Input {
        subject: Value::from("alice"),
        ..Input::default()
    };
    compiled(expression)
        .with_limits(limits)
        .evaluate(&input)
        .into_owned()
}

fn evaluated(expression: &str) -> Value<'static> {
    with_limits(expression, Limits::default())
}

fn kind(value: &Value<'_>) -> Option<ErrorKind> {
    match value {
        Value::Error(error) => Some(error.kind()),
        _ => None,
    }
}

/// Runs in a thread with as little stack as servers give to theirs at worst.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn a_decision_ends_when_its_steps_are_used_up() {
    let expression = "[subject, subject, subject] == [\"alice\", \"alice\", \"alice\"]";
    let steps = (1..100)
        .find(|&steps| kind(&with_limits(expression, Limits::default().with_steps(steps))).is_none())
        .expect("few steps suffice");
    assert_eq!(
        with_limits(expression, Limits::default().with_steps(steps)),
        Value::Boolean(true)
    );
    let short = with_limits(expression, Limits::default().with_steps(steps - 1));
    assert_eq!(kind(&short), Some(ErrorKind::StepLimit));
}

#[test]
fn a_decision_ends_when_its_output_is_used_up() {
    // The text is copied once for each `+`.
    let exact = Limits::default().with_output(6 + 7);
    assert_eq!(
        with_limits("subject + \"-\" + \"x\"", exact),
        Value::from("alice-x")
    );
    let short = with_limits("subject + \"-\" + \"x\"", Limits::default().with_output(6 + 6));
    assert_eq!(kind(&short), Some(ErrorKind::OutputLimit));
    let exact = Limits::default().with_output(3);
    assert_eq!(kind(&with_limits("[subject, 1, 2]", exact)), None);
    let short = with_limits("[subject, 1, 2, 3]", exact);
    assert_eq!(kind(&short), Some(ErrorKind::OutputLimit));
}

#[test]
fn doubling_variables_use_up_the_output_and_not_the_memory() {
    use crate::EmbeddedPdp;
    use sapl_base::{AuthorizationSubscription, Decision};

    let mut policy = String::from("policy \"bomb\" permit var v0 = subject;\n");
    for step in 1..64 {
        let before = step - 1;
        policy += &format!("var v{step} = v{before} + v{before};\n");
    }
    policy += "v63 != \"\";";
    let settings = r#"{"algorithm": {"votingMode": "PRIORITY_DENY", "defaultDecision": "DENY", "errorHandling": "PROPAGATE"}}"#;
    let pdp = EmbeddedPdp::from_texts(Some(settings), [("bomb.sapl", policy)]).expect("valid");
    let decision = pdp.decision(&AuthorizationSubscription::new("alice", "a", "r"));
    assert_eq!(decision.decision, Decision::Indeterminate);
}

#[test]
fn expressions_nest_as_deep_as_their_limit() {
    on_a_small_stack(|| {
        for (levels, fails) in [(MAX_EXPRESSION_DEPTH, false), (MAX_EXPRESSION_DEPTH + 1, true)] {
            let mut document = String::from("policy \"deep\" permit var v1 = subject;\n");
            for level in 2..=levels {
                document += &format!("var v{level} = subject == v{};\n", level - 1);
            }
            document += &format!("transform v{levels}");
            let loaded = crate::EmbeddedPdp::from_texts(None, [("deep.sapl", document)]);
            assert_eq!(loaded.is_err(), fails, "{levels}");
            if let Ok(pdp) = loaded {
                let subscription = sapl_base::AuthorizationSubscription::new("s", "a", "r");
                assert!(pdp.decision(&subscription).resource.is_some());
            }
        }
    });
}

/// Nested operations of each kind, as deep as the parser lets them be.
#[test]
fn no_operation_overflows_a_small_stack() {
    for (open, inner, close) in [
        ("[", "subject", "]"),
        ("{a: ", "subject", "}"),
        ("-(", "subject", ")"),
        ("!(true & ", "subject", ")"),
        ("(subject + ", "\"x\"", ")"),
        ("(1 in [", "subject", "])"),
        ("[subject][?(", "@ == subject", ")]"),
        ("[1][(", "subject", ")]"),
        ("[subject] :: (", "@", ")"),
        ("nosuch.function(", "subject", ")"),
        ("(subject |- {@: nosuch.function(", "subject", ")})"),
        ("(subject |- each nosuch.function(", "subject", "))"),
        ("([subject] |- {@[?(", "true", ")]: nosuch.function})"),
        ("<no.such(", "subject", ")>"),
    ] {
        on_a_small_stack(move || {
            let mut deepest = 0;
            for levels in [20, 60, 62, 120, 126] {
                let text = open.repeat(levels) + inner + &close.repeat(levels);
                if let Ok(expression) = CompiledExpression::new("", &text, &Object::default()) {
                    deepest = levels;
                    let input = Input {
                        subject: Value::from("alice"),
                        ..Input::default()
                    };
                    let _ = expression.evaluate(&input).into_owned();
                }
            }
            assert!(deepest >= 20, "{open}");
        });
    }
}

#[test]
fn deep_input_is_walked_as_deep_as_its_limit_on_a_small_stack() {
    on_a_small_stack(|| {
        for (levels, fails) in [(MAX_DEPTH, false), (MAX_DEPTH + 1, true)] {
            let mut tree = json!(1);
            for _ in 0..levels {
                tree = json!([tree]);
            }
            let input = Input {
                resource: Value::from_json(&tree),
                ..Input::default()
            };
            for expression in [
                "resource..* == undefined",
                "resource..x == []",
                "resource == [resource][0]",
                "\"\" + resource == \"\"",
                "(resource |- {@..x: nosuch.function}) == []",
                "(resource |- {@..[7]: nosuch.function}) == []",
            ] {
                let expression = compiled(expression);
                let value = expression.evaluate(&input);
                assert_eq!(
                    kind(&value) == Some(ErrorKind::NestingLimit),
                    fails,
                    "{levels} {expression:?}"
                );
            }
        }
    });
}

#[test]
fn a_dominating_value_wins_over_errors_in_any_order() {
    for expression in [
        "subject.a && false",
        "false && subject.a",
        "(subject.a / 0 == 1) & subject == \"bob\"",
        "!(subject == \"alice\" | subject.a)",
    ] {
        assert_eq!(evaluated(expression), Value::Boolean(false), "{expression}");
    }
}

#[test]
fn three_valued_logic_follows_its_table() {
    // In the order of the operands: true, false, an error, no boolean.
    let operands = [
        "(subject == \"alice\")",
        "(subject == \"bob\")",
        "(subject / 0)",
        "subject",
    ];
    let and = ["tfee", "ffff", "efee", "efee"];
    let or = ["tttt", "tfee", "teee", "teee"];
    let xor = ["ftee", "tfee", "eeee", "eeee"];
    for (operators, table) in [(["&&", "&"], and), (["||", "|"], or), (["^", "^"], xor)] {
        for (left, row) in operands.iter().zip(table) {
            for (right, expected) in operands.iter().zip(row.chars()) {
                for operator in operators {
                    let text = format!("{left} {operator} {right}");
                    let shown = match evaluated(&text) {
                        Value::Boolean(true) => 't',
                        Value::Boolean(false) => 'f',
                        Value::Error(_) => 'e',
                        other => panic!("{other}"),
                    };
                    assert_eq!(shown, expected, "{text}");
                }
            }
        }
    }
}

mod random {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            "[a-c]{0,3}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[a-c]", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec![
            "subject",
            "resource",
            "resource.a",
            "resource[0]",
            "@",
            "#",
            "true",
            "null",
            "undefined",
            "1e1000",
            "-0.5",
            "9223372036854775807",
            "\"a\"",
            "[]",
            "{}",
            "<no.such>",
        ])
        .prop_map(str::to_owned);
        leaf.prop_recursive(5, 40, 3, |inner| {
            let operator = prop::sample::select(vec![
                "+", "-", "*", "/", "%", "==", "!=", "<", ">=", "in", "any in", "all in", "has", "has any",
                "=~", "&&", "||", "&", "|", "^", "::",
            ]);
            let step = prop::sample::select(vec![
                ".a",
                "[0]",
                "[-1]",
                ".*",
                "[1:]",
                "[::-1]",
                "[9:-9:-2]",
                "..a",
                "..*",
                "..[0]",
                "[0, 1]",
                "[\"a\", \"b\"]",
            ]);
            let filter = prop::sample::select(vec![
                "each filter.remove",
                "filter.blacken",
                "{@..a: filter.replace(1)}",
                "{each @.*: filter.replace(@)}",
                "{@[::2]: filter.remove}",
                "{@[?(# == 0)]: filter.remove}",
                "array.sum",
                "standard.length",
            ]);
            prop_oneof![
                (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
                (inner.clone(), step).prop_map(|(a, step)| format!("({a}){step}")),
                (inner.clone(), filter).prop_map(|(a, filter)| format!("({a}) |- {filter}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[?({b})]")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[({b})]")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {{a: {b}}}]")),
                inner.prop_map(|a| format!("!({a})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn evaluation_never_panics_and_says_the_same_of_equal_input(
            text in expression(), subject in json(), resource in json(),
        ) {
            let Ok(expression) = CompiledExpression::new("", &text, &Object::default()) else {
                return Ok(());
            };
            let borrowed = Input {
                subject: Value::from_json(&subject),
                resource: Value::from_json(&resource),
                ..Input::default()
            };
            let owned = Input {
                subject: borrowed.subject.clone().into_owned(),
                resource: borrowed.resource.clone().into_owned(),
                ..Input::default()
            };
            let value = expression.evaluate(&borrowed).into_owned();
            prop_assert_eq!(&value, &expression.evaluate(&owned).into_owned());
            let _ = (value.to_string(), value.to_json().is_ok());
        }
    }
}
