//! The analytics demo, decided elsewhere.

use std::{
    io::{self, Write},
    sync::Arc,
    time::SystemTime,
};

use sapl_cli::serve::{ApiKeys, ServeOptions, Server};
use sapl_mcp::Secret;
use sapl_mcp_examples::analytics::{
    AnalyticsDemo, Matrix, Outcome, Palette, Revision, Target, User,
    cli::{Console, Environment, Exit, run},
    mint, policy_folder, walk, wrong_cells,
};
use sapl_pdp::EmbeddedPdp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const KEY: &str = "sapl_demo_c2VjcmV0";

/// What a command of the demo wrote, and how it ended.
struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

fn environment(key: Option<&str>) -> Environment {
    Environment {
        pdp_token: key.map(|key| Secret::new(key.to_owned())),
        log_operations: false,
    }
}

async fn demo(arguments: &[&str], key: Option<&str>) -> Ran {
    let mut console = Console {
        out: Vec::new(),
        err: Vec::new(),
        palette: Palette::Plain,
    };
    let exit =
        run::<AnalyticsDemo, _, _>(arguments.iter().map(Into::into), &environment(key), &mut console).await;
    Ran {
        exit,
        out: String::from_utf8(console.out).unwrap(),
        err: String::from_utf8(console.err).unwrap(),
    }
}

async fn node(options: ServeOptions) -> Server {
    let pdp = Arc::new(EmbeddedPdp::from_dir(policy_folder()).unwrap());
    Server::bind(pdp, options).await.unwrap()
}

fn with_key() -> ServeOptions {
    ServeOptions::default().with_api_keys(ApiKeys::parse(KEY).unwrap())
}

fn assert_whole_matrix(ran: &Ran) {
    let Ran { exit, out, err } = ran;
    assert_eq!((*exit, err.as_str()), (Exit::Success, ""), "{out}");
    assert!(out.trim_end().ends_with("cells are as expected"), "{out}");
}

/// Sends each line on as soon as it is whole.
struct Lines {
    line: Vec<u8>,
    sender: UnboundedSender<String>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            if *byte == b'\n' {
                let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
                self.sender.send(line).map_err(io::Error::other)?;
            } else {
                self.line.push(*byte);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Walks through what `demo serve` with these arguments serves.
async fn walk_through_served(arguments: &[&str], key: Option<&str>) -> Matrix {
    let (sender, mut lines) = unbounded_channel();
    let mut console = Console {
        out: Lines {
            line: Vec::new(),
            sender,
        },
        err: io::sink(),
        palette: Palette::Plain,
    };
    let arguments = ["serve", "--port", "0"].iter().chain(arguments);
    let environment = environment(key);
    let serving = run::<AnalyticsDemo, _, _>(arguments.map(Into::into), &environment, &mut console);
    let walking = async {
        let line = lines.recv().await.unwrap();
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        let now = SystemTime::now();
        let tokens = User::ALL.map(|user| (user, mint(user, now).unwrap()));
        let target = Target {
            url,
            tokens: tokens.into_iter().collect(),
            revision: Revision::default(),
            received: None,
        };
        walk(&target).await.unwrap()
    };
    tokio::select! {
        exit = serving => panic!("it ended: {exit:?}"),
        matrix = walking => matrix,
    }
}

#[tokio::test]
async fn every_cell_is_as_expected_when_a_node_decides() {
    let node = node(ServeOptions::default()).await;
    assert_whole_matrix(&demo(&["--pdp", &node.url()], None).await);
    assert_whole_matrix(&demo(&["--pdp", &node.url(), "--cached"], None).await);
    node.stop().await;
}

#[tokio::test]
async fn every_cell_is_as_expected_when_a_node_decides_that_wants_a_key() {
    let node = node(with_key()).await;
    assert_whole_matrix(&demo(&["--pdp", &node.url()], Some(KEY)).await);
    assert_whole_matrix(&demo(&["--pdp", &node.url(), "--cached"], Some(KEY)).await);
    node.stop().await;
}

#[tokio::test]
async fn a_served_demo_is_decided_by_a_node_too() {
    let (open, locked) = (node(ServeOptions::default()).await, node(with_key()).await);
    for (url, key) in [(open.url(), None), (locked.url(), Some(KEY))] {
        for arguments in [&["--pdp", &url][..], &["--pdp", &url, "--cached", "--sessions"]] {
            let matrix = walk_through_served(arguments, key).await;
            assert_eq!(
                wrong_cells(&matrix.differences(&Matrix::expected())),
                [""; 0],
                "{arguments:?}"
            );
        }
    }
    open.stop().await;
    locked.stop().await;
}

#[tokio::test]
async fn without_its_key_a_node_decides_nothing_and_that_is_said() {
    let node = node(with_key()).await;
    for key in [None, Some("sapl_demo_d3Jvbmc"), Some("sapl_other_c2VjcmV0")] {
        let Ran { exit, out, err } = demo(&["--pdp", &node.url()], key).await;
        assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
        assert!(
            err.contains("SAPL_PDP_TOKEN") && !err.contains("d3Jvbmc"),
            "{err}"
        );
    }
    node.stop().await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_before_anything_is_sent() {
    let node = node(ServeOptions::default()).await;
    for key in ["", "a\nb"] {
        let Ran { exit, out, err } = demo(&["--pdp", &node.url()], Some(key)).await;
        assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
        assert!(err.contains("token"), "{err}");
    }
    node.stop().await;
}

#[tokio::test]
async fn what_is_served_without_a_node_is_denied() {
    let gone = node(ServeOptions::default()).await;
    let url = gone.url();
    gone.stop().await;
    let matrix = walk_through_served(&["--pdp", &url], None).await;
    for (row, user, outcome) in matrix.cells() {
        // What no rule asks about, and the lists of what anybody may see, need no decision.
        let harmless = outcome.is_refusal() || matches!(outcome, Outcome::Listed(_));
        assert!(harmless, "{} for {user}: {outcome}", row.name);
    }
}
