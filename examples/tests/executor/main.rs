//! The executor with its server in a child process: what is decided, what is printed, and what reaches the server.
//!
//! Not under the usual harness: this program is the server too. With `UPDATE_DOCS=1` the recorded sessions in
//! `docs/people-in-the-loop.md` are written anew:
//! `UPDATE_DOCS=1 cargo test -p sapl-mcp-examples --test executor`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod recorded;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use recorded::{document, session};
use sapl_mcp::{
    ADVISORY_KEY,
    client::{Approval, Attempt, Guard, GuardBuilder, GuardDecision, GuardError, ScriptedApprover},
};
use sapl_mcp_examples::executor::{
    Circumstances, Example, Proposal, SERVE, ScriptedModel, connect, default_policy, own_policy, run, said,
    serve,
};
use serde_json::{Value, json};

const ALLOW: GuardDecision = GuardDecision::Allow;
const ASK: GuardDecision = GuardDecision::ApprovalRequired;
const DENY: GuardDecision = GuardDecision::Deny;

// Two threads: one waits for the child while the other hangs up on it.
#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Whatever else comes behind it, who is started as a server never runs the tests, which start servers.
    if let [SERVE, rest @ ..] = arguments.as_slice() {
        let (example, effects) = match rest {
            ["plain", effects @ ..] => (Example::Plain, effects),
            ["advised", effects @ ..] => (Example::Advised, effects),
            other => panic!("{other:?}"),
        };
        return serve(example, effects.first().map(Path::new)).await.unwrap();
    }
    what_is_not_allowed_does_not_reach_the_server().await;
    who_agrees_lets_a_call_through_and_who_does_not_stops_it().await;
    the_default_policy_goes_by_the_names_in_its_order().await;
    the_stricter_of_advice_and_the_users_policy_holds().await;
    advice_looks_at_who_the_user_is().await;
    the_documentation_shows_sessions_as_they_are().await;
    println!("test executor ... ok");
}

/// A place for the server to note what reaches it.
struct Effects {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Effects {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("effects.jsonl");
        Self {
            _folder: folder,
            file,
        }
    }

    /// The calls that have reached the server since the last look: tool and arguments.
    fn take(&self) -> Vec<(String, Value)> {
        let Ok(text) = fs::read_to_string(&self.file) else {
            return Vec::new();
        };
        fs::OpenOptions::new()
            .write(true)
            .truncate(true)
            .open(&self.file)
            .unwrap();
        let call = |line: &str| {
            let noted: Value = serde_json::from_str(line).unwrap();
            (
                noted["tool"].as_str().unwrap().to_owned(),
                noted["arguments"].clone(),
            )
        };
        text.lines().map(call).collect()
    }
}

/// A guard before a server of its own.
async fn guarded(
    example: Example,
    effects: &Effects,
    set: impl FnOnce(GuardBuilder) -> GuardBuilder,
) -> Guard {
    let client = connect(example, Some(&effects.file)).await.unwrap();
    set(Guard::builder(client)).build()
}

async fn attempts(guard: &Guard, script: ScriptedModel) -> (Vec<Attempt>, String) {
    let mut printed = Vec::new();
    let attempts = run(guard, &mut script.clone(), &mut printed).await.unwrap();
    (attempts, String::from_utf8(printed).unwrap())
}

/// What was decided about each call, and what came of it.
fn told(attempts: &[Attempt]) -> Vec<(GuardDecision, &'static str, String)> {
    let told = |attempt: &Attempt| {
        let (label, text) = said(attempt);
        (attempt.decision.unwrap(), label, text)
    };
    attempts.iter().map(told).collect()
}

fn rows<const N: usize>(
    rows: [(GuardDecision, &'static str, &str); N],
) -> Vec<(GuardDecision, &'static str, String)> {
    rows.map(|(decision, label, text)| (decision, label, text.to_owned()))
        .into()
}

async fn what_is_not_allowed_does_not_reach_the_server() {
    let effects = Effects::new();
    let guard = guarded(Example::Plain, &effects, |guard| guard.policy(default_policy())).await;
    let (attempts, printed) = attempts(&guard, Example::Plain.script()).await;
    assert_eq!(
        told(&attempts),
        rows([
            (ALLOW, "result", "8"),
            (ALLOW, "result", "notes/today.md, payroll/may.csv"),
            (ALLOW, "error", "there is no file notes/yesterday.md"),
            (ASK, "action", "paused for approval"),
            (DENY, "action", "blocked"),
            (DENY, "action", "blocked"),
        ])
    );
    assert!(matches!(
        &attempts[3].result,
        Err(GuardError::ApprovalRequired(request)) if request.request().tool() == "write_file"
    ));
    assert!(attempts.iter().all(|attempt| !attempt.reason.is_empty()));
    let reached: Vec<String> = effects.take().into_iter().map(|(tool, _)| tool).collect();
    assert_eq!(reached, ["add", "list_files", "read_file"]);
    for line in [
        "  add             Adds two whole numbers\n",
        "  execute_script  Runs a script on the machine\n",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
    for attempt in &attempts {
        assert!(
            printed.contains(&format!("reason    {}\n", attempt.reason)),
            "{printed}"
        );
    }
}

async fn who_agrees_lets_a_call_through_and_who_does_not_stops_it() {
    let write = Proposal::new("write_file", json!({"path": "a", "content": "b"}));
    let delete = Proposal::new("delete_file", json!({"path": "a"}));
    let script = ScriptedModel::new([write.clone(), write.clone(), write.clone(), delete]);
    let person = Arc::new(ScriptedApprover::new([
        Approval::Denied,
        Approval::Once,
        Approval::Denied,
    ]));
    let effects = Effects::new();
    let guard = guarded(Example::Plain, &effects, |guard| {
        guard.policy(default_policy()).approver(Arc::clone(&person))
    })
    .await;
    let (attempts, printed) = attempts(&guard, script).await;
    assert_eq!(
        told(&attempts),
        rows([
            (ASK, "action", "blocked"),
            (ASK, "result", "1 bytes written to a"),
            (ASK, "action", "blocked"),
            (DENY, "action", "blocked"),
        ])
    );
    // Nobody is asked about what the policy denies.
    assert_eq!(person.asked().len(), 3);
    assert_eq!(effects.take(), [("write_file".to_owned(), write.arguments)]);
    assert!(
        printed.contains("person    once\n") && printed.contains("person    denied\n"),
        "{printed}"
    );
}

async fn the_default_policy_goes_by_the_names_in_its_order() {
    let effects = Effects::new();
    let guard = guarded(Example::Plain, &effects, |guard| guard.policy(default_policy())).await;
    for (names, decision) in [
        (
            &[
                "delete_file",
                "delete_",
                "drop_table",
                "destroy_all",
                "execute_script",
                "execute_scripts",
            ][..],
            DENY,
        ),
        (
            &[
                "add",
                "calculator",
                "get_weather",
                "read_file",
                "read_",
                "list_files",
                "list_everything",
            ],
            ALLOW,
        ),
        (
            &[
                "write_file",
                "delete",
                "Delete_file",
                "undelete_x",
                "execute",
                "adder",
                "get_weather_now",
                "reader",
                "",
            ],
            ASK,
        ),
    ] {
        for name in names {
            let proposal = Proposal::new(*name, json!({}));
            let (attempts, _) = attempts(&guard, ScriptedModel::new([proposal])).await;
            assert_eq!(attempts[0].decision, Some(decision), "{name}");
        }
    }
    let reached = effects.take();
    assert!(
        reached
            .iter()
            .all(|(tool, _)| ["list_files"].contains(&tool.as_str())),
        "what takes no arguments alone can run without some: {reached:?}"
    );
}

async fn the_stricter_of_advice_and_the_users_policy_holds() {
    let effects = Effects::new();
    let circumstances = Circumstances::at(10);
    let filled = circumstances.clone();
    let guard = guarded(Example::Advised, &effects, |guard| {
        guard
            .policy(own_policy())
            .user(json!({"name": "ines", "roles": ["editor"]}))
            .environment(move |request| filled.of(request))
    })
    .await;
    for tool in guard.list_tools().await.unwrap() {
        let advised = ["read_file", "write_file", "delete_file"].contains(&&*tool.name);
        let meta = json!(tool.meta);
        assert_eq!(meta[ADVISORY_KEY]["version"] == 1, advised, "{meta}");
        assert_eq!(meta.is_null(), !advised, "{meta}");
    }
    let script = Example::Advised.script();
    let (by_day, _) = attempts(&guard, script.clone()).await;
    let paused = (ASK, "action", "paused for approval");
    let blocked = (DENY, "action", "blocked");
    assert_eq!(
        told(&by_day),
        rows([
            (ALLOW, "result", "Order timber. Call Ines."),
            paused,
            (ALLOW, "result", "18 bytes written to notes/today.md"),
            blocked,
            blocked,
        ])
    );
    let reached: Vec<String> = effects.take().into_iter().map(|(tool, _)| tool).collect();
    assert_eq!(reached, ["read_file", "write_file"]);

    circumstances.turn_to(22);
    let (at_night, _) = attempts(&guard, script).await;
    assert_eq!(
        told(&at_night),
        rows([
            (ALLOW, "result", "Timber is ordered."),
            paused,
            paused,
            blocked,
            blocked
        ])
    );
    assert_eq!(effects.take().len(), 1);
    for (at, reason) in [
        (1, "the server advises to ask"),
        (2, "the server advises to ask"),
        (3, "the server advises against it"),
        // The advice permits it to anybody.
        (4, "destructive: the user never lets a model do that"),
    ] {
        assert_eq!(at_night[at].reason, reason);
    }
}

async fn advice_looks_at_who_the_user_is() {
    let effects = Effects::new();
    let guard = guarded(Example::Advised, &effects, |guard| {
        let circumstances = Circumstances::at(10);
        guard
            .policy(own_policy())
            .user(json!({"name": "tom", "roles": ["guest"]}))
            .environment(move |request| circumstances.of(request))
    })
    .await;
    let write = Proposal::new("write_file", json!({"path": "a", "content": "b"}));
    let (attempts, _) = attempts(&guard, ScriptedModel::new([write])).await;
    assert_eq!(told(&attempts), rows([(ASK, "action", "paused for approval")]));
    assert_eq!(effects.take(), []);
}

async fn the_documentation_shows_sessions_as_they_are() {
    let plain = session(Example::Plain, &["once"]).await;
    let advised = session(Example::Advised, &["arguments", "no"]).await;
    document(&[("executor", plain), ("executor_advised", advised)]);
}
