//! What becomes of policies that are edited while a demo serves them.

#![expect(clippy::unwrap_used, reason = "what goes wrong ends the test")]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

use sapl_mcp_examples::{
    analytics::{
        AnalyticsDemo, Demo, Matrix, Palette, Revision, Target, User,
        cli::{Console, Environment, run},
        mint, walk_by, wrong_cells,
    },
    gate::GateDemo,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// What a program writes, sent on as it writes it.
struct Sent(UnboundedSender<String>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What has been written up to `end` and has not been asked for before.
async fn until(written: &mut UnboundedReceiver<String>, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let more = timeout(Duration::from_secs(60), written.recv()).await;
        text.push_str(&more.unwrap().unwrap());
    }
    text
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// Serves a copy of the demo's policies and edits the one that says what is denied to everybody.
async fn edited_while_it_serves<D: Demo>() {
    let folder = tempfile::tempdir().unwrap();
    copy(D::policy_folder(), folder.path());
    let (out, mut written) = unbounded_channel();
    let (err, mut told) = unbounded_channel();
    let mut console = Console {
        out: Sent(out),
        err: Sent(err),
        palette: Palette::Plain,
    };
    let arguments = ["serve", "--policies", folder.path().to_str().unwrap()].map(Into::into);
    let environment = Environment::default();
    let serving = run::<D, _, _>(arguments, &environment, &mut console);
    let editing = async {
        let listening = until(&mut written, "/mcp").await;
        let url = listening.trim().strip_prefix("listening on ").unwrap();
        let tokens: BTreeMap<User, String> = D::plan()
            .users
            .iter()
            .map(|user| (*user, mint(*user, SystemTime::now()).unwrap()))
            .collect();
        let target = Target {
            url: url.to_owned(),
            tokens,
            revision: Revision::default(),
            received: None,
        };
        let walk = async || walk_by(D::plan(), &target).await.unwrap();
        let wrong = |matrix: &Matrix| wrong_cells(&matrix.differences(&D::plan().expected()));
        assert_eq!(wrong(&walk().await), [""; 0]);

        let added = folder.path().join("added.sapl");
        fs::write(&added, "policy \"nobody may do anything\" deny").unwrap();
        until(&mut told, "the changed policies are in force").await;
        let denied = wrong(&walk().await);
        assert!(!denied.is_empty());

        fs::write(&added, "policy \"nobody may do anything\" denied").unwrap();
        let problem = until(&mut told, "the policies before stay in force").await;
        assert!(problem.contains("--> added.sapl:1:"), "{problem}");
        assert_eq!(wrong(&walk().await), denied);

        fs::remove_file(added).unwrap();
        until(&mut told, "the changed policies are in force").await;
        assert_eq!(wrong(&walk().await), [""; 0]);
    };
    tokio::select! {
        exit = serving => panic!("it has ended: {exit:?}"),
        () = editing => {}
    }
}

#[tokio::test]
async fn the_next_call_of_the_analytics_server_follows_an_edit_and_no_broken_one() {
    edited_while_it_serves::<AnalyticsDemo>().await;
}

#[tokio::test]
async fn the_next_call_of_the_gated_server_follows_an_edit_and_no_broken_one() {
    edited_while_it_serves::<GateDemo>().await;
}
