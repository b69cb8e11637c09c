//! What is too deep, too large or too long gives an error or an answer, soon and on a small stack.

#![expect(clippy::unwrap_used, reason = "a test may end this way")]

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use sapl_base::{AuthorizationDecision, AuthorizationSubscription, Decision};
use sapl_pdp::syntax::{MAX_DOCUMENT_BYTES, parse};
use sapl_pdp::value::{ErrorKind, Object, Value};
use sapl_pdp::{
    CONSTANTS_PER_BYTE, CompiledExpression, Configuration, EmbeddedPdp, Input, Limits, MAX_CONSTANT_STEPS,
    MAX_CONSTANTS,
};
use serde_json::{Value as Json, json};

/// The stack of a thread that has little of it.
const SMALL_STACK: usize = 512 * 1024;

/// What everything here takes at most, on a slow and busy machine without optimisation; mostly it is some milliseconds.
const LONG: Duration = Duration::from_secs(20);

const SETTINGS: &str = r#"{"algorithm": {"votingMode": "PRIORITY_DENY", "defaultDecision": "ABSTAIN", "errorHandling": "PROPAGATE"}}"#;

/// Runs on a small stack and ends soon.
fn soon<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    let began = Instant::now();
    let outcome = thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(SMALL_STACK);
        builder.spawn_scoped(scope, run).unwrap().join().unwrap()
    });
    let took = began.elapsed();
    assert!(took < LONG, "{took:?}");
    outcome
}

fn load(document: &str) -> Option<EmbeddedPdp> {
    EmbeddedPdp::from_texts(Some(SETTINGS), [("a.sapl", document)]).ok()
}

fn decision(document: &str, resource: Json) -> Option<AuthorizationDecision> {
    let subscription = AuthorizationSubscription::new("alice", "read", resource);
    load(document).map(|pdp| pdp.decision(&subscription))
}

/// What a condition on the resource makes of a policy.
fn condition(condition: &str, resource: &Json) -> Decision {
    let document = format!("policy \"p\" permit {condition};");
    decision(&document, resource.clone()).unwrap().decision
}

fn error_of(expression: &str, limits: Limits) -> Option<ErrorKind> {
    let expression = CompiledExpression::new("", expression, &Object::default()).unwrap();
    let expression = expression.with_limits(limits);
    let input = Input {
        subject: Value::from("alice"),
        ..Input::default()
    };
    match expression.evaluate(&input) {
        Value::Error(error) => Some(error.kind()),
        _ => None,
    }
}

#[test]
fn ten_thousand_brackets_are_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("!", ""),
        ("a.b(", ")"),
        ("a[?(", ")]"),
        ("a[(", ")]"),
        ("<a.b(", ")>"),
        ("<a.b[", "]>"),
        ("1 |- a.b(", ")"),
        ("1 |- {@[?(", ")]: a.b}"),
        ("1 :: ", ""),
        ("1 + (", ")"),
    ] {
        soon(move || {
            let nested = open.repeat(10_000) + "1" + &close.repeat(10_000);
            assert!(parse(&format!("policy \"p\" permit {nested};")).is_err());
            assert!(parse(&format!("policy \"p\" permit {};", open.repeat(10_000))).is_err());
            let settings = format!(
                r#"{{"variables": {{"a": {}1{}}}}}"#,
                "[".repeat(10_000),
                "]".repeat(10_000)
            );
            assert!(EmbeddedPdp::from_texts(Some(&settings), [("a.sapl", "policy \"p\" permit")]).is_err());
        });
    }
}

#[test]
fn a_document_is_read_up_to_its_largest_size() {
    soon(|| {
        for filling in [" ", "// comment\n", "true;\n", "subject == resource.name;\n"] {
            let mut document = String::from("policy \"p\" permit ");
            while document.len() + filling.len() <= MAX_DOCUMENT_BYTES {
                document += filling;
            }
            document += &" ".repeat(MAX_DOCUMENT_BYTES - document.len());
            let large = decision(&document, json!({"name": "alice"}));
            assert_eq!(large.map(|decision| decision.decision), Some(Decision::Permit));
            document.push(' ');
            assert!(load(&document).is_none());
        }
    });
}

#[test]
fn a_regular_expression_that_takes_too_long_is_an_error() {
    soon(|| {
        let text = json!("a".repeat(5_000) + "b");
        let long = "a".repeat(50_000);
        assert_eq!(condition("resource =~ \"(a+)+\"", &text), Decision::NotApplicable);
        for pattern in ["(?:(?:a|aa)(?=[ab]))+", r"(a*)*\\1c", "(?=(a+)+c)a"] {
            let condition = condition(&format!("resource =~ \"{pattern}\""), &text);
            assert_ne!(condition, Decision::Permit, "{pattern}");
        }
        for pattern in ["(((a{99}){99}){99}){99}", "(?:a{1000}){1000}", &long] {
            assert!(load(&format!("policy \"p\" permit resource =~ \"{pattern}\";")).is_none());
            let computed = json!({"pattern": pattern});
            assert_eq!(
                condition("\"a\" =~ resource.pattern", &computed),
                Decision::Indeterminate
            );
        }
        let many: Vec<String> = (0..20_000).map(|number| format!("(a|b){{{number}}}x?")).collect();
        assert_ne!(
            condition("resource[?(\"a\" =~ @)] == []", &json!(many)),
            Decision::Permit
        );
    });
}

#[test]
fn a_large_subscription_is_decided_or_an_error() {
    let numbers: Vec<Json> = (0..150_000).map(Json::from).collect();
    let texts: Vec<Json> = (0..20_000)
        .map(|number| json!(format!("text {number}")))
        .collect();
    let objects: Vec<Json> = (0..10_000).map(|number| json!({"a": number, "b": []})).collect();
    let mut deep = json!(1);
    for _ in 0..120 {
        deep = json!([deep, "x".repeat(8_000)]);
    }
    for resource in [
        json!(numbers),
        json!(texts),
        json!(objects),
        deep,
        json!("x".repeat(1 << 20)),
    ] {
        for text in [
            "resource == resource",
            "resource == [resource][0]",
            "\"\" + resource == \"\"",
            "resource any in resource",
            "[0, resource] all in resource",
            "-1 in resource",
            "(resource |- {@[0:]: filter.remove}) == []",
            "(resource |- {@[::-2]: filter.replace(1)}) == []",
            "(resource |- {@..a: filter.remove}) == []",
            "resource..a == resource..*",
            "resource :: resource.a == []",
            "resource[?(resource.a == 1)] == []",
            "resource[?(@ in resource)] == []",
            "(resource :: [resource]) == []",
            "array.toSet(resource) == []",
            "array.sort(resource) == []",
            "array.isSet(resource)",
            "array.intersect(resource, resource) == []",
            "array.union(resource, resource) == []",
            "array.difference(resource, resource) == []",
            "array.containsAll(resource, resource)",
            "array.containsAllInOrder(resource, resource)",
            "array.flatten(resource) == []",
            "array.crossProduct(resource, resource) == []",
            "array.zip(resource, resource) == []",
            "json.valToJson(resource) == \"\"",
            "standard.toString(resource) == \"\"",
            "resource =~ \"(x|y)*(x+x+)+y\"",
            "string.indexOf(resource, resource) == 0",
            "patterns.findAllMatches(\"x?\", resource) == []",
        ] {
            let decision = soon(|| condition(text, &resource));
            assert_ne!(decision, Decision::Suspend, "{text}");
        }
    }
}

/// A document whose variables double what they stand for, time after time: of two families of equal values.
fn doubled(leaf: &str, pair: impl Fn(&str) -> String, rest: &str) -> String {
    let mut document = format!("policy \"bomb\" permit\nvar v0 = {leaf};\nvar w0 = {leaf};\n");
    for level in 1..64 {
        let _ = writeln!(document, "var v{level} = {};", pair(&format!("v{}", level - 1)));
        let _ = writeln!(document, "var w{level} = {};", pair(&format!("w{}", level - 1)));
    }
    document + rest
}

#[test]
fn what_doubles_time_after_time_ends_at_a_limit() {
    type Pair = fn(&str) -> String;
    let pairs: [Pair; 5] = [
        |of| format!("[{of}, {of}]"),
        |of| format!("{{a: {of}, b: {of}}}"),
        |of| format!("[{of}, {of}] :: [@]"),
        |of| format!("array.concatenate([{of}], [{of}])"),
        |of| format!("{{a: {of}, b: {of}}}[?(true)]"),
    ];
    let rests = [
        "v63 == w63;",
        "v63 in [w63];",
        "transform v63",
        "obligation [v63]",
        "json.valToJson(v63) == 1;",
        "array.containsAll(v63, w63);",
        "v63..a == 1;",
        "(v63 |- {@..b: filter.remove}) == 1;",
    ];
    let ends = |document: &str| {
        let decision = soon(|| decision(document, json!(1)));
        let outcome = decision.map(|decision| decision.decision);
        assert!(
            matches!(outcome, None | Some(Decision::Indeterminate)),
            "{outcome:?} {document}"
        );
    };
    for pair in pairs {
        for leaf in ["[subject]", "[1]"] {
            ends(&doubled(leaf, pair, "v63 == w63;"));
        }
    }
    for rest in rests {
        ends(&doubled("[subject]", pairs[0], rest));
        // As large as it may be.
        let largest = doubled("[subject]", pairs[0], &rest.replace("63", "18"));
        soon(|| decision(&largest, json!(1)));
    }
}

#[test]
fn all_constraints_together_may_be_as_large_as_their_limit() {
    let subscription = AuthorizationSubscription::new("alice", "read", "x".repeat(84));
    let document = "policy \"p\" permit obligation resource advice [resource] transform [1, resource]";
    // The text three times, with eight for each text and number and the two arrays, in two bytes.
    let weight = 3 * (8 + 84) + 2 * 8 + 8;
    for (size, expected) in [(weight, Decision::Permit), (weight - 1, Decision::Indeterminate)] {
        let limits = Limits::default().with_size(size);
        let pdp = load(document).unwrap().with_limits(limits);
        assert_eq!(pdp.decision(&subscription).decision, expected, "{size}");
    }
}

#[test]
fn a_value_may_be_as_large_as_its_limit() {
    let limits = |size| Limits::default().with_size(size);
    let weight = 8 + (8 + 5) + 8;
    assert_eq!(error_of("[subject, 1]", limits(weight)), None);
    assert_eq!(
        error_of("[subject, 1]", limits(weight - 1)),
        Some(ErrorKind::OutputLimit)
    );
}

#[test]
fn constants_may_be_as_large_as_their_limit() {
    const CALLS: u64 = 9;
    // Each call makes a constant of eight bytes and 1,000 times the text.
    let document = |length: u64| {
        let text = "x".repeat(usize::try_from(length).unwrap());
        let calls: String = (0..CALLS)
            .map(|call| format!("var v{call} = string.repeat(t, 1000);"))
            .collect();
        format!("policy \"p\" permit var t = \"{text}\"; {calls} v8 != \"\";")
    };
    let allowed = |length: u64| {
        let bytes = u64::try_from(document(length).len()).unwrap();
        MAX_CONSTANTS + bytes * CONSTANTS_PER_BYTE
    };
    let needed = |length: u64| CALLS * (8 + 1000 * length) + 8;
    let longest = (1..1000)
        .take_while(|&length| needed(length) <= allowed(length))
        .last();
    let longest = longest.unwrap();
    for (length, expected) in [
        (longest, Decision::Permit),
        (longest + 1, Decision::Indeterminate),
    ] {
        let decision = decision(&document(length), json!(1)).unwrap().decision;
        assert_eq!(decision, expected, "{length}");
    }
}

#[test]
fn constants_may_take_as_many_steps_as_their_limit() {
    // Each constant is looked for in vain among as many numbers as a list has.
    let list: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
    let list = list.join(",");
    let document = |constants: usize| {
        let mut document = format!("policy \"p\" permit var list = [{list}]; ");
        for _ in 0..constants {
            document += "!(-1 in (list :: (list[0] + list[1] + @)));\n";
        }
        document
    };
    let decided = |constants: usize| {
        let decision = soon(|| decision(&document(constants), json!(1)));
        decision.map(|decision| decision.decision)
    };
    assert_eq!(decided(100), Some(Decision::Permit));
    let most = MAX_CONSTANT_STEPS / 1_000;
    assert_eq!(
        decided(usize::try_from(most).unwrap()),
        Some(Decision::Indeterminate)
    );
}

/// A function that takes long each time that it is called.
const LONG_CALL: &str = "patterns.findMatches(\"a.*z|a\", subject) != [];";

#[test]
fn what_functions_do_counts_as_steps() {
    let error = |length: usize, limits: Limits| {
        let expression = CompiledExpression::new(
            "",
            "patterns.findMatches(\"a.*z|a\", subject)",
            &Object::default(),
        );
        let expression = expression.unwrap().with_limits(limits);
        let text = "a".repeat(length);
        let input = Input {
            subject: Value::from(text.as_str()),
            ..Input::default()
        };
        match expression.evaluate(&input) {
            Value::Error(error) => Some(error.kind()),
            _ => None,
        }
    };
    let limits = Limits::default();
    // Half the square of the length, for 64 of which there is a step.
    assert_eq!(error(1_000, limits), None);
    assert_eq!(error(1_000, limits.with_steps(10_000)), None);
    assert_eq!(error(1_000, limits.with_steps(7_000)), Some(ErrorKind::StepLimit));
    assert_eq!(error(100_000, limits), Some(ErrorKind::PatternTooExpensive));
}

#[test]
fn patterns_that_functions_compile_count_as_steps() {
    for call in [
        "isValidRegex(subject + \"@\")",
        "findMatches(subject + \"b@\", subject)",
        "matchGlobWithoutDelimiters(subject + \"c@\", subject)",
    ] {
        let calls: Vec<String> = (0..10)
            .map(|number| format!("patterns.{}", call.replace('@', &number.to_string())))
            .collect();
        let list = format!("[{}]", calls.join(", "));
        let error = |steps| error_of(&list, Limits::default().with_steps(steps));
        assert_eq!(error(5_000), Some(ErrorKind::StepLimit), "{call}");
        assert_eq!(error(50_000), None, "{call}");
    }
}

#[test]
fn many_calls_that_take_long_end_together() {
    let document = format!("policy \"p\" permit {}", LONG_CALL.repeat(1_000));
    let subscription = AuthorizationSubscription::new("a".repeat(2_000), "read", "report");
    // In steps alone, so that the outcome is the same on every machine.
    let limits = Limits::default()
        .with_steps(100_000)
        .with_time(Duration::from_secs(3600));
    let decision = soon(|| {
        load(&document)
            .unwrap()
            .with_limits(limits)
            .decision(&subscription)
    });
    assert_eq!(decision.decision, Decision::Indeterminate);
}

#[test]
fn a_decision_ends_when_its_time_is_over() {
    let list: Vec<Json> = (0..50_000).map(Json::from).collect();
    let document = "policy \"p\" permit resource[?(@ < 0)] == [];";
    let subscription = AuthorizationSubscription::new("alice", "read", json!(list));
    let decide = |limits| {
        load(document)
            .unwrap()
            .with_limits(limits)
            .decision(&subscription)
            .decision
    };
    let limits = Limits::default();
    assert_eq!(
        decide(limits.with_time(Duration::from_secs(3600))),
        Decision::Permit
    );
    assert_eq!(decide(limits.with_time(Duration::ZERO)), Decision::Indeterminate);
}

#[test]
fn documents_and_patterns_and_nesting_have_limits_that_can_be_set() {
    let is_refused = |text: &str, limits: Limits| {
        let configuration = Configuration::from_texts(Some(SETTINGS), [("a.sapl", text)]).unwrap();
        EmbeddedPdp::within(&configuration, limits).is_err()
    };
    let limits = Limits::default();
    let document = "policy \"p\" permit";
    assert!(!is_refused(document, limits.with_document(document.len())));
    assert!(is_refused(document, limits.with_document(document.len() - 1)));

    let document = "policy \"p\" permit subject =~ \"abcd\";";
    assert!(!is_refused(document, limits.with_pattern(4)));
    assert!(is_refused(document, limits.with_pattern(3)));
    assert_eq!(
        error_of("subject =~ (\"\" + subject)", limits.with_pattern(5)),
        None
    );
    assert_eq!(
        error_of("subject =~ (\"\" + subject)", limits.with_pattern(4)),
        Some(ErrorKind::PatternTooLong)
    );

    // The array, the sum and the name.
    let document = "policy \"p\" permit transform [subject + 1]";
    assert!(!is_refused(document, limits.with_nesting(3)));
    assert!(is_refused(document, limits.with_nesting(2)));
}
