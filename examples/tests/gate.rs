//! The matrix of the gated server, over HTTP, is what it has to be.

use std::time::SystemTime;

use sapl_mcp::{AuthorizationSubscription, Decision, EmbeddedPdp};
use sapl_mcp_examples::{
    analytics::{
        AccessLog, Demo as _, Host, HostOptions, Palette, Received, Revision, Target, User,
        cli::{self, Console, Environment, Exit},
        mint, walk_by, wrong_cells,
    },
    gate::GateDemo,
};
use serde_json::{Value, json};

#[tokio::test]
async fn every_cell_is_as_expected_on_every_revision_with_and_without_sessions() {
    for sessions in [false, true] {
        let (received, log) = (Received::default(), AccessLog::default());
        let pdp = EmbeddedPdp::from_dir(GateDemo::policy_folder()).unwrap();
        let options = HostOptions {
            sessions,
            ..HostOptions::default()
        };
        let server = GateDemo::server(Some(received.clone()));
        let host = Host::start(server, GateDemo::layer(pdp, log.clone()), options)
            .await
            .unwrap();
        for revision in Revision::ALL {
            let now = SystemTime::now();
            let target = Target {
                url: host.url(),
                tokens: User::GATED.map(|user| (user, mint(user, now).unwrap())).into(),
                revision,
                received: Some(received.clone()),
            };
            let matrix = walk_by(GateDemo::plan(), &target).await.unwrap();
            let wrong = wrong_cells(&matrix.differences(&GateDemo::plan().expected()));
            assert_eq!(wrong, [""; 0], "{revision:?}");
            assert_eq!(matrix.cell_count(), 8 * 2 + 1);
            let log = log.take();
            assert!(
                log.contains(&r#"refused subject="udo" action="read_config""#.to_owned()),
                "{log:?}"
            );
        }
        host.stop().await.unwrap();
    }
}

#[tokio::test]
async fn the_program_prints_the_matrix_and_the_tokens() {
    let run = async |arguments: &[&str]| {
        let mut console = Console {
            out: Vec::new(),
            err: Vec::new(),
            palette: Palette::Plain,
        };
        let arguments = arguments.iter().map(Into::into);
        let exit = cli::run::<GateDemo, _, _>(arguments, &Environment::default(), &mut console).await;
        (
            exit,
            String::from_utf8(console.out).unwrap(),
            String::from_utf8(console.err).unwrap(),
        )
    };
    let (exit, out, err) = run(&[]).await;
    assert_eq!((exit, err.as_str()), (Exit::Success, ""));
    assert!(out.contains("all 17 cells are as expected"), "{out}");
    let (exit, out, _) = run(&["tokens"]).await;
    let tokens: Value = serde_json::from_str(&out).unwrap();
    let names: Vec<&str> = tokens.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((exit, names), (Exit::Success, vec!["dora", "udo"]));
    let (exit, _, err) = run(&["token", "mara"]).await;
    assert_eq!(exit, Exit::Usage);
    assert!(
        err.starts_with("there is no user `mara`: the users are dora, udo\n"),
        "{err}"
    );
}

#[test]
fn what_is_missing_or_odd_is_refused_by_the_catch_all_and_never_an_error() {
    let pdp = EmbeddedPdp::from_dir(GateDemo::policy_folder()).unwrap();
    for subject in [
        json!(null),
        json!("anonymous"),
        json!("udo"),
        json!({}),
        json!([]),
        json!({"realm_access": {"roles": "ADMIN"}}),
        json!({"realm_access": {"roles": [["ADMIN"], null]}}),
        json!({"roles": ["ADMIN"], "preferred_username": "dora"}),
    ] {
        for action in [json!("hello"), json!("write_config"), json!(null)] {
            let asked = AuthorizationSubscription::new(subject.clone(), action, "mcp");
            let decision = pdp.decision(&asked);
            assert_eq!(decision.decision, Decision::Deny, "{asked:?}");
            assert_eq!(decision.obligations.len(), 1, "{asked:?}: {decision:?}");
        }
    }
}
