use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use sapl_base::{
    AuthorizationSubscription, Decision, MultiAuthorizationDecision, MultiAuthorizationSubscription,
    PolicyDecisionPoint as _,
};

use super::*;
use crate::source::Configuration;

fn configuration(policies: &str) -> Configuration {
    let documents = policies.split(" / ").enumerate().map(|(number, policy)| {
        let (verdict, condition) = policy.split_once(" if ").unwrap_or((policy, ""));
        let condition = match condition {
            "" => String::new(),
            action => format!(" action == \"{action}\";"),
        };
        (
            format!("{number}.sapl"),
            format!("policy \"{number}\" {verdict}{condition}"),
        )
    });
    Configuration::from_texts(None, documents).expect("valid")
}

fn pdp(policies: &str) -> EmbeddedPdp {
    EmbeddedPdp::new(&configuration(policies)).expect("valid")
}

fn subscription(action: &str) -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", action, "thing")
}

fn page(actions: &[&str]) -> MultiAuthorizationSubscription {
    let mut page = MultiAuthorizationSubscription::new();
    for action in actions {
        page.add(*action, subscription(action)).expect("new");
    }
    page
}

/// What a stream has right now.
fn now<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    stream
        .next()
        .now_or_never()
        .map(|item| item.expect("the stream goes on"))
}

fn verdicts(decisions: &MultiAuthorizationDecision, ids: &[&str]) -> Vec<Decision> {
    ids.iter().map(|id| decisions.decision(id).decision).collect()
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counted {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn a_decision_is_told_at_once_and_when_it_is_another() {
    let pdp = pdp("permit");
    let asked = subscription("read");
    let mut stream = pdp.decide(&asked);
    assert_eq!(now(&mut stream).map(|told| told.decision), Some(Decision::Permit));
    assert!(now(&mut stream).is_none());
    pdp.replace(&configuration("deny")).expect("valid");
    assert_eq!(now(&mut stream).map(|told| told.decision), Some(Decision::Deny));
    assert!(now(&mut stream).is_none());
}

#[test]
fn constraints_are_part_of_a_decision() {
    let pdp = pdp("permit obligation 1");
    let asked = subscription("read");
    let mut stream = pdp.decide(&asked);
    assert!(now(&mut stream).is_some());
    pdp.replace(&configuration("permit obligation 2")).expect("valid");
    assert_eq!(
        now(&mut stream).map(|told| told.obligations),
        Some(vec![2.into()])
    );
}

#[test]
fn an_equal_decision_of_other_policies_is_not_told() {
    let pdp = pdp("permit if read");
    let asked = subscription("read");
    let page = page(&["read"]);
    let (mut one, mut each) = (pdp.decide(&asked), pdp.multi_decide(&page));
    let mut all = pdp.multi_decide_all(&page);
    assert!(now(&mut one).is_some() && now(&mut each).is_some() && now(&mut all).is_some());
    pdp.replace(&configuration("permit")).expect("valid");
    assert!(now(&mut one).is_none() && now(&mut each).is_none() && now(&mut all).is_none());
}

#[test]
fn refused_policies_change_nothing() {
    let pdp = pdp("permit");
    let asked = subscription("read");
    let mut stream = pdp.decide(&asked);
    assert!(now(&mut stream).is_some());
    let refused = Configuration::from_texts(None, [("a", "policy \"a\" permit obligation 1 / 0")]);
    assert!(pdp.replace(&refused.expect("it parses")).is_err());
    assert!(now(&mut stream).is_none());
}

#[test]
fn each_id_is_told_once_and_then_those_that_changed() {
    let pdp = pdp("permit");
    let page = page(&["one", "two", "three"]);
    let mut stream = pdp.multi_decide(&page);
    let mut ids = || {
        let mut ids = Vec::new();
        while let Some(told) = now(&mut stream) {
            ids.push((told.subscription_id, told.decision.decision));
        }
        ids.sort_by(|one, other| one.0.cmp(&other.0));
        ids
    };
    let permit = |id: &str| (id.to_owned(), Decision::Permit);
    assert_eq!(ids(), [permit("one"), permit("three"), permit("two")]);
    pdp.replace(&configuration("permit / deny if two"))
        .expect("valid");
    assert_eq!(ids(), [("two".to_owned(), Decision::Deny)]);
    pdp.replace(&configuration("permit")).expect("valid");
    assert_eq!(ids(), [permit("two")]);
}

#[test]
fn whoever_polls_late_gets_the_policies_of_now_and_not_those_between() {
    let pdp = pdp("permit");
    let (asked, page) = (subscription("read"), page(&["read", "write"]));
    let (mut one, mut all) = (pdp.decide(&asked), pdp.multi_decide_all(&page));
    let mut each = pdp.multi_decide(&page);
    // In the midst of a round of two.
    assert!(now(&mut one).is_some() && now(&mut all).is_some() && now(&mut each).is_some());
    for verdict in ["deny", "permit", "suspend"] {
        pdp.replace(&configuration(verdict)).expect("valid");
    }
    assert_eq!(now(&mut one).map(|told| told.decision), Some(Decision::Suspend));
    let suspended = [Decision::Suspend; 2];
    assert_eq!(
        now(&mut all).map(|told| verdicts(&told, &["read", "write"])),
        Some(suspended.to_vec())
    );
    let told: Vec<_> = std::iter::from_fn(|| now(&mut each)).collect();
    assert_eq!(told.len(), 2);
    assert!(
        told.iter()
            .all(|told| told.decision.decision == Decision::Suspend)
    );
    assert!(now(&mut one).is_none() && now(&mut all).is_none() && now(&mut each).is_none());
}

#[test]
fn none_of_several_ids_starves_under_policies_that_change_all_the_time() {
    let pdp = pdp("permit");
    let page = page(&["one", "two", "three"]);
    let mut stream = pdp.multi_decide(&page);
    let mut ids = std::collections::HashSet::new();
    for round in 0..3 {
        pdp.replace(&configuration(["deny", "permit"][round % 2]))
            .expect("valid");
        ids.insert(now(&mut stream).expect("another decision").subscription_id);
    }
    assert_eq!(ids.len(), 3);
}

#[test]
fn all_decisions_of_a_snapshot_come_of_one_version_of_the_policies() {
    let pdp = Arc::new(pdp("permit"));
    let ids = ["a", "b", "c", "d"];
    let page = page(&ids);
    let mut stream = pdp.multi_decide_all(&page);
    std::thread::scope(|scope| {
        let writer = Arc::clone(&pdp);
        let writing = scope.spawn(move || {
            let (deny, permit) = (configuration("deny"), configuration("permit"));
            for _ in 0..500 {
                writer.replace(&deny).expect("valid");
                writer.replace(&permit).expect("valid");
            }
        });
        while !writing.is_finished() {
            if let Some(told) = now(&mut stream) {
                let told = verdicts(&told, &ids);
                assert!(
                    told.iter().all(|verdict| Some(verdict) == told.first()),
                    "{told:?}"
                );
            }
        }
    });
}

#[test]
fn a_waiting_task_is_woken_once_by_every_change() {
    let pdp = pdp("permit");
    let asked = subscription("read");
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    let mut context = Context::from_waker(&waker);
    let mut stream = pdp.decide(&asked);
    assert!(stream.poll_next_unpin(&mut context).is_ready());
    // Polled often, it still waits once.
    assert!(stream.poll_next_unpin(&mut context).is_pending());
    assert!(stream.poll_next_unpin(&mut context).is_pending());
    assert_eq!((counted.count(), pdp.policies.0.changes.len()), (0, 1));
    pdp.replace(&configuration("deny")).expect("valid");
    pdp.replace(&configuration("suspend")).expect("valid");
    assert_eq!(counted.count(), 1);
    assert!(stream.poll_next_unpin(&mut context).is_ready());
    assert!(stream.poll_next_unpin(&mut context).is_pending());
    pdp.replace(&configuration("deny")).expect("valid");
    assert_eq!(counted.count(), 2);
}

#[test]
fn whoever_is_gone_or_never_polls_again_holds_nothing() {
    let pdp = pdp("permit");
    let asked = subscription("read");
    let mut slow = pdp.decide(&asked);
    for _ in 0..1_000 {
        let mut stream = pdp.decide(&asked);
        assert!(now(&mut stream).is_some() && now(&mut stream).is_none());
    }
    assert_eq!(pdp.policies.0.changes.len(), 0);
    assert!(now(&mut slow).is_some() && now(&mut slow).is_none());
    let old = Arc::downgrade(&arc_swap::Guard::into_inner(pdp.policies.0.load()));
    for verdict in ["deny", "permit", "suspend"] {
        pdp.replace(&configuration(verdict)).expect("valid");
    }
    assert!(old.upgrade().is_none());
    assert_eq!(pdp.policies.0.changes.len(), 0);
}

#[test]
fn an_empty_question_has_one_empty_answer() {
    let pdp = pdp("permit");
    let page = page(&[]);
    let (mut each, mut all) = (pdp.multi_decide(&page), pdp.multi_decide_all(&page));
    assert!(now(&mut each).is_none());
    assert!(now(&mut all).is_some_and(|told| told.is_empty()));
    pdp.replace(&configuration("deny")).expect("valid");
    assert!(now(&mut each).is_none() && now(&mut all).is_none());
}
