//! Resources in lists that are under the rule of a template, or of another spelling of their URI.

use sapl_mcp::{EnforceExt as _, Unannotated, pre_enforce};
use sapl_mcp_tests::{Asked, Behaviour, Log, Mode, Pdp, Server, World, resource, template};
use serde_json::json;

async fn listed(world: &World, user: &str) -> Vec<String> {
    let resources = world
        .client(user)
        .await
        .peer()
        .list_all_resources()
        .await
        .unwrap();
    resources.into_iter().map(|resource| resource.uri).collect()
}

#[tokio::test]
async fn an_instance_of_a_stealth_template_is_listed_by_the_rule_of_the_template() {
    for marked in [true, false] {
        let log = Log::new();
        let mut vaults = template("data://vaults/{id}");
        if marked {
            vaults = vaults.enforce(pre_enforce().stealth());
        }
        let server = Server::new(&log)
            .resource(resource("data://open"), Behaviour::text("open"))
            .resource(resource("data://vaults/7"), Behaviour::text("vault"))
            .template(vaults, Behaviour::text("vault"));
        let world = World::with(
            &log,
            server,
            Pdp::role(&log, "ANALYST"),
            Mode::Json,
            |builder| match marked {
                true => builder,
                false => builder.resource_template("data://vaults/{id}", pre_enforce().stealth()),
            },
        )
        .await;
        assert_eq!(listed(&world, "sam").await, ["data://open"]);
        assert_eq!(listed(&world, "mara").await, ["data://open", "data://vaults/7"]);
        for asked in world.pdp.asked() {
            let Asked::Page(page) = asked else {
                panic!("{asked:?}")
            };
            let [asked] = page.as_slice() else {
                panic!("{page:?}")
            };
            assert_eq!(asked.resource()["uri"], "data://vaults/7");
            assert_eq!(asked.resource()["arguments"], json!({}));
        }
    }
}

#[tokio::test]
async fn a_resource_that_nobody_can_read_by_its_listed_uri_is_in_no_list() {
    let log = Log::new();
    let server = Server::new(&log)
        .resource(resource("DATA://secret"), Behaviour::text("secret"))
        .resource(resource("data://open"), Behaviour::text("open"));
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder.resource("data://secret", pre_enforce().stealth())
    })
    .await;
    for user in ["sam", "mara"] {
        assert_eq!(listed(&world, user).await, ["data://open"]);
    }
}

#[tokio::test]
async fn an_unannotated_template_is_decided_with_its_variables() {
    let log = Log::new();
    let server = Server::new(&log).template(template("data://vaults/{id}"), Behaviour::text("vault"));
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder.unannotated(Unannotated::AskPdp)
    })
    .await;
    let read = async |uri: &str| world.ask("mara", "resources/read", json!({"uri": uri})).await;
    assert!(read("data://vaults/7").await.result()["contents"].is_array());
    assert_eq!(world.pdp.only().resource()["arguments"], json!({"id": "7"}));
    assert_eq!(read("data://vaults/..%2F7").await.error()["code"], -32002);
}
