//! A server on standard input and output, in a process of its own: this program is both sides.
//!
//! Not under the usual harness, which writes to the standard output too.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

use std::{
    io::Write as _,
    os::fd::{AsFd, OwnedFd},
    process::{Child, Command, Stdio},
};

use rmcp::{
    ServiceExt as _,
    model::{CallToolRequestParams, ServerResult},
};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _, SaplLayer,
    client::{Guard, GuardRule, RuleList, TerminalApprover},
    pre_enforce,
};
use sapl_mcp_tests::{Answer, Behaviour, Log, McpClient, Pdp, Revision, Server, tool};
use serde_json::json;
use tokio::net::unix::pipe::{Receiver, Sender};

/// Says how the child serves.
const SERVE: &str = "SAPL_MCP_TESTS_STDIO";

/// Says that the child is no server, but a guard in front of one.
const GUARD: &str = "a guard";

// Two threads: one waits for the child while the other hangs up on it.
#[tokio::main]
async fn main() {
    match std::env::var(SERVE) {
        Ok(how) if how == GUARD => guard().await,
        Ok(how) => serve(&how).await,
        Err(_) => {
            check().await;
            check_guard();
        }
    }
}

/// The server: the operator may call what has a rule.
async fn serve(how: &str) {
    let log = Log::new();
    let pdp = Pdp::new(&log, |subscription| {
        Answer::Now(match subscription.subject() == "operator" {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let layer = SaplLayer::builder(pdp).build().unwrap();
    let server = Server::new(&log)
        .tool(tool("open"), Behaviour::text("content"))
        .tool(tool("ruled").enforce(pre_enforce()), Behaviour::text("content"))
        .tool(
            tool("hidden").enforce(pre_enforce().stealth()),
            Behaviour::text("content"),
        )
        .shared();
    let service = match how {
        "for_stdio" => layer.for_stdio(server),
        "enforce_stdio operator" => layer.enforce_stdio("operator").layer(server),
        "enforce_stdio guest" => layer.enforce_stdio("guest").layer(server),
        _ => layer.layer(server),
    };
    let input = Receiver::from_owned_fd(owned(std::io::stdin())).unwrap();
    let output = Sender::from_owned_fd(owned(std::io::stdout())).unwrap();
    service
        .serve((input, output))
        .await
        .unwrap()
        .waiting()
        .await
        .unwrap();
}

fn owned(stream: impl AsFd) -> OwnedFd {
    stream.as_fd().try_clone_to_owned().unwrap()
}

/// A server that serves like this, and a client of it.
async fn started(how: &str, revision: Revision) -> (Child, McpClient) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(SERVE, how)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = Receiver::from_owned_fd(child.stdout.take().unwrap().into()).unwrap();
    let input = Sender::from_owned_fd(child.stdin.take().unwrap().into()).unwrap();
    (child, McpClient::over((output, input), revision).await)
}

async fn check() {
    for (how, used, listed) in [
        ("for_stdio", ["open", "ruled", "hidden"].as_slice(), 3),
        ("enforce_stdio operator", &["open", "ruled", "hidden"], 3),
        ("enforce_stdio guest", &["open"], 2),
        ("nothing said", &["open"], 2),
    ] {
        for revision in Revision::ALL {
            let (mut child, client) = started(how, revision).await;
            for name in ["open", "ruled", "hidden"] {
                let called = client.call(name, json!({})).await;
                let content = called.is_ok_and(|result| json!(result)["content"][0]["text"] == "content");
                assert_eq!(content, used.contains(&name), "{how} {revision:?} {name}");
            }
            let tools = client.peer().list_all_tools().await.unwrap();
            assert_eq!(tools.len(), listed, "{how} {revision:?}");
            assert!(tools.iter().all(|tool| tool.meta.is_none()), "no marker");
            drop(client);
            assert!(child.wait().unwrap().success(), "it ends when its input ends");
        }
    }
    println!("test stdio ... ok");
}

/// A guard in front of a server in a process of its own, which asks whoever is at standard input.
async fn guard() {
    let (mut child, client) = started("for_stdio", Revision::November2025).await;
    let guard = Guard::builder(client.into_running())
        .policy(
            RuleList::new()
                .rule(GuardRule::allow("open to all").name("open"))
                .rule(GuardRule::deny("out of sight").name("hidden")),
        )
        .approver(TerminalApprover::new())
        .build();
    for name in ["open", "hidden", "ruled"] {
        let attempt = guard.attempt(CallToolRequestParams::new(name)).await;
        let outcome = match &attempt.result {
            Ok(result) => json!(ServerResult::from(result.clone()))["content"][0]["text"].to_string(),
            Err(error) => error.to_string(),
        };
        let decision = attempt.decision.unwrap();
        println!("{name}: {decision}: {}: {outcome}", attempt.reason);
    }
    drop(guard);
    assert!(child.wait().unwrap().success());
}

/// Where standard input and output are no terminal, nobody agrees, whatever comes in.
fn check_guard() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(SERVE, GUARD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"once\nsession\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "\
open: allow: open to all: \"content\"
hidden: deny: out of sight: the call of `hidden` is denied: out of sight
ruled: approval_required: the person who was asked said no: the call of `ruled` is denied: the person who was asked said no
"
    );
    println!("test stdio_guard ... ok");
}
