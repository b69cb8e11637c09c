use super::*;
use crate::syntax::tree::{
    ArithmeticOperator, ComparisonOperator, Expression, ExpressionKind, LogicalOperator, PolicyElement,
    Statement, StepKind,
};
use crate::syntax::{ErrorHandling, VotingMode};

/// The stack that the deepest documents must get by with.
const SMALL_STACK: usize = 512 * 1024;

fn expression(text: &str) -> Expression {
    let document =
        parse(&format!("policy \"p\" permit {text};")).unwrap_or_else(|problem| panic!("{problem}"));
    match document.element {
        PolicyElement::Policy(mut policy) => match policy.body.pop() {
            Some(Statement::Condition(expression)) => expression,
            other => panic!("{other:?}"),
        },
        PolicyElement::Set(set) => panic!("{set:?}"),
    }
}

fn problem(text: &str) -> String {
    parse(text).expect_err(text).message().to_owned()
}

fn with_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(SMALL_STACK)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn operators_bind_from_or_to_product() {
    let ExpressionKind::Logical {
        operator: LogicalOperator::LazyOr,
        operands,
    } = expression("a || b && c | d ^ e & f == g has h < i + j * -k").kind
    else {
        panic!("no `||` at the top")
    };
    let mut right = operands.into_iter().nth(1).unwrap();
    for expected in [
        LogicalOperator::LazyAnd,
        LogicalOperator::EagerOr,
        LogicalOperator::Xor,
        LogicalOperator::EagerAnd,
    ] {
        let ExpressionKind::Logical { operator, operands } = right.kind else {
            panic!("{expected:?}")
        };
        assert_eq!(operator, expected);
        right = operands.into_iter().nth(1).unwrap();
    }
    for expected in [
        ComparisonOperator::Equal,
        ComparisonOperator::Has,
        ComparisonOperator::Less,
    ] {
        let ExpressionKind::Comparison {
            operator,
            right: next,
            ..
        } = right.kind
        else {
            panic!("{expected:?}")
        };
        assert_eq!(operator, expected);
        right = *next;
    }
    let ExpressionKind::Arithmetic { rest, .. } = right.kind else {
        panic!("no `+`")
    };
    assert_eq!(rest[0].operator, ArithmeticOperator::Add);
    let ExpressionKind::Arithmetic { rest, .. } = &rest[0].operand.kind else {
        panic!("no `*`")
    };
    assert_eq!(rest[0].operator, ArithmeticOperator::Multiply);
    assert!(matches!(rest[0].operand.kind, ExpressionKind::Unary { .. }));
}

#[test]
fn a_looser_operator_takes_what_was_read_as_its_left_operand() {
    let ExpressionKind::Logical { operator, operands } = expression("a * b + c < d == e & f").kind else {
        panic!("no `&` at the top")
    };
    assert_eq!((operator, operands.len()), (LogicalOperator::EagerAnd, 2));
    let ExpressionKind::Comparison {
        operator: ComparisonOperator::Equal,
        left,
        ..
    } = &operands[0].kind
    else {
        panic!("no `==`")
    };
    let ExpressionKind::Comparison {
        operator: ComparisonOperator::Less,
        left,
        ..
    } = &left.kind
    else {
        panic!("no `<`")
    };
    assert!(matches!(left.kind, ExpressionKind::Arithmetic { .. }));
}

#[test]
fn comparisons_do_not_chain() {
    for text in [
        "1 == 1 == 1",
        "a in b in c",
        "a has b has c",
        "1 < 2 < 3",
        "a =~ b != c",
    ] {
        assert!(
            problem(&format!("policy \"p\" permit {text};")).starts_with("expected `;`"),
            "{text}"
        );
    }
}

#[test]
fn chains_are_lists() {
    let ExpressionKind::Logical { operands, .. } = expression("a || b || c || d").kind else {
        panic!("no chain")
    };
    assert_eq!(operands.len(), 4);
    let ExpressionKind::Arithmetic { rest, .. } = expression("1 + 2 - 3").kind else {
        panic!("no chain")
    };
    let operators: Vec<_> = rest.iter().map(|term| term.operator).collect();
    assert_eq!(operators, [ArithmeticOperator::Add, ArithmeticOperator::Subtract]);
}

#[test]
fn subtemplates_group_to_the_right_and_prefixes_stay_outside() {
    let ExpressionKind::Unary { operand, .. } = expression("-a :: b :: c").kind else {
        panic!("no prefix")
    };
    let ExpressionKind::Subtemplate { template, .. } = operand.kind else {
        panic!("no template")
    };
    assert!(matches!(template.kind, ExpressionKind::Subtemplate { .. }));
}

#[test]
fn a_name_with_dots_is_a_call_only_before_parentheses() {
    assert!(matches!(expression("math.abs(1)").kind, ExpressionKind::Call(_)));
    let ExpressionKind::Path { steps, .. } = expression("math.abs(1).x").kind else {
        panic!("no path")
    };
    assert_eq!(steps.len(), 1);
    let ExpressionKind::Path { steps, .. } = expression("subject.first.in_x").kind else {
        panic!("no path")
    };
    assert_eq!(steps.len(), 2);
}

#[test]
fn short_names_are_resolved_by_imports() {
    let text = "import math.abs import string.length as size policy \"p\" permit abs(size(\"\"));";
    let document = parse(text).unwrap();
    let PolicyElement::Policy(policy) = document.element else {
        panic!("no policy")
    };
    let Statement::Condition(Expression {
        kind: ExpressionKind::Call(call),
        ..
    }) = &policy.body[0]
    else {
        panic!("no call")
    };
    assert_eq!((&*call.name.library, &*call.name.function), ("math", "abs"));
    assert!(problem("policy \"p\" permit abs(1);").starts_with("`abs` is neither imported"));
    assert!(problem("policy \"p\" permit a.b.c(1);").contains("more segments"));
    assert!(problem("policy \"p\" permit a.b_c(1);").contains("can't be called"));
    assert!(problem("import a.b import c.b policy \"p\" permit").contains("imported twice"));
    assert!(parse("policy \"p\" permit var x = 1 schema a.b_c(1);").is_ok());
}

#[test]
fn slices_have_all_their_forms() {
    let slice = |text: &str| match expression(&format!("a[{text}]")).kind {
        ExpressionKind::Path { mut steps, .. } => match steps.pop().unwrap().kind {
            StepKind::Slice { from, to, step } => (from, to, step),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(slice(":"), (None, None, None));
    assert_eq!(slice("::"), (None, None, None));
    assert_eq!(slice("1::2"), (Some(1), None, Some(2)));
    assert_eq!(slice("::-1"), (None, None, Some(-1)));
    assert_eq!(slice("1: :2"), (Some(1), None, Some(2)));
    assert_eq!(slice("- 1:2:3"), (Some(-1), Some(2), Some(3)));
    assert!(problem("policy \"p\" permit a[1: :];").starts_with("expected an integer"));
}

#[test]
fn subscripts_are_integers_of_32_bits() {
    assert!(parse("policy \"p\" permit a[2147483647] == a[-2147483648];").is_ok());
    assert!(problem("policy \"p\" permit a[2147483648];").contains("32 bits"));
    assert!(problem("policy \"p\" permit a[-2147483649:];").contains("32 bits"));
    assert!(problem("policy \"p\" permit a[1.0];").contains("integer"));
}

#[test]
fn a_set_without_errors_abstains() {
    let text = "set \"s\" priority deny or abstain policy \"p\" permit";
    let PolicyElement::Set(set) = parse(text).unwrap().element else {
        panic!("no set")
    };
    assert_eq!(set.algorithm.mode, VotingMode::PriorityDeny);
    assert_eq!(set.algorithm.errors, None);
    assert_eq!(set.algorithm.combining().errors, ErrorHandling::Abstain);
}

#[test]
fn names_are_declared_once() {
    assert!(problem("policy \"p\" permit var x = 1; var `x` = 2;").contains("declared already"));
    assert!(
        problem("set \"s\" first or deny var x = 1; policy \"p\" permit var x = 2;").contains("declared")
    );
    assert!(problem("set \"s\" first or deny policy \"p\" permit policy \"p\" deny").contains("named `p`"));
    assert!(
        parse("set \"s\" first or deny policy \"s\" permit var x = 1; policy \"q\" deny var x = 1;").is_ok()
    );
}

#[test]
fn attributes_are_refused_in_schemas_and_filter_paths() {
    assert!(problem("subject schema <a.b> policy \"p\" permit").contains("schemas"));
    assert!(problem("policy \"p\" permit var x = 1 schema {}, a.|<b.c>;").contains("schemas"));
    assert!(problem("policy \"p\" permit a |- {@.<b.c>: filter.remove};").contains("filter"));
}

#[test]
fn number_literals_end_at_their_limits() {
    let with_number = |number: &str| parse(&format!("policy \"p\" permit {number};"));
    assert!(with_number(&"9".repeat(MAX_NUMBER_LENGTH)).is_ok());
    assert!(with_number(&"9".repeat(MAX_NUMBER_LENGTH + 1)).is_err());
    assert!(with_number(&format!("1e{MAX_NUMBER_SCALE}")).is_ok());
    assert!(with_number(&format!("1e{}", MAX_NUMBER_SCALE + 1)).is_err());
    assert!(with_number(&format!("1e-{MAX_NUMBER_SCALE}")).is_ok());
    assert!(with_number(&format!("1e-{}", MAX_NUMBER_SCALE + 1)).is_err());
}

#[test]
fn documents_end_at_two_mebibytes() {
    let document = "policy \"p\" permit";
    let padded = |size: usize| format!("{document}{}", " ".repeat(size - document.len()));
    assert!(parse(&padded(MAX_DOCUMENT_BYTES)).is_ok());
    assert!(problem(&padded(MAX_DOCUMENT_BYTES + 1)).contains("at most 2097152 bytes"));
}

#[test]
fn bidirectional_controls_are_refused_anywhere() {
    for control in ['\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}'] {
        assert!(
            problem(&format!("policy \"p\" permit // {control}")).starts_with("bidirectional"),
            "{control:?}"
        );
    }
    for other in ['\u{2029}', '\u{202f}', '\u{2065}', '\u{206a}'] {
        assert!(
            parse(&format!("policy \"p\" permit // {other}")).is_ok(),
            "{other:?}"
        );
    }
}

/// What nests and how it is closed; the last is what stands inside.
const NESTED: [(&str, &str, &str); 12] = [
    ("(", ")", "1"),
    ("[", "]", "1"),
    ("{a: ", "}", "1"),
    ("!", "", "true"),
    ("-", "", "1"),
    ("a[(", ")]", "1"),
    ("a[?(", ")]", "1"),
    ("a.b(", ")", "1"),
    ("<a.b(", ")>", "1"),
    ("<a.b[", "]>", "1"),
    ("1 |- a.b(", ")", "1"),
    ("a :: ", "", "1"),
];

#[test]
fn nesting_ends_at_its_limit() {
    with_small_stack(|| {
        for (open, close, inside) in NESTED {
            let nested = |levels: usize| {
                parse(&format!(
                    "policy \"p\" permit {}{inside}{};",
                    open.repeat(levels),
                    close.repeat(levels)
                ))
            };
            let limit = MAX_NESTING as usize;
            assert!(nested(limit).is_ok(), "{open}");
            let problem = nested(limit + 1).expect_err(open);
            assert!(
                problem.message().contains("nested more than 128 levels"),
                "{open}"
            );
            assert!(nested(10_000).is_err(), "{open}");
        }
    });
}

#[test]
fn trees_end_at_their_depth_however_it_comes_about() {
    with_small_stack(|| {
        let operators = "1 || 1 && 1 | 1 ^ 1 & 1 == 1 has 1 < 1 + 1 * -";
        for (open, close) in [
            (operators.to_owned() + "(", ")".to_owned()),
            (
                "(".to_owned(),
                ") * 1 + 1 < 1 has 1 == 1 & 1 ^ 1 | 1 && 1 || 1".to_owned(),
            ),
            (operators.to_owned() + "{a: [a.b(", ")]}".to_owned()),
        ] {
            let nested = |levels: usize| {
                parse(&format!(
                    "policy \"p\" permit {}1{};",
                    open.repeat(levels),
                    close.repeat(levels)
                ))
            };
            assert!(nested(20).is_ok(), "{open}{close}");
            let problem = nested(30).expect_err(&open);
            assert!(
                problem.message().contains("nested more than 288 levels"),
                "{problem}"
            );
            assert!(nested(5_000).is_err());
        }
    });
}

#[test]
fn long_chains_and_paths_are_no_nesting() {
    with_small_stack(|| {
        for link in [" || a", " & a", " + a", " * a", ".a", "[0]", "..a"] {
            let text = format!("policy \"p\" permit a{};", link.repeat(100_000));
            assert!(parse(&text).is_ok(), "{link}");
        }
    });
}

#[test]
fn a_missing_semicolon_is_told_where_it_should_be() {
    let problem = |source: &str| parse(source).unwrap_err();
    let place = |source: &str| {
        let problem = problem(source);
        (problem.line(), problem.column(), problem.message().to_owned())
    };
    let behind = "expected `;` behind this statement".to_owned();
    for (source, line, column) in [
        ("policy \"p\" permit\n  a == 1\n  b == 2;", 2, 9),
        ("policy \"p\" permit\n  a == 1 // one\n\nobligation 1", 2, 9),
        ("policy \"p\" permit\n  var x = f.g(1)\n  x;", 2, 17),
        ("policy \"p\" permit a", 1, 20),
        (
            "set \"s\" first or deny\nvar e = \"é\"\npolicy \"p\" permit",
            2,
            12,
        ),
    ] {
        assert_eq!(place(source), (line, column, behind.clone()), "{source}");
    }
    assert_eq!(
        place("policy \"p\" permit\n  a b;"),
        (2, 5, "expected `;`, found `b`".to_owned())
    );
    assert_eq!(
        place("policy \"p\" permit a\n'x';"),
        (2, 1, "texts are written in double quotes".to_owned())
    );
}

#[test]
fn one_sign_of_equality_is_asked_about() {
    for source in [
        "policy \"p\" permit resource.name = \"x\";",
        "policy \"p\" permit (resource = 1) || true;",
        "policy \"p\" permit a[(@ = 1)];",
        "policy \"p\" permit a[?(@ = 1)];",
        "policy \"p\" permit f.g(1 = 2);",
        "policy \"p\" permit\n  a\n  = 1;",
    ] {
        let problem = parse(source).unwrap_err();
        let text = problem.to_string();
        assert!(text.contains("did you mean `==`?"), "{text}");
    }
    let problem = parse("policy = permit").unwrap_err().to_string();
    assert!(!problem.contains("did you mean"), "{problem}");
}
