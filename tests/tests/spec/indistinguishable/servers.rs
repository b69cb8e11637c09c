//! A server with hidden components of every kind.

use rmcp::model::{
    CreateTaskResult, Skill, SkillFrontmatter, SkillResource, SkillResources, Task, TaskStatus, Tool,
};
use sapl_mcp::{EnforceExt as _, Rule, SaplLayerBuilder, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Revision, Server, World, object, prompt, resource, template, tool,
};
use serde_json::{Value, json};

/// A word in everything that a hidden component gives.
pub(super) const CONTENT: &str = "SECRET";

/// The tool that only the insider may use.
pub(super) const TOOL: &str = "hidden_tool_1";
/// One whose decision comes behind it.
pub(super) const POST_TOOL: &str = "hidden_tool_2";
/// One with an argument that is bound to a header.
pub(super) const BOUND_TOOL: &str = "hidden_tool_3";
pub(super) const PROMPT: &str = "hidden_prompt";
pub(super) const RESOURCE: &str = "data://hidden/1";
pub(super) const TEMPLATE: &str = "data://hidden-vault/{id}";
pub(super) const INSTANCE: &str = "data://hidden-vault/7";
pub(super) const SKILL: &str = "skill://hidden/SKILL.md";
/// A file of it that no list of resources has.
pub(super) const SKILL_FILE: &str = "skill://hidden/a.txt";

/// A task of a hidden tool, and one of a tool that anybody may use. Both are the insider's.
pub(super) const TASKS: [&str; 2] = ["hidden-task-1", "hidden-task-2"];
/// The tools that go on as these.
const TASK_TOOLS: [&str; 2] = ["hidden_tool_t", "open_tool_t"];

/// What hides the components.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hider {
    Stealth,
    Gate,
    /// A gate that lets everybody through, and a stealth enforcement behind it.
    StealthBehindGate,
    /// A gate that hides, and an enforcement behind it that would not.
    GateBeforeOpen,
}

impl Hider {
    pub(super) const ALL: [Self; 4] = [
        Self::Stealth,
        Self::Gate,
        Self::StealthBehindGate,
        Self::GateBeforeOpen,
    ];

    /// The rule that comes with a definition.
    fn rule(self) -> Rule {
        match self {
            Self::Stealth | Self::StealthBehindGate => pre_enforce().stealth(),
            Self::Gate => gate(),
            Self::GateBeforeOpen => pre_enforce(),
        }
    }

    /// The gate that the builder puts in front of it.
    fn gate(self) -> Option<Rule> {
        match self {
            Self::Stealth | Self::Gate => None,
            Self::StealthBehindGate => Some(gate().action("everybody")),
            Self::GateBeforeOpen => Some(gate()),
        }
    }

    /// What the builder adds to the rules of the definitions.
    fn configure(self, mut builder: SaplLayerBuilder) -> SaplLayerBuilder {
        if let Some(gate) = self.gate() {
            for tool in [TOOL, BOUND_TOOL, TASK_TOOLS[0]] {
                builder = builder.tool(tool, gate.clone());
            }
            builder = builder
                .prompt(PROMPT, gate.clone())
                .resource(RESOURCE, gate.clone())
                .resource(SKILL, gate.clone())
                .resource_template(TEMPLATE, gate);
        }
        match self {
            Self::Stealth | Self::StealthBehindGate => builder,
            Self::Gate | Self::GateBeforeOpen => builder.tool(POST_TOOL, gate()),
        }
    }

    /// The server behind the layer, with the tasks of the insider.
    pub(super) async fn world(self, mode: Mode) -> World {
        let log = Log::new();
        let world = World::with(&log, self.server(&log), decisions(&log), mode, |builder| {
            self.configure(builder)
        })
        .await;
        for tool in TASK_TOOLS {
            let params = json!({"name": tool, "arguments": {}});
            let ask = Ask::new(Revision::July2026, super::INSIDER, "tools/call", params);
            let reply = world.wire.ask(&ask).await;
            assert_eq!(reply.result()["resultType"], "task", "{reply:?}");
        }
        world
    }

    fn server(self, log: &Log) -> Server {
        let rule = || self.rule();
        let post = match self {
            Self::Stealth | Self::StealthBehindGate => post_enforce().stealth(),
            Self::Gate | Self::GateBeforeOpen => post_enforce(),
        };
        let content = || Behaviour::text(CONTENT);
        let mut bound = schema();
        bound["properties"]["limit"]["x-mcp-header"] = "Limit".into();
        Server::new(log)
            .tool(with_schema(TOOL, schema()).enforce(rule()), content())
            .tool(with_schema(POST_TOOL, schema()).enforce(post), content())
            .tool(with_schema(BOUND_TOOL, bound).enforce(rule()), content())
            .tool(tool(TASK_TOOLS[0]).enforce(rule()), becomes(TASKS[0]))
            .tool(tool(TASK_TOOLS[1]), becomes(TASKS[1]))
            .tool(tool("open_tool").enforce(pre_enforce()), Behaviour::text("open"))
            .prompt(prompt(PROMPT).enforce(rule()), content())
            .prompt(
                prompt("open_prompt").enforce(pre_enforce()),
                Behaviour::text("open"),
            )
            .resource(resource(RESOURCE).enforce(rule()), content())
            .resource(
                resource("data://open").enforce(pre_enforce()),
                Behaviour::text("open"),
            )
            .template(template(TEMPLATE).enforce(rule()), content())
            .resource(resource(SKILL).enforce(rule()), content())
            .skill(skill())
    }
}

/// The insider may do everything, others only what is for everybody.
fn decisions(log: &Log) -> Pdp {
    use sapl_mcp::AuthorizationDecision as Decision;
    Pdp::new(log, |subscription| {
        let insider = subscription.subject()["role"] == "ANALYST" || subscription.action() == "everybody";
        sapl_mcp_tests::Answer::Now(if insider {
            Decision::permit()
        } else {
            Decision::deny()
        })
    })
}

fn skill() -> Skill {
    let files = [SKILL, SKILL_FILE].map(|uri| SkillResource::from_bytes(uri, b"text"));
    let frontmatter = SkillFrontmatter::new("hidden", CONTENT);
    Skill::new(SKILL, frontmatter, SkillResources::Files(files.to_vec()))
}

/// A tool that goes on as this task.
fn becomes(task: &str) -> Behaviour {
    const TIME: &str = "2026-01-01T00:00:00Z";
    Behaviour::result(CreateTaskResult::new(Task::new(
        task,
        TaskStatus::Working,
        TIME,
        TIME,
    )))
}

/// What the tools take.
fn schema() -> Value {
    json!({"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]})
}

fn with_schema(name: &'static str, schema: Value) -> Tool {
    Tool::new(name, "takes a limit", object(schema))
}
