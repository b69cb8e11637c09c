//! A connection that writes down what is said on it.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use sapl_mcp_tests::{Recording, Step};

/// How long anything that is waited for may take: more than two keep-alives.
const PATIENCE: Duration = Duration::from_secs(40);

/// A connection to the node. A thread of its own reads, so that several can be listened to at once.
pub(crate) struct Connection {
    stream: TcpStream,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    title: String,
}

struct Heard {
    steps: Vec<Step>,
    last: Instant,
}

impl Connection {
    pub(crate) fn open(address: &str, title: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the node listens");
        stream.set_nodelay(true).expect("a socket without delay");
        let heard = Arc::new((
            Mutex::new(Heard {
                steps: Vec::new(),
                last: Instant::now(),
            }),
            Condvar::new(),
        ));
        let (reader, hearing) = (stream.try_clone().expect("a second handle"), Arc::clone(&heard));
        thread::spawn(move || listen(reader, &hearing));
        Self {
            stream,
            heard,
            title: title.to_owned(),
        }
    }

    pub(crate) fn send(&self, bytes: &[u8]) {
        self.add(Step::Sent(bytes.to_vec()));
        (&self.stream).write_all(bytes).expect("the node reads");
    }

    /// Notes that something happened.
    pub(crate) fn note(&self, event: &str) {
        self.add(Step::Event(event.to_owned()));
    }

    /// Waits until what was received satisfies `enough`.
    pub(crate) fn wait(&self, what: &str, enough: impl Fn(&[u8]) -> bool) {
        self.wait_for(what, |steps| enough(&received(steps)));
    }

    pub(crate) fn has_received(&self, text: &str) -> bool {
        let heard = self.heard.0.lock().expect("no reader panicked");
        String::from_utf8_lossy(&received(&heard.steps)).contains(text)
    }

    /// Waits until `text` was received so many times.
    pub(crate) fn wait_times(&self, text: &str, times: usize) {
        self.wait(&format!("{times} times {text:?}"), |received| {
            String::from_utf8_lossy(received).matches(text).count() >= times
        });
    }

    pub(crate) fn wait_closed(&self) {
        self.wait_for("the end", |steps| steps.last() == Some(&Step::Closed));
    }

    /// What was said.
    pub(crate) fn recording(&self) -> Recording {
        let heard = self.heard.0.lock().expect("no reader panicked");
        Recording {
            title: self.title.clone(),
            steps: heard.steps.clone(),
        }
    }

    fn add(&self, step: Step) {
        let mut heard = self.heard.0.lock().expect("no reader panicked");
        heard.steps.push(step);
        heard.last = Instant::now();
    }

    fn wait_for(&self, what: &str, enough: impl Fn(&[Step]) -> bool) {
        let (heard, changed) = &*self.heard;
        let guard = heard.lock().expect("no reader panicked");
        let (heard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |heard| !enough(&heard.steps))
            .expect("no reader panicked");
        assert!(enough(&heard.steps), "{}: waited in vain for {what}", self.title);
    }
}

fn received(steps: &[Step]) -> Vec<u8> {
    let reads = steps.iter().filter_map(|step| match step {
        Step::Received { bytes, .. } => Some(bytes.as_slice()),
        _ => None,
    });
    reads.collect::<Vec<_>>().concat()
}

/// Adds what is read, until nothing more comes.
fn listen(mut reader: TcpStream, heard: &(Mutex<Heard>, Condvar)) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = match reader.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return,
            Ok(read) => read,
        };
        let mut guard = heard.0.lock().expect("no writer panicked");
        let after = to_tenths(guard.last.elapsed());
        guard.steps.push(match buffer.get(..read) {
            None | Some([]) => Step::Closed,
            Some(bytes) => Step::Received {
                after,
                bytes: bytes.to_vec(),
            },
        });
        guard.last = Instant::now();
        drop(guard);
        heard.1.notify_all();
        if read == 0 {
            return;
        }
    }
}

fn to_tenths(pause: Duration) -> Duration {
    let tenths = (pause.as_millis() + 50) / 100;
    Duration::from_millis(100) * u32::try_from(tenths).unwrap_or(u32::MAX)
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Wakes the reader up, so that its thread ends.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}
