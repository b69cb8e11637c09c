//! Approvals that hold for more than one call.

use std::{sync::OnceLock, time::SystemTime};

use futures_util::future::BoxFuture;
use sapl_mcp::{
    ApprovalStore, ApprovalStoreError, ApprovalWay, AuditOutcome, Decision, GrantId, GrantKey, GrantOwner,
    InMemoryApprovals, RememberedGrant, SaplLayer, pre_enforce,
};
use sapl_mcp_tests::{Person, Revision, World, accept, decline};
use serde_json::json;

use super::{approvals, wants, world};
use crate::common::{assert_denied, value};

async fn person(world: &World, user: &str) -> Person {
    Person::connect(world.wire, user, Revision::November2025, |_| {
        std::future::ready(accept())
    })
    .await
}

async fn remembering(remember: serde_json::Value) -> World {
    world(
        pre_enforce(),
        move |log| wants(log, json!({"remember": remember})),
        |b| b,
    )
    .await
}

#[tokio::test]
async fn the_same_call_of_the_same_caller_is_not_asked_about_again() {
    let world = remembering(json!({"for": "PT15M"})).await;
    let mara = person(&world, "mara").await;
    for _ in 0..3 {
        assert_eq!(value(&mara.call("t", json!({"a": 1})).await), &json!({"a": 1}));
    }
    assert_eq!(mara.asked().len(), 1);
    let told = approvals(&world);
    assert_eq!((&told[1]["by"], &told[1]["at"]), (&told[3]["by"], &told[3]["at"]));
    assert_eq!(told[1], told[5]);
    let ways: Vec<_> = world
        .audit
        .take()
        .iter()
        .map(|r| r.approval.clone().unwrap().way)
        .collect();
    let remembered = Some(ApprovalWay::Remembered);
    assert_eq!(ways, [Some(ApprovalWay::Elicitation), remembered, remembered]);

    // Other arguments, another component and another caller are something else; another session is not.
    mara.call("t", json!({"a": 2})).await.unwrap();
    assert_eq!(mara.asked().len(), 2);
    mara.prompt("p", json!({"a": "x"})).await.unwrap();
    assert_eq!(mara.asked().len(), 3);
    let sam = person(&world, "sam").await;
    sam.call("t", json!({"a": 1})).await.unwrap();
    assert_eq!(sam.asked().len(), 1);
    let elsewhere = person(&world, "mara").await;
    elsewhere.call("t", json!({"a": 1})).await.unwrap();
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn an_approval_of_a_session_is_none_of_another() {
    let world = remembering(json!("session")).await;
    let mara = person(&world, "mara").await;
    for _ in 0..2 {
        mara.call("t", json!({"a": 1})).await.unwrap();
    }
    assert_eq!(mara.asked().len(), 1);
    let elsewhere = person(&world, "mara").await;
    elsewhere.call("t", json!({"a": 1})).await.unwrap();
    assert_eq!(elsewhere.asked().len(), 1);
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_remember_for() {
    let world = remembering(json!("session")).await;
    let script = |_| std::future::ready(accept());
    let mara = Person::connect(world.wire, "mara", Revision::July2026, script).await;
    for asked in 1..3 {
        mara.call("t", json!({"a": 1})).await.unwrap();
        assert_eq!(mara.asked().len(), asked);
    }
}

#[tokio::test]
async fn what_was_approved_between_two_requests_is_remembered_too() {
    let world = remembering(json!({"for": "PT15M"})).await;
    let script = |_| std::future::ready(accept());
    let mara = Person::connect(world.wire, "mara", Revision::July2026, script).await;
    for _ in 0..2 {
        mara.call("t", json!({"a": 1})).await.unwrap();
    }
    assert_eq!(mara.asked().len(), 1);
}

#[tokio::test]
async fn what_is_not_to_be_remembered_is_asked_each_time() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let mara = person(&world, "mara").await;
    for asked in 1..3 {
        mara.call("t", json!({"a": 1})).await.unwrap();
        assert_eq!(mara.asked().len(), asked);
    }
}

#[tokio::test]
async fn a_no_is_not_remembered() {
    let world = remembering(json!({"for": "PT15M"})).await;
    let script = |_| std::future::ready(decline());
    let mara = Person::connect(world.wire, "mara", Revision::November2025, script).await;
    for asked in 1..3 {
        assert_denied(&mara.call("t", json!({"a": 1})).await);
        assert_eq!(mara.asked().len(), asked);
    }
}

/// A store that fails at what it is told to fail at.
struct Failing(&'static str, InMemoryApprovals);

impl Failing {
    fn at<'a, T: Send + 'a>(
        &self,
        what: &str,
        answer: BoxFuture<'a, Result<T, ApprovalStoreError>>,
    ) -> BoxFuture<'a, Result<T, ApprovalStoreError>> {
        match self.0 == what {
            true => Box::pin(std::future::ready(Err(ApprovalStoreError::new(
                "the store is down",
            )))),
            false => answer,
        }
    }
}

impl ApprovalStore for Failing {
    fn use_once<'a>(
        &'a self,
        id: &'a GrantId,
        owner: &'a GrantOwner,
        until: SystemTime,
    ) -> BoxFuture<'a, Result<bool, ApprovalStoreError>> {
        self.at("use_once", self.1.use_once(id, owner, until))
    }

    fn remember(&self, grant: RememberedGrant) -> BoxFuture<'_, Result<(), ApprovalStoreError>> {
        self.at("remember", self.1.remember(grant))
    }

    fn recall<'a>(
        &'a self,
        key: &'a GrantKey,
    ) -> BoxFuture<'a, Result<Option<RememberedGrant>, ApprovalStoreError>> {
        self.at("recall", self.1.recall(key))
    }

    fn revoke<'a>(&'a self, owner: &'a GrantOwner) -> BoxFuture<'a, Result<u64, ApprovalStoreError>> {
        self.1.revoke(owner)
    }
}

#[tokio::test]
async fn a_store_that_fails_denies_the_call_that_needs_it() {
    for (what, runs) in [
        ("use_once", false),
        ("remember", false),
        ("recall", false),
        ("nothing", true),
    ] {
        let world = world(
            pre_enforce(),
            |log| wants(log, json!({"remember": {"for": "PT15M"}})),
            |b| b.approval_store(Failing(what, InMemoryApprovals::new())),
        )
        .await;
        let script = |_| std::future::ready(accept());
        let mara = Person::connect(world.wire, "mara", Revision::July2026, script).await;
        let called = mara.call("t", json!({"a": 1})).await;
        assert_eq!(world.server.received().len(), usize::from(runs), "{what}");
        if !runs {
            assert_denied(&called);
            let reason = world.audit.take().pop().unwrap().reason.unwrap();
            assert!(reason.contains("the store is down"), "{reason}");
        }
    }
}

/// A store that recalls what it was first given, whatever it is asked for, with this done to it.
struct Lying {
    first: OnceLock<RememberedGrant>,
    lie: fn(GrantKey, &mut RememberedGrant),
    honest: InMemoryApprovals,
}

impl ApprovalStore for Lying {
    fn use_once<'a>(
        &'a self,
        id: &'a GrantId,
        owner: &'a GrantOwner,
        until: SystemTime,
    ) -> BoxFuture<'a, Result<bool, ApprovalStoreError>> {
        self.honest.use_once(id, owner, until)
    }

    fn remember(&self, grant: RememberedGrant) -> BoxFuture<'_, Result<(), ApprovalStoreError>> {
        let _ = self.first.set(grant);
        Box::pin(std::future::ready(Ok(())))
    }

    fn recall<'a>(
        &'a self,
        key: &'a GrantKey,
    ) -> BoxFuture<'a, Result<Option<RememberedGrant>, ApprovalStoreError>> {
        let mut grant = self.first.get().cloned();
        grant.iter_mut().for_each(|grant| (self.lie)(*key, grant));
        Box::pin(std::future::ready(Ok(grant)))
    }

    fn revoke<'a>(&'a self, owner: &'a GrantOwner) -> BoxFuture<'a, Result<u64, ApprovalStoreError>> {
        self.honest.revoke(owner)
    }
}

#[tokio::test]
async fn a_store_that_recalls_something_else_or_something_old_is_not_believed() {
    let honest: fn(GrantKey, &mut RememberedGrant) = |_, _| ();
    let old: fn(GrantKey, &mut RememberedGrant) = |_, grant| grant.until = SystemTime::UNIX_EPOCH;
    let fits: fn(GrantKey, &mut RememberedGrant) = |key, grant| grant.key = key;
    // The same call and then another one: how often a person has been asked.
    for (lie, same, other) in [(honest, 1, 2), (old, 2, 3), (fits, 1, 1)] {
        let store = Lying {
            first: OnceLock::new(),
            lie,
            honest: InMemoryApprovals::new(),
        };
        let world = world(
            pre_enforce(),
            |log| wants(log, json!({"remember": {"for": "PT15M"}})),
            |b| b.approval_store(store),
        )
        .await;
        let mara = person(&world, "mara").await;
        for (arguments, asked) in [(1, 1), (1, same), (2, other)] {
            mara.call("t", json!({"a": arguments})).await.unwrap();
            assert_eq!(mara.asked().len(), asked);
        }
    }
}

/// A store that panics before it gives a future.
struct Panicking;

impl ApprovalStore for Panicking {
    fn use_once<'a>(
        &'a self,
        _: &'a GrantId,
        _: &'a GrantOwner,
        _: SystemTime,
    ) -> BoxFuture<'a, Result<bool, ApprovalStoreError>> {
        panic!("use_once")
    }

    fn remember(&self, _: RememberedGrant) -> BoxFuture<'_, Result<(), ApprovalStoreError>> {
        panic!("remember")
    }

    fn recall<'a>(
        &'a self,
        _: &'a GrantKey,
    ) -> BoxFuture<'a, Result<Option<RememberedGrant>, ApprovalStoreError>> {
        panic!("recall")
    }

    fn revoke<'a>(&'a self, _: &'a GrantOwner) -> BoxFuture<'a, Result<u64, ApprovalStoreError>> {
        panic!("revoke")
    }
}

#[tokio::test]
async fn a_store_that_panics_is_one_that_fails() {
    for obligation in [json!({}), json!({"remember": {"for": "PT15M"}})] {
        let pdp = |log: &_| wants(log, obligation);
        let world = world(pre_enforce(), pdp, |b| b.approval_store(Panicking)).await;
        let script = |_| std::future::ready(accept());
        let mara = Person::connect(world.wire, "mara", Revision::July2026, script).await;
        assert_denied(&mara.call("t", json!({"a": 1})).await);
        assert!(world.server.received().is_empty());
        let record = world.audit.take().pop().unwrap();
        assert_eq!(
            (record.outcome, record.effective),
            (AuditOutcome::Denied, Decision::Deny)
        );
        let reason = record.reason.unwrap();
        assert!(
            reason.contains("the store of approvals failed: it panicked"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn what_is_revoked_is_asked_about_again() {
    let log = sapl_mcp_tests::Log::new();
    let layer = SaplLayer::builder(wants(&log, json!({"remember": {"for": "PT15M"}})))
        .build()
        .unwrap();
    let server = super::server(&log, pre_enforce()).shared();
    let wire = sapl_mcp_tests::Wire::serving(layer.layer(server), sapl_mcp_tests::Mode::Sessions).await;
    let script = |_| std::future::ready(accept());
    let mara = Person::connect(wire, "mara", Revision::November2025, script).await;
    mara.call("t", json!({"a": 1})).await.unwrap();
    let other = sapl_mcp::Identity::new("x", sapl_mcp_tests::claims("sam"));
    assert_eq!(layer.approvals().revoke(&other).await.unwrap(), 0);
    mara.call("t", json!({"a": 1})).await.unwrap();
    assert_eq!(mara.asked().len(), 1);
    let of_mara = sapl_mcp::Identity::new("another token", sapl_mcp_tests::claims("mara"));
    assert_eq!(layer.approvals().revoke(&of_mara).await.unwrap(), 1);
    mara.call("t", json!({"a": 1})).await.unwrap();
    assert_eq!(mara.asked().len(), 2);
}
