//! Sessions at a terminal, as they are recorded in the documentation.

use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead, Read, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use sapl_mcp::client::TerminalApprover;
use sapl_mcp_examples::executor::{Example, execute};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/people-in-the-loop.md");

/// Set, the sessions in the document are written anew.
const UPDATE: &str = "UPDATE_DOCS";

/// All that a terminal shows, when a person types these lines.
pub(crate) async fn session(example: Example, typed: &[&str]) -> String {
    let screen = Screen::default();
    let keyboard = Keyboard {
        lines: typed.iter().map(|line| format!("{line}\n")).collect(),
        line: Vec::new(),
        screen: screen.clone(),
    };
    let person = TerminalApprover::between(keyboard, screen.clone());
    execute(example, None, |guard| guard.approver(person), &mut screen.clone())
        .await
        .unwrap();
    let shown = screen.0.lock().unwrap();
    String::from_utf8(shown.clone()).unwrap()
}

/// Compares the sessions in the document with these, by the names of their examples.
pub(crate) fn document(sessions: &[(&str, String)]) {
    let path = Path::new(DOCUMENT);
    let mut text = fs::read_to_string(path).unwrap();
    for (name, session) in sessions {
        let begin = format!("<!-- session: {name} -->\n");
        let end = "<!-- end of session -->\n";
        let (before, rest) = text.split_once(&begin).unwrap();
        let (recorded, behind) = rest.split_once(end).unwrap();
        let block = format!("```text\n$ cargo run -p sapl-mcp-examples --example {name}\n{session}```\n");
        if std::env::var_os(UPDATE).is_some() {
            text = format!("{before}{begin}{block}{end}{behind}");
        } else {
            assert_eq!(recorded, block, "write it anew with {UPDATE}=1");
        }
    }
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path, text).unwrap();
    }
}

/// What the executor and the person write, in one place.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lines that are typed, and shown as a terminal shows them.
struct Keyboard {
    lines: VecDeque<String>,
    line: Vec<u8>,
    screen: Screen,
}

impl BufRead for Keyboard {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.line.is_empty()
            && let Some(line) = self.lines.pop_front()
        {
            self.screen.write_all(line.as_bytes())?;
            self.line = line.into_bytes();
        }
        Ok(&self.line)
    }

    fn consume(&mut self, count: usize) {
        self.line.drain(..count);
    }
}

impl Read for Keyboard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
