use super::*;
use crate::{Decision, MultiAuthorizationDecision};

fn verdicts(snapshot: &MultiAuthorizationDecision) -> Vec<(&str, Decision)> {
    let mut verdicts: Vec<_> = snapshot
        .iter()
        .map(|(id, decision)| (id, decision.decision))
        .collect();
    verdicts.sort_unstable_by_key(|(id, _)| *id);
    verdicts
}

fn all_news<F: Feed>(feed: &mut F) -> Vec<F::Item> {
    std::iter::from_fn(|| feed.take()).collect()
}

#[test]
fn both_names_of_the_fields_are_read() {
    for data in [
        r#"{"subscriptionId":"a","decision":{"decision":"PERMIT"}}"#,
        r#"{"authorizationSubscriptionId":"a","authorizationDecision":{"decision":"PERMIT"}}"#,
        r#"{"decision":{"decision":"PERMIT"},"x":[{}],"subscriptionId":"\u0061"}"#,
    ] {
        let mut feed = Each::new(["a"]);
        assert_eq!(feed.read(data), Ok(Origin::Decision), "{data}");
        let news = all_news(&mut feed);
        assert_eq!(news.len(), 1);
        assert_eq!(news[0].subscription_id, "a");
        assert_eq!(news[0].decision, AuthorizationDecision::permit());
    }
}

#[test]
fn an_event_that_is_not_clearly_of_its_endpoint_is_refused_and_changes_nothing() {
    let mut feed = Each::new(["a"]);
    for data in [
        "",
        "null",
        r#"["a",{"decision":"PERMIT"}]"#,
        r#"{"decision":"PERMIT"}"#,
        r#"{"subscriptionId":"a"}"#,
        r#"{"subscriptionId":null,"decision":{"decision":"PERMIT"}}"#,
        r#"{"subscriptionId":1,"decision":{"decision":"PERMIT"}}"#,
        r#"{"subscriptionId":"a","decision":"PERMIT"}"#,
        r#"{"subscriptionId":"a","decision":{"decision":"permit"}}"#,
        r#"{"subscriptionId":"a","decision":{"decision":"PERMIT"}} x"#,
        r#"{"subscriptionId":"a","subscriptionId":"a","decision":{"decision":"PERMIT"}}"#,
        r#"{"subscriptionId":"b","authorizationSubscriptionId":"a","decision":{"decision":"PERMIT"}}"#,
        r#"{"subscriptionId":"a","decision":{"decision":"DENY"},"authorizationDecision":{"decision":"PERMIT"}}"#,
    ] {
        assert!(feed.read(data).is_err(), "{data}");
        assert!(feed.take().is_none(), "{data}");
    }
    let mut feed = Snapshot::new(["a"]);
    for data in [
        "",
        "[]",
        r#"{"a":"PERMIT"}"#,
        r#"{"a":null}"#,
        r#"{"a":{"decision":"DENY"},"a":{"decision":"PERMIT"}}"#,
        r#"{"a":{"decision":"PERMIT"},"b":{}}"#,
        r#"{"a":{"decision":"PERMIT"}}{}"#,
    ] {
        assert!(feed.read(data).is_err(), "{data}");
        assert!(feed.take().is_none(), "{data}");
    }
}

#[test]
fn an_id_that_was_not_asked_is_ignored() {
    let mut feed = Each::new(["a"]);
    let data = r#"{"subscriptionId":"b","decision":{"decision":"PERMIT"}}"#;
    assert_eq!(feed.read(data), Ok(Origin::Unasked));
    assert!(feed.take().is_none());

    let mut feed = Snapshot::new(["a"]);
    feed.read(r#"{"a":{"decision":"DENY"},"b":{"decision":"PERMIT"}}"#)
        .unwrap();
    assert_eq!(verdicts(&feed.take().unwrap()), [("a", Decision::Deny)]);
}

#[test]
fn a_failure_of_the_node_makes_everything_indeterminate() {
    let mut feed = Each::new(["a", "b"]);
    feed.read(r#"{"subscriptionId":"a","decision":{"decision":"PERMIT"}}"#)
        .unwrap();
    assert_eq!(all_news(&mut feed).len(), 1);
    let failure = r#"{"subscriptionId":"","decision":{"decision":"INDETERMINATE"}}"#;
    assert_eq!(feed.read(failure), Ok(Origin::Failure));
    assert_eq!(
        feed.read(&failure.replace("INDETERMINATE", "PERMIT")),
        Ok(Origin::Failure)
    );
    let news = all_news(&mut feed);
    assert_eq!(news.len(), 2);
    assert!(
        news.iter()
            .all(|news| news.decision == AuthorizationDecision::indeterminate())
    );

    let mut feed = Snapshot::new(["a", "b"]);
    assert_eq!(
        feed.read(r#"{"":{"decision":"INDETERMINATE"}}"#),
        Ok(Origin::Failure)
    );
    assert_eq!(
        verdicts(&feed.take().unwrap()),
        [("a", Decision::Indeterminate), ("b", Decision::Indeterminate)]
    );
}

#[test]
fn what_a_snapshot_leaves_out_is_indeterminate_although_it_was_permitted() {
    let mut feed = Snapshot::new(["b", "a"]);
    feed.read(r#"{"b":{"decision":"PERMIT"},"a":{"decision":"PERMIT"}}"#)
        .unwrap();
    assert_eq!(
        verdicts(&feed.take().unwrap()),
        [("a", Decision::Permit), ("b", Decision::Permit)]
    );
    feed.read(r#"{"b":{"decision":"PERMIT"}}"#).unwrap();
    assert_eq!(
        verdicts(&feed.take().unwrap()),
        [("a", Decision::Indeterminate), ("b", Decision::Permit)]
    );
}

#[test]
fn an_equal_snapshot_is_no_news_and_an_outage_is_one() {
    let mut feed = Snapshot::new(["a"]);
    feed.read(r#"{"a":{"decision":"PERMIT"}}"#).unwrap();
    assert_eq!(all_news(&mut feed).len(), 1);
    feed.read(r#"{"a":{"decision":"PERMIT"}}"#).unwrap();
    assert!(feed.take().is_none());
    feed.lose();
    assert_eq!(verdicts(&feed.take().unwrap()), [("a", Decision::Indeterminate)]);
    feed.lose();
    feed.give_up_waiting();
    assert!(feed.take().is_none());
}

#[test]
fn nothing_is_heard_of_a_snapshot_before_it_is_whole() {
    let mut feed = Snapshot::new(["a", "b"]);
    assert!(feed.take().is_none());
    feed.give_up_waiting();
    assert_eq!(feed.take().unwrap().len(), 2);
}
