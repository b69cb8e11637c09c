//! Why an operation is denied, or a component hidden.

use std::{sync::Arc, time::Duration};

use rmcp::model::{CallToolResult, ContentBlock, CreateTaskResult, InputRequiredResult, Task, TaskStatus};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _, MAX_REQUEST_STATE_BYTES, Rule, SaplLayer, SaplLayerBuilder,
    Unannotated, constraint::MethodInvocation, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Log, McpClient, Pdp, Revision, Server, World, object, prompt, resource,
    steps_builder, template, tool,
};
use serde_json::{Value, json};

use super::{Scenario, ask, block_on, call, decided, permit, plain, ruled, transports};

/// A call that goes on from this state.
fn resumed(state: String) {
    let server = |log: &Log| plain(log, secret());
    let params = json!({"name": "t", "requestState": state});
    ask(
        server,
        Answer::Now(permit()),
        |builder| builder,
        "tools/call",
        params,
    );
}

/// A tool goes on as a task.
fn task() -> Behaviour {
    let time = "2026-01-01T00:00:00Z";
    Behaviour::result(CreateTaskResult::new(Task::new(
        "1",
        TaskStatus::Working,
        time,
        time,
    )))
}

/// After a call that goes on as a task, somebody else asks this.
fn called_and_asked(method: &'static str, params: Value) {
    block_on(async move {
        let log = Log::new();
        let world = World::new(&log, plain(&log, task()), Pdp::decides(&log, permit())).await;
        let ask = |user, method, params| {
            let ask = Ask::new(Revision::July2026, user, method, params);
            let wire = world.wire;
            async move { wire.ask(&ask).await }
        };
        ask("mara", "tools/call", json!({"name": "t"})).await;
        ask("sam", method, params).await;
    });
}

pub(super) const SCENARIOS: &[Scenario] = &[
    ("the decision is not PERMIT", || {
        decided(AuthorizationDecision::indeterminate(), secret())
    }),
    (
        "the policy decision point did not answer within the decision timeout",
        || {
            let at_once = |builder: SaplLayerBuilder| builder.decision_timeout(Duration::from_millis(1));
            let server = |log: &Log| plain(log, secret());
            ask(server, Answer::Never, at_once, "tools/call", json!({"name": "t"}));
        },
    ),
    ("the policy decision point panicked", || {
        call(pre_enforce(), Answer::Panic, secret())
    }),
    ("the request was cancelled before the decision", cancelled),
    ("no provider that can run here is responsible for it", || {
        obliged(json!({"type": "unheardOf"}))
    }),
    ("a gate can't replace the resource", || {
        let replacing = permit().with_resource(json!("another"));
        call(gate(), Answer::Now(replacing), secret());
    }),
    (
        "a handler replaced the call instead of changing its arguments",
        replaced,
    ),
    ("the token lacks a scope that the rule requires", || {
        denied_by(pre_enforce().required_scopes(["admin"]))
    }),
    (
        "the transport has no HTTP request parts, so there is no identity",
        || transports::served(|layer, server| layer.layer(server)),
    ),
    ("`subject` of the rule has no value", || {
        denied_by(pre_enforce().subject_fn(|_| None::<Value>))
    }),
    ("`resource` of the rule is an error", || {
        denied_by(pre_enforce().resource_fn(|_| Err::<Value, _>("no resource")))
    }),
    ("the function for `action` of the rule panicked", || {
        denied_by(pre_enforce().action_fn(|_| -> Value { panic!("no action") }))
    }),
    ("`secrets` of the rule is not a JSON object", || {
        denied_by(pre_enforce().secrets("a text"))
    }),
    ("can't be read back as", || {
        let blocks = vec![
            ContentBlock::text("one"),
            ContentBlock::image("aW1hZ2U=", "image/png"),
        ];
        let mapping = json!({"type": "map", "id": "m", "to": "another"});
        decided(
            permit().with_obligation(mapping),
            Behaviour::result(CallToolResult::success(blocks)),
        );
    }),
    ("the value does not fit the output schema", || {
        fitted(filtering("delete", "$.name"))
    }),
    (
        "the value is null, but the tool declares an output schema",
        || fitted(permit().with_resource(Value::Null)),
    ),
    (
        "the component answered with something that the decision can't be enforced on",
        || {
            let input = InputRequiredResult::from_request_state("state");
            decided(filtering("delete", "$.name"), Behaviour::result(input));
        },
    ),
    ("the request state is none of this layer", || {
        resumed("made up".to_owned())
    }),
    (
        "the request state is forged, or was given to another caller, for another component, or under another key",
        || resumed("sapl1.AAAA.AAAA".to_owned()),
    ),
    ("the request state is too long", || {
        resumed("a".repeat(MAX_REQUEST_STATE_BYTES + 1))
    }),
    (
        "the component goes on as a task, but whether the caller may know of it is decided at its end",
        || call(post_enforce().stealth(), Answer::Now(permit()), task()),
    ),
    (
        "the component goes on as a task whose id another task has",
        || called_and_asked("tools/call", json!({"name": "t"})),
    ),
    ("the task is another caller's", || {
        called_and_asked("tasks/get", json!({"taskId": "1"}))
    }),
    ("a path is malformed", || {
        decided(filtering("delete", "$.[name"), card())
    }),
    ("only a text can be blackened", || {
        decided(filtering("blacken", "$.age"), card())
    }),
    (
        "an obligation on the output, or a rule that decides behind the component, needs a value, and a request of \
         this kind has none of the component's",
        || {
            let server = |log: &Log| {
                Server::new(log).resource(
                    resource("data://r").enforce(pre_enforce()),
                    Behaviour::text("secret"),
                )
            };
            let replacing = permit().with_resource(json!("another"));
            ask(
                server,
                Answer::Now(replacing),
                |builder| builder,
                "resources/subscribe",
                json!({"uri": "data://r"}),
            );
        },
    ),
    (
        "no rule is about the component, and the layer denies such components",
        || {
            let server = |log: &Log| Server::new(log).tool(tool("t"), Behaviour::text("secret"));
            let strict = |builder: SaplLayerBuilder| builder.unannotated(Unannotated::Deny);
            ask(
                server,
                Answer::Now(permit()),
                strict,
                "tools/call",
                json!({"name": "t"}),
            );
        },
    ),
    (
        "the component has a rule of the builder and one of its own",
        || {
            let again = |builder: SaplLayerBuilder| builder.tool("t", pre_enforce());
            let server = |log: &Log| plain(log, secret());
            ask(
                server,
                Answer::Now(permit()),
                again,
                "tools/call",
                json!({"name": "t"}),
            );
        },
    ),
    (
        "the component carries a rule that is not ours or is damaged",
        || {
            let server = |log: &Log| {
                let twice = ruled(pre_enforce()).enforce(pre_enforce().stealth());
                Server::new(log).tool(twice, Behaviour::text("secret"))
            };
            ask(
                server,
                Answer::Now(permit()),
                |builder| builder,
                "tools/call",
                json!({"name": "t"}),
            );
        },
    ),
    ("two listed components of this name have different rules", || {
        let server = |log: &Log| {
            Server::new(log)
                .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("secret"))
                .prompt(
                    prompt("p").enforce(pre_enforce().tags(["other"])),
                    Behaviour::text("secret"),
                )
        };
        get_prompt(server);
    }),
    ("two listed resources of this URI have different rules", || {
        read("data://r", |log| {
            let first = resource("data://r").enforce(pre_enforce());
            let second = resource("data://r").enforce(pre_enforce().tags(["other"]));
            Server::new(log)
                .resource(first, secret())
                .resource(second, secret())
        });
    }),
    ("two templates with different rules match equally well", || {
        read("data://t/1", |log| {
            let first = template("data://t/{a}").enforce(pre_enforce());
            let second = template("data://t/{b}").enforce(pre_enforce().tags(["other"]));
            Server::new(log)
                .template(first, secret())
                .template(second, secret())
        });
    }),
    (
        "a template with a rule has a syntax that can't be matched",
        || {
            read("data://t/1", |log| {
                let template = template("data://t/{a*}").enforce(pre_enforce());
                Server::new(log).template(template, secret())
            });
        },
    ),
    ("a variable of the URI is badly encoded", || {
        read("data://t/%ff", |log| {
            let template = template("data://t/{a}").enforce(pre_enforce());
            Server::new(log).template(template, secret())
        });
    }),
    ("the list of prompts can't be read", || {
        get_prompt(|log| {
            Server::new(log)
                .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("secret"))
                .without_lists()
        });
    }),
];

fn secret() -> Behaviour {
    Behaviour::text("secret")
}

fn card() -> Behaviour {
    Behaviour::value(json!({"name": "Ann", "age": 44}))
}

fn denied_by(rule: Rule) {
    call(rule, Answer::Now(permit()), secret());
}

fn obliged(obligation: Value) {
    decided(permit().with_obligation(obligation), secret());
}

fn filtering(action: &str, path: &str) -> AuthorizationDecision {
    permit().with_obligation(json!({
        "type": "filterJsonContent",
        "actions": [{"type": action, "path": path}],
    }))
}

/// A tool that declares what its value is.
fn fitted(decision: AuthorizationDecision) {
    let schema = json!({"type": "object", "required": ["name"]});
    let server = |log: &Log| {
        let tool = ruled(pre_enforce()).with_raw_output_schema(Arc::new(object(schema)));
        Server::new(log).tool(tool, card())
    };
    ask(
        server,
        Answer::Now(decision),
        |builder| builder,
        "tools/call",
        json!({"name": "t"}),
    );
}

fn read(uri: &str, server: impl FnOnce(&Log) -> Server) {
    let params = json!({"uri": uri});
    ask(
        server,
        Answer::Now(permit()),
        |builder| builder,
        "resources/read",
        params,
    );
}

fn get_prompt(server: impl FnOnce(&Log) -> Server) {
    ask(
        server,
        Answer::Now(permit()),
        |builder| builder,
        "prompts/get",
        json!({"name": "p"}),
    );
}

fn replaced() {
    let server = |log: &Log| plain(log, secret());
    let replaces = |builder: SaplLayerBuilder| {
        let steps = steps_builder(&Log::new()).method_invocation_fn("replace", |_: &Value, call| {
            *call = MethodInvocation::read_only("another", serde_json::Map::new());
        });
        builder.constraints(steps.build())
    };
    let decision = permit().with_obligation(json!({"type": "replace"}));
    ask(
        server,
        Answer::Now(decision),
        replaces,
        "tools/call",
        json!({"name": "t"}),
    );
}

fn cancelled() {
    block_on(async {
        let log = Log::new();
        let layer = SaplLayer::builder(Pdp::always(&log, Answer::Never))
            .build()
            .unwrap();
        let server = plain(&log, secret()).shared();
        let service = layer.enforce_stdio("mara").layer(server);
        let client = McpClient::in_process(service, Revision::November2025).await;
        {
            let call = client.call("t", json!({}));
            tokio::pin!(call);
            tokio::select! {
                called = &mut call => panic!("{called:?}"),
                () = log.wait_for("decide") => {}
            }
            // Dropping the call tells the server.
        }
        // What the server is told later is answered when it has heard of this.
        let _ = client.peer().list_all_tools().await;
    });
}
