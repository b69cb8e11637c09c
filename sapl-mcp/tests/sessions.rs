//! Sessions over real HTTP: each is its opener's, and to everybody else it is an unknown one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may end this way")]

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::Router;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CustomRequest, CustomResult, ServerCapabilities, ServerConfig},
    service::RequestContext,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use sapl_mcp::{BearerAuthLayer, Identity, StaticTokens, TokenError, TokenVerifier};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"c","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const REQUEST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"example/whoami","params":{}}"#;
const ASKING: &str = r#"{"jsonrpc":"2.0","id":2,"method":"example/roots","params":{}}"#;
const NOTIFICATION: &str = r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#;
const RESPONSE: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}"#;

/// No session has this id.
const NOBODYS: &str = "6b1f0c52-93ad-4c0e-8a5e-3f1d2b7c9e04";

/// Every kind of request that can name a session, with the status for an unknown one.
const KINDS: [(&str, &str, u16); 8] = [
    ("POST", REQUEST, 404),
    ("POST", NOTIFICATION, 404),
    ("POST", RESPONSE, 404),
    ("POST", INITIALIZE, 404),
    ("POST", "no JSON", 415),
    ("GET", "", 404),
    ("DELETE", "", 202),
    ("PUT", "", 405),
];

#[tokio::test]
async fn the_session_of_another_is_answered_as_an_unknown_one_byte_for_byte() {
    let server = Server::start().await;
    let maras = server.open("mara").await;
    for (method, body, status) in KINDS {
        // What rmcp itself answers, with no layer in front.
        let bare = server.bare(method, NOBODYS, body).await;
        assert_eq!(bare.status(), status, "{method} {body}: {bare:?}");
        let unknown = server.send("sam", method, &[NOBODYS], body).await;
        let foreign = server.send("sam", method, &[&maras], body).await;
        assert_eq!(unknown, bare, "{method} {body}");
        assert_eq!(foreign, bare, "{method} {body}");
        // Neither does it help to send two ids, nor one that is not text.
        for ids in [
            [&*maras, NOBODYS],
            [NOBODYS, &maras],
            [&maras, "\u{e9}"],
            [&maras, &maras],
        ] {
            let several = server.send("sam", method, &ids, body).await;
            assert_eq!(several, bare, "{method} {body} {ids:?}");
        }
        let odd = server.send("sam", method, &["\u{e9}"], body).await;
        assert_eq!(odd, bare, "{method} {body}");
    }
    // None of it touched the session.
    assert_eq!(server.whoami("mara", &maras).await, Some("mara".into()));
}

#[tokio::test]
async fn the_owner_uses_the_session_with_any_token_of_his_until_he_deletes_it() {
    let server = Server::start().await;
    let (maras, sams) = (server.open("mara").await, server.open("sam").await);
    assert_eq!(server.whoami("mara", &maras).await, Some("mara".into()));
    assert_eq!(server.whoami("mara-renewed", &maras).await, Some("mara".into()));
    assert_eq!(server.whoami("sam", &sams).await, Some("sam".into()));
    for stranger in ["sam", "mara-by-another-client", "mara-of-another-issuer"] {
        assert_eq!(server.whoami(stranger, &maras).await, None, "{stranger}");
    }
    let noted = server.send("mara", "POST", &[&maras], NOTIFICATION).await;
    assert_eq!(noted.status(), 202, "{noted:?}");
    let stream = server.open_stream("mara", "GET", &maras, "", "data:").await.1;
    assert!(stream.starts_with("HTTP/1.1 200 OK"), "{stream}");

    assert_eq!(server.send("mara", "DELETE", &[&maras], "").await.status(), 202);
    for (method, body, status) in KINDS {
        let gone = server.send("mara", method, &[&maras], body).await;
        assert_eq!(gone, server.bare(method, NOBODYS, body).await);
        assert_eq!(gone.status(), status);
    }
    assert_eq!(server.whoami("sam", &sams).await, Some("sam".into()));
}

#[tokio::test]
async fn a_delete_by_another_does_not_end_the_session() {
    let server = Server::start().await;
    let maras = server.open("mara").await;
    assert_eq!(server.send("sam", "DELETE", &[&maras], "").await.status(), 202);
    assert_eq!(server.whoami("mara", &maras).await, Some("mara".into()));
    assert_eq!(server.whoami("sam", &maras).await, None);
}

#[tokio::test]
async fn another_can_not_answer_what_the_server_asks_the_owner() {
    let server = Server::start().await;
    let maras = server.open("mara").await;
    let (mut stream, text) = server
        .open_stream("mara", "POST", &maras, ASKING, "roots/list")
        .await;
    let question = text.lines().rfind(|line| line.contains("roots/list")).unwrap();
    let question: Value = serde_json::from_str(question.strip_prefix("data: ").unwrap()).unwrap();
    let answer = |root: &str| {
        json!({"jsonrpc": "2.0", "id": question["id"], "result": {"roots": [{"uri": root}]}}).to_string()
    };
    let forged = server
        .send("sam", "POST", &[&maras], &answer("file:///sams"))
        .await;
    assert_eq!(forged.status(), 404, "{forged:?}");
    let given = server
        .send("mara", "POST", &[&maras], &answer("file:///maras"))
        .await;
    assert_eq!(given.status(), 202, "{given:?}");
    let result = read_until(&mut stream, "\"result\"").await;
    assert!(
        result.contains("file:///maras") && !result.contains("sams"),
        "{result}"
    );
}

#[tokio::test]
async fn a_session_that_was_not_opened_through_the_layer_is_unknown() {
    let server = Server::start().await;
    let opened = server.exchange(server.bare, "POST", "", INITIALIZE).await;
    let id = opened.session().unwrap();
    for (method, body, _) in KINDS {
        let restored = server.send("mara", method, &[&id], body).await;
        assert_eq!(
            restored,
            server.bare(method, NOBODYS, body).await,
            "{method} {body}"
        );
    }
}

#[tokio::test]
async fn without_a_session_id_the_server_answers_as_ever() {
    let server = Server::start().await;
    for (method, body) in [("POST", REQUEST), ("GET", ""), ("DELETE", "")] {
        let bare = server.exchange(server.bare, method, "", body).await;
        assert_eq!(server.send("mara", method, &[], body).await, bare);
        assert_eq!(bare.status(), 400, "{bare:?}");
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_token_has_expired() {
    let server = Server::start().await;
    let maras = server.open("mara").await;
    let (mut stream, text) = server
        .open_stream("mara-expiring", "GET", &maras, "", "\r\n\r\n")
        .await;
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    let mut all = text.into_bytes();
    timeout(Duration::from_secs(60), stream.read_to_end(&mut all))
        .await
        .unwrap()
        .unwrap();
    assert!(all.ends_with(b"\r\n0\r\n\r\n"), "{}", all.escape_ascii());
    assert_eq!(server.whoami("mara", &maras).await, Some("mara".into()));
}

/// Says who asks, and asks back.
#[derive(Clone)]
struct Mirror;

impl ServerHandler for Mirror {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::default())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if request.method == "example/roots" {
            #[expect(deprecated, reason = "any request of the server will do")]
            let roots = context.peer.list_roots().await.unwrap();
            return Ok(CustomResult::new(serde_json::to_value(roots).unwrap()));
        }
        let identity = Identity::from_context(&context).unwrap();
        Ok(CustomResult::new(
            json!({"whoami": identity.claims()["sub"].clone()}),
        ))
    }
}

/// A list of tokens, and one that has expired a moment ago but is let through as clocks may differ.
struct Tokens(StaticTokens);

impl TokenVerifier for Tokens {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        if token == "mara-expiring-token" {
            let expired = SystemTime::now() - Duration::from_millis(4500);
            let identity = Identity::new(token, claims("mara", "app", "idp"));
            return Ok(Arc::new(identity.with_expiry(expired)));
        }
        self.0.verify(token).await
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        // Some come the one way, some the other.
        self.0.known(token).filter(|_| token != "mara-renewed-token")
    }
}

fn claims(subject: &str, client: &str, issuer: &str) -> Value {
    json!({"iss": issuer, "sub": subject, "client_id": client})
}

/// The same MCP server with the layer in front and without.
struct Server {
    layered: SocketAddr,
    bare: SocketAddr,
}

impl Server {
    async fn start() -> Self {
        let mcp = StreamableHttpService::new(
            || Ok(Mirror),
            Arc::new(LocalSessionManager::default()),
            StreamableHttpServerConfig::default(),
        );
        let tokens = StaticTokens::new()
            .with("mara-token", claims("mara", "app", "idp"))
            .with("mara-renewed-token", claims("mara", "app", "idp"))
            .with("mara-by-another-client-token", claims("mara", "other", "idp"))
            .with("mara-of-another-issuer-token", claims("mara", "app", "other"))
            .with("sam-token", claims("sam", "app", "idp"));
        let app = Router::new().nest_service("/mcp", mcp);
        Self {
            layered: serve(app.clone().layer(BearerAuthLayer::new(Tokens(tokens)))).await,
            bare: serve(app).await,
        }
    }

    async fn open(&self, user: &str) -> String {
        let opened = self.send(user, "POST", &[], INITIALIZE).await;
        let id = opened.session().unwrap();
        let reply = self.send(user, "POST", &[&id], INITIALIZED).await;
        assert_eq!(reply.status(), 202, "{reply:?}");
        id
    }

    /// Whom the server sees in the session, if it can be used.
    async fn whoami(&self, user: &str, session: &str) -> Option<String> {
        let reply = self.send(user, "POST", &[session], REQUEST).await;
        if reply.status() == 404 {
            return None;
        }
        let (_, name) = reply
            .0
            .split_once(r#""whoami":""#)
            .unwrap_or_else(|| panic!("{reply:?}"));
        Some(name.split('"').next().unwrap().to_owned())
    }

    async fn send(&self, user: &str, method: &str, sessions: &[&str], body: &str) -> Reply {
        self.exchange(self.layered, method, &headers(user, sessions), body)
            .await
    }

    async fn bare(&self, method: &str, session: &str, body: &str) -> Reply {
        self.exchange(self.bare, method, &format!("Mcp-Session-Id: {session}\r\n"), body)
            .await
    }

    async fn exchange(&self, address: SocketAddr, method: &str, headers: &str, body: &str) -> Reply {
        let mut stream = ask(address, method, headers, body).await;
        let mut reply = Vec::new();
        timeout(Duration::from_secs(60), stream.read_to_end(&mut reply))
            .await
            .unwrap()
            .unwrap();
        let reply = String::from_utf8(reply).unwrap();
        let undated = reply.split("\r\n").filter(|line| !line.starts_with("date:"));
        Reply(undated.collect::<Vec<_>>().join("\r\n"))
    }

    /// The open response and its beginning, up to where it has `mark`.
    async fn open_stream(
        &self,
        user: &str,
        method: &str,
        session: &str,
        body: &str,
        mark: &str,
    ) -> (TcpStream, String) {
        let mut stream = ask(self.layered, method, &headers(user, &[session]), body).await;
        let text = read_until(&mut stream, mark).await;
        (stream, text)
    }
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn headers(user: &str, sessions: &[&str]) -> String {
    let sessions: String = sessions
        .iter()
        .map(|id| format!("Mcp-Session-Id: {id}\r\n"))
        .collect();
    format!("Authorization: Bearer {user}-token\r\n{sessions}")
}

async fn ask(address: SocketAddr, method: &str, headers: &str, body: &str) -> TcpStream {
    let version = if body == INITIALIZE {
        ""
    } else {
        "MCP-Protocol-Version: 2025-11-25\r\n"
    };
    let request = format!(
        "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n{version}{headers}\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn read_until(stream: &mut TcpStream, mark: &str) -> String {
    let mut text = String::new();
    while !text.contains(mark) || !text.ends_with('\n') {
        let mut part = [0; 4096];
        let length = timeout(Duration::from_secs(60), stream.read(&mut part))
            .await
            .unwrap()
            .unwrap();
        assert_ne!(length, 0, "the stream ended without {mark}: {text}");
        text.push_str(std::str::from_utf8(part.get(..length).unwrap()).unwrap());
    }
    text
}

/// All bytes of a response but for its date.
#[derive(Debug, PartialEq)]
struct Reply(String);

impl Reply {
    fn status(&self) -> u16 {
        self.0.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn session(&self) -> Option<String> {
        let id = self
            .0
            .split("\r\n")
            .find_map(|line| line.strip_prefix("mcp-session-id: "))?;
        Some(id.to_owned())
    }
}
