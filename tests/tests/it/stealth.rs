//! A denied component that is stealth or behind a gate answers, byte for byte, what a name that does not exist answers.
//!
//! The names and URIs of each pair have the same length, so that lengths in the response may be compared too.

mod arguments;
mod decision_point;
mod methods;

use rmcp::model::Tool;
use sapl_mcp::{EnforceExt as _, Rule, SaplLayerBuilder, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, object, prompt, resource, template, tool,
};
use serde_json::{Value, json};

/// The tool that only mara may use, and one that is not there.
pub(crate) const TOOL: (&str, &str) = ("secret_tool", "absent_tool");
/// The same, decided after it ran.
const POST_TOOL: (&str, &str) = ("secret_post", "absent_post");
/// The same, with an argument that is bound to a header.
const BOUND_TOOL: (&str, &str) = ("secret_head", "absent_head");
pub(crate) const PROMPT: (&str, &str) = ("secret_prompt", "absent_prompt");
pub(crate) const RESOURCE: (&str, &str) = ("data://secret", "data://absent");
/// An instance of a template.
pub(crate) const INSTANCE: (&str, &str) = ("data://vaults/7", "data://absent/7");
const TEMPLATE: (&str, &str) = ("data://vaults/{id}", "data://absent/{id}");

/// What hides the components of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hider {
    Stealth,
    /// Gates, one of them in front of an enforcement that hides nothing.
    Gate,
}

impl Hider {
    fn rule(self) -> Rule {
        match self {
            Self::Stealth => pre_enforce().tags(["classified"]).stealth(),
            Self::Gate => gate().tags(["classified"]),
        }
    }

    /// What the builder adds to the rules of the definitions.
    pub(crate) fn configure(self, builder: SaplLayerBuilder) -> SaplLayerBuilder {
        match self {
            Self::Stealth => builder,
            Self::Gate => builder.tool(POST_TOOL.0, gate()),
        }
    }

    async fn world(self, mode: Mode) -> World {
        let log = Log::new();
        let (server, pdp) = (server_behind(&log, self), Pdp::role(&log, "ANALYST"));
        World::with(&log, server, pdp, mode, |builder| self.configure(builder)).await
    }
}

fn with_schema(name: &'static str, schema: Value) -> Tool {
    Tool::new(name, "takes a limit", object(schema))
}

/// Hidden components of every kind, beside open ones.
pub(crate) fn server(log: &Log) -> Server {
    server_behind(log, Hider::Stealth)
}

/// The same, hidden so.
pub(crate) fn server_behind(log: &Log, hider: Hider) -> Server {
    let hidden = || hider.rule();
    let post = post_enforce().stealth_if(hider == Hider::Stealth);
    let limit =
        json!({"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]});
    let mut bound = limit.clone();
    bound["properties"]["limit"]["x-mcp-header"] = "Limit".into();
    Server::new(log)
        .tool(
            with_schema(TOOL.0, limit.clone()).enforce(hidden()),
            Behaviour::text("the secret"),
        )
        .tool(
            with_schema(POST_TOOL.0, limit).enforce(post),
            Behaviour::text("the secret"),
        )
        .tool(
            with_schema(BOUND_TOOL.0, bound).enforce(hidden()),
            Behaviour::text("the secret"),
        )
        .tool(tool("open_tool").enforce(pre_enforce()), Behaviour::text("open"))
        .tool(tool("unruled_tool"), Behaviour::text("open"))
        .prompt(prompt(PROMPT.0).enforce(hidden()), Behaviour::text("the secret"))
        .prompt(
            prompt("open_prompt").enforce(pre_enforce()),
            Behaviour::text("open"),
        )
        .resource(
            resource(RESOURCE.0).enforce(hidden()),
            Behaviour::text("the secret"),
        )
        .resource(
            resource("data://open").enforce(pre_enforce()),
            Behaviour::text("open"),
        )
        .template(
            template(TEMPLATE.0).enforce(hidden()),
            Behaviour::text("the secret"),
        )
}

pub(crate) async fn world(mode: Mode) -> World {
    Hider::Stealth.world(mode).await
}

/// One world for each way to hide.
pub(crate) async fn worlds(mode: Mode) -> [World; 2] {
    [Hider::Stealth.world(mode).await, Hider::Gate.world(mode).await]
}

/// Sends a request and the same with the other name in it, each on a session of its own where there are sessions,
/// and demands that the two responses are the same but for the name.
pub(crate) async fn assert_same(
    world: &World,
    sessions: bool,
    revision: Revision,
    method: &str,
    names: (&str, &str),
    params: &Value,
) -> Reply {
    let mut replies = Vec::new();
    for name in [names.0, names.1] {
        let text = params.to_string().replace("NAME", name);
        let mut ask = Ask::new(revision, "sam", method, serde_json::from_str(&text).unwrap());
        if sessions && revision.initializes() {
            ask = ask.session(&world.wire.open("sam", revision).await);
        }
        replies.push(world.wire.ask(&ask).await.naming(name, "NAME"));
    }
    assert_eq!(replies[0], replies[1], "{method} {params:.200} {revision:?}");
    assert!(
        !replies[0].contains("secret") && !replies[0].contains("denied"),
        "{:?}",
        replies[0]
    );
    replies.swap_remove(0)
}

#[tokio::test]
async fn every_kind_answers_like_an_unknown_name_on_every_revision_and_transport() {
    let calls = [
        (
            "tools/call",
            TOOL,
            json!({"name": "NAME", "arguments": {"limit": 1}}),
        ),
        (
            "tools/call",
            POST_TOOL,
            json!({"name": "NAME", "arguments": {"limit": 1}}),
        ),
        (
            "tools/call",
            BOUND_TOOL,
            json!({"name": "NAME", "arguments": {"limit": 1}}),
        ),
        (
            "prompts/get",
            PROMPT,
            json!({"name": "NAME", "arguments": {"topic": "x"}}),
        ),
        ("resources/read", RESOURCE, json!({"uri": "NAME"})),
        ("resources/read", INSTANCE, json!({"uri": "NAME"})),
    ];
    for (mode, hider) in [Mode::Json, Mode::Sse, Mode::Sessions]
        .into_iter()
        .flat_map(|mode| [(mode, Hider::Stealth), (mode, Hider::Gate)])
    {
        let world = hider.world(mode).await;
        for revision in Revision::ALL {
            for (method, names, params) in &calls {
                let reply =
                    assert_same(&world, mode == Mode::Sessions, revision, method, *names, params).await;
                assert_eq!(reply.status, 200, "{reply:?}");
                assert!(
                    matches!(reply.error()["code"].as_i64(), Some(-32602 | -32002)),
                    "{reply:?}"
                );
            }
        }
        // The one that is decided behind its component ran; nothing else did.
        let received = world.server.received();
        assert!(
            received
                .iter()
                .all(|received| hider == Hider::Stealth && received.name == POST_TOOL.0),
            "{received:?}"
        );
    }
}

#[tokio::test]
async fn whoever_may_use_them_gets_their_results() {
    for world in worlds(Mode::Json).await {
        let client = world.client("mara").await;
        for name in [TOOL.0, POST_TOOL.0, BOUND_TOOL.0] {
            let result = client.call(name, json!({"limit": 1})).await.unwrap();
            assert_eq!(crate::common::text(&result), "the secret");
        }
        assert!(client.prompt(PROMPT.0, json!({})).await.is_ok());
        assert!(client.read(RESOURCE.0).await.is_ok());
        assert!(client.read(INSTANCE.0).await.is_ok());
    }
}

#[tokio::test]
async fn the_operator_sees_what_the_client_does_not() {
    let world = world(Mode::Json).await;
    world.call("sam", TOOL.0, json!({"limit": 1})).await.error();
    let records = world.audit.records();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!((&*record.name, record.stealth), (TOOL.0, true));
    assert_eq!(record.subject.as_deref(), Some("sam"));
    assert_eq!(record.decision, Some(sapl_mcp::Decision::Deny));
    assert!(record.reason.is_some());
}
