//! Asks the other engine.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

/// A command that reads questions, one a line, and writes them back with their answers, in order.
pub(crate) struct Reference {
    command: String,
    /// Kept from batch to batch when it answers as it reads.
    running: Option<Running>,
    streams: bool,
}

struct Running {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Reference {
    /// `streams` says that the command answers a line when it has read it; else it may read all of them first.
    pub(crate) const fn new(command: String, streams: bool) -> Self {
        Self {
            command,
            running: None,
            streams,
        }
    }

    /// The answers to these lines; none for those that the command did not answer.
    pub(crate) fn ask(&mut self, lines: &[String]) -> Result<Vec<Option<String>>, String> {
        let mut answers = Vec::with_capacity(lines.len());
        while let Some(rest) = lines.get(answers.len()..).filter(|rest| !rest.is_empty()) {
            let answered = self.ask_once(rest)?;
            if answered.len() < rest.len() {
                // It died of the question behind the last answer; the others are asked again.
                self.running = None;
                answers.extend(answered.into_iter().map(Some));
                answers.push(None);
            } else {
                answers.extend(answered.into_iter().map(Some));
            }
        }
        Ok(answers)
    }

    /// The same of a command that was asked nothing before.
    pub(crate) fn ask_anew(&mut self, lines: &[String]) -> Result<Vec<Option<String>>, String> {
        if let Some(mut running) = self.running.take() {
            drop(running.questions.take());
            running.child.wait().map_err(|error| error.to_string())?;
        }
        self.ask(lines)
    }

    fn ask_once(&mut self, lines: &[String]) -> Result<Vec<String>, String> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let questions = running.questions.take();
        let streams = self.streams;
        let (answers, questions) = thread::scope(|scope| {
            let writer = scope.spawn(move || write(questions?, lines, streams));
            let mut answers = Vec::with_capacity(lines.len());
            let mut line = String::new();
            while answers.len() < lines.len()
                && running.answers.read_line(&mut line).is_ok_and(|read| read > 0)
            {
                answers.push(std::mem::take(&mut line));
            }
            (answers, writer.join().ok().flatten())
        });
        if questions.is_some() && answers.len() == lines.len() {
            running.questions = questions;
            self.running = Some(running);
        } else {
            running.child.wait().map_err(|error| error.to_string())?;
        }
        Ok(answers)
    }

    fn start(&self) -> Result<Running, String> {
        let mut child = Command::new("sh")
            .args(["-c", &self.command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{}`: {error}", self.command))?;
        let questions = child.stdin.take();
        match child.stdout.take() {
            Some(answers) => Ok(Running {
                child,
                questions,
                answers: BufReader::new(answers),
            }),
            None => Err(format!("`{}` has no output", self.command)),
        }
    }
}

/// Gives the input back when there will be more. A command that died is noticed by its missing answers.
fn write(mut questions: ChildStdin, lines: &[String], streams: bool) -> Option<ChildStdin> {
    for line in lines {
        questions.write_all(line.as_bytes()).ok()?;
        questions.write_all(b"\n").ok()?;
    }
    questions.flush().ok()?;
    streams.then_some(questions)
}
