//! A server whose components do what a test wants, and write down what reaches them.

mod behaviour;
mod definitions;
mod handler;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rmcp::{
    ErrorData,
    model::{GetTaskResult, Prompt, Resource, ResourceTemplate, Skill, Tool},
};
use serde_json::Value;

pub use behaviour::{Behaviour, Component};
pub use definitions::{object, prompt, resource, template, tool};

use crate::Log;

/// A request that reached the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// The name or URI.
    pub name: String,
    /// The arguments, null where there are none.
    pub arguments: Value,
    /// The `_meta` of the parameters, null where there is none.
    pub meta: Value,
    /// The `_meta` that rmcp gives beside the parameters.
    pub context_meta: Value,
    /// What is to be completed, `[name, value]`, null elsewhere.
    pub completed: Value,
    /// What a client sends when it was asked for input: `[requestState, inputResponses]`, null where there is neither.
    pub round: Value,
}

type SaysOfTask = dyn Fn(&str) -> Result<GetTaskResult, ErrorData> + Send + Sync;

/// What a server says of its tasks.
#[derive(Clone)]
struct Tasks(Arc<SaysOfTask>);

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tasks")
    }
}

/// The server. It is configured first, and then served by an `Arc`.
#[derive(Debug)]
pub struct Server {
    tools: Vec<(Tool, Behaviour)>,
    prompts: Vec<(Prompt, Behaviour)>,
    resources: Vec<(Resource, Behaviour)>,
    templates: Vec<(ResourceTemplate, Behaviour)>,
    skills: Vec<(Skill, ())>,
    tasks: Option<Tasks>,
    page: usize,
    look_up: Option<fn(Tool) -> Tool>,
    lists: bool,
    stuck: bool,
    slow: bool,
    picky: bool,
    log: Log,
    received: Mutex<Vec<Received>>,
}

impl Server {
    /// A server without components.
    #[must_use]
    pub fn new(log: &Log) -> Self {
        Self {
            tools: Vec::new(),
            prompts: Vec::new(),
            resources: Vec::new(),
            templates: Vec::new(),
            skills: Vec::new(),
            tasks: None,
            page: usize::MAX,
            look_up: Some(|tool| tool),
            lists: true,
            stuck: false,
            slow: false,
            picky: false,
            log: log.clone(),
            received: Mutex::default(),
        }
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool, behaviour: Behaviour) -> Self {
        self.tools.push((tool, behaviour));
        self
    }

    /// Adds a prompt.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt, behaviour: Behaviour) -> Self {
        self.prompts.push((prompt, behaviour));
        self
    }

    /// Adds a resource.
    #[must_use]
    pub fn resource(mut self, resource: Resource, behaviour: Behaviour) -> Self {
        self.resources.push((resource, behaviour));
        self
    }

    /// Adds a resource template. What starts like it, up to the first variable, is an instance.
    #[must_use]
    pub fn template(mut self, template: ResourceTemplate, behaviour: Behaviour) -> Self {
        self.templates.push((template, behaviour));
        self
    }

    /// Adds a skill.
    #[must_use]
    pub fn skill(mut self, skill: Skill) -> Self {
        self.skills.push((skill, ()));
        self
    }

    /// What is said of a task. Without this each id is a task that has ended.
    #[must_use]
    pub fn tasks(
        mut self,
        tasks: impl Fn(&str) -> Result<GetTaskResult, ErrorData> + Send + Sync + 'static,
    ) -> Self {
        self.tasks = Some(Tasks(Arc::new(tasks)));
        self
    }

    /// Lists have pages of this length.
    #[must_use]
    pub const fn paged(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// The definition of a tool can't be asked for by its name.
    #[must_use]
    pub const fn without_look_up(mut self) -> Self {
        self.look_up = None;
        self
    }

    /// The definition of a tool is another one when it is asked for by its name.
    #[must_use]
    pub const fn looking_up(mut self, look_up: fn(Tool) -> Tool) -> Self {
        self.look_up = Some(look_up);
        self
    }

    /// No list can be read.
    #[must_use]
    pub const fn without_lists(mut self) -> Self {
        self.lists = false;
        self
    }

    /// Each page of a list says that the same one comes next.
    #[must_use]
    pub const fn stuck(mut self) -> Self {
        self.stuck = true;
        self
    }

    /// A list is there only after its request has waited.
    #[must_use]
    pub const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    /// Clients hear of changes of those resources alone that there are.
    #[must_use]
    pub const fn picky(mut self) -> Self {
        self.picky = true;
        self
    }

    /// Ready to be served.
    #[must_use]
    pub fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// What reached the server, but for lists.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The one request that reached the server.
    #[must_use]
    pub fn only(&self) -> Received {
        match self.received().as_slice() {
            [received] => received.clone(),
            other => panic!("not one request: {other:?}"),
        }
    }

    fn note(&self, received: &Received) {
        self.log.add(format!("component {}", received.name));
        self.received
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(received.clone());
    }
}
