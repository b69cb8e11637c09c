//! The environment names proxies; nobody asks them.

use std::{env, process::Command};

use sapl_base::{AuthorizationDecision, PolicyDecisionPoint};

use crate::support::{Server, ok, pdp, subscription};

/// Set for the process that this test starts of itself, since a process can't change its own environment safely.
const NODE: &str = "SAPL_BASE_TEST_NODE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_proxy_is_used_whatever_the_environment_says() {
    if let Ok(url) = env::var(NODE) {
        let decision = pdp(&url).decide_once(&subscription()).await;
        assert_eq!(decision, AuthorizationDecision::permit());
        return;
    }
    let node = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    let proxy = Server::answering(ok(r#"{"decision":"DENY"}"#)).await;
    let url = node.url();
    let proxy_url = proxy.url();
    let child = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(env::current_exe().unwrap());
        child
            .args(["--exact", "proxy::no_proxy_is_used_whatever_the_environment_says"])
            .env(NODE, url)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        for variable in [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            child.env(variable, &proxy_url);
        }
        child.output().unwrap()
    });
    let output = child.await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
    assert_eq!(proxy.connections(), 0);
    assert_eq!(node.requests().len(), 1);
}
