//! Skills: under the rule of their URI, in their own list and by themselves.

use rmcp::model::{Skill, SkillFrontmatter, SkillResource, SkillResources};
use sapl_mcp::{EnforceExt as _, Rule, gate, pre_enforce};
use sapl_mcp_tests::{
    Ask, Asked, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, resource, template,
};
use serde_json::{Value, json};

/// A skill with these further files.
fn skill(name: &str, files: &[&str]) -> Skill {
    let uri = |file: &str| format!("skill://{name}/{file}");
    let files = ["SKILL.md"].iter().chain(files);
    let files = files
        .map(|file| SkillResource::from_bytes(uri(file), b"text"))
        .collect();
    let frontmatter = SkillFrontmatter::new(name, "a skill of the tests");
    Skill::new(uri("SKILL.md"), frontmatter, SkillResources::Files(files))
}

fn uri(name: &str) -> String {
    format!("skill://{name}/SKILL.md")
}

/// An open skill, one that is listed as a resource under this rule, and one under a template with it.
fn server(log: &Log, rule: impl Fn() -> Rule) -> Server {
    let text = || Behaviour::text("text");
    Server::new(log)
        .skill(skill("listed", &[]))
        .skill(skill("open", &["help.txt"]))
        .skill(skill("matched", &[]))
        .resource(
            resource("skill://listed/SKILL.md").enforce(rule().shared()),
            text(),
        )
        .template(
            template("skill://matched/{file}").enforce(rule().shared()),
            text(),
        )
}

async fn world(rule: impl Fn() -> Rule) -> World {
    let log = Log::new();
    let server = server(&log, rule);
    World::new(&log, server, Pdp::role(&log, "ANALYST")).await
}

#[track_caller]
fn names(reply: &Reply) -> Vec<Value> {
    let result = reply.result();
    let skills = result["skills"].as_array().unwrap();
    skills
        .iter()
        .map(|skill| skill["frontmatter"]["name"].clone())
        .collect()
}

#[tokio::test]
async fn the_list_shows_what_its_reader_may_use() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule).await;
        for revision in Revision::ALL {
            let ask = |user| Ask::new(revision, user, "skills/list", json!({}));
            let mine = world.wire.ask(&ask("mara")).await;
            assert_eq!(names(&mine), ["listed", "open", "matched"]);
            let reply = world.wire.ask(&ask("sam")).await;
            assert_eq!(names(&reply), ["open"]);
            assert!(!reply.contains("listed") && !reply.contains("matched"));
            if revision == Revision::July2026 {
                assert_eq!(mine.result()["cacheScope"], "private");
            }
        }
        assert!(
            world
                .pdp
                .asked()
                .iter()
                .all(|asked| matches!(asked, Asked::Page(page) if page.len() == 2))
        );
    }
}

#[tokio::test]
async fn a_plain_rule_hides_no_skill_and_is_no_question() {
    let world = world(pre_enforce).await;
    let reply = world.ask("sam", "skills/list", json!({})).await;
    assert_eq!(names(&reply), ["listed", "open", "matched"]);
    assert!(world.pdp.asked().is_empty());
}

#[tokio::test]
async fn one_skill_is_decided_as_a_read_of_its_uri() {
    let world = world(pre_enforce).await;
    for name in ["listed", "matched"] {
        let params = json!({"uri": uri(name)});
        let reply = world.ask("mara", "skills/get", params.clone()).await;
        assert_eq!(reply.result()["skill"]["frontmatter"]["name"], name);
        let error = world.ask("sam", "skills/get", params).await.error();
        assert_eq!(error, json!({"code": -32003, "message": "Access denied"}));
    }
    let Some(Asked::One(asked)) = world.pdp.asked().pop() else {
        panic!("not by itself")
    };
    assert_eq!(asked.action(), "read");
    assert_eq!(asked.resource()["uri"], "skill://matched/SKILL.md");
    assert_eq!(world.audit.records().len(), 4);
    let open = world.ask("sam", "skills/get", json!({"uri": uri("open")})).await;
    assert_eq!(open.result()["skill"]["frontmatter"]["name"], "open");
}

#[tokio::test]
async fn a_hidden_skill_answers_as_an_unknown_one() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule).await;
        for revision in Revision::ALL {
            for name in ["listed", "matched"] {
                let (hidden, unknown) = (uri(name), uri("unknown"));
                let ask = |uri: &str| Ask::new(revision, "sam", "skills/get", json!({"uri": uri}));
                let reply = world.wire.ask(&ask(&hidden)).await;
                let like = world.wire.ask(&ask(&unknown)).await;
                assert_eq!(
                    reply.naming(&hidden, "URI").message(),
                    like.naming(&unknown, "URI").message()
                );
                assert_eq!(reply.status, like.status);
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn a_page_whose_skills_are_all_hidden_is_empty_and_keeps_its_cursor() {
    let log = Log::new();
    let server = Server::new(&log)
        .paged(1)
        .skill(skill("listed", &[]))
        .skill(skill("open", &[]))
        .resource(
            resource("skill://listed/SKILL.md").enforce(pre_enforce().stealth()),
            Behaviour::text("text"),
        );
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    let first = world.ask("sam", "skills/list", json!({})).await;
    assert!(names(&first).is_empty());
    let cursor = first.result()["nextCursor"].clone();
    let second = world.ask("sam", "skills/list", json!({"cursor": cursor})).await;
    assert_eq!(names(&second), ["open"]);
}

#[tokio::test]
async fn the_files_of_an_open_skill_can_be_read_though_nobody_lists_them() {
    let world = world(|| pre_enforce().stealth()).await;
    let uri = "skill://open/help.txt";
    world
        .ask("sam", "resources/read", json!({"uri": uri}))
        .await
        .error();
    // What it answers is up to the server.
    assert_eq!(world.server.only().name, uri);
}

#[tokio::test]
async fn the_files_of_a_hidden_skill_are_unknown() {
    let log = Log::new();
    let server = Server::new(&log).skill(skill("listed", &["help.txt"])).resource(
        resource("skill://listed/SKILL.md").enforce(pre_enforce().stealth()),
        Behaviour::text("text"),
    );
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    for method in ["resources/read", "resources/directory/read"] {
        for uri in [
            "skill://listed/help.txt",
            "skill://listed/",
            "skill://unknown/help.txt",
        ] {
            let error = world.ask("sam", method, json!({"uri": uri})).await.error();
            assert_eq!(error["code"], -32002, "{method} {uri}");
        }
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn the_files_of_a_skill_are_under_its_rule() {
    for rule in [pre_enforce, || pre_enforce().stealth(), gate] {
        let log = Log::new();
        // A skill around the other, which does not name its files and is open.
        let mut around = skill("around", &[]);
        around.resources = SkillResources::Dynamic;
        let server = Server::new(&log)
            .skill(skill("listed", &["help.txt"]))
            .skill(around)
            .skill(skill("around/inner", &["help.txt"]))
            .resource(
                resource("skill://listed/SKILL.md").enforce(rule().shared()),
                Behaviour::text("text"),
            )
            .resource(
                resource("skill://around/inner/SKILL.md").enforce(rule().shared()),
                Behaviour::text("text"),
            );
        let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
        for uri in ["skill://listed/help.txt", "skill://around/inner/help.txt"] {
            let before = world.server.received().len();
            world
                .ask("sam", "resources/read", json!({"uri": uri}))
                .await
                .error();
            assert_eq!(world.server.received().len(), before, "{uri}");
            world.ask("mara", "resources/read", json!({"uri": uri})).await;
            assert_eq!(world.server.received().last().unwrap().name, uri);
        }
        let open = "skill://around/other.txt";
        world.ask("sam", "resources/read", json!({"uri": open})).await;
        assert_eq!(world.server.received().last().unwrap().name, open);
    }
}

#[tokio::test]
async fn the_directory_of_an_open_skill_is_known() {
    let world = world(|| pre_enforce().stealth()).await;
    for uri in ["skill://open/", "skill://open"] {
        world
            .ask("sam", "resources/directory/read", json!({"uri": uri}))
            .await
            .result();
    }
}

#[tokio::test]
async fn a_hidden_file_is_not_in_the_manifest() {
    let log = Log::new();
    let server = Server::new(&log)
        .skill(skill("open", &["help.txt", "secret.txt"]))
        .resource(
            resource("skill://open/secret.txt").enforce(pre_enforce().stealth()),
            Behaviour::text("text"),
        );
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder
    })
    .await;
    for (user, shown) in [("sam", false), ("mara", true)] {
        for (method, params) in [
            ("skills/list", json!({})),
            ("skills/get", json!({"uri": uri("open")})),
        ] {
            let reply = world.ask(user, method, params).await;
            assert_eq!(reply.contains("secret.txt"), shown, "{user} {method}");
            assert!(reply.contains("help.txt"));
        }
    }
}

/// A skill that carries this rule itself.
fn ruled(mut skill: Skill, rule: Rule) -> Skill {
    skill.meta = resource("data://any").enforce(rule).meta;
    skill
}

#[tokio::test]
async fn a_rule_that_a_skill_carries_holds_wherever_its_files_are_asked_for() {
    for (rule, hides) in [
        (pre_enforce(), false),
        (pre_enforce().stealth(), true),
        (gate(), true),
    ] {
        for is_listed in [false, true] {
            let log = Log::new();
            let mut server = Server::new(&log)
                .skill(ruled(skill("own", &["help.txt"]), rule.clone()))
                .tool(sapl_mcp_tests::tool("t"), Behaviour::text("t"));
            if is_listed {
                server = server.resource(resource(&uri("own")), Behaviour::text("secret"));
            }
            let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
            let file = "skill://own/help.txt".to_owned();
            for uri in [uri("own"), file] {
                for method in ["resources/read", "resources/subscribe"] {
                    let before = world.server.received().len();
                    let error = world.ask("sam", method, json!({"uri": uri})).await.error();
                    assert_eq!(
                        error["code"],
                        if hides { -32002 } else { -32003 },
                        "{method} {uri}"
                    );
                    assert_eq!(world.server.received().len(), before, "{method} {uri}");
                    world.ask("mara", method, json!({"uri": uri})).await;
                    assert_eq!(world.server.received().last().unwrap().name, uri);
                }
            }
            for (user, shown) in [("sam", !hides), ("mara", true)] {
                for method in ["resources/list", "skills/list"] {
                    let reply = world.ask(user, method, json!({})).await;
                    let shown = shown && (is_listed || method == "skills/list");
                    assert_eq!(reply.contains("SKILL.md"), shown, "{user} {method}");
                    assert!(!reply.contains("io.sapl"));
                }
            }
        }
    }
}

#[tokio::test]
async fn another_spelling_of_a_file_is_no_way_around_the_rule_of_its_skill() {
    let log = Log::new();
    let server = Server::new(&log).skill(ruled(skill("own", &["help.txt"]), pre_enforce()));
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder.forward_unlisted(true)
    })
    .await;
    for uri in [
        "SKILL://own/help.txt",
        "skill://own/%68elp.txt",
        "skill://own/./help.txt",
    ] {
        for user in ["sam", "mara"] {
            world
                .ask(user, "resources/read", json!({"uri": uri}))
                .await
                .error();
        }
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn no_result_links_to_a_file_of_a_hidden_skill() {
    use rmcp::model::{CallToolResult, ContentBlock};
    let files = [
        "skill://listed/help.txt",
        "skill://open/help.txt",
        "skill://around/any.txt",
    ];
    let links = || {
        files
            .map(|uri| ContentBlock::resource_link(resource(uri)))
            .to_vec()
    };
    let mut around = skill("around", &[]);
    around.resources = SkillResources::Dynamic;
    for carried in [false, true] {
        let log = Log::new();
        let rule = || pre_enforce().stealth();
        let mut server = Server::new(&log).skill(skill("open", &["help.txt"])).tool(
            sapl_mcp_tests::tool("t"),
            Behaviour::result(CallToolResult::success(links())),
        );
        server = match carried {
            true => server
                .skill(ruled(skill("listed", &["help.txt"]), rule()))
                .skill(ruled(around.clone(), rule())),
            false => server
                .skill(skill("listed", &["help.txt"]))
                .skill(around.clone())
                .resource(
                    resource(&uri("listed")).enforce(rule()),
                    Behaviour::text("secret"),
                )
                .resource(
                    resource(&uri("around")).enforce(rule()),
                    Behaviour::text("secret"),
                ),
        };
        let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
        for (user, expected) in [("sam", &files[1..2]), ("mara", &files[..])] {
            let result = world.call(user, "t", json!({})).await.result();
            let uris: Vec<&str> = result["content"]
                .as_array()
                .unwrap()
                .iter()
                .map(|block| block["uri"].as_str().unwrap())
                .collect();
            assert_eq!(uris, expected, "{user}");
        }
    }
}

#[tokio::test]
async fn no_directory_shows_a_file_of_a_hidden_skill() {
    use rmcp::{ErrorData, RoleServer, ServerHandler, model::*, service::RequestContext};
    type Context = RequestContext<RoleServer>;
    /// It has a folder with two files, which no list has.
    struct Folder(Vec<Skill>);
    impl ServerHandler for Folder {
        fn get_info(&self) -> ServerConfig {
            let capabilities = ServerCapabilities::builder()
                .enable_resources()
                .enable_skills_with_directory_read();
            ServerConfig::new(capabilities.build())
        }
        async fn list_skills(
            &self,
            _: Option<PaginatedRequestParams>,
            _: Context,
        ) -> Result<ListSkillsResult, ErrorData> {
            Ok(ListSkillsResult::with_all_items(self.0.clone()))
        }
        async fn read_resource_directory(
            &self,
            _: ReadResourceDirectoryRequestParams,
            _: Context,
        ) -> Result<ReadResourceDirectoryResult, ErrorData> {
            let files = ["skill://listed/help.txt", "skill://open/help.txt"].map(resource);
            Ok(ReadResourceDirectoryResult::with_all_items(files.to_vec()))
        }
    }
    let server = Folder(vec![
        ruled(skill("listed", &["help.txt"]), pre_enforce().stealth()),
        skill("open", &["help.txt"]),
    ]);
    let layer = sapl_mcp::SaplLayer::builder(Pdp::role(&Log::new(), "ANALYST"))
        .forward_unlisted(true)
        .build()
        .unwrap();
    let wire = sapl_mcp_tests::Wire::serving(layer.layer(std::sync::Arc::new(server)), Mode::Json).await;
    for (user, shown) in [("sam", false), ("mara", true)] {
        let params = json!({"uri": "skill://"});
        let ask = Ask::new(Revision::November2025, user, "resources/directory/read", params);
        let reply = wire.ask(&ask).await;
        assert!(reply.contains("skill://open/help.txt"), "{reply:?}");
        assert_eq!(reply.contains("skill://listed/help.txt"), shown, "{user}");
    }
}

#[tokio::test]
async fn a_skill_is_under_the_rules_of_the_resource_and_of_the_builder_together() {
    let log = Log::new();
    let server = server(&log, || pre_enforce().stealth());
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder.resource(uri("listed"), gate())
    })
    .await;
    let params = || json!({"uri": uri("listed")});
    for (method, key) in [("skills/get", "skill"), ("resources/read", "contents")] {
        assert!(
            world
                .ask("mara", method, params())
                .await
                .result()
                .get(key)
                .is_some()
        );
        assert_eq!(world.ask("sam", method, params()).await.error()["code"], -32002);
    }
    assert_eq!(
        names(&world.ask("mara", "skills/list", json!({})).await),
        ["listed", "open", "matched"]
    );
    assert_eq!(names(&world.ask("sam", "skills/list", json!({})).await), ["open"]);
}

#[tokio::test]
async fn a_skill_is_the_readers_alone_where_it_depends_on_who_reads() {
    type File = fn() -> Rule;
    let cases: [(File, &str); 2] = [(|| pre_enforce().stealth(), "private"), (pre_enforce, "public")];
    for (rule, scope) in cases {
        let log = Log::new();
        let file = resource("skill://open/help.txt").enforce(rule().shared());
        let server = Server::new(&log)
            .skill(skill("open", &["help.txt"]))
            .resource(file, Behaviour::text("text"));
        let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
        // All of its files are the one reader's, and some of them the other's.
        for user in ["mara", "sam"] {
            let ask = Ask::new(
                Revision::July2026,
                user,
                "skills/get",
                json!({"uri": uri("open")}),
            );
            let result = world.wire.ask(&ask).await.result();
            assert_eq!(result["cacheScope"], scope, "{user}: {result}");
        }
    }
}
