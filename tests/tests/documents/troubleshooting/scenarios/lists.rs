//! What lists leave out.

use rmcp::model::Tool;
use sapl_mcp::{EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Answer, Behaviour, Log, Server, tool};
use serde_json::json;

use super::{Scenario, ask, permit, plain, ruled};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("a component is hidden from everybody", || {
        list(
            |log| {
                let twice = tool("t")
                    .enforce(pre_enforce().tags(["a"]))
                    .enforce(pre_enforce().tags(["b"]));
                Server::new(log).tool(twice, Behaviour::text("secret"))
            },
            Answer::Now(permit()),
        );
    }),
    ("hidden: the subscription could not be built", || {
        let rule = pre_enforce()
            .stealth()
            .subject_fn(|ctx| ctx.argument("user").cloned());
        list(
            |log| Server::new(log).tool(ruled(rule), Behaviour::text("secret")),
            Answer::Now(permit()),
        );
    }),
    (
        "a list is shown without the components that not everybody may see",
        || {
            let rule = pre_enforce().stealth();
            list(
                |log| Server::new(log).tool(ruled(rule), Behaviour::text("secret")),
                Answer::Panic,
            );
        },
    ),
    (
        "denied: its definition in the list has a rule that the one by name has not",
        || {
            let look_up = |mut tool: Tool| {
                tool.meta = None;
                tool
            };
            list(
                |log| plain(log, Behaviour::text("secret")).looking_up(look_up),
                Answer::Now(permit()),
            );
        },
    ),
];

fn list(server: impl FnOnce(&Log) -> Server, answer: Answer) {
    ask(server, answer, |builder| builder, "tools/list", json!({}));
}
