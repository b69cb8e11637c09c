use super::*;

/// A document of so many bytes.
fn of_length(bytes: usize) -> String {
    let policy = "policy \"a\" permit";
    format!("{policy} //{}", "x".repeat(bytes - policy.len() - 3))
}

#[test]
fn a_document_has_so_many_bytes_and_not_one_more() {
    assert_eq!(of_length(100).len(), 100);
    assert_eq!(check(&of_length(MAX_ADVISORY_POLICY_BYTES)), Ok(()));
    assert_eq!(
        check(&of_length(MAX_ADVISORY_POLICY_BYTES + 1)),
        Err(AdvisoryPolicyError::TooLong {
            bytes: MAX_ADVISORY_POLICY_BYTES + 1
        })
    );
}

#[test]
fn a_document_without_anything_in_it_is_refused() {
    for empty in ["", " \n\t"] {
        assert_eq!(check(empty), Err(AdvisoryPolicyError::Empty), "{empty:?}");
    }
}

#[test]
fn a_document_has_so_many_patterns_and_not_one_more() {
    let with = |patterns: usize| {
        let conditions = r#"resource.name =~ "(\\pL{4}){6}";"#.repeat(patterns);
        check(&format!("policy \"a\" permit {conditions}"))
    };
    assert_eq!(with(MAX_ADVISORY_PATTERNS), Ok(()));
    assert_eq!(
        with(MAX_ADVISORY_PATTERNS + 1),
        Err(AdvisoryPolicyError::TooManyPatterns {
            patterns: MAX_ADVISORY_PATTERNS + 1
        })
    );
}

#[cfg(feature = "embedded")]
#[test]
fn what_is_no_sapl_is_refused_with_its_place() {
    for (document, place) in [
        ("permit everything", "1:1"),
        ("policy \"a\" permit\n  where the = ;", "2:"),
        ("policy \"a\" permit true; policy \"b\" deny true;", "1:"),
        ("policy \"a\" permit [1;", "1:"),
    ] {
        let Err(AdvisoryPolicyError::NotSapl(diagnostic)) = check(document) else {
            panic!("{document}")
        };
        assert!(
            diagnostic.contains(&format!("advisory.sapl:{place}")),
            "{diagnostic}"
        );
    }
}

#[cfg(feature = "embedded")]
#[test]
fn no_document_reads_attributes_wherever_it_asks_for_them() {
    for document in [
        "policy \"a\" permit <time.now> != \"x\";",
        "policy \"a\" permit subject.<http.get({})> == 1;",
        "policy \"a\" permit |<time.now> != \"x\";",
        "policy \"a\" permit obligation {\"type\": \"log\", \"at\": <time.now>}",
        "policy \"a\" permit transform <time.now>",
        "set \"s\" first or abstain errors propagate policy \"a\" permit <time.now> != \"x\";",
    ] {
        assert_eq!(
            check(document),
            Err(AdvisoryPolicyError::ReadsAttributes),
            "{document}"
        );
    }
}

#[test]
fn publishing_leaves_what_else_is_there() {
    let mut meta = None;
    publish(&mut meta, "policy \"a\" permit");
    let published = json!({ADVISORY_KEY: {"version": 1, "policy": "policy \"a\" permit"}});
    assert_eq!(json!(meta), published);
    let MetaObject(object) = meta.get_or_insert_default();
    object.insert("mine".to_owned(), json!(1));
    object.insert(ADVISORY_KEY.to_owned(), json!("before"));
    publish(&mut meta, "policy \"a\" permit");
    let mut both = published;
    both["mine"] = json!(1);
    assert_eq!(json!(meta), both);
}
