//! A person at a terminal.

mod prompt;

use std::{
    fmt,
    io::{self, BufRead, IsTerminal as _, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::BoxFuture;

use super::{Approval, ApprovalRequest, Approver};
use prompt::Prompt;

/// How much of an answer is read, in bytes. A longer line is no.
pub const MAX_ANSWER_BYTES: usize = 64;

const NOT_SHOWN: &str = "This call can't be shown in full, so nobody can agree to it. It is not made.\n\n";
const WITHDRAWN: &str = "The question was withdrawn meanwhile. The call is not made.\n\n";

/// Asks the person at the terminal.
///
/// The question shows the server, the tool, why the person is asked, what the annotations say, and the arguments, all of it
/// escaped so that nothing in it deceives. What can't be shown in full is refused without asking. Any answer but those that
/// the question names is no, and so is the end of the input. Where standard input and output are no terminal, nobody is
/// asked and everything is refused.
///
/// What was typed before the question came up is forgotten first, on Unix; elsewhere it counts as the answer. A question
/// that nobody waits for any more keeps the terminal until a line was typed, so that no answer goes to a later question.
///
/// ```
/// use sapl_mcp::client::TerminalApprover;
///
/// let approver = TerminalApprover::new();
/// ```
pub struct TerminalApprover {
    console: Arc<Mutex<Console>>,
}

enum Console {
    /// Standard input and output.
    Standard,
    Streams(Box<dyn BufRead + Send>, Box<dyn Write + Send>),
}

impl TerminalApprover {
    /// Asks on standard output, and reads from standard input.
    pub fn new() -> Self {
        Self::on(Console::Standard)
    }

    /// Asks on one stream, and reads from another. Whoever is at the other end is taken for the person.
    pub fn between(input: impl BufRead + Send + 'static, output: impl Write + Send + 'static) -> Self {
        Self::on(Console::Streams(Box::new(input), Box::new(output)))
    }

    fn on(console: Console) -> Self {
        Self {
            console: Arc::new(Mutex::new(console)),
        }
    }
}

impl Default for TerminalApprover {
    fn default() -> Self {
        Self::new()
    }
}

impl Approver for TerminalApprover {
    fn ask<'a>(&'a self, request: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
        let prompt = Prompt::of(request);
        let console = Arc::clone(&self.console);
        Box::pin(async move {
            let waiting = Waiting(Arc::new(AtomicBool::new(true)));
            let waits = Arc::clone(&waiting.0);
            let asked = tokio::task::spawn_blocking(move || {
                let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
                console.ask(&prompt, &waits)
            });
            asked.await.ok().and_then(Result::ok).unwrap_or(Approval::Denied)
        })
    }
}

/// Says whether somebody still waits for the answer.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Console {
    fn ask(&mut self, prompt: &Prompt, waits: &AtomicBool) -> io::Result<Approval> {
        match self {
            Self::Standard => {
                let (input, output) = (io::stdin(), io::stdout());
                if !input.is_terminal() || !output.is_terminal() {
                    return Ok(Approval::Denied);
                }
                forget_what_was_typed(&input);
                exchange(&mut input.lock(), &mut output.lock(), prompt, waits)
            }
            Self::Streams(input, output) => exchange(input, output, prompt, waits),
        }
    }
}

#[cfg(unix)]
fn forget_what_was_typed(input: &io::Stdin) {
    // Where it can't be done, the answer is read as it comes.
    let _ = rustix::termios::tcflush(input, rustix::termios::QueueSelector::IFlush);
}

#[cfg(not(unix))]
fn forget_what_was_typed(_: &io::Stdin) {}

/// One question and one line.
fn exchange(
    input: &mut (impl BufRead + ?Sized),
    output: &mut (impl Write + ?Sized),
    prompt: &Prompt,
    waits: &AtomicBool,
) -> io::Result<Approval> {
    if !waits.load(Ordering::Acquire) {
        return Ok(Approval::Denied);
    }
    output.write_all(prompt.text().as_bytes())?;
    if !prompt.is_whole() {
        output.write_all(NOT_SHOWN.as_bytes())?;
        output.flush()?;
        return Ok(Approval::Denied);
    }
    output.flush()?;
    let answer = read_line(input)?;
    output.write_all(b"\n")?;
    if !waits.load(Ordering::Acquire) {
        output.write_all(WITHDRAWN.as_bytes())?;
    }
    output.flush()?;
    Ok(answer.as_deref().map_or(Approval::Denied, prompt::meaning))
}

/// A line without its end. The whole line is taken, also where it is too long, so that its rest answers no later question.
/// `None` when it is too long, when the input has ended before its end, and when it is no text.
fn read_line(input: &mut (impl BufRead + ?Sized)) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let read = input.fill_buf()?;
        if read.is_empty() {
            return Ok(None);
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(read.len(), |end| end + 1);
        let room = (MAX_ANSWER_BYTES + 2).saturating_sub(line.len());
        line.extend(read.iter().take(taken.min(room)));
        input.consume(taken);
        if end.is_some() {
            break;
        }
    }
    let Some(line) = line.strip_suffix(b"\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(line).ok();
    let short = text.filter(|text| text.len() <= MAX_ANSWER_BYTES);
    Ok(short.map(str::to_owned))
}

impl fmt::Debug for TerminalApprover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalApprover").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
