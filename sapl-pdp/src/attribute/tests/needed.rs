//! What is asked for, and what is not.

use super::*;

/// What a decision asks for, all sensors being true but those listed.
async fn asked(texts: &[&str], untrue: &[&str]) -> Vec<String> {
    let (pdp, sensors) = sensing(texts);
    for name in ["a", "b", "c"] {
        sensors.set(name, !untrue.contains(&name));
    }
    once(&pdp).await;
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
    sensors.asked()
}

#[tokio::test]
async fn what_the_rest_of_a_condition_decides_is_not_asked_for() {
    let none: [&str; 0] = [];
    for policy in [
        "policy \"p\" permit action == \"write\"; <sensor.a>;",
        "policy \"p\" permit <sensor.a>; action == \"write\";",
        "policy \"p\" permit <sensor.a> || true;",
        "policy \"p\" permit <sensor.a> | action == \"read\";",
        "policy \"p\" permit !(false && <sensor.a>);",
        "policy \"p\" permit action == \"write\"; obligation <sensor.a> transform <sensor.b>",
        "set \"s\" first or deny for action == \"write\" policy \"p\" permit <sensor.a>;",
        "policy \"p\" permit [1, 2] any in [1]; false; <sensor.a>;",
    ] {
        assert_eq!(asked(&[policy], &[]).await, none, "{policy}");
    }
}

#[tokio::test]
async fn attributes_are_asked_for_one_after_the_other_as_far_as_needed() {
    let policy = "policy \"p\" permit <sensor.a>; <sensor.b>; obligation <sensor.c>";
    assert_eq!(asked(&[policy], &[]).await, ["a", "b", "c"]);
    assert_eq!(asked(&[policy], &["b"]).await, ["a", "b"]);
    assert_eq!(asked(&[policy], &["a"]).await, ["a"]);
    let either = "policy \"p\" permit <sensor.a> || <sensor.b>;";
    assert_eq!(asked(&[either], &[]).await, ["a"]);
    assert_eq!(asked(&[either], &["a"]).await, ["a", "b"]);
}

#[tokio::test]
async fn in_a_set_whose_first_vote_decides_those_behind_it_ask_for_nothing() {
    let set = "set \"s\" first or deny policy \"a\" permit <sensor.a>; policy \"b\" deny <sensor.b>;";
    assert_eq!(asked(&[set], &[]).await, ["a"]);
    assert_eq!(asked(&[set], &["a"]).await, ["a", "b"]);
}

#[tokio::test]
async fn where_the_priority_has_won_those_who_lose_ask_for_nothing() {
    let none: [&str; 0] = [];
    let permit = "policy \"p\" permit";
    assert_eq!(asked(&[permit, "policy \"a\" deny <sensor.a>;"], &[]).await, none);
    assert_eq!(
        asked(&[permit, "policy \"a\" suspend obligation <sensor.a>"], &[]).await,
        none
    );
    // What permits too may have obligations.
    assert_eq!(
        asked(&[permit, "policy \"a\" permit <sensor.a>;"], &[]).await,
        ["a"]
    );
    let set =
        "set \"s\" priority permit or deny policy \"a\" permit <sensor.a>; policy \"b\" deny <sensor.b>;";
    assert_eq!(asked(&[permit, set], &["a"]).await, ["a", "b"]);
    assert_eq!(
        asked(&["policy \"p\" deny", "policy \"a\" permit <sensor.a>;"], &[]).await,
        ["a"]
    );
}

#[tokio::test]
async fn what_is_met_twice_is_asked_for_once() {
    let policy = "policy \"p\" permit var x = <sensor.a>; x; x == <sensor.a>;";
    assert_eq!(
        asked(&[policy, "policy \"q\" deny <sensor.a>;"], &[]).await,
        ["a"]
    );
}

#[tokio::test]
async fn entities_and_arguments_are_values() {
    let policy = "policy \"p\" permit subject.<sensor.a({n: 1.50}, undefined)>; resource.<sensor.b>;";
    assert_eq!(
        asked(&[policy], &[]).await,
        [r#""mara".a {"n"=1.50} undefined"#, r#""thing".b"#]
    );
}

#[tokio::test]
async fn an_entity_or_argument_that_is_an_error_is_asked_for_nothing() {
    let none: [&str; 0] = [];
    for policy in [
        "policy \"p\" permit (1 / 0).<sensor.a>;",
        "policy \"p\" permit (subject / 0).<sensor.a>;",
        "policy \"p\" permit subject.missing.<sensor.a>;",
        "policy \"p\" permit <sensor.a(subject / 0)>;",
        "policy \"p\" permit undefined.<sensor.a>;",
    ] {
        let (pdp, sensors) = sensing(&[policy]);
        assert_eq!(once(&pdp).await, Decision::Indeterminate, "{policy}");
        assert_eq!(sensors.asked(), none, "{policy}");
    }
}

#[tokio::test]
async fn an_attribute_that_is_not_needed_any_more_is_let_go() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.a>; <sensor.b>;"]);
    sensors.set("a", true);
    sensors.set("b", true);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    assert_eq!(
        now(&mut decisions).map(|told| told.decision),
        Some(Decision::Permit)
    );
    assert_eq!(sensors.alive(), 2);
    sensors.set("a", false);
    assert_eq!(
        now(&mut decisions).map(|told| told.decision),
        Some(Decision::Deny)
    );
    assert_eq!(sensors.alive(), 1);
    sensors.set("a", true);
    assert_eq!(
        now(&mut decisions).map(|told| told.decision),
        Some(Decision::Permit)
    );
    assert_eq!(sensors.asked(), ["a", "b", "b"]);
    drop(decisions);
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
}

#[tokio::test]
async fn an_attribute_that_nobody_knows_is_undefined() {
    for policy in [
        "policy \"p\" permit <nolib.attr> == undefined;",
        "policy \"p\" permit <time.nolib> == undefined;",
        "policy \"p\" permit subject.<time.now> == undefined;",
        "policy \"p\" permit <time.now(1, 2)> == undefined;",
    ] {
        assert_eq!(once(&policies(&[policy])).await, Decision::Permit, "{policy}");
    }
}

#[tokio::test]
async fn a_value_that_is_given_stands_for_what_finders_say() {
    let (pdp, sensors) =
        sensing(&["policy \"p\" permit <time.now(500)> == \"noon\"; \"a\".<sensor.a(1)> + <sensor.a> == 2;"]);
    sensors.set("a", 5_i64);
    let pdp = pdp
        .with_attribute_value("time.now", Value::from("noon"))
        .with_attribute_value("sensor.a", Value::from(1_i64));
    assert_eq!(once(&pdp).await, Decision::Permit);
    assert!(sensors.asked().is_empty());
    let unknown = policies(&["policy \"p\" permit <no.such> == 1;"]);
    let pdp = unknown.with_attribute_value("no.such", Value::from(1_i64));
    assert_eq!(once(&pdp).await, Decision::Permit);
}
