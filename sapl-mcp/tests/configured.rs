//! The configuration of a process, which these tests have to themselves.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use sapl_mcp::{
    AuthorizationDecision, AuthorizationSubscription, ConfigError, Decision, Sapl,
    constraint::ConstraintEnforcementService, decide_fn, gate,
};
use serde_json::json;

const RACERS: usize = 8;

/// One test, because there is one configuration.
#[tokio::test]
async fn a_process_is_configured_once_whoever_comes_first() {
    let early = Sapl::get().unwrap_err();
    assert!(matches!(early, ConfigError::NotConfigured));
    assert_eq!(
        early.to_string(),
        "SAPL is not configured: call `Sapl::configure(pdp, constraints)` once, when the process starts"
    );

    let (start, won) = (Arc::new(Barrier::new(RACERS)), Arc::new(AtomicUsize::new(0)));
    let racers: Vec<_> = (0..RACERS)
        .map(|racer| {
            let (start, won) = (Arc::clone(&start), Arc::clone(&won));
            thread::spawn(move || {
                let pdp = decide_fn(move |_| AuthorizationDecision::permit().with_resource(json!(racer)));
                start.wait();
                match Sapl::configure(pdp, ConstraintEnforcementService::default()) {
                    Ok(_) => {
                        won.fetch_add(1, Ordering::SeqCst);
                        Some(racer)
                    }
                    Err(ConfigError::AlreadyConfigured) => None,
                    Err(other) => panic!("{other}"),
                }
            })
        })
        .collect();
    let winners: Vec<usize> = racers
        .into_iter()
        .filter_map(|racer| racer.join().unwrap())
        .collect();
    assert_eq!((winners.len(), won.load(Ordering::SeqCst)), (1, 1));

    let late = Sapl::configure(
        decide_fn(|_| AuthorizationDecision::deny()),
        ConstraintEnforcementService::default(),
    );
    assert_eq!(
        late.unwrap_err().to_string(),
        "SAPL is configured already: call `Sapl::configure` once in a process"
    );

    let sapl = Sapl::get().unwrap();
    let subscription = AuthorizationSubscription::new("s", "a", "r");
    let decision = sapl.pdp().decide_once(&subscription).await;
    assert_eq!(decision.decision, Decision::Permit);
    assert_eq!(decision.resource, Some(json!(winners[0])));
    let layer = sapl.layer_builder().tool("t", gate()).build().unwrap();
    assert_eq!(layer.decide_once(&subscription).await, decision);
    assert_eq!(sapl.layer().decide_once(&subscription).await, decision);
    let value = sapl
        .constraints()
        .enforce(&decision, async { 99_usize })
        .await
        .unwrap();
    assert_eq!(value, winners[0]);
}
