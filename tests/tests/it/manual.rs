//! Asking and enforcing by hand, inside of a tool: a data layer under policies of its own.

use std::time::Duration;

use rmcp::{ErrorData, RoleServer, service::RequestContext};
use sapl_mcp::{
    ACCESS_DENIED, AuthorizationDecision, AuthorizationSubscription, Decision, EnforceExt as _, Identity,
    SaplLayer, gate,
};
use sapl_mcp_tests::{Answer, Behaviour, Component, Log, Pdp, Server, World, step, step_with, steps, tool};
use serde_json::{Value, json};

/// What lies below the tool: rows that the caller may see.
async fn rows(
    sapl: &SaplLayer,
    context: &RequestContext<RoleServer>,
    log: &Log,
) -> Result<Vec<u64>, ErrorData> {
    let subject = Identity::from_context(context).map_or(Value::Null, |identity| identity.claims().clone());
    let subscription = AuthorizationSubscription::new(subject, "select", "customers");
    let decision = sapl.decide_once(&subscription).await;
    let select = async {
        log.add("select");
        vec![1, 2, 3]
    };
    sapl.constraints()
        .enforce(&decision, select)
        .await
        .map_err(|denied| ErrorData::new(ACCESS_DENIED, denied.to_string(), None))
}

/// A world whose tool `t` is behind a gate that is open, and whose data are decided by `data`.
async fn world(data: impl Fn(&Log) -> Pdp) -> World {
    let log = Log::new();
    let sapl = SaplLayer::builder(data(&log))
        .constraints(steps(&log))
        .decision_timeout(Duration::from_millis(5))
        .build()
        .unwrap();
    let below = log.clone();
    let behaviour = Behaviour::does(move |_, context| {
        let (sapl, log) = (sapl.clone(), below.clone());
        async move {
            let rows = rows(&sapl, &context, &log).await?;
            Ok(Component::Value(json!({"rows": rows})))
        }
    });
    let server = Server::new(&log).tool(tool("t").enforce(gate()), behaviour);
    let pdp = Pdp::decides(&Log::new(), AuthorizationDecision::permit());
    World::new(&log, server, pdp).await
}

#[tokio::test]
async fn the_data_layer_sees_who_calls_and_fulfils_its_own_obligations() {
    let world = world(|log| {
        Pdp::new(log, |asked| {
            let keep = step_with("keep", "k", json!({"keep": [1, 3]}));
            let permit = AuthorizationDecision::permit().with_obligation(step("run", "r"));
            Answer::Now(match asked.subject()["sub"].as_str() {
                Some("mara") => permit.with_obligation(keep),
                Some("felix") => permit,
                _ => AuthorizationDecision::deny(),
            })
        })
    })
    .await;
    let called = async |user| world.client(user).await.call("t", json!({})).await;
    assert_eq!(
        called("mara").await.unwrap().structured_content,
        Some(json!({"rows": [1, 3]}))
    );
    assert_eq!(
        called("felix").await.unwrap().structured_content,
        Some(json!({"rows": [1, 2, 3]}))
    );
    world.log.take();
    let error = called("sam").await.unwrap_err();
    assert_eq!((error.code, &*error.message), (ACCESS_DENIED, "access denied"));
    assert_eq!(world.log.lines(), ["component t", "decide"]);
}

#[tokio::test]
async fn whatever_goes_wrong_below_gives_no_data() {
    let permit = AuthorizationDecision::permit;
    for answer in [
        Answer::Now(AuthorizationDecision::deny()),
        Answer::Now(AuthorizationDecision::indeterminate()),
        Answer::Now(AuthorizationDecision::new(Decision::Suspend)),
        Answer::Now(permit().with_obligation(json!({"type": "unknown"}))),
        Answer::Now(permit().with_obligation(step("invoke", "a"))),
        Answer::Now(permit().with_obligation(step_with("run", "a", json!({"fail": "error"})))),
        Answer::Now(permit().with_obligation(step_with("run", "a", json!({"fail": "panic"})))),
        Answer::Never,
        Answer::Panic,
        Answer::PanicLater,
    ] {
        let world = world(|log| Pdp::always(log, answer.clone())).await;
        let reply = world.call("mara", "t", json!({})).await;
        assert_eq!(
            reply.error(),
            json!({"code": -32003, "message": "access denied"}),
            "{answer:?}"
        );
        assert!(!world.log.lines().contains(&"select".to_owned()), "{answer:?}");
    }
}
