//! What the client makes of what a real node said, whatever pieces it arrives in.

mod once;
mod refused;
mod streams;

use std::{fs, path::PathBuf};

use sapl_base::{
    AuthorizationDecision, PolicyDecisionPoint as _,
    http::{HttpPdp, PdpConfig},
};
use sapl_mcp_tests::{Heard, Pieces, Question, Recording, Replay};
use serde_json::Value;

/// The names of all recordings.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names = entries.filter_map(|name| Some(name.to_str()?.strip_suffix(".txt")?.to_owned()));
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/node"))
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name).with_extension("txt")).unwrap()
}

fn recording(name: &str) -> Recording {
    Recording::read(&text(name)).unwrap()
}

/// A node that says what was recorded, and a client of it.
struct Scene {
    recording: Recording,
    node: Replay,
    pdp: HttpPdp,
}

impl Scene {
    async fn of(name: &str, pieces: Pieces) -> Self {
        let recording = recording(name);
        let node = Replay::start(recording.clone(), pieces).await;
        let config = PdpConfig::new(node.url()).allow_insecure_connections(true);
        Self {
            recording,
            node,
            pdp: HttpPdp::new(config).unwrap(),
        }
    }

    /// Asks several questions at once and checks that each is INDETERMINATE.
    async fn assert_nothing_is_decided(&self, why: &str) {
        let questions = Question::multi_subscription();
        let decided = self.pdp.multi_decide_all_once(&questions).await;
        for question in Question::MULTI {
            let decision = decided.decision(question.id());
            assert_eq!(
                *decision,
                AuthorizationDecision::indeterminate(),
                "{question:?}, {why}"
            );
        }
    }

    /// Checks that the client sent what the recorder did, as far as that matters to a node.
    fn assert_asked_as_recorded(&self, why: &str) {
        let (ours, recorded) = (self.node.requests(), Heard::all_of(&self.recording.sent()));
        assert_eq!(ours.len(), recorded.len(), "{why}: {ours:#?}");
        for (ours, recorded) in ours.iter().zip(&recorded) {
            assert_eq!(ours.line(), recorded.line(), "{why}");
            assert_eq!(ours.header("content-type"), Some("application/json"), "{why}");
            assert_eq!(json(&ours.body), json(&recorded.body), "{why}");
            assert_eq!(ours.header("authorization"), None, "{why}");
        }
    }
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap()
}

#[test]
fn every_recording_reads_and_writes_the_same() {
    for name in names() {
        assert_eq!(recording(&name).to_string(), text(&name), "{name}");
    }
}

#[test]
fn every_recording_is_played_back_by_a_test() {
    let played = [once::PLAYED, refused::PLAYED, streams::PLAYED].concat();
    for name in names() {
        assert!(played.contains(&name.as_str()), "nobody plays {name}");
    }
    assert_eq!(names().len(), played.len());
}
