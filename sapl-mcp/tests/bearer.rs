//! Bearer tokens over real HTTP: what reaches the server, what is answered, and what the log gets to see.

#![cfg(feature = "jwt")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may end this way")]

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt::{self, Write as _},
    net::SocketAddr,
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{Router, body::Body, extract::Request, response::IntoResponse, routing::any};
use http_body_util::BodyExt as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto::sign, encode};
use rmcp::{
    RoleServer, ServerHandler,
    model::{ServerCapabilities, ServerConfig},
    service::RequestContext,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use sapl_mcp::{
    BearerAuthLayer, CLOCK_LEEWAY, Identity, JwtVerifier, MAX_TOKEN_BYTES, StaticTokens, TokenError,
    TokenVerifier,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

// Keys for these tests alone; their private halves are public.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2b0l4WUmwfp9HN8K
Tjg4D3Q5QfqLnCJj5sBX/o40mHehRANCAASfymdRoX3fG/h6/zQFxS8NpAs93BiS
TZnM50Lxicn39ceuCpSSokTbxsnDqkZlPZOeJv6G0cNE/gKmkc6lTkAi
-----END PRIVATE KEY-----";
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn8pnUaF93xv4ev80BcUvDaQLPdwY
kk2ZzOdC8YnJ9/XHrgqUkqJE28bJw6pGZT2Tnib+htHDRP4CppHOpU5AIg==
-----END PUBLIC KEY-----";
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYXe9QbCm2zbwbyYh
mGrmKnvwO0rwKr0JjsE21eOvAZKhRANCAAT5574PqHnOYSKq544p/0dNR/SJbHm0
JIb+V1nKaE8AJEyUX8uKrGoJvj8FOSKLyYHaHhrxnim6wFeI+N85BMRl
-----END PRIVATE KEY-----";

const ISSUER: &str = "https://idp.example.test";
const AUDIENCE: &str = "sapl-mcp-demo";

const NO_TOKEN: &str =
    r#"Bearer resource_metadata="https://analytics.example/.well-known/oauth-protected-resource/mcp""#;
const INVALID_TOKEN: &str = r#"Bearer error="invalid_token", error_description="the access token is not valid", resource_metadata="https://analytics.example/.well-known/oauth-protected-resource/mcp""#;

#[tokio::test]
async fn a_good_token_reaches_the_server_with_its_claims_and_the_body_untouched() {
    let server = Server::with_jwt().await;
    let body = "bytes \0 of any kind";
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let header = format!("Authorization: {scheme} {}", token(&claims()));
        let reply = server
            .send("POST", "/mcp", &[header.as_bytes()], body.as_bytes())
            .await;
        assert_eq!(
            (reply.status, &*reply.body),
            (200, &*format!("mara|{body}")),
            "{scheme}"
        );
    }
    assert_eq!(server.served(), 3);
}

#[tokio::test]
async fn no_other_request_reaches_the_server() {
    let server = Server::with_jwt().await;
    let good = token(&claims());
    let now = now();
    let claim = |name: &str, value: Value| {
        format!("Authorization: Bearer {}", token(&with(name, value))).into_bytes()
    };
    let text = |text: &str| vec![text.as_bytes().to_vec()];
    let bearer = |token: &str| text(&format!("Authorization: Bearer {token}"));
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let leeway = CLOCK_LEEWAY.as_secs();

    let no_token = [
        ("no header", vec![]),
        ("an empty header", text("Authorization:")),
        ("white space alone", text("Authorization:   \t ")),
        ("another scheme", text("Authorization: Basic bWFyYTpzZWNyZXQ=")),
        (
            "a token without a scheme",
            text(&format!("Authorization: {good}")),
        ),
        (
            "a scheme that goes on",
            text(&format!("Authorization: Bearerx {good}")),
        ),
        ("another header", text(&format!("X-Authorization: Bearer {good}"))),
        (
            "a proxy's header",
            text(&format!("Proxy-Authorization: Bearer {good}")),
        ),
        ("a cookie", text(&format!("Cookie: access_token={good}"))),
    ];
    let invalid = [
        ("no token", text("Authorization: Bearer")),
        ("spaces for a token", text("Authorization: Bearer   ")),
        ("a tab", text(&format!("Authorization: Bearer\t{good}"))),
        ("two tokens", bearer(&format!("{good} {good}"))),
        ("two tokens with a comma", bearer(&format!("{good}, {good}"))),
        ("a quoted token", bearer(&format!("\"{good}\""))),
        ("two headers", [bearer(&good), bearer(&good)].concat()),
        (
            "two headers, the first of another scheme",
            [text("Authorization: Basic eA=="), bearer(&good)].concat(),
        ),
        (
            "two headers, the first empty",
            [text("Authorization:"), bearer(&good)].concat(),
        ),
        ("unicode", bearer(&format!("{good}ü"))),
        (
            "no UTF-8",
            vec![[b"Authorization: Bearer ", good.as_bytes(), b"\xff\xfe"].concat()],
        ),
        ("a token past the limit", bearer(&"a".repeat(MAX_TOKEN_BYTES + 1))),
        ("a bad token at the limit", bearer(&"a".repeat(MAX_TOKEN_BYTES))),
        ("no token of ours", bearer("mara")),
        ("base64 of nothing sensible", bearer("!!!.???.***")),
        ("two parts", bearer(message)),
        ("a dot behind", bearer(&format!("{good}."))),
        ("no signature", bearer(&format!("{message}."))),
        ("another key", bearer(&token_by(OTHER_KEY, &claims()))),
        (
            "another payload",
            bearer(&format!(
                "{header}.{}.{signature}",
                part(&with("sub", json!("diana")))
            )),
        ),
        (
            "alg none",
            bearer(&format!("{}.{payload}.", part(&json!({"alg": "none"})))),
        ),
        (
            "HS256 with the public key",
            bearer(&hs256(PUBLIC_KEY.as_bytes(), payload)),
        ),
        (
            "a critical extension",
            bearer(&signed(
                &part(&json!({"alg": "ES256", "crit": ["x"], "x": 1})),
                payload,
            )),
        ),
        (
            "a payload that is no object",
            bearer(&signed(header, &part(&json!([claims()])))),
        ),
        ("another audience", vec![claim("aud", json!("other"))]),
        ("other audiences", vec![claim("aud", json!(["other", "more"]))]),
        ("no audience", vec![claim("aud", Value::Null)]),
        (
            "another issuer",
            vec![claim("iss", json!("https://evil.example"))],
        ),
        ("no issuer", vec![claim("iss", Value::Null)]),
        ("expired", vec![claim("exp", json!(now - leeway - 1))]),
        ("no expiry", vec![claim("exp", Value::Null)]),
        ("not in force yet", vec![claim("nbf", json!(now + leeway + 60))]),
    ];
    for (cases, challenge) in [(no_token.to_vec(), NO_TOKEN), (invalid.to_vec(), INVALID_TOKEN)] {
        for (name, headers) in cases {
            let headers: Vec<&[u8]> = headers.iter().map(Vec::as_slice).collect();
            let reply = server.send("POST", "/mcp", &headers, b"{}").await;
            assert_eq!(
                (reply.status, reply.header("www-authenticate")),
                (401, Some(challenge)),
                "{name}"
            );
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{name}");
        }
    }
    assert_eq!(server.served(), 0);
}

#[tokio::test]
async fn a_token_in_the_query_or_body_is_none() {
    let server = Server::with_jwt().await;
    let good = token(&claims());
    let reply = server.get(&format!("/mcp?access_token={good}"), &[]).await;
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some(NO_TOKEN))
    );
    let form = format!("access_token={good}");
    let reply = server
        .send(
            "POST",
            "/mcp",
            &[b"Content-Type: application/x-www-form-urlencoded"],
            form.as_bytes(),
        )
        .await;
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some(NO_TOKEN))
    );
    assert_eq!(server.served(), 0);
}

#[tokio::test]
async fn unknown_paths_and_every_method_need_a_token_too() {
    let server = Server::with_jwt().await;
    for method in [
        "GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "PURGE",
    ] {
        for path in [
            "/mcp",
            "/unknown",
            "/",
            "/.well-known/oauth-protected-resource/other",
            "/.well-known/else",
        ] {
            assert_eq!(
                server.send(method, path, &[], b"").await.status,
                401,
                "{method} {path}"
            );
        }
    }
    assert_eq!(server.served(), 0);
}

#[tokio::test]
async fn the_limits_of_tokens_that_pass_are_met() {
    let server = Server::with_jwt().await;
    let base = token(&with("fill", json!(""))).len();
    let fill = (MAX_TOKEN_BYTES - base) / 4 * 3;
    let at_limit = (fill..fill + 3)
        .map(|fill| token(&with("fill", json!("x".repeat(fill)))))
        .find(|token| token.len() == MAX_TOKEN_BYTES)
        .unwrap();
    for (name, token) in [
        ("at the length limit", at_limit),
        (
            "one audience of several",
            token(&with("aud", json!(["other", AUDIENCE]))),
        ),
        ("no subject needed", token(&with("nbf", json!(now() - 10)))),
    ] {
        let header = format!("Authorization: Bearer {token}");
        assert_eq!(
            server.get("/mcp", &[header.as_bytes()]).await.status,
            200,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_preflight_passes_without_an_identity() {
    let server = Server::with_jwt().await;
    let preflight: &[&[u8]] = &[
        b"Origin: https://app.example",
        b"Access-Control-Request-Method: POST",
    ];
    let reply = server.send("OPTIONS", "/mcp", preflight, b"").await;
    assert_eq!((reply.status, &*reply.body), (200, "nobody|"));
    assert_eq!(server.send("POST", "/mcp", preflight, b"").await.status, 401);
    assert_eq!(server.served(), 1);
}

#[tokio::test]
async fn the_metadata_is_published_at_both_paths_without_a_token() {
    let server = Server::with_jwt().await;
    for path in [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/mcp",
    ] {
        let reply = server.get(path, &[]).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(
            serde_json::from_str::<Value>(&reply.body).unwrap(),
            json!({
                "resource": "https://analytics.example/mcp",
                "authorization_servers": [ISSUER],
                "scopes_supported": ["mcp"],
                "bearer_methods_supported": ["header"],
            })
        );
        let head = server.send("HEAD", path, &[], b"").await;
        assert_eq!((head.status, &*head.body), (200, ""));
        assert_eq!(head.header("content-length"), reply.header("content-length"));
    }
    assert_eq!(server.served(), 0);
}

#[tokio::test]
async fn without_a_resource_nothing_is_published() {
    let server = Server::start(BearerAuthLayer::new(StaticTokens::new())).await;
    assert_eq!(
        server
            .get("/.well-known/oauth-protected-resource", &[])
            .await
            .status,
        401
    );
    let reply = server.get("/mcp", &[]).await;
    assert_eq!(
        (reply.status, reply.header("www-authenticate")),
        (401, Some("Bearer"))
    );
}

#[tokio::test]
async fn an_identity_from_further_out_is_dropped() {
    let forged = Arc::new(Identity::new("forged", json!({"sub": "admin"})));
    let app = Router::new()
        .route("/mcp", any(whoami))
        .layer(BearerAuthLayer::new(
            StaticTokens::new().with("mara-token", json!({"sub": "mara"})),
        ))
        .layer(axum::Extension(forged));
    let server = Server::serve(app, Arc::default()).await;
    let reply = server.get("/mcp", &[b"Authorization: Bearer mara-token"]).await;
    assert_eq!(&*reply.body, "mara|");
    assert_eq!(server.get("/mcp", &[]).await.status, 401);
    let preflight = server
        .send("OPTIONS", "/mcp", &[b"Access-Control-Request-Method: GET"], b"")
        .await;
    assert_eq!(&*preflight.body, "nobody|");
}

/// A verifier that waits, panics or fails as the token says.
struct Moody;

impl TokenVerifier for Moody {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        tokio::task::yield_now().await;
        match token {
            "panic-late" => panic!("late"),
            "down" => Err(TokenError::unavailable("no answer from the issuer")),
            "bad" => Err(TokenError::invalid("revoked")),
            _ => Ok(Arc::new(Identity::new(token, json!({"sub": token})))),
        }
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        assert_ne!(token, "panic-early");
        (token == "at-once").then(|| Arc::new(Identity::new(token, json!({"sub": token}))))
    }
}

#[tokio::test]
async fn a_verifier_may_wait_but_not_fail_open() {
    let server = Server::start(BearerAuthLayer::new(Arc::new(Moody))).await;
    for (token, status, challenge) in [
        ("anna", 200, None),
        ("at-once", 200, None),
        (
            "bad",
            401,
            Some(r#"Bearer error="invalid_token", error_description="the access token is not valid""#),
        ),
        ("down", 503, None),
        ("panic-late", 503, None),
        ("panic-early", 503, None),
    ] {
        let reply = server
            .get("/mcp", &[format!("Authorization: Bearer {token}").as_bytes()])
            .await;
        assert_eq!(
            (reply.status, reply.header("www-authenticate")),
            (status, challenge),
            "{token}"
        );
        let expected = (status == 200).then(|| format!("{token}|"));
        assert!(expected.is_none_or(|expected| reply.body == expected), "{token}");
    }
    assert_eq!(server.served(), 2);
}

#[tokio::test]
async fn neither_the_log_nor_printed_headers_show_a_token() {
    let log = Log::start();
    let app =
        Router::new()
            .route(
                "/mcp",
                any(|request: Request| async move {
                    format!("{:?} {:?}", request.headers(), request.extensions())
                }),
            )
            .layer(BearerAuthLayer::new(
                JwtVerifier::es256(PUBLIC_KEY, ISSUER, AUDIENCE).unwrap(),
            ));
    let server = Server::serve(app, Arc::default()).await;
    let good = token(&claims());
    let bad = [
        good.replace('.', ".x"),
        format!("{good}ü"),
        token(&with("aud", json!("elsewhere"))),
        token(&with("exp", json!(1))),
        token_by(OTHER_KEY, &claims()),
    ];
    let printed = server
        .get("/mcp", &[format!("Authorization: Bearer {good}").as_bytes()])
        .await
        .body;
    assert!(printed.contains("Sensitive"), "{printed}");
    for token in &bad {
        assert_eq!(
            server
                .get("/mcp", &[format!("Authorization: Bearer {token}").as_bytes()])
                .await
                .status,
            401
        );
    }

    let text = log.take();
    assert_eq!(text.matches("refused a request").count(), bad.len(), "{text}");
    assert!(
        text.contains(r#"its `aud` is "elsewhere""#) && text.contains("it has expired"),
        "{text}"
    );
    for secret in bad
        .iter()
        .chain([&good])
        .flat_map(|token| token.split('.'))
        .filter(|part| part.len() > 8)
    {
        assert!(!text.contains(secret) && !printed.contains(secret), "{secret}");
    }
}

/// Answers its own name as the caller's.
#[derive(Clone)]
struct Mirror;

impl ServerHandler for Mirror {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::default())
    }

    async fn on_custom_request(
        &self,
        _: rmcp::model::CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<rmcp::model::CustomResult, rmcp::ErrorData> {
        let identity = Identity::from_context(&context).unwrap();
        Ok(rmcp::model::CustomResult::new(identity.claims().clone()))
    }
}

#[tokio::test]
async fn a_handler_of_an_mcp_server_finds_the_identity() {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let mcp = StreamableHttpService::new(|| Ok(Mirror), Arc::new(NeverSessionManager::default()), config);
    let app = Router::new()
        .nest_service("/mcp", mcp)
        .layer(BearerAuthLayer::new(
            JwtVerifier::es256(PUBLIC_KEY, ISSUER, AUDIENCE).unwrap(),
        ));
    let server = Server::serve(app, Arc::default()).await;
    let header = format!("Authorization: Bearer {}", token(&claims()));
    let headers: &[&[u8]] = &[
        header.as_bytes(),
        b"Content-Type: application/json",
        b"Accept: application/json, text/event-stream",
        b"MCP-Protocol-Version: 2025-11-25",
    ];
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "example/whoami", "params": {}}).to_string();
    let reply = server.send("POST", "/mcp", headers, request.as_bytes()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(reply["result"]["sub"], "mara", "{reply}");
}

// Tokens.

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "exp": now() + 3600, "sub": "mara"})
}

/// The good claims with one set, or removed where the value is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

fn token(claims: &Value) -> String {
    token_by(KEY, claims)
}

fn token_by(key: &str, claims: &Value) -> String {
    encode(
        &Header::new(Algorithm::ES256),
        claims,
        &EncodingKey::from_ec_pem(key.as_bytes()).unwrap(),
    )
    .unwrap()
}

/// A part of a token: what the library writes as payload is base64url of JSON.
fn part(content: &Value) -> String {
    let token = encode(
        &Header::new(Algorithm::HS256),
        content,
        &EncodingKey::from_secret(b"x"),
    )
    .unwrap();
    token.split('.').nth(1).unwrap().to_owned()
}

fn signed(header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let key = EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap();
    format!(
        "{message}.{}",
        sign(message.as_bytes(), &key, Algorithm::ES256).unwrap()
    )
}

fn hs256(secret: &[u8], payload: &str) -> String {
    let message = format!("{}.{payload}", part(&json!({"alg": "HS256", "typ": "JWT"})));
    let signature = sign(
        message.as_bytes(),
        &EncodingKey::from_secret(secret),
        Algorithm::HS256,
    )
    .unwrap();
    format!("{message}.{signature}")
}

// The server, and a client that sends just the bytes it is given.

async fn whoami(request: Request) -> impl IntoResponse {
    let identity = request.extensions().get::<Arc<Identity>>().cloned();
    let name = identity.map_or("nobody".to_owned(), |identity| {
        identity.claims()["sub"].as_str().unwrap().to_owned()
    });
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Body::from([name.as_bytes(), b"|", &body].concat())
}

#[tokio::test]
async fn a_layer_that_is_set_up_wrongly_refuses_every_request_and_says_so_when_checked() {
    let layers = || {
        let layer = || BearerAuthLayer::new(StaticTokens::new().with("mara-token", json!({"sub": "mara"})));
        [
            layer().resource("analytics.example/mcp"),
            layer().resource("http://analytics.example/mcp"),
            layer().authorization_server(ISSUER),
            layer().scopes_supported(["mcp"]),
            layer()
                .resource("https://analytics.example/mcp")
                .authorization_server("#"),
            // A good setting after a bad one does not mend it.
            layer().resource("#").resource("https://analytics.example/mcp"),
        ]
    };
    for layer in layers() {
        let server = Server::start(layer).await;
        for path in ["/mcp", "/.well-known/oauth-protected-resource"] {
            assert_eq!(
                server
                    .get(path, &[b"Authorization: Bearer mara-token"])
                    .await
                    .status,
                500
            );
            assert_eq!(server.get(path, &[]).await.status, 500);
        }
        assert_eq!(server.served(), 0);
    }
    assert!(layers().into_iter().all(|layer| layer.check().is_err()));
}

struct Server {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
}

impl Server {
    async fn with_jwt() -> Self {
        let verifier = JwtVerifier::es256(PUBLIC_KEY, ISSUER, AUDIENCE).unwrap();
        let layer = BearerAuthLayer::new(verifier)
            .resource("https://analytics.example/mcp")
            .authorization_server(ISSUER)
            .scopes_supported(["mcp"])
            .check();
        Self::start(layer.unwrap()).await
    }

    async fn start<V: TokenVerifier>(layer: BearerAuthLayer<V>) -> Self {
        let served = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&served);
        let handler = any(move |request| {
            count.fetch_add(1, Ordering::Relaxed);
            whoami(request)
        });
        Self::serve(Router::new().route("/mcp", handler).layer(layer), served).await
    }

    async fn serve(app: Router, served: Arc<AtomicUsize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, served }
    }

    fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }

    async fn get(&self, path: &str, headers: &[&[u8]]) -> Reply {
        self.send("GET", path, headers, b"").await
    }

    async fn send(&self, method: &str, path: &str, headers: &[&[u8]], body: &[u8]) -> Reply {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.address
        );
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
        let mut request = request.into_bytes();
        for header in headers {
            request.extend([*header, b"\r\n"].concat());
        }
        request.extend([b"\r\n", body].concat());
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut reply = Vec::new();
        tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut reply))
            .await
            .unwrap()
            .unwrap();
        Reply::read(&String::from_utf8(reply).unwrap())
    }
}

struct Reply {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Reply {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = HashMap::new();
        for (name, value) in lines.map(|line| line.split_once(':').unwrap()) {
            let before = headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            assert_eq!(before, None, "{name} is there twice");
        }
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Everything that this thread traces, as text.
///
/// The subscriber is that of the whole process: with one of a thread, another thread that comes first to a line could
/// turn it off for all.
struct Log(());

thread_local! {
    static TRACED: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Log {
    fn start() -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| tracing::subscriber::set_global_default(Traces).unwrap());
        TRACED.take();
        Self(())
    }

    fn take(&self) -> String {
        TRACED.take()
    }
}

struct Traces;

impl tracing::Subscriber for Traces {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        TRACED.with_borrow_mut(|traced| span.record(&mut Fields(traced)));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        TRACED.with_borrow_mut(|traced| values.record(&mut Fields(traced)));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        TRACED.with_borrow_mut(|traced| event.record(&mut Fields(traced)));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        writeln!(self.0, "{field}={value:?}").unwrap();
    }
}
