//! A client that shows every byte of a response.

mod opened;

use std::{fmt, net::SocketAddr};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{Revision, token};
pub use opened::Opened;

/// Where requests go to.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    pub(crate) address: SocketAddr,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    revision: Revision,
    authorization: Option<String>,
    method: String,
    params: Option<Value>,
    headers: Vec<(String, String)>,
    session: Option<String>,
    forms: bool,
}

/// A response: all of its head but the date, and the body as it was sent, chunks included.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body as it was sent.
    pub body: String,
}

impl Ask {
    /// A request of `user` in this revision.
    #[must_use]
    pub fn new(revision: Revision, user: &str, method: &str, params: Value) -> Self {
        Self {
            revision,
            authorization: Some(format!("Bearer {}", token(user))),
            method: method.to_owned(),
            params: Some(params),
            headers: Vec::new(),
            session: None,
            forms: false,
        }
    }

    /// Without a token.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.authorization = None;
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Of a client that can show forms to its user.
    #[must_use]
    pub fn showing_forms(mut self) -> Self {
        self.forms = true;
        self
    }

    /// Within a session.
    #[must_use]
    pub fn session(mut self, id: &str) -> Self {
        self.session = Some(id.to_owned());
        self
    }

    /// The body as it is sent.
    fn body(&self) -> String {
        let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": self.method});
        if let Some(params) = &self.params {
            let mut params = params.clone();
            if let (Revision::July2026, Value::Object(params)) = (self.revision, &mut params) {
                let meta = params.entry("_meta").or_insert_with(|| json!({}));
                if let Value::Object(meta) = meta {
                    let mut add = |key: &str, value: Value| {
                        meta.insert(format!("io.modelcontextprotocol/{key}"), value)
                    };
                    add("protocolVersion", self.revision.as_str().into());
                    add("clientInfo", json!({"name": "wire", "version": "1"}));
                    add("clientCapabilities", capabilities(self.forms));
                }
            }
            message["params"] = params;
        }
        message.to_string()
    }

    fn head(&self, length: usize) -> String {
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, \
             text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             MCP-Protocol-Version: {}\r\n",
            self.revision.as_str()
        );
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if let Some(authorization) = &self.authorization {
            add("Authorization", authorization);
        }
        if let Some(session) = &self.session {
            add("Mcp-Session-Id", session);
        }
        if self.revision == Revision::July2026 {
            add("Mcp-Method", &self.method);
            let params = self.params.as_ref();
            let name = ["name", "uri", "taskId"].iter().find_map(|key| params?.get(key));
            if let Some(name) = name.and_then(Value::as_str) {
                add("Mcp-Name", name);
            }
        }
        for (name, value) in &self.headers {
            add(name, value);
        }
        head
    }
}

impl Wire {
    /// The way to a server at this address.
    #[must_use]
    pub const fn to(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Where it leads.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        self.address
    }

    /// Sends a request and reads all of the response.
    ///
    /// # Panics
    /// When the server can't be reached or does not speak HTTP.
    pub async fn ask(&self, ask: &Ask) -> Reply {
        let body = ask.body();
        self.send(&ask.head(body.len()), &body).await
    }

    /// Sends this head and body.
    ///
    /// # Panics
    /// As [`ask`](Self::ask).
    pub async fn send(&self, head: &str, body: &str) -> Reply {
        self.send_only(head, body).await.rest().await
    }

    /// Sends a request whose response may never end.
    ///
    /// # Panics
    /// As [`ask`](Self::ask).
    pub async fn open_stream(&self, ask: &Ask) -> Opened {
        let body = ask.body();
        self.send_only(&ask.head(body.len()), &body).await
    }

    async fn send_only(&self, head: &str, body: &str) -> Opened {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        let request = format!("{head}\r\n{body}");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("the server reads");
        Opened::new(stream)
    }

    /// Opens a session for `user`, and gives its id.
    ///
    /// # Panics
    /// When there are no sessions.
    pub async fn open(&self, user: &str, revision: Revision) -> String {
        self.open_with(user, revision, false).await
    }

    /// The same for a client that can show forms to its user.
    ///
    /// # Panics
    /// When there are no sessions.
    pub async fn open_showing_forms(&self, user: &str, revision: Revision) -> String {
        self.open_with(user, revision, true).await
    }

    async fn open_with(&self, user: &str, revision: Revision, forms: bool) -> String {
        let params = json!({
            "protocolVersion": revision.as_str(),
            "capabilities": capabilities(forms),
            "clientInfo": {"name": "wire", "version": "1"},
        });
        let reply = self.ask(&Ask::new(revision, user, "initialize", params)).await;
        let id = reply.header("mcp-session-id").expect("a session id").to_owned();
        let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let reply = self.post(user, revision, &id, &initialized).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        id
    }

    /// Sends a message within a session, as an answer to the server.
    ///
    /// # Panics
    /// As [`ask`](Self::ask).
    pub async fn post(&self, user: &str, revision: Revision, session: &str, message: &Value) -> Reply {
        let ask = Ask::new(revision, user, "", json!({})).session(session);
        let body = message.to_string();
        self.send(&ask.head(body.len()), &body).await
    }

    /// Ends a session.
    ///
    /// # Panics
    /// As [`ask`](Self::ask).
    pub async fn end(&self, user: &str, revision: Revision, session: &str) -> Reply {
        let ask = Ask::new(revision, user, "", json!({})).session(session);
        self.send(&ask.head(0).replacen("POST", "DELETE", 1), "").await
    }
}

/// What the client can do: tasks.
fn capabilities(forms: bool) -> Value {
    let mut capabilities = json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
    if forms {
        capabilities["elicitation"] = json!({"form": {}});
    }
    capabilities
}

impl Reply {
    fn read(response: &str) -> Self {
        let (head, body) = response.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let kept = head
            .split("\r\n")
            .filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        Self {
            status,
            head: kept.collect::<Vec<_>>().join("\n"),
            body: body.to_owned(),
        }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The same response for another name: this one is replaced by another everywhere.
    #[must_use]
    pub fn naming(&self, name: &str, other: &str) -> Self {
        let replaced = |text: &str| text.replace(name, other);
        Self {
            status: self.status,
            head: replaced(&self.head),
            body: replaced(&self.body),
        }
    }

    /// The JSON-RPC message in the body, be it JSON or an event.
    ///
    /// # Panics
    /// When there is none.
    pub fn message(&self) -> Value {
        let lines = self
            .body
            .lines()
            .map(|line| line.strip_prefix("data: ").unwrap_or(line));
        lines
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|value| value.get("jsonrpc").is_some())
            .unwrap_or_else(|| panic!("no message: {self:?}"))
    }

    /// The result.
    ///
    /// # Panics
    /// When there is none.
    pub fn result(&self) -> Value {
        self.message()
            .get("result")
            .cloned()
            .unwrap_or_else(|| panic!("no result: {self:?}"))
    }

    /// The error.
    ///
    /// # Panics
    /// When there is none.
    pub fn error(&self) -> Value {
        self.message()
            .get("error")
            .cloned()
            .unwrap_or_else(|| panic!("no error: {self:?}"))
    }

    /// Whether any byte of it says so.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.head.contains(text) || self.body.contains(text)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.head, self.body)
    }
}
