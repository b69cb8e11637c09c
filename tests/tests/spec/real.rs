//! The real thing: a server made as the model says, behind the layer, with a client of rmcp that talks to it.

mod content;
mod decision_point;
pub(crate) mod definitions;
mod engine;
mod handlers;
mod host;
mod tapped;

use std::{fmt, sync::Arc, time::Duration};

use rmcp::{ServiceExt as _, model::ClientRequest, service::ServiceError};
use sapl_mcp::{
    AuditOutcome, Decision, OwnedAuditRecord, RecordingAudit, SaplLayer, SaplLayerBuilder, SaplService,
    Unannotated,
};
use sapl_mcp_tests::{Ask, Log, McpClient, Mode, Revision, Server, Wire};
use serde_json::{Value, json};

use crate::model::{self, Ended, Ending, Kind, Record, Reply, Request, Verdict, World};
use decision_point::DecisionPoint;
pub(crate) use engine::made_of_value;
pub(crate) use host::Host;
use tapped::Tap;

/// How long a decision may take. Time stands still unless everybody waits, so this is no wait.
pub(crate) const DECISION_TIMEOUT: Duration = Duration::from_millis(500);

/// A served world, a client, and everything that can be seen of it.
pub(crate) struct Real {
    log: Log,
    audit: RecordingAudit,
    client: McpClient,
    tap: Tap,
    service: SaplService<Arc<Server>>,
}

/// What was seen of one request.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) ending: Ending,
    /// All bytes that the client got.
    pub(crate) bytes: String,
    /// Whether the reply says that anybody may keep it; none when it says nothing.
    pub(crate) public: Option<bool>,
}

/// What was heard of one request that the model does not know.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// All bytes that the client got.
    pub(crate) bytes: String,
    pub(crate) effects: Vec<String>,
    pub(crate) records: Vec<OwnedAuditRecord>,
}

/// The layer as the world wants it, but for who is at the other end.
fn builder(world: &World, log: &Log, host: &Host, audit: &RecordingAudit) -> SaplLayerBuilder {
    let builder = SaplLayer::builder(DecisionPoint::new(world, log, host))
        .constraints(handlers::service(log))
        .audit(audit.clone())
        .decision_timeout(DECISION_TIMEOUT)
        .enforce_listing(world.enforces_listing)
        .unannotated(match world.unannotated {
            model::Unannotated::Pass => Unannotated::Pass,
            model::Unannotated::AskPdp => Unannotated::AskPdp,
            model::Unannotated::Deny => Unannotated::Deny,
        });
    definitions::with_rules(world, log, builder)
}

impl Real {
    /// Serves the world over a pipe in this process.
    pub(crate) async fn new(world: &World) -> Self {
        let (log, audit, host) = (Log::new(), RecordingAudit::default(), Host::default());
        let layer = builder(world, &log, &host, &audit)
            .build()
            .expect("a sound configuration")
            .enforce_stdio(world.subject.clone());
        let service = layer.layer(definitions::server(world, &log, &host).shared());
        let (near, far) = tokio::io::duplex(1 << 20);
        let hosted = host.of(service.clone());
        tokio::spawn(async move {
            if let Ok(running) = hosted.serve(far).await {
                let _ = running.waiting().await;
            }
        });
        let tap = Tap::default();
        let client = McpClient::over(tap.on(near), Revision::November2025).await;
        tap.take();
        Self {
            log,
            audit,
            client,
            tap,
            service,
        }
    }

    /// Serves what the model does not know: any server in place of the world's components, to a client that takes tasks.
    pub(crate) async fn beyond(world: &World, server: impl FnOnce(&Log, &Host) -> Server) -> Self {
        let (log, audit, host) = (Log::new(), RecordingAudit::default(), Host::default());
        let layer = builder(world, &log, &host, &audit)
            .build()
            .expect("a sound configuration")
            .enforce_stdio(world.subject.clone());
        let service = layer.layer(server(&log, &host).shared());
        let (near, far) = tokio::io::duplex(1 << 20);
        let hosted = host.of(service.clone());
        tokio::spawn(async move {
            if let Ok(running) = hosted.serve(far).await {
                let _ = running.waiting().await;
            }
        });
        let tap = Tap::default();
        let client = McpClient::taking_tasks(tap.on(near), Revision::July2026).await;
        tap.take();
        log.take();
        Self {
            log,
            audit,
            client,
            tap,
            service,
        }
    }

    /// Sends any request, and waits for the end of what comes of it, or for so long that nothing more will come.
    pub(crate) async fn hear(&self, method: &str, params: Value) -> Heard {
        let request: ClientRequest =
            serde_json::from_value(json!({"method": method, "params": params})).expect("a request");
        let asked = self.client.peer().send_request(request);
        let _ = tokio::time::timeout(DECISION_TIMEOUT * 4, asked).await;
        Heard {
            bytes: self.tap.take(),
            effects: self.log.take(),
            records: self.audit.take(),
        }
    }

    /// Sends a request and gives everything that comes of it.
    pub(crate) async fn ask(&self, world: &World, request: &Request) -> Seen {
        let (method, params) = message(world, request);
        self.send(method, params).await
    }

    /// Sends any request.
    pub(crate) async fn send(&self, method: &str, params: Value) -> Seen {
        let request: ClientRequest =
            serde_json::from_value(json!({"method": method, "params": params})).expect("a request");
        match self.client.peer().send_request(request).await {
            Ok(_) | Err(ServiceError::McpError(_)) => {}
            Err(other) => panic!("not an answer: {other}"),
        }
        let bytes = self.tap.take();
        let reply = bytes
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|message| message.get("result").is_some() || message.get("error").is_some())
            .expect("an answer");
        seen(answer(&reply), bytes, self.log.take(), &self.audit)
    }

    /// What the transport is told of a tool.
    pub(crate) fn looked_up(&self, tool: &str) -> Option<Value> {
        let tool = rmcp::ServerHandler::get_tool(&self.service, tool)?;
        Some(serde_json::to_value(tool).expect("JSON"))
    }
}

/// The same world over HTTP, for requests that nobody cancels.
pub(crate) struct RealHttp {
    log: Log,
    audit: RecordingAudit,
    wire: Wire,
    mode: Mode,
}

impl RealHttp {
    /// Serves the world on a port.
    pub(crate) async fn new(world: &World, mode: Mode) -> Self {
        let (log, audit, host) = (Log::new(), RecordingAudit::default(), Host::default());
        let layer = builder(world, &log, &host, &audit)
            .decision_timeout(Duration::from_millis(20))
            .build()
            .expect("a sound configuration");
        let server = definitions::server(world, &log, &host).shared();
        let wire = Wire::serving(layer.layer(server), mode).await;
        Self {
            log,
            audit,
            wire,
            mode,
        }
    }

    /// Sends a request as `user`.
    pub(crate) async fn ask(&self, world: &World, user: &str, request: &Request) -> Seen {
        let (method, params) = message(world, request);
        self.send(user, method, params).await
    }

    /// Sends any request as `user`.
    pub(crate) async fn send(&self, user: &str, method: &str, params: Value) -> Seen {
        let mut ask = Ask::new(Revision::November2025, user, method, params);
        if self.mode == Mode::Sessions {
            ask = ask.session(&self.wire.open(user, Revision::November2025).await);
        }
        let reply = self.wire.ask(&ask).await;
        let bytes = format!("{reply:?}");
        let answer = match reply.status {
            200 => answer(&reply.message()),
            403 => (Reply::Forbidden(named_scopes(&reply)), None),
            _ => panic!("not an answer: {bytes}"),
        };
        seen(answer, bytes, self.log.take(), &self.audit)
    }
}

/// The request on the wire.
fn message(world: &World, request: &Request) -> (&'static str, Value) {
    match request {
        Request::Use { component, arguments } => {
            let component = &world.components[*component];
            let used_by = component.used_by();
            match component.kind {
                Kind::Tool | Kind::Prompt => {
                    let mut params = json!({"name": used_by});
                    if let Some(arguments) = arguments {
                        params["arguments"] = Value::Object(arguments.clone());
                    }
                    let method = if component.kind == Kind::Tool {
                        "tools/call"
                    } else {
                        "prompts/get"
                    };
                    (method, params)
                }
                Kind::Resource | Kind::Template => ("resources/read", json!({"uri": used_by})),
            }
        }
        Request::Complete { component, arguments } => {
            let component = &world.components[*component];
            let reference = match component.kind {
                Kind::Tool => panic!("nothing completes arguments of tools"),
                Kind::Prompt => json!({"type": "ref/prompt", "name": component.name}),
                Kind::Resource | Kind::Template => json!({"type": "ref/resource", "uri": component.name}),
            };
            let mut params = json!({"ref": reference, "argument": {"name": "id", "value": ""}});
            if let Some(arguments) = arguments {
                params["context"] = json!({"arguments": arguments});
            }
            ("completion/complete", params)
        }
        Request::Subscribe { component } => (
            "resources/subscribe",
            json!({"uri": world.components[*component].used_by()}),
        ),
        Request::Directory { component } => {
            let uri = world.components[*component].used_by();
            ("resources/directory/read", json!({"uri": uri}))
        }
        Request::UseUnknown(Kind::Tool) => ("tools/call", json!({"name": "unknown"})),
        Request::UseUnknown(Kind::Prompt) => ("prompts/get", json!({"name": "unknown"})),
        Request::UseUnknown(Kind::Resource | Kind::Template) => {
            ("resources/read", json!({"uri": "urn:unknown"}))
        }
        Request::List { kind, from } => {
            let method = match kind {
                Kind::Tool => "tools/list",
                Kind::Prompt => "prompts/list",
                Kind::Resource => "resources/list",
                Kind::Template => "resources/templates/list",
            };
            let params = match from {
                Some(from) => json!({"cursor": from.to_string()}),
                None => json!({}),
            };
            (method, params)
        }
    }
}

/// The scopes that a challenge names.
fn named_scopes(reply: &sapl_mcp_tests::Reply) -> Vec<String> {
    let challenge = reply.header("www-authenticate").expect("a challenge");
    let (_, scopes) = challenge.split_once("scope=\"").expect("scopes");
    let (scopes, _) = scopes.split_once('"').expect("an end of the scopes");
    scopes.split(' ').map(str::to_owned).collect()
}

/// A message in the words of the model, and whether it says that anybody may keep it.
fn answer(message: &Value) -> (Reply, Option<bool>) {
    let mut public = None;
    let reply = match (message.get("result"), message.get("error")) {
        (Some(result), None) => {
            let mut result = result.clone();
            if let Some(members) = result.as_object_mut() {
                public = members.remove("cacheScope").map(|scope| scope == "public");
                members.remove("ttlMs");
            }
            Reply::Result(result)
        }
        (None, Some(error)) => Reply::Error {
            code: error["code"]
                .as_i64()
                .and_then(|code| code.try_into().ok())
                .expect("a code"),
            message: error["message"].as_str().expect("a message").to_owned(),
            data: error.get("data").cloned(),
        },
        _ => panic!("no answer: {message}"),
    };
    (reply, public)
}

/// Everything in the words of the model.
fn seen(
    (reply, public): (Reply, Option<bool>),
    bytes: String,
    effects: Vec<String>,
    audit: &RecordingAudit,
) -> Seen {
    let records = audit.take().iter().map(record).collect();
    Seen {
        ending: Ending {
            reply,
            effects,
            records,
            public: None,
        },
        bytes,
        public,
    }
}

fn record(record: &OwnedAuditRecord) -> Record {
    let verdict = |decision: Decision| match decision {
        Decision::Permit => Verdict::Permit,
        Decision::Deny => Verdict::Deny,
        Decision::Suspend => Verdict::Suspend,
        Decision::Indeterminate => Verdict::Indeterminate,
        Decision::NotApplicable => Verdict::NotApplicable,
    };
    Record {
        name: record.name.clone(),
        gate: record.gate,
        decision: record.decision.map(verdict),
        effective: verdict(record.effective),
        outcome: match record.outcome {
            AuditOutcome::Completed => Ended::Completed,
            AuditOutcome::Failed => Ended::Failed,
            AuditOutcome::Denied => Ended::Denied,
            AuditOutcome::Cancelled => Ended::Cancelled,
            AuditOutcome::Passed => Ended::Passed,
            other => panic!("not in the model: {other}"),
        },
        has_reason: record.reason.is_some(),
        stealth: record.stealth,
    }
}

/// Demands that what was seen is what the model says, in this case.
pub(crate) fn assert_agrees(seen: &Seen, expected: &Ending, case: &impl fmt::Debug) {
    let mut compared = expected.clone();
    compared.public = None;
    assert_eq!(
        seen.ending, compared,
        "{case:?}: seen on the left, the model on the right"
    );
    if let (Some(public), Some(expected)) = (seen.public, expected.public) {
        assert_eq!(public, expected, "{case:?}: who may keep the reply");
    }
}
