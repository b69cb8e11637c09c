//! An issuer on a loopback port, which answers as it is told and counts.

use std::{
    collections::HashMap,
    future::pending,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::Response,
};
use http_body_util::BodyExt as _;
use sapl_mcp::{
    IdpClient,
    http::{Cleartext, TlsSettings},
};
use serde_json::Value;
use tokio::net::TcpListener;

/// What is answered at a path.
#[derive(Clone)]
pub(crate) enum Plan {
    Json(Value),
    /// Status, `Cache-Control`, body.
    Raw(u16, &'static str, Bytes),
    /// To this path, with 307.
    Redirect(&'static str),
    /// A body that never ends, after this beginning.
    Stalls(&'static str),
    /// Nothing, ever.
    Silence,
}

#[derive(Clone, Default)]
pub(crate) struct Issuer {
    shared: Arc<Mutex<Shared>>,
    address: Option<SocketAddr>,
}

#[derive(Default)]
struct Shared {
    plans: HashMap<&'static str, Plan>,
    asked: Vec<Asked>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            address: Some(listener.local_addr().unwrap()),
            ..Self::default()
        };
        let app = Router::new().fallback(answer).with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        issuer
    }

    pub(crate) fn answers(&self, path: &'static str, plan: Plan) -> &Self {
        self.shared.lock().unwrap().plans.insert(path, plan);
        self
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address.unwrap())
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.lock().unwrap().asked.clone()
    }

    /// How often it was asked at all.
    pub(crate) fn count(&self) -> usize {
        self.shared.lock().unwrap().asked.len()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

/// A client that may use loopback without TLS, and waits for no more than a moment where `hasty`.
pub(crate) fn client(hasty: bool) -> IdpClient {
    let client = IdpClient::new(&TlsSettings::default()).unwrap();
    let within = Duration::from_millis(if hasty { 200 } else { 60_000 });
    client.with_cleartext(Cleartext::Allowed).with_timeout(within)
}

async fn answer(State(issuer): State<Issuer>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let header = |name: &str| Some(head.headers.get(name)?.to_str().unwrap().to_owned());
    let path = head.uri.path();
    let plan = {
        let mut shared = issuer.shared.lock().unwrap();
        shared.asked.push(Asked {
            path: path.to_owned(),
            method: head.method.to_string(),
            authorization: header("authorization"),
            content_type: header("content-type"),
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        shared.plans.get(path).cloned()
    };
    let respond = |status: u16, caching: &str, body: Body| {
        Response::builder()
            .status(status)
            .header("cache-control", caching)
            .body(body)
            .unwrap()
    };
    match plan {
        None => respond(404, "no-store", Body::from("not here")),
        Some(Plan::Json(value)) => respond(200, "max-age=300", Body::from(value.to_string())),
        Some(Plan::Raw(status, caching, body)) => respond(status, caching, Body::from(body)),
        Some(Plan::Redirect(path)) => {
            let mut response = respond(307, "no-store", Body::empty());
            response.headers_mut().insert("location", path.parse().unwrap());
            response
        }
        Some(Plan::Stalls(beginning)) => {
            let rest = http_body_util::StreamBody::new(futures_util::stream::unfold(
                Some(beginning),
                |left| async move {
                    match left {
                        Some(text) => {
                            let frame = http_body::Frame::data(Bytes::from(text));
                            Some((Ok::<_, std::convert::Infallible>(frame), None))
                        }
                        None => pending().await,
                    }
                },
            ));
            respond(200, "max-age=300", Body::new(rest))
        }
        Some(Plan::Silence) => pending().await,
    }
}
