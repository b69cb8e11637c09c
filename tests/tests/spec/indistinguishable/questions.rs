//! What can be asked about a name.

use sapl_mcp_tests::Revision;
use serde_json::{Value, json};

use super::servers::{
    BOUND_TOOL, INSTANCE, POST_TOOL, PROMPT, RESOURCE, SKILL, SKILL_FILE, TASKS, TEMPLATE, TOOL,
};

/// A request about a name that is hidden, and about one that nobody knows.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) method: &'static str,
    pub(super) hidden: &'static str,
    pub(super) unknown: &'static str,
    /// The parameters, with `NAME` where the name is to stand.
    params: Value,
    /// Whether whoever may use the component gets something for it.
    pub(super) fits: bool,
}

impl Question {
    fn new(method: &'static str, names: (&'static str, &'static str), params: Value) -> Self {
        Self {
            method,
            hidden: names.0,
            unknown: names.1,
            params,
            fits: false,
        }
    }

    fn fitting(self) -> Self {
        Self { fits: true, ..self }
    }

    /// The parameters about this name.
    pub(super) fn about(&self, name: &str) -> Value {
        let text = self.params.to_string().replace("NAME", name);
        serde_json::from_str(&text).unwrap()
    }

    /// Whether whoever may use the component gets something for it in this revision. Tasks are of the newest alone.
    pub(super) fn tells(&self, revision: Revision) -> bool {
        self.fits && (!revision.initializes() || !self.method.starts_with("tasks/"))
    }
}

/// Hidden names, each with an unknown one of the same length.
const TOOLS: [(&str, &str); 3] = [
    (TOOL, "unheard_ofs_1"),
    (POST_TOOL, "unheard_ofs_2"),
    (BOUND_TOOL, "unheard_ofs_3"),
];
const A_PROMPT: (&str, &str) = (PROMPT, "absent_prompt");
pub(super) const RESOURCES: [(&str, &str); 2] =
    [(RESOURCE, "data://absent/1"), (INSTANCE, "data://absent-vault/7")];
const A_SKILL: (&str, &str) = (SKILL, "skill://absent/SKILL.md");
const A_FILE: (&str, &str) = (SKILL_FILE, "skill://absent/a.txt");
const A_TEMPLATE: (&str, &str) = (TEMPLATE, "data://absent-vault/{id}");

/// Everything that is asked.
pub(super) fn questions() -> Vec<Question> {
    let mut all = Vec::new();
    for names in TOOLS {
        let call = |arguments: Value| {
            Question::new(
                "tools/call",
                names,
                json!({"name": "NAME", "arguments": arguments}),
            )
        };
        // In the newest revision a bound argument has to be in a header as well, and nobody is told so of a hidden tool.
        let fitting = call(json!({"limit": 1}));
        all.push(if names.0 == BOUND_TOOL {
            fitting
        } else {
            fitting.fitting()
        });
        all.extend(misfits().into_iter().map(call));
        all.push(Question::new("tools/call", names, json!({"name": "NAME"})));
        let task = json!({"name": "NAME", "arguments": {"limit": 1}, "task": {"ttl": 60_000}});
        all.push(Question::new("tools/call", names, task));
    }
    let get = |arguments: Value| {
        Question::new(
            "prompts/get",
            A_PROMPT,
            json!({"name": "NAME", "arguments": arguments}),
        )
    };
    all.push(get(json!({"topic": "x"})).fitting());
    all.extend(misfits().into_iter().map(get));
    for names in RESOURCES {
        all.push(Question::new("resources/read", names, json!({"uri": "NAME"})).fitting());
        all.push(Question::new(
            "resources/read",
            names,
            json!({"uri": "NAME", "arguments": {"id": 1}}),
        ));
        all.push(Question::new("resources/read", names, json!({"uri": ["NAME"]})));
        for method in [
            "resources/subscribe",
            "resources/unsubscribe",
            "resources/directory/read",
            "skills/get",
        ] {
            all.push(Question::new(method, names, json!({"uri": "NAME"})));
        }
    }
    all.push(Question::new("skills/get", A_SKILL, json!({"uri": "NAME"})).fitting());
    for names in [A_SKILL, A_FILE] {
        for method in [
            "resources/read",
            "resources/directory/read",
            "resources/subscribe",
        ] {
            all.push(Question::new(method, names, json!({"uri": "NAME"})));
        }
    }
    for (hidden, unknown) in TASKS.into_iter().zip(["absent-task-1", "absent-task-2"]) {
        for method in ["tasks/get", "tasks/cancel"] {
            all.push(Question::new(method, (hidden, unknown), json!({"taskId": "NAME"})).fitting());
        }
        let params = json!({"taskId": "NAME", "inputResponses": {}});
        all.push(Question::new("tasks/update", (hidden, unknown), params).fitting());
        all.push(Question::new(
            "tasks/update",
            (hidden, unknown),
            json!({"taskId": "NAME"}),
        ));
        all.push(Question::new(
            "tasks/get",
            (hidden, unknown),
            json!({"taskId": ["NAME"]}),
        ));
        all.push(Question::new(
            "tasks/result",
            (hidden, unknown),
            json!({"taskId": "NAME"}),
        ));
    }
    let of_prompt = json!({"type": "ref/prompt", "name": "NAME"});
    let of_resource = json!({"type": "ref/resource", "uri": "NAME"});
    for (names, reference, argument) in [
        (A_PROMPT, &of_prompt, "topic"),
        (A_TEMPLATE, &of_resource, "id"),
        (RESOURCES[1], &of_resource, "id"),
        (RESOURCES[0], &of_resource, "id"),
    ] {
        for value in ["", "h", "absent"] {
            let argument = json!({"name": argument, "value": value});
            let params = json!({"ref": reference, "argument": argument});
            all.push(Question::new("completion/complete", names, params));
        }
        let params = json!({
            "ref": reference,
            "argument": {"name": "no such argument", "value": 5},
            "context": {"arguments": {"topic": "x"}},
        });
        all.push(Question::new("completion/complete", names, params));
    }
    all
}

/// Arguments that don't fit.
fn misfits() -> Vec<Value> {
    vec![
        json!({}),
        json!({"limit": "x", "topic": 5}),
        json!({"limit": 1, "topic": "x", "more": {"than": ["expected"]}}),
        json!([1]),
        json!("text"),
        json!(null),
    ]
}
