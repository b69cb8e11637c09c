//! One layer around another: both have to permit.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Rule, SaplLayer, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Revision, Server, Wire, tool};

use crate::enforced::{CONTENT, call, listed};

const REVISION: Revision = Revision::November2025;

struct Stacked {
    wire: Wire,
    outer: Log,
    inner: Log,
    component: Log,
}

/// The tool `t` with an annotation, under an inner layer and an outer one that was given a rule for it too.
async fn stacked(rules: [Rule; 2], decisions: [bool; 2]) -> Stacked {
    let [outer_rule, inner_rule] = rules;
    let [outer, inner, component] = [Log::new(), Log::new(), Log::new()];
    let decision = |permits| match permits {
        true => AuthorizationDecision::permit(),
        false => AuthorizationDecision::deny(),
    };
    let server = Server::new(&component)
        .tool(tool("t").enforce(inner_rule.shared()), Behaviour::text(CONTENT))
        .shared();
    let below = SaplLayer::builder(Pdp::decides(&inner, decision(decisions[1])))
        .build()
        .unwrap();
    let above = SaplLayer::builder(Pdp::decides(&outer, decision(decisions[0])))
        .tool("t", outer_rule)
        .build()
        .unwrap();
    let wire = Wire::serving(above.layer(below.layer(server)), Mode::Json).await;
    Stacked {
        wire,
        outer,
        inner,
        component,
    }
}

#[tokio::test]
async fn both_layers_have_to_permit() {
    for (decisions, runs) in [
        ([true, true], true),
        ([true, false], false),
        ([false, true], false),
        ([false, false], false),
    ] {
        let stacked = stacked([pre_enforce(), pre_enforce()], decisions).await;
        let reply = call(stacked.wire, REVISION, "sam", "t").await;
        assert_eq!(reply.contains(CONTENT), runs, "{decisions:?}");
        assert_eq!(
            stacked.component.lines().len(),
            usize::from(runs),
            "{decisions:?}"
        );
        assert_eq!(stacked.outer.lines(), ["decide"], "the outer one is asked once");
        assert_eq!(
            stacked.inner.lines().len(),
            usize::from(decisions[0]),
            "the inner one is asked by whom the outer one lets through"
        );
        if !runs {
            assert_eq!(reply.result()["content"][0]["text"], "Access denied");
        }
    }
}

#[tokio::test]
async fn what_either_layer_hides_does_not_exist() {
    for revision in Revision::ALL {
        for (decisions, shown) in [
            ([true, true], true),
            ([true, false], false),
            ([false, true], false),
        ] {
            let rules = || pre_enforce().stealth();
            let stacked = stacked([rules(), rules()], decisions).await;
            let expected: &[&str] = if shown { &["t"] } else { &[] };
            assert_eq!(
                listed(stacked.wire, revision, "sam").await,
                expected,
                "{decisions:?}"
            );
            let reply = call(stacked.wire, revision, "sam", "t").await;
            assert_eq!(reply.contains(CONTENT), shown, "{decisions:?}");
            if !shown {
                let unknown = call(stacked.wire, revision, "sam", "absent").await;
                assert_eq!(reply, unknown.naming("absent", "t"), "{decisions:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_outer_layer_without_rules_changes_nothing() {
    for permits in [true, false] {
        let log = Log::new();
        let server = Server::new(&log)
            .tool(
                tool("t").enforce(pre_enforce().stealth()),
                Behaviour::text(CONTENT),
            )
            .tool(tool("open"), Behaviour::text("open"))
            .shared();
        let decision = match permits {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        };
        let below = SaplLayer::builder(Pdp::decides(&log, decision)).build().unwrap();
        let above = SaplLayer::builder(Pdp::decides(&Log::new(), AuthorizationDecision::deny()))
            .build()
            .unwrap();
        let alone = Wire::serving(below.layer(server.clone()), Mode::Json).await;
        let both = Wire::serving(above.layer(below.layer(server)), Mode::Json).await;
        for revision in Revision::ALL {
            for name in ["t", "open", "absent"] {
                assert_eq!(
                    call(alone, revision, "sam", name).await,
                    call(both, revision, "sam", name).await,
                    "{revision:?} {name}"
                );
            }
            assert_eq!(
                listed(alone, revision, "sam").await,
                listed(both, revision, "sam").await
            );
        }
    }
}
