//! A node that says what one has said before.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::{Recording, Step};

/// A server on loopback that answers every connection with what was recorded on one. It stops when it is dropped.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Heard>>>,
    task: JoinHandle<()>,
}

/// How the bytes are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// As they were read.
    AsRecorded,
    /// Into pieces of so many bytes.
    Of(usize),
    /// Not at all: all answers to a request in one piece.
    Whole,
}

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The number of the connection that it came on, from 0.
    pub connection: usize,
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Pieces {
    /// Ways to cut that are worth a try.
    pub const ALL: [Self; 5] = [
        Self::AsRecorded,
        Self::Of(1),
        Self::Of(7),
        Self::Of(1_000),
        Self::Whole,
    ];
}

impl Replay {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start(recording: Recording, pieces: Pieces) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            let recording = Arc::new(recording);
            // All connections end with the server.
            let mut connections = JoinSet::new();
            for number in 0.. {
                let (stream, _) = listener.accept().await.expect("a connection");
                stream.set_nodelay(true).expect("a socket without delay");
                let (recording, heard) = (Arc::clone(&recording), Arc::clone(&heard));
                connections.spawn(async move { answer(stream, number, &recording, pieces, &heard).await });
            }
        });
        Self {
            address,
            requests,
            task,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    ///
    /// # Panics
    /// Never: nobody panics while adding one.
    #[must_use]
    pub fn requests(&self) -> Vec<Heard> {
        self.requests.lock().expect("no panic meanwhile").clone()
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Heard {
    /// Splits what was sent on a connection into requests.
    ///
    /// # Panics
    /// When it is not made of whole requests.
    #[must_use]
    pub fn all_of(mut sent: &[u8]) -> Vec<Self> {
        let mut all = Vec::new();
        while !sent.is_empty() {
            let (request, length) = Self::parse(sent, 0).expect("a whole request");
            all.push(request);
            sent = &sent[length..];
        }
        all
    }

    /// The request line.
    #[must_use]
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The first request in `bytes` and its length, if it is there whole.
    fn parse(bytes: &[u8], connection: usize) -> Option<(Self, usize)> {
        const END: &[u8] = b"\r\n\r\n";
        let head = bytes.windows(END.len()).position(|window| window == END)?;
        let start = head + END.len();
        let mut request = Self {
            connection,
            head: String::from_utf8(bytes[..head].to_vec()).expect("a head of text"),
            body: Vec::new(),
        };
        let length = request
            .header("content-length")
            .map_or(0, |length| length.parse::<usize>().expect("a length"));
        request.body = bytes.get(start..start + length)?.to_vec();
        Some((request, start + length))
    }
}

/// Says the recorded part after each request; keeps listening as long as the node did.
async fn answer(
    mut stream: TcpStream,
    connection: usize,
    recording: &Recording,
    pieces: Pieces,
    requests: &Mutex<Vec<Heard>>,
) {
    let mut received = Vec::new();
    for answers in recording
        .steps
        .split(|step| matches!(step, Step::Sent(_)))
        .skip(1)
    {
        let Some(request) = next_request(&mut stream, &mut received, connection).await else {
            return;
        };
        requests.lock().expect("no panic meanwhile").push(request);
        for piece in cut(answers, pieces) {
            // A client that has heard enough hangs up.
            if stream.write_all(&piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
    if recording.is_closed() {
        let _ = stream.shutdown().await;
    }
    while let Some(request) = next_request(&mut stream, &mut received, connection).await {
        requests.lock().expect("no panic meanwhile").push(request);
    }
}

fn cut(answers: &[Step], pieces: Pieces) -> Vec<Vec<u8>> {
    let reads: Vec<&[u8]> = answers
        .iter()
        .filter_map(|step| match step {
            Step::Received { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
        .collect();
    match pieces {
        Pieces::AsRecorded => reads.iter().map(|read| read.to_vec()).collect(),
        Pieces::Of(length) => reads.concat().chunks(length).map(<[u8]>::to_vec).collect(),
        Pieces::Whole => vec![reads.concat()],
    }
}

/// Reads until a request is there whole; none when the client hangs up.
async fn next_request(stream: &mut TcpStream, received: &mut Vec<u8>, connection: usize) -> Option<Heard> {
    loop {
        if let Some((request, length)) = Heard::parse(received, connection) {
            received.drain(..length);
            return Some(request);
        }
        if stream.read_buf(received).await.ok()? == 0 {
            return None;
        }
    }
}
