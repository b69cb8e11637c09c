use std::fs;

use serde_json::Value;

use super::*;
use crate::analytics::{AnalyticsDemo, User, policy_folder};

/// What a command wrote, and how it ended.
async fn run_with(arguments: &[&str]) -> (Exit, String, String) {
    let mut console = Console {
        out: Vec::new(),
        err: Vec::new(),
        palette: Palette::Plain,
    };
    let exit = run::<AnalyticsDemo, _, _>(
        arguments.iter().map(OsString::from),
        &Environment::default(),
        &mut console,
    )
    .await;
    (
        exit,
        String::from_utf8(console.out).unwrap(),
        String::from_utf8(console.err).unwrap(),
    )
}

#[tokio::test]
async fn all_tokens_are_one_object_on_one_line() {
    let (exit, out, _) = run_with(&["tokens"]).await;
    assert_eq!((exit, out.lines().count()), (Exit::Success, 1));
    let tokens: Value = serde_json::from_str(&out).unwrap();
    let names: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    assert_eq!(names, ["diana", "felix", "mara", "sam"]);
    for token in tokens.as_object().unwrap().values() {
        assert_eq!(token.as_str().unwrap().split('.').count(), 3);
    }
}

#[tokio::test]
async fn a_token_is_printed_alone() {
    let (exit, out, err) = run_with(&["token", "mara"]).await;
    assert_eq!((exit, out.lines().count(), err.as_str()), (Exit::Success, 1, ""));
}

#[tokio::test]
async fn a_token_for_somebody_unknown_is_refused_with_the_names_of_the_users() {
    let (exit, out, err) = run_with(&["token", "mallory"]).await;
    assert_eq!((exit, out.as_str()), (Exit::Usage, ""));
    let names = User::ALL.map(User::name).join(", ");
    assert!(
        err.starts_with(&format!("there is no user `mallory`: the users are {names}\n")),
        "{err}"
    );
}

#[tokio::test]
async fn a_senseless_command_line_gets_the_usage() {
    let senseless: [&[&str]; 13] = [
        &["fly"],
        &["--fly"],
        &["serve", "--fly"],
        &["serve", "now"],
        &["serve", "--port"],
        &["serve", "--port", "65536"],
        &["--pdp"],
        &["--cached"],
        &["--policies", "x", "--pdp", "http://localhost"],
        &["serve", "--policies", "x", "--cached"],
        &["token"],
        &["token", "mara", "felix"],
        &["tokens", "all"],
    ];
    for arguments in senseless {
        let (exit, out, err) = run_with(arguments).await;
        assert_eq!((exit, out.as_str()), (Exit::Usage, ""), "{arguments:?}");
        assert!(
            err.ends_with(&format!("\n\n{}\n", usage::<AnalyticsDemo>())),
            "{err}"
        );
    }
}

#[tokio::test]
async fn help_is_no_error() {
    let (exit, out, err) = run_with(&["--help"]).await;
    assert_eq!(
        (exit, out, err),
        (
            Exit::Success,
            format!("{}\n", usage::<AnalyticsDemo>()),
            String::new()
        )
    );
}

#[tokio::test]
async fn policies_that_do_not_load_are_shown_with_a_caret_and_nothing_is_served() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(policy_folder().join("pdp.json"), folder.path().join("pdp.json")).unwrap();
    fs::write(
        folder.path().join("broken.sapl"),
        "policy \"broken\"\npermit\n  action == ;\n",
    )
    .unwrap();
    let folder = folder.path().to_str().unwrap();
    let attempts: [&[&str]; 2] = [&["serve", "--policies", folder], &["--policies", folder]];
    for arguments in attempts {
        let (exit, out, err) = run_with(arguments).await;
        assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
        for part in ["broken.sapl:3:13", "  action == ;", "            ^"] {
            assert!(err.contains(part), "{part:?} in\n{err}");
        }
    }
}

#[tokio::test]
async fn a_folder_of_policies_that_is_not_there_is_refused() {
    let (exit, out, err) = run_with(&["serve", "--policies", "/no/such/folder"]).await;
    assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
    assert!(err.contains("/no/such/folder"), "{err}");
}

#[tokio::test]
async fn a_decision_point_that_others_could_stand_in_for_is_refused() {
    for url in [
        "http://pdp.example:8080",
        "http://192.0.2.1",
        "http://[2001:db8::1]/",
        "http://localhost.example",
    ] {
        let (exit, out, err) = run_with(&["--pdp", url]).await;
        assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
        assert!(err.contains("only on this machine"), "{err}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    for url in [
        "localhost:8080",
        "ftp://localhost",
        "http://user:pass@localhost",
        "",
    ] {
        let (exit, out, err) = run_with(&["--pdp", url]).await;
        assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
        assert!(err.contains("base_url") && !err.contains("pass"), "{err}");
    }
}
