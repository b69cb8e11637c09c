//! The same for what the model does not know: tasks, skills, streams of changes, and components that ask for input.
//!
//! What each answers is told by the rest of the tests. Here it is asked whether a word of the content is among the bytes
//! that the client gets exactly where it may be, whether each operation has ended once, and whether it came to that in the
//! right order.

use std::collections::BTreeMap;

use rmcp::{
    ErrorData,
    model::{
        CallToolResponse, CallToolResult, ContentBlock, CreateTaskResult, DetailedTask, ErrorCode,
        GetTaskResult, InputRequiredResult, Resource, Skill, SkillFrontmatter, SkillResources, Task,
        TaskPayload, TaskStatus, Tool,
    },
};
use sapl_mcp_tests::{Behaviour, Component, Log, Server, object};
use serde_json::{Value, json};

use super::{
    cell::{CONTENT, Cell, NotApplicable, Surface},
    trouble::Trouble,
};
use crate::{
    model::{Kind, Moment, Point, Provider, World},
    model_based::in_paused_time,
    real::{Heard, Host, Real, definitions},
};

/// A word in every request for input.
const QUESTION: &str = "QUESTION";
const TIME: &str = "2026-01-01T00:00:00Z";
const SKILL: &str = "skill://vault/SKILL.md";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beyond {
    /// The result of a task that a tool goes on as.
    TaskGet,
    TaskUpdate,
    TaskCancel,
    Skill,
    SkillList,
    Listen,
    /// Both rounds of a tool that asks for input.
    Rounds,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    surface: Beyond,
    /// The same trouble for a component of the kind.
    cell: Cell,
}

/// How many combinations don't apply, and why.
const NOT_APPLICABLE: [(NotApplicable, usize); 4] = [
    (NotApplicable::StealthyGate, 693),
    (NotApplicable::NothingRuns, 15),
    (NotApplicable::NothingFails, 200),
    (NotApplicable::NoRuleBehindTheMarker, 28),
];

#[test]
fn nothing_gets_out_beyond_the_model_either() {
    let (mut cells, mut left_out) = (0, BTreeMap::new());
    for held in Held::all() {
        match held.not_applicable() {
            Some(reason) => *left_out.entry(reason).or_insert(0) += 1,
            None => {
                cells += 1;
                in_paused_time(held.check());
            }
        }
    }
    let expected = BTreeMap::from(NOT_APPLICABLE);
    assert_eq!(
        left_out, expected,
        "combinations that don't apply, of {cells} others"
    );
    println!(
        "fail-closed matrix beyond the model: {cells} cells, and {} that don't apply",
        left_out.values().sum::<usize>()
    );
}

impl Beyond {
    const ALL: [Self; 7] = [
        Self::TaskGet,
        Self::TaskUpdate,
        Self::TaskCancel,
        Self::Skill,
        Self::SkillList,
        Self::Listen,
        Self::Rounds,
    ];

    fn is_task(self) -> bool {
        matches!(self, Self::TaskGet | Self::TaskUpdate | Self::TaskCancel)
    }

    fn kind(self) -> Kind {
        match self {
            Self::TaskGet | Self::TaskUpdate | Self::TaskCancel | Self::Rounds => Kind::Tool,
            Self::Skill | Self::SkillList | Self::Listen => Kind::Resource,
        }
    }

    /// What stands for it in the cells of the model.
    fn like(self) -> Surface {
        match self {
            Self::SkillList => Surface::List(self.kind()),
            Self::Listen => Surface::Subscribe(self.kind()),
            Self::Skill => Surface::Directory(self.kind()),
            _ => Surface::Use(self.kind()),
        }
    }
}

impl Held {
    fn all() -> impl Iterator<Item = Self> {
        let surfaces = Beyond::ALL.into_iter();
        surfaces.flat_map(|surface| {
            let cells = Cell::all().filter(move |cell| cell.surface == surface.like());
            cells.map(move |cell| Self { surface, cell })
        })
    }

    fn not_applicable(self) -> Option<NotApplicable> {
        self.cell.not_applicable()
    }

    fn world(self) -> World {
        let mut world = self.cell.world();
        if matches!(self.surface, Beyond::Skill | Beyond::SkillList) {
            world.components[0].name = SKILL.to_owned();
        }
        world
    }

    async fn check(self) {
        let world = self.world();
        let real = Real::beyond(&world, |log, host| self.server(&world, log, host)).await;
        let call = || json!({"name": "vault", "arguments": {}});
        let task = || json!({"taskId": "task-1"});
        match self.surface {
            Beyond::TaskGet | Beyond::TaskUpdate | Beyond::TaskCancel => {
                let called = real.hear("tools/call", call()).await;
                self.ends(&called);
                assert!(!called.bytes.contains(CONTENT), "{self:?} {called:?}");
                assert_eq!(
                    called.bytes.contains("task-1"),
                    self.begins(),
                    "{self:?} {called:?}"
                );
                let heard = match self.surface {
                    Beyond::TaskGet => real.hear("tasks/get", task()).await,
                    Beyond::TaskCancel => real.hear("tasks/cancel", task()).await,
                    _ => {
                        let params =
                            json!({"taskId": "task-1", "inputResponses": {"a": {"action": "accept"}}});
                        real.hear("tasks/update", params).await
                    }
                };
                if self.surface == Beyond::TaskGet {
                    self.ends(&heard);
                    assert_eq!(heard.bytes.contains(CONTENT), self.gives(), "{self:?} {heard:?}");
                } else {
                    let reached = heard.effects.iter().any(|line| line == "component task-1");
                    assert_eq!(reached, self.reaches(), "{self:?} {heard:?}");
                    assert_eq!(
                        heard.bytes.contains(r#""result":{"#),
                        self.reaches(),
                        "{self:?} {heard:?}"
                    );
                }
            }
            Beyond::Rounds => {
                let first = real.hear("tools/call", call()).await;
                self.ends(&first);
                assert!(!first.bytes.contains(CONTENT), "{self:?} {first:?}");
                assert_eq!(first.bytes.contains(QUESTION), self.asks(), "{self:?} {first:?}");
                let mut params = call();
                params["inputResponses"] = json!({"a": {"action": "accept"}});
                params["requestState"] = state(&first).into();
                let second = real.hear("tools/call", params).await;
                self.ends(&second);
                assert_eq!(
                    second.bytes.contains(CONTENT),
                    self.gives(),
                    "{self:?} {second:?}"
                );
            }
            Beyond::Skill => {
                let heard = real.hear("skills/get", json!({"uri": SKILL})).await;
                self.ends(&heard);
                assert_eq!(heard.records.len(), 1, "{self:?} {heard:?}");
                assert_eq!(heard.bytes.contains(CONTENT), self.gives(), "{self:?} {heard:?}");
            }
            Beyond::SkillList => {
                let heard = real.hear("skills/list", json!({})).await;
                assert_eq!(
                    heard.bytes.contains("vault"),
                    self.cell.shows(),
                    "{self:?} {heard:?}"
                );
                assert_eq!(heard.records.len(), 0, "{self:?} {heard:?}");
            }
            Beyond::Listen => {
                let params = json!({"notifications": {"resourceSubscriptions": ["data://vault"]}});
                let heard = real.hear("subscriptions/listen", params).await;
                self.ends(&heard);
                assert_eq!(heard.records.len(), 1, "{self:?} {heard:?}");
                let listens = heard.effects.iter().any(|line| line == "listens");
                assert_eq!(listens, self.cell.grants(), "{self:?} {heard:?}");
                assert_eq!(
                    heard.bytes.contains("resources/updated"),
                    listens,
                    "{self:?} {heard:?}"
                );
            }
        }
    }

    /// Each operation under the rule has run its finalize function once. A gate has none, and a broken marker no rule.
    fn ends(self, heard: &Heard) {
        let finalized = heard
            .effects
            .iter()
            .filter(|line| line.starts_with("finalize"))
            .count();
        let operations = heard.records.iter().filter(|record| !record.gate).count();
        let expected = if self.cell.trouble == Trouble::Marker {
            0
        } else {
            operations
        };
        assert_eq!(finalized, expected, "{self:?} {heard:?}");
        assert!(finalized <= 1, "{self:?} {heard:?}");
        assert!(!heard.bytes.contains("io.sapl"), "{self:?} {heard:?}");
        self.happens_in_order(heard);
    }

    /// What belongs to the output comes behind the decision and the component, of which the point says which is first;
    /// the finalize function comes behind everything.
    fn happens_in_order(self, heard: &Heard) {
        let first = |kinds: &[&str]| {
            let is_one = |line: &String| kinds.contains(&line.split(' ').next().unwrap_or_default());
            heard.effects.iter().position(is_one)
        };
        let (decided, ran) = (first(&["decide"]), first(&["component"]));
        if let (Some(decided), Some(ran)) = (decided, ran) {
            assert_eq!(
                decided < ran,
                self.cell.point != Point::Post,
                "{self:?} {heard:?}"
            );
        }
        let before = first(&["runnable", "method_invocation"]);
        let behind = first(&["filter", "consumer", "mapping", "error_handler", "error_mapping"]);
        // A stream is opened when all that it is about has been decided.
        let end = first(&["listens"]).unwrap_or(heard.effects.len());
        if let Some(finalized) = first(&["finalize"]) {
            assert_eq!(finalized + 1, end, "{self:?} {heard:?}");
        }
        for (earlier, later) in [
            (decided, before),
            (decided, behind),
            (ran, behind),
            (before, ran.filter(|_| self.cell.point != Point::Post)),
        ] {
            if let (Some(earlier), Some(later)) = (earlier, later) {
                assert!(earlier < later, "{self:?} {heard:?}");
            }
        }
    }

    /// Whether the client gets the content at last.
    fn gives(self) -> bool {
        // A task of a secret tool would be known before it is decided who may know of it.
        let is_refused = self.surface.is_task() && self.cell.point == Point::Post && self.cell.stealth;
        !is_refused && self.cell.trouble.grants()
    }

    /// Whether the call goes on as a task.
    fn begins(self) -> bool {
        let trouble = self.cell.trouble;
        match self.cell.point {
            // Nothing has been decided yet.
            Point::Post => !self.cell.stealth && !matches!(trouble, Trouble::Marker | Trouble::Scopes),
            // What is done to the output is done later.
            Point::Pre => {
                trouble.grants()
                    || trouble.fails_in(&[
                        Provider::Filter,
                        Provider::Consumer,
                        Provider::Mapping,
                        Provider::ErrorHandler,
                        Provider::ErrorMapping,
                    ])
            }
            Point::Gate => trouble.grants(),
        }
    }

    /// Whether what is said to the task reaches the server. Input does not where no request for it could be sent.
    fn reaches(self) -> bool {
        let is_closed = self.cell.point == Point::Pre
            && self.cell.trouble.fails_in(&[Provider::Filter, Provider::Mapping]);
        self.begins() && !(self.surface == Beyond::TaskUpdate && is_closed)
    }

    /// Whether the component's request for input is sent. It has no value that anything could be done to.
    fn asks(self) -> bool {
        let trouble = self.cell.trouble;
        let is_of_values =
            trouble.fails_in(&[Provider::Consumer, Provider::ErrorHandler, Provider::ErrorMapping]);
        trouble.grants() || self.cell.point != Point::Gate && is_of_values
    }

    fn server(self, world: &World, log: &Log, host: &Host) -> Server {
        let component = &world.components[0];
        let resource = || {
            let name = Resource::new(component.name.clone(), "vault");
            definitions::ruled(name, component, log, |resource| &mut resource.meta)
        };
        let server = Server::new(log);
        match self.surface {
            Beyond::Listen => server.resource(resource(), Behaviour::text(CONTENT)),
            Beyond::Skill | Beyond::SkillList => {
                let frontmatter = SkillFrontmatter::new("vault", format!("the {CONTENT}"));
                let skill = Skill::new(SKILL, frontmatter, SkillResources::Dynamic);
                server.resource(resource(), Behaviour::text(CONTENT)).skill(skill)
            }
            _ => {
                let tool = Tool::new("vault", "the tool", object(json!({"type": "object"})));
                let tool = definitions::ruled(tool, component, log, |tool| &mut tool.meta);
                let fails = self.cell.trouble.needs_failure();
                let behaviour = self.behaviour(world, host);
                server.tool(tool, behaviour).tasks(move |id| {
                    let payload = match fails {
                        true => TaskPayload::Failed {
                            error: object(json!({"code": -32050, "message": format!("no {CONTENT}")})),
                        },
                        false => TaskPayload::Completed {
                            result: object(
                                json!({"content": [{"type": "text", "text": format!("the {CONTENT}")}]}),
                            ),
                        },
                    };
                    Ok(GetTaskResult::new(DetailedTask::new(task(id), payload)))
                })
            }
        }
    }

    /// A tool that goes on as a task, or that asks and then gives.
    fn behaviour(self, world: &World, host: &Host) -> Behaviour {
        let cancels = (world.cancelled == Some(Moment::Running)).then(|| host.clone());
        Behaviour::does(move |received, _| {
            if let Some(host) = &cancels {
                host.cancel();
            }
            let response: Result<CallToolResponse, ErrorData> = match (self.surface, &received.round) {
                (Beyond::Rounds, Value::Null) => Ok(asked().into()),
                (Beyond::Rounds, _) if self.cell.trouble.needs_failure() => {
                    Err(ErrorData::new(ErrorCode(-32050), format!("no {CONTENT}"), None))
                }
                (Beyond::Rounds, _) => {
                    Ok(CallToolResult::success(vec![ContentBlock::text(format!("the {CONTENT}"))]).into())
                }
                _ => Ok(CreateTaskResult::new(task("task-1")).into()),
            };
            async move {
                tokio::task::yield_now().await;
                response.map(Component::Tool)
            }
        })
    }
}

fn task(id: &str) -> Task {
    Task::new(id, TaskStatus::Working, TIME, TIME)
}

fn asked() -> InputRequiredResult {
    let requests = json!({"a": {
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": QUESTION,
            "requestedSchema": {"type": "object", "properties": {}},
        },
    }});
    InputRequiredResult::new(serde_json::from_value(requests).ok(), Some("at 1".to_owned()))
}

/// The state that the client was given, or one that it makes up.
fn state(heard: &Heard) -> String {
    let messages = heard
        .bytes
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut states =
        messages.filter_map(|message| Some(message["result"]["requestState"].as_str()?.to_owned()));
    states.next_back().unwrap_or_else(|| "made up".to_owned())
}
