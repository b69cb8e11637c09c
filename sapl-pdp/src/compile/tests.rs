use crate::value::{ErrorKind, Object, Value};
use crate::{CompiledExpression, EmbeddedPdp, Input};

fn refusal(document: &str) -> Option<String> {
    EmbeddedPdp::from_texts(None, [("a.sapl", document)])
        .err()
        .map(|error| error.to_string())
}

fn is_refused(document: &str) -> bool {
    refusal(document).is_some()
}

#[test]
fn constant_errors_are_refused_where_a_policy_would_be_useless() {
    for part in ["obligation", "advice", "transform"] {
        let message = refusal(&format!("policy \"p\" permit\n{part} [1 / 0]")).expect("refused");
        assert!(message.contains("division by zero"), "{message}");
        assert!(message.contains("a.sapl:2:"), "{message}");
        assert!(is_refused(&format!(
            "policy \"p\" permit {part} nosuch.function(1)"
        )));
        assert!(is_refused(&format!(
            "policy \"p\" permit {part} subject * 2 * true"
        )));
    }
    assert!(is_refused(
        "set \"s\" first or deny for 1 / 0 > 1 policy \"p\" permit"
    ));
    assert!(is_refused("set \"s\" first or deny for 5 policy \"p\" permit"));
    assert!(!is_refused("policy \"p\" permit 1 / 0 == 1;"));
    assert!(!is_refused("policy \"p\" permit obligation subject && (1 / 0)"));
}

#[test]
fn constant_patterns_must_compile() {
    assert!(refusal("policy \"p\" permit subject =~ \"[\";").is_some_and(|message| message.contains("`[`")));
    assert!(is_refused("policy \"p\" permit subject =~ (\"[\" + \"\");"));
    assert!(!is_refused("policy \"p\" permit \"x\" =~ subject;"));
}

#[test]
fn relative_references_need_a_place_that_gives_them_a_meaning() {
    assert!(is_refused("policy \"p\" permit obligation @"));
    assert!(is_refused("policy \"p\" permit transform #"));
    assert!(is_refused(
        "set \"s\" first or deny for @ == subject policy \"p\" permit"
    ));
    assert!(!is_refused("policy \"p\" permit obligation [1, 2] :: (@ + 1)"));
    assert!(!is_refused("policy \"p\" permit obligation subject obligation @"));
    assert!(!is_refused(
        "set \"s\" first or deny for [1][?(@ == subject)] == [] policy \"p\" permit"
    ));
}

#[test]
fn attributes_are_refused_where_they_cannot_be_read() {
    assert!(is_refused(
        "set \"s\" first or deny for <no.such> policy \"p\" permit"
    ));
    assert!(is_refused("policy \"p\" permit obligation [1][(<no.such>)]"));
    assert!(is_refused(
        "policy \"p\" permit obligation [1] |- {@[0]: filter.replace(<no.such>)}"
    ));
    assert!(is_refused("policy \"p\" permit <no.such[5]>;"));
    assert!(!is_refused(
        "set \"s\" first or deny for false && <no.such> policy \"p\" permit"
    ));
}

#[test]
fn schemas_that_are_not_enforced_are_ignored() {
    assert!(!is_refused("subject schema 1 / 0 policy \"p\" permit"));
}

#[test]
fn names_of_functions_have_no_signs() {
    assert!(is_refused("policy \"p\" permit string.no_such(\"x\") == \"\";"));
    assert!(is_refused("policy \"p\" permit x$y.f() == \"\";"));
}

#[test]
fn functions_of_a_library_may_have_signs_in_their_names() {
    assert!(!is_refused(
        "policy \"p\" permit graph.reachable_paths({}, 1) == [];"
    ));
}

#[cfg(not(feature = "crypto"))]
#[test]
fn a_library_that_is_switched_off_is_refused_with_its_feature() {
    for call in [
        "digest.sha256(\"x\")",
        "digest.sha3_256(\"x\")",
        "digest.no_such()",
    ] {
        let message = refusal(&format!("policy \"p\" permit {call} == \"\";")).expect("refused");
        assert!(
            message.contains("`digest`") && message.contains("feature `crypto`"),
            "{message}"
        );
    }
    let imported = "import digest.sha256 as sha policy \"p\" permit sha(\"x\") == \"\";";
    let message = refusal(imported).expect("refused");
    assert!(message.contains("feature `crypto`"), "{message}");
}

#[test]
fn variables_are_evaluated_only_where_they_are_used() {
    assert!(!is_refused(
        "policy \"p\" permit var unused = 1 / 0; obligation 1"
    ));
    assert!(is_refused(
        "policy \"p\" permit var used = 1 / 0; obligation used"
    ));
}

#[test]
fn errors_point_at_their_place() {
    let source = "subject.a + 1";
    let expression = CompiledExpression::new("", source, &Object::default()).expect("valid");
    let input = Input::default();
    let Value::Error(error) = expression.evaluate(&input) else {
        panic!("an error");
    };
    assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }));
    let (document, span) = expression.place(error.node()).expect("a place");
    assert_eq!(document, 0);
    let text = format!("\npolicy \"expression\" permit transform {source}");
    assert_eq!(span.text(&text), source);
}
