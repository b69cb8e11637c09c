use serde_json::{Map, json};

use super::*;

fn owner() -> Owner {
    Owner {
        server: Arc::new(ServerIdentity {
            name: "files".to_owned(),
            version: None,
            trusted: false,
        }),
        user: Arc::new(json!("ann")),
    }
}

fn tool(name: &'static str, description: &'static str) -> Tool {
    Tool::new(name, description, Map::new())
}

fn learned(known: &mut KnownTools, tools: &[Tool]) -> Vec<String> {
    let owner = owner();
    let list = tools
        .iter()
        .map(|tool| Listed::new(&owner, tool.clone()))
        .collect();
    let doubts = known.doubts();
    let mut changed = known.learn(&owner, list, doubts);
    changed.sort();
    changed
}

#[test]
fn what_is_seen_first_is_taken_as_it_is_and_what_changes_is_noticed() {
    let mut known = KnownTools::default();
    assert!(known.listed("a").is_none());
    assert!(learned(&mut known, &[tool("a", "reads"), tool("b", "writes")]).is_empty());
    assert!(!known.listed("a").unwrap().redefined);
    assert!(learned(&mut known, &[tool("a", "reads"), tool("b", "writes")]).is_empty());

    assert_eq!(
        learned(&mut known, &[tool("a", "reads and sends"), tool("b", "writes")]),
        ["a"]
    );
    let now = known.listed("a").unwrap();
    assert!(now.redefined);
    assert_eq!(now.since, Some(3));
    assert_eq!(known.listed("b").unwrap().since, Some(1));

    known.accept("b", now.definition.digest);
    known.accept("a", known.standing("b").unwrap().definition.digest);
    assert!(
        known.listed("a").unwrap().redefined,
        "another definition was agreed to"
    );
    known.accept("a", now.definition.digest);
    assert!(!known.listed("a").unwrap().redefined);
}

#[test]
fn every_part_of_a_definition_counts() {
    let schema = |key: &str| Arc::new(json!({key: 1}).as_object().cloned().unwrap());
    let with = |change: &dyn Fn(&mut Tool)| {
        let mut changed = tool("a", "reads");
        change(&mut changed);
        Listed::new(&owner(), changed).digest
    };
    let unchanged = with(&|_| ());
    let meta = |key: &str| {
        let mut meta = rmcp::model::MetaObject::new();
        meta.insert(key.to_owned(), json!("x"));
        meta
    };
    for change in [
        &(|tool: &mut Tool| tool.title = Some("A".to_owned())) as &dyn Fn(&mut Tool),
        &|tool| tool.description = Some("writes".into()),
        &|tool| tool.description = None,
        &|tool| tool.input_schema = schema("x"),
        &|tool| tool.output_schema = Some(schema("x")),
        &|tool| tool.annotations = Some(rmcp::model::ToolAnnotations::default().read_only(true)),
        &|tool| tool.meta = Some(meta(crate::ADVISORY_KEY)),
        &|tool| tool.meta = Some(meta("example/cost")),
        &|tool| tool.icons = Some(vec![rmcp::model::Icon::new("https://example.com/a.png")]),
    ] {
        assert_ne!(with(change), unchanged);
    }
}

#[test]
fn a_definition_is_bound_to_the_server_and_the_user() {
    let digest = |owner: &Owner| Listed::new(owner, tool("a", "reads")).digest;
    let mut other = owner();
    other.user = Arc::new(json!("bob"));
    assert_ne!(digest(&owner()), digest(&other));
    let mut other = owner();
    other.server = Arc::new(ServerIdentity {
        name: "mail".to_owned(),
        ..(*other.server).clone()
    });
    assert_ne!(digest(&owner()), digest(&other));
}

#[test]
fn a_tool_that_vanishes_and_comes_back_as_another_is_noticed() {
    let mut known = KnownTools::default();
    learned(&mut known, &[tool("a", "reads")]);
    assert_eq!(learned(&mut known, &[]), ["a"]);
    assert!(known.listed("a").is_none(), "nothing lists it");
    let gone = known.standing("a").unwrap();
    assert!(gone.redefined);
    assert_eq!(gone.since, None);
    assert_eq!(gone.definition.hints, ToolHints::default());

    assert_eq!(learned(&mut known, &[tool("a", "sends")]), ["a"]);
    assert!(known.listed("a").unwrap().redefined);
    learned(&mut known, &[tool("a", "reads")]);
    assert!(!known.listed("a").unwrap().redefined, "it is what it was");
}

#[test]
fn a_list_that_is_in_doubt_is_not_believed() {
    let mut known = KnownTools::default();
    learned(&mut known, &[tool("a", "reads")]);
    known.doubt();
    assert!(known.listed("a").is_none());
    learned(&mut known, &[tool("a", "reads")]);
    assert!(known.listed("a").is_some());

    let before = known.doubts();
    known.doubt();
    known.learn(&owner(), vec![Listed::new(&owner(), tool("a", "reads"))], before);
    assert!(known.listed("a").is_none(), "it was read when nobody doubted yet");
    assert!(!known.is_fresh());
}

#[test]
fn tools_are_bounded_with_those_that_are_gone() {
    let owner = owner();
    let list = |range: std::ops::Range<usize>| -> Vec<Listed> {
        range
            .map(|at| Listed::new(&owner, Tool::new(at.to_string(), "t", Map::new())))
            .collect()
    };
    let mut known = KnownTools::default();
    assert!(known.has_room_for(&list(0..MAX_KNOWN_TOOLS)));
    assert!(!known.has_room_for(&list(0..MAX_KNOWN_TOOLS + 1)));
    known.learn(&owner, list(0..MAX_KNOWN_TOOLS), 0);
    assert!(known.has_room_for(&list(5..6)), "it is known already");
    assert!(!known.has_room_for(&list(MAX_KNOWN_TOOLS..MAX_KNOWN_TOOLS + 1)));
}
