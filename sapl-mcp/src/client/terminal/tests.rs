use std::{
    io::{BufReader, Cursor, Read},
    sync::mpsc,
};

use serde_json::{Value, json};

use super::*;
use crate::client::{approver::Question, digest::Digest, request::tests::request};

fn asked(tool: &str, arguments: Value) -> ApprovalRequest {
    let request = request(tool, arguments);
    ApprovalRequest {
        inner: Arc::new(Question {
            arguments: (*request.arguments).clone(),
            request,
            reason: "no rule is about this call".to_owned(),
            told: None,
            redefined: false,
            definition: Digest::of(&[]),
            arguments_digest: Digest::of(&[]),
            since: None,
            revision: 0,
            round: None,
        }),
    }
}

/// A writer that others can read.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn answered(typed: impl Into<Vec<u8>>) -> Approval {
    let approver = TerminalApprover::between(Cursor::new(typed.into()), Screen::default());
    approver.ask(&asked("write_file", json!({"path": "a"}))).await
}

#[tokio::test]
async fn only_the_answers_that_the_question_names_are_a_yes() {
    for (typed, approval) in [
        ("once\n", Approval::Once),
        ("O\r\n", Approval::Once),
        ("  arguments \n", Approval::Arguments),
        ("a\n", Approval::Arguments),
        ("tool\n", Approval::Tool),
        ("t\n", Approval::Tool),
        ("Session\n", Approval::Session),
        ("s\n", Approval::Session),
        ("no\n", Approval::Denied),
        ("\n", Approval::Denied),
        ("y\n", Approval::Denied),
        ("yes\n", Approval::Denied),
        ("once more\n", Approval::Denied),
        ("", Approval::Denied),
        ("once", Approval::Denied),
    ] {
        assert_eq!(answered(typed).await, approval, "{typed:?}");
    }
    assert_eq!(answered(b"once\xff\n").await, Approval::Denied);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_no_and_its_rest_answers_nothing_else() {
    let padded = |length: usize| format!("once{}\n", " ".repeat(length - 4));
    assert_eq!(answered(padded(MAX_ANSWER_BYTES)).await, Approval::Once);
    assert_eq!(answered(padded(MAX_ANSWER_BYTES + 1)).await, Approval::Denied);

    let typed = format!("{}once\ntool\n", "x".repeat(MAX_ANSWER_BYTES));
    // A buffer that is smaller than a line, so that lines come in pieces.
    let input = BufReader::with_capacity(7, Cursor::new(typed));
    let approver = TerminalApprover::between(input, Screen::default());
    let question = asked("write_file", json!({}));
    assert_eq!(approver.ask(&question).await, Approval::Denied);
    assert_eq!(approver.ask(&question).await, Approval::Tool);
}

#[tokio::test]
async fn the_question_shows_everything_and_nothing_in_it_deceives() {
    let screen = Screen::default();
    let approver = TerminalApprover::between(Cursor::new("no\n"), screen.clone());
    let arguments = json!({"path": "a\u{1b}[2J\nYour answer: once", "n": 1});
    approver.ask(&asked("write\u{202e}_file", arguments)).await;
    assert_eq!(
        screen.text(),
        r#"A tool is to be called. Do you agree?

Server:
    "files"

Tool:
    "write\u{202e}_file"

Why you are asked:
    "no rule is about this call"

Arguments:
    {
      "n": 1,
      "path": "a\u{1b}[2J\nYour answer: once"
    }

The server says that it may delete or overwrite, does more when it is called again, and deals with others outside.

  once       this call
  arguments  calls of this tool with these arguments
  tool       calls of this tool
  session    calls of every tool that this server lists now
  no         (anything else is no)

Your answer: 
"#
    );
}

#[tokio::test]
async fn a_definition_that_has_changed_is_pointed_out() {
    let screen = Screen::default();
    let approver = TerminalApprover::between(Cursor::new("no\n"), screen.clone());
    let mut question = asked("write_file", json!({}));
    Arc::get_mut(&mut question.inner).unwrap().redefined = true;
    approver.ask(&question).await;
    assert!(
        screen.text().contains("\nTHE TOOL IS NOT WHAT IT WAS"),
        "{}",
        screen.text()
    );
}

#[tokio::test]
async fn what_cannot_be_shown_in_full_is_refused_without_asking() {
    let screen = Screen::default();
    let approver = TerminalApprover::between(Cursor::new("once\nonce\n"), screen.clone());
    let long = "x".repeat(crate::MAX_SHOWN_STRING_CHARS + 1);
    assert_eq!(
        approver.ask(&asked("write_file", json!({"text": long}))).await,
        Approval::Denied
    );
    assert!(screen.text().ends_with(NOT_SHOWN));
    assert!(!screen.text().contains("Your answer"));
    assert_eq!(
        approver.ask(&asked("write_file", json!({}))).await,
        Approval::Once
    );
}

/// Input that comes when it is sent.
struct Typing(mpsc::Receiver<&'static str>);

impl Read for Typing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let typed = self.0.recv().unwrap_or_default();
        buffer[..typed.len()].copy_from_slice(typed.as_bytes());
        Ok(typed.len())
    }
}

#[tokio::test]
async fn the_answer_to_a_question_that_was_withdrawn_goes_to_no_other() {
    let (keys, typing) = mpsc::channel();
    let screen = Screen::default();
    let approver = TerminalApprover::between(BufReader::new(Typing(typing)), screen.clone());
    let first = asked("first", json!({}));
    let mut asking = approver.ask(&first);
    assert!(futures_util::poll!(&mut asking).is_pending());
    while !screen.text().contains("Your answer") {
        tokio::task::yield_now().await;
    }
    drop(asking);

    let second = asked("second", json!({}));
    let mut asking = approver.ask(&second);
    assert!(futures_util::poll!(&mut asking).is_pending());
    assert!(
        !screen.text().contains("second"),
        "the first one has the terminal"
    );
    keys.send("session\n").unwrap();
    keys.send("once\n").unwrap();
    assert_eq!(asking.await, Approval::Once);
    assert!(screen.text().contains(WITHDRAWN));
}
