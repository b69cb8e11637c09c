use proptest::prelude::*;
use serde_json::json;

use super::*;

const KEY: &[u8] = b"a key of thirty-two bytes, or so";

fn states() -> RequestStates {
    RequestStates::with_key(KEY)
}

fn binding<'a>(whose: Whose<'a>, kind: &'static str, component: &'a str) -> Binding<'a> {
    Binding {
        purpose: Purpose::Round,
        whose,
        kind,
        component,
    }
}

fn maras() -> Binding<'static> {
    let whose = Whose::Subject {
        issuer: Some("i"),
        subject: "mara",
        client: None,
    };
    binding(whose, "tool", "t")
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

#[test]
fn a_state_opens_for_what_it_was_sealed_for() {
    let state = states().seal(&maras(), b"payload", now()).unwrap();
    assert!(state.starts_with("sapl1."), "{state}");
    assert_eq!(states().open(&maras(), &state, now()).unwrap(), b"payload");
}

#[test]
fn a_state_opens_for_nobody_and_nothing_else() {
    let state = states().seal(&maras(), b"payload", now()).unwrap();
    let subject = |issuer, subject, client| Whose::Subject {
        issuer,
        subject,
        client,
    };
    let text = json!("mara");
    for other in [
        binding(subject(Some("i"), "sam", None), "tool", "t"),
        binding(subject(Some("j"), "mara", None), "tool", "t"),
        binding(subject(None, "mara", None), "tool", "t"),
        binding(subject(Some("i"), "mara", Some("app")), "tool", "t"),
        binding(Whose::Token("mara"), "tool", "t"),
        binding(Whose::Fixed(&text), "tool", "t"),
        binding(Whose::Anonymous, "tool", "t"),
        binding(Whose::Unknown, "tool", "t"),
        binding(maras().whose, "prompt", "t"),
        binding(maras().whose, "tool", "u"),
        binding(maras().whose, "tool", ""),
        binding(maras().whose, "toolt", ""),
    ] {
        assert_eq!(
            states().open(&other, &state, now()),
            Err(StateError::Forged),
            "{:?} {}",
            other.kind,
            other.component
        );
    }
    for key in [&KEY[1..], b"another key of thirty-two bytes!", b""] {
        let others = RequestStates::with_key(key);
        assert_eq!(others.open(&maras(), &state, now()), Err(StateError::Forged));
    }
    let others = RequestStates::random();
    assert_eq!(others.open(&maras(), &state, now()), Err(StateError::Forged));
}

#[test]
fn a_state_expires() {
    let state = states().seal(&maras(), b"", now()).unwrap();
    let second = Duration::from_secs(1);
    let open = |now| states().open(&maras(), &state, now);
    assert!(open(now() + REQUEST_STATE_AGE - second).is_ok());
    assert_eq!(open(now() + REQUEST_STATE_AGE), Err(StateError::Expired));
    // A clock before 1970 is no reason to panic.
    let early = SystemTime::UNIX_EPOCH - second;
    assert!(states().seal(&maras(), b"", early).is_ok());
}

#[test]
fn a_state_is_as_long_as_the_limit_and_no_longer() {
    let sealed = |bytes| states().seal(&maras(), &vec![0; bytes], now());
    // Three bytes become four characters.
    let longest = (0..=MAX_REQUEST_STATE_BYTES / 4 * 3)
        .rev()
        .find(|bytes| sealed(*bytes).is_ok())
        .unwrap();
    let state = sealed(longest).unwrap();
    assert!(state.len() > MAX_REQUEST_STATE_BYTES - 4);
    assert_eq!(states().open(&maras(), &state, now()).unwrap().len(), longest);
    assert_eq!(sealed(longest + 1), Err(StateError::TooLong));
    assert_eq!(sealed(MAX_REQUEST_STATE_BYTES + 1), Err(StateError::TooLong));
    let open = |length| states().open(&maras(), &"a".repeat(length), now());
    assert_eq!(open(MAX_REQUEST_STATE_BYTES), Err(StateError::Malformed));
    assert_eq!(open(MAX_REQUEST_STATE_BYTES + 1), Err(StateError::TooLong));
}

#[test]
fn what_is_no_sealed_state_is_refused() {
    let state = states().seal(&maras(), b"payload", now()).unwrap();
    let (body, tag) = state.strip_prefix("sapl1.").unwrap().split_once('.').unwrap();
    for malformed in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        body.to_owned(),
        format!("{body}.{tag}"),
        format!("sapl2.{body}.{tag}"),
        format!("rs1.{body}.{tag}"),
        format!("sapl1.{body}"),
        format!("{state}."),
        format!("{state}="),
        format!(" {state}"),
        format!("sapl1.{body}=.{tag}"),
        format!("sapl1.ä.{tag}"),
    ] {
        assert_eq!(
            states().open(&maras(), &malformed, now()),
            Err(StateError::Malformed),
            "{malformed}"
        );
    }
    for forged in [
        format!("sapl1.{body}."),
        format!("sapl1..{tag}"),
        format!("sapl1.{tag}.{body}"),
    ] {
        assert_eq!(
            states().open(&maras(), &forged, now()),
            Err(StateError::Forged),
            "{forged}"
        );
    }
}

#[test]
fn without_a_key_nothing_is_sealed_and_nothing_opens() {
    let none = RequestStates { seal: None };
    assert_eq!(none.seal(&maras(), b"", now()), Err(StateError::NoKey));
    let state = states().seal(&maras(), b"", now()).unwrap();
    assert_eq!(none.open(&maras(), &state, now()), Err(StateError::NoKey));
}

#[test]
fn a_round_comes_back_as_it_was() {
    for round in [
        Round {
            number: 2,
            state: String::new(),
        },
        Round {
            number: u32::MAX,
            state: "ä.{}\0".to_owned(),
        },
    ] {
        assert_eq!(Round::read(&round.write()), Ok(round));
    }
    for payload in [&b""[..], b"abc", b"abcd\xff"] {
        assert_eq!(Round::read(payload), Err(StateError::Malformed));
    }
}

proptest! {
    #[test]
    fn one_other_character_anywhere_makes_a_state_useless(at in 0_usize..200, to in "[A-Za-z0-9_.=+/-]", payload in "\\PC{0,20}") {
        let state = states().seal(&maras(), payload.as_bytes(), now()).unwrap();
        let at = at % state.len();
        let mut changed = state.clone();
        changed.replace_range(at..=at, &to);
        prop_assume!(changed != state);
        prop_assert!(states().open(&maras(), &changed, now()).is_err());
    }

    #[test]
    fn nothing_panics(state in "\\PC{0,40}|sapl1\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,44}") {
        prop_assert!(states().open(&maras(), &state, now()).is_err());
    }
}
