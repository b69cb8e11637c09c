//! What the decision point is asked about a list.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, gate, pre_enforce};
use sapl_mcp_tests::{Answer, Asked, Behaviour, Log, Mode, Pdp, Server, World, claims, tool};
use serde_json::{Value, json};

use crate::stealth;

const LISTS: [&str; 4] = [
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
];

#[tokio::test]
async fn a_page_is_one_question() {
    let world = stealth::world(Mode::Json).await;
    for (list, stealth_components) in LISTS.into_iter().zip([3, 1, 1, 1]) {
        let before = world.pdp.asked().len();
        world.ask("sam", list, json!({})).await.result();
        let asked = world.pdp.asked().split_off(before);
        let [Asked::Page(page)] = asked.as_slice() else {
            panic!("{list}: {asked:?}")
        };
        assert_eq!(page.len(), stealth_components, "{list}");
    }
}

#[tokio::test]
async fn a_page_without_stealth_components_is_no_question() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("open").enforce(pre_enforce()), Behaviour::text("open"))
        .tool(tool("unruled"), Behaviour::text("open"));
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    for list in LISTS {
        world.ask("sam", list, json!({})).await.result();
    }
    assert_eq!(world.pdp.asked().len(), 0);
}

#[tokio::test]
async fn what_can_not_be_shown_anyway_is_not_asked_about_and_hides_nothing_else() {
    for enforcement in [
        pre_enforce().required_scopes(["admin"]),
        pre_enforce().subject_fn(|_| None::<Value>),
    ] {
        let log = Log::new();
        let hidden = tool("hidden").enforce(gate()).enforce(enforcement);
        let shown = tool("shown").enforce(pre_enforce().stealth());
        let server = Server::new(&log)
            .tool(hidden, Behaviour::text("hidden"))
            .tool(shown, Behaviour::text("shown"));
        let pdp = Pdp::new(&log, |subscription| match subscription.action() == "hidden" {
            true => Answer::Never,
            false => Answer::Now(AuthorizationDecision::permit()),
        });
        let world = World::new(&log, server, pdp).await;
        let tools = world.ask("sam", "tools/list", json!({})).await.result();
        assert_eq!(tools["tools"].as_array().map(Vec::len), Some(1), "{tools}");
        let asked = world.pdp.asked();
        let [Asked::Page(page)] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        assert_eq!(page.len(), 1);
    }
}

#[tokio::test]
async fn the_question_is_about_the_use_of_the_component_without_arguments() {
    let world = stealth::world(Mode::Json).await;
    let expected = [
        (
            "call",
            json!({"name": "secret_tool", "tags": ["classified"], "arguments": {}}),
        ),
        (
            "get",
            json!({"name": "secret_prompt", "tags": ["classified"], "arguments": {}}),
        ),
        (
            "read",
            json!({"name": "secret", "tags": ["classified"], "arguments": {}, "uri": "data://secret"}),
        ),
        (
            "read",
            json!({"name": "data://vaults/{id}", "tags": ["classified"], "arguments": {}}),
        ),
    ];
    for (list, (action, resource)) in LISTS.into_iter().zip(expected) {
        world.ask("sam", list, json!({})).await.result();
        let Some(Asked::Page(page)) = world.pdp.asked().pop() else {
            panic!("{list}")
        };
        assert_eq!(page[0].subject(), &claims("sam"), "{list}");
        assert_eq!(page[0].action(), action, "{list}");
        assert_eq!(page[0].resource(), &resource, "{list}");
        assert_eq!(page[0].environment(), None, "{list}");
    }
}

#[tokio::test]
async fn functions_of_the_rule_see_that_it_is_a_list() {
    let log = Log::new();
    let rule = pre_enforce().stealth().action("export").resource_fn(|context| {
        json!({"operation": context.operation(), "segment": context.argument("segment"), "uri": context.uri()})
    });
    let server = Server::new(&log).tool(tool("t").enforce(rule), Behaviour::text("t"));
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    world.ask("mara", "tools/list", json!({})).await.result();
    let Some(Asked::Page(page)) = world.pdp.asked().pop() else {
        panic!("no page")
    };
    assert_eq!(page[0].action(), "export");
    assert_eq!(
        page[0].resource(),
        &json!({"operation": "list", "segment": null, "uri": null})
    );
}

#[tokio::test]
async fn no_handler_runs_for_a_list() {
    let log = Log::new();
    let decision = sapl_mcp::AuthorizationDecision::permit()
        .with_obligation(sapl_mcp_tests::step("run", "a"))
        .with_obligation(sapl_mcp_tests::step("invoke", "b"));
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce().stealth()), Behaviour::text("t"));
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    world.ask("mara", "tools/list", json!({})).await.result();
    assert_eq!(log.lines(), ["decide 1"]);
}

#[tokio::test]
async fn a_cursor_stays_as_the_server_gave_it_though_all_of_a_page_is_hidden() {
    let log = Log::new();
    let stealth = || pre_enforce().stealth();
    let server = Server::new(&log)
        .paged(2)
        .tool(tool("a").enforce(stealth()), Behaviour::text("a"))
        .tool(tool("b").enforce(stealth()), Behaviour::text("b"))
        .tool(tool("c"), Behaviour::text("c"))
        .tool(tool("d").enforce(stealth()), Behaviour::text("d"))
        .tool(tool("e"), Behaviour::text("e"));
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let result = world.ask("sam", "tools/list", params).await.result();
        let names: Vec<Value> = result["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["name"].clone())
            .collect();
        pages.push(json!(names));
        match result.get("nextCursor") {
            Some(cursor) => params = json!({"cursor": cursor}),
            None => break,
        }
    }
    assert_eq!(pages, [json!([]), json!(["c"]), json!(["e"])]);
    let sizes: Vec<usize> = world
        .pdp
        .asked()
        .iter()
        .map(|asked| match asked {
            Asked::Page(page) => page.len(),
            Asked::One(_) => 0,
        })
        .collect();
    assert_eq!(sizes, [2, 1], "the last page has no stealth component");
}
