use serde_json::json;

use super::*;

fn with(members: Value) -> Value {
    let mut obligation = members;
    obligation["type"] = REQUIRE_APPROVAL.into();
    obligation
}

fn one(members: Value) -> Result<Wanted, Unusable> {
    several([members])
}

fn several<const N: usize>(members: [Value; N]) -> Result<Wanted, Unusable> {
    let obligations: Vec<Value> = members.into_iter().map(with).collect();
    Wanted::of(&obligations).map(|wanted| *wanted.unwrap())
}

#[test]
fn a_decision_without_the_obligation_wants_nothing() {
    let others = [
        json!({"type": "logAccess"}),
        json!("requireApproval"),
        json!(null),
        json!({}),
    ];
    assert_eq!(Wanted::of(&others), Ok(None));
    assert_eq!(Wanted::of(&[]), Ok(None));
}

#[test]
fn what_is_left_out_has_its_default() {
    let wanted = one(json!({})).unwrap();
    assert_eq!(wanted.message, None);
    assert_eq!(wanted.approver, None);
    assert_eq!(wanted.expires_in, DEFAULT_APPROVAL_EXPIRY);
    assert!(!wanted.editable);
    assert_eq!(wanted.remember, None);
}

#[test]
fn what_is_said_is_read() {
    let wanted = one(json!({
        "message": "m", "approver": "desk", "expiresIn": "PT30S", "editable": true, "remember": {"for": "PT15M"},
    }))
    .unwrap();
    assert_eq!(wanted.message.as_deref(), Some("m"));
    assert_eq!(wanted.approver.as_deref(), Some("desk"));
    assert_eq!(wanted.expires_in, Duration::from_secs(30));
    assert!(wanted.editable);
    let quarter = Remember {
        in_session: false,
        at_most: Duration::from_secs(900),
    };
    assert_eq!(wanted.remember, Some(quarter));
    let session = Remember {
        in_session: true,
        at_most: MAX_APPROVAL_MEMORY,
    };
    assert_eq!(
        one(json!({"remember": "session"})).unwrap().remember,
        Some(session)
    );
}

#[test]
fn what_is_not_as_it_should_be_is_malformed() {
    for members in [
        json!({"other": 1}),
        json!({"message": 1}),
        json!({"message": null}),
        json!({"approver": []}),
        json!({"approver": null}),
        json!({"expiresIn": 300}),
        json!({"expiresIn": null}),
        json!({"expiresIn": "5 minutes"}),
        json!({"expiresIn": "PT0S"}),
        json!({"editable": "true"}),
        json!({"editable": null}),
        json!({"remember": null}),
        json!({"remember": true}),
        json!({"remember": "forever"}),
        json!({"remember": {}}),
        json!({"remember": {"for": 15}}),
        json!({"remember": {"for": "PT15M", "more": 1}}),
        json!({"remember": {"for": "PT0M"}}),
        json!({"Message": "m"}),
    ] {
        let read = one(members.clone());
        assert!(matches!(read, Err(Unusable::Malformed(_))), "{members}: {read:?}");
        // One that is malformed spoils the others.
        assert!(several([json!({}), members]).is_err());
    }
}

#[test]
fn durations_are_as_long_as_their_limits_and_no_longer() {
    assert_eq!(
        one(json!({"expiresIn": "PT3600S"})).unwrap().expires_in,
        MAX_APPROVAL_EXPIRY
    );
    assert!(one(json!({"expiresIn": "PT3601S"})).is_err());
    let remembered = |text: &str| one(json!({"remember": {"for": text}})).map(|wanted| wanted.remember);
    assert_eq!(
        remembered("P1D").unwrap().map(|remember| remember.at_most),
        Some(MAX_APPROVAL_MEMORY)
    );
    assert!(remembered("P1DT1S").is_err());
}

#[test]
fn several_want_one_question_and_the_strictest_of_what_they_say() {
    let wanted = several([
        json!({"message": "a", "expiresIn": "PT10M", "editable": true, "remember": "session"}),
        json!({"expiresIn": "PT1M", "editable": true, "remember": {"for": "PT15M"}}),
        json!({"message": "b", "expiresIn": "PT2M", "editable": true, "remember": {"for": "PT20M"}}),
    ])
    .unwrap();
    assert_eq!(wanted.message.as_deref(), Some("a\nb"));
    assert_eq!(wanted.expires_in, Duration::from_secs(60));
    assert!(wanted.editable);
    let both = Remember {
        in_session: true,
        at_most: Duration::from_secs(900),
    };
    assert_eq!(wanted.remember, Some(both));

    let stricter = several([json!({"editable": true, "remember": "session"}), json!({})]).unwrap();
    assert!(!stricter.editable);
    assert_eq!(stricter.remember, None);
}

#[test]
fn one_question_has_one_approver() {
    let desk = || json!({"approver": "desk"});
    assert!(several([desk(), desk()]).is_ok());
    for other in [json!({}), json!({"approver": "Desk"})] {
        assert_eq!(several([desk(), other]), Err(Unusable::DifferentApprovers));
    }
}

#[test]
fn the_digest_is_that_of_all_of_them() {
    let digest = |members: &[Value]| {
        let obligations: Vec<Value> = members.iter().cloned().map(with).collect();
        Wanted::of(&obligations).unwrap().unwrap().digest
    };
    let (a, b) = (json!({"message": "a"}), json!({"message": "b"}));
    assert_eq!(digest(&[a.clone(), b.clone()]), digest(&[b.clone(), a.clone()]));
    assert_ne!(digest(std::slice::from_ref(&a)), digest(&[a.clone(), b.clone()]));
    assert_ne!(digest(&[a]), digest(&[b]));
}
