//! Policies and questions of the same shape and of growing number.

use serde_json::{Value, json};

/// The tools that are asked about in turn.
pub const TOOLS: usize = 64;

/// The sizes of the populations by name and role.
pub const POPULATIONS: [usize; 4] = [10, 100, 1_000, 5_000];

/// The tools of the listing, each with a policy of its own.
pub const LISTED: usize = 1_000;

/// Policies, and what is asked about them.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of the row.
    pub name: String,
    /// The documents: the name of the file and its text. Without settings, a PERMIT needs a policy.
    pub documents: Vec<(String, String)>,
    /// Subscriptions as they come in: six claims, an action, a resource with a name and three arguments.
    pub asked: Vec<Value>,
    /// How many of them are permitted.
    pub permitted: usize,
}

/// One policy that looks at the action.
pub fn trivial() -> Case {
    let text = "policy \"calls\" permit action == \"call\";";
    Case {
        name: "trivial".to_owned(),
        documents: vec![("calls.sapl".to_owned(), text.to_owned())],
        asked: (0..TOOLS).map(subscription).collect(),
        permitted: TOOLS,
    }
}

/// Three policies by role: one permits, one does not apply, one forbids a part.
pub fn roles() -> Case {
    let documents = [
        (
            "analysts.sapl",
            r#"policy "analysts" permit action == "call"; "analyst" in subject.realm_access.roles;"#,
        ),
        (
            "operators.sapl",
            r#"policy "operators" permit action == "call"; "operator" in subject.realm_access.roles;"#,
        ),
        (
            "strangers.sapl",
            r#"policy "strangers" deny action == "call"; !("user" in subject.realm_access.roles);"#,
        ),
    ];
    Case {
        name: "three roles".to_owned(),
        documents: documents
            .map(|(file, text)| (file.to_owned(), text.to_owned()))
            .to_vec(),
        asked: (0..TOOLS).map(subscription).collect(),
        permitted: TOOLS,
    }
}

/// One policy for each of `size` tools, which says which role may call it; tools are asked about all over them.
pub fn population(size: usize) -> Case {
    let asked: Vec<usize> = (0..TOOLS).map(|index| index * size / TOOLS).collect();
    Case {
        name: format!("{size} by name and role"),
        documents: (0..size).map(tool_policy).collect(),
        permitted: asked.iter().filter(|tool| role(**tool) == ROLES[0]).count(),
        asked: asked.into_iter().map(subscription).collect(),
    }
}

/// The question of a listing: each of the tools, for one caller.
pub fn listing() -> Case {
    Case {
        name: format!("listing of {LISTED}"),
        documents: (0..LISTED).map(tool_policy).collect(),
        asked: (0..LISTED).map(subscription).collect(),
        permitted: (0..LISTED).filter(|tool| role(*tool) == ROLES[0]).count(),
    }
}

/// The roles that policies name, the caller's first.
const ROLES: [&str; 3] = ["analyst", "operator", "auditor"];

/// The role that may call a tool.
pub fn role(tool: usize) -> &'static str {
    ROLES.get(tool % ROLES.len()).copied().unwrap_or_default()
}

fn tool_policy(tool: usize) -> (String, String) {
    let text = format!(
        r#"policy "tool {tool}" permit resource.name == "tool-{tool}"; "{}" in subject.realm_access.roles;"#,
        role(tool)
    );
    (format!("tool-{tool}.sapl"), text)
}

/// May an analyst call this tool?
pub fn subscription(tool: usize) -> Value {
    json!({
        "subject": {
            "sub": "5f0c8a52-9a0e-4c5b-8f0e-0d8f7c1f9a11",
            "iss": "https://login.example.com/realms/demo",
            "preferred_username": "mara",
            "department": "analytics",
            "clearance": 3,
            "realm_access": {"roles": ["analyst", "reader", "user"]},
        },
        "action": "call",
        "resource": {
            "name": format!("tool-{tool}"),
            "arguments": {"segment": "enterprise", "region": "north", "limit": 100},
        },
    })
}
