use std::any::TypeId;

use rmcp::model::{MetaObject, Prompt, Resource, ResourceTemplate, Tool};
use serde_json::json;

use super::{
    marker::{self, GATE_KEY, KEY, RuleId},
    registry::{MAX_RULES, Registry, Unregistered},
    *,
};

fn marked(rule: impl Into<RuleHandle>) -> MetaObject {
    Resource::new("data://a", "a").enforce(rule).meta.unwrap()
}

fn rule_behind(meta: &MetaObject) -> Arc<Rule> {
    match rules_of(Some(meta)) {
        Marked::Rules(rules) => Arc::clone(rules.first()),
        other => panic!("{other:?}"),
    }
}

fn is_invalid(meta: &MetaObject) -> bool {
    matches!(rules_of(Some(meta)), Marked::Invalid)
}

fn with_marker(marker: Value) -> MetaObject {
    let mut meta = MetaObject::default();
    meta.0.insert(KEY.to_owned(), marker);
    meta
}

#[test]
fn every_kind_of_definition_takes_a_rule() {
    let tag = |name: &str| pre_enforce().tags([name]);
    let tool = Tool::new("t", "", Arc::default()).enforce(tag("tool"));
    let prompt = Prompt::new("p", None::<String>, None).enforce(tag("prompt"));
    let resource = Resource::new("data://r", "r").enforce(tag("resource"));
    let template = ResourceTemplate::new("data://{x}", "x").enforce(tag("template"));
    for (meta, expected) in [
        (tool.meta, "tool"),
        (prompt.meta, "prompt"),
        (resource.meta, "resource"),
        (template.meta, "template"),
    ] {
        assert_eq!(rule_behind(&meta.unwrap()).tag_names().as_ref(), [expected]);
    }
}

#[test]
fn a_definition_without_a_marker_has_no_rule() {
    assert!(matches!(rules_of(None), Marked::None));
    assert!(matches!(rules_of(Some(&MetaObject::default())), Marked::None));
}

#[test]
fn a_forged_or_malformed_marker_is_invalid() {
    let meta = marked(pre_enforce());
    let genuine = meta.0[KEY].as_str().unwrap().to_owned();
    let (nonce, id) = genuine.split_at(32);
    let zeros = "0".repeat(32);
    for forged in [
        json!(null),
        json!(0),
        json!({}),
        json!(""),
        json!(nonce),
        json!(format!("{zeros}{id}")),
        json!(format!("{nonce}-ffff")),
        json!(format!("{nonce}-0")),
        json!(format!("{nonce}-00000")),
        json!(format!("{nonce}-000G")),
        json!(format!("{nonce}-+001")),
        json!(format!("{nonce}_{}", id.trim_start_matches('-'))),
        json!(genuine.to_uppercase() + " "),
        json!(format!(" {genuine}")),
    ] {
        assert!(is_invalid(&with_marker(forged.clone())), "{forged}");
    }
    assert!(!is_invalid(&with_marker(json!(genuine))));
}

#[test]
fn markers_name_each_place_and_no_other() {
    for id in [0, 1, 9, 10, 255, 256, 4095, u16::MAX] {
        assert_eq!(marker::read(&marker::write(RuleId(id))), Some(RuleId(id)));
    }
}

#[test]
fn two_rules_on_one_definition_are_invalid() {
    let twice = Resource::new("data://a", "a")
        .enforce(pre_enforce())
        .enforce(post_enforce());
    assert!(is_invalid(&twice.meta.unwrap()));
    let same = Resource::new("data://a", "a")
        .enforce(pre_enforce())
        .enforce(pre_enforce());
    assert!(is_invalid(&same.meta.unwrap()));
    let annotated = attach(marked(pre_enforce()), pre_enforce);
    assert!(is_invalid(&annotated));
    let forged = Resource::new("data://a", "a")
        .with_meta(with_marker(json!("x")))
        .enforce(pre_enforce());
    assert!(is_invalid(&forged.meta.unwrap()));
}

#[test]
fn a_gate_and_an_enforcement_go_together_in_either_order() {
    let (gated, enforced) = (gate().tags(["gate"]), post_enforce().tags(["rule"]));
    let resource = || Resource::new("data://a", "a");
    for definition in [
        resource().enforce(gated.clone()).enforce(enforced.clone()),
        resource().enforce(enforced.clone()).enforce(gated.clone()),
    ] {
        let Marked::Rules(rules) = rules_of(definition.meta.as_ref()) else {
            panic!("{definition:?}")
        };
        assert_eq!(rules.first().tag_names().as_ref(), ["gate"]);
        assert_eq!(rules.then().unwrap().tag_names().as_ref(), ["rule"]);
        assert!(rules.hides() && rules.is_post());
        let mut meta = definition.meta;
        strip(&mut meta);
        assert_eq!(meta, None);
    }
    let three = resource()
        .enforce(gated.clone())
        .enforce(enforced)
        .enforce(gated.clone());
    assert!(is_invalid(&three.meta.unwrap()));
    let twice = resource().enforce(gated.clone()).enforce(gated);
    assert!(is_invalid(&twice.meta.unwrap()));
}

#[test]
fn a_marker_counts_only_as_what_its_rule_is() {
    for (rule, from, to) in [(gate(), GATE_KEY, KEY), (pre_enforce(), KEY, GATE_KEY)] {
        let mut meta = marked(rule);
        let marker = meta.0.remove(from).unwrap();
        meta.0.insert(to.to_owned(), marker);
        assert!(is_invalid(&meta));
    }
    let mut half = marked(gate());
    half.0.insert(KEY.to_owned(), json!("forged"));
    assert!(is_invalid(&half));
}

#[test]
fn a_gate_with_an_argument_of_an_enforcement_is_invalid_however_it_is_attached() {
    assert!(is_invalid(&marked(gate().stealth())));
    assert!(is_invalid(&marked(gate().listing(Listing::Hidden).shared())));
    assert!(is_invalid(
        &attach(MetaObject::default(), || gate().allow_peer_messages())
    ));
    assert!(!is_invalid(&marked(gate().stealth_if(false))));
    assert_eq!(pre_enforce().stealth().misplaced(), None);
}

#[test]
fn a_rule_with_an_advisory_policy_that_is_refused_is_invalid_however_it_is_attached() {
    for refused in ["", "permit all", "policy \"a\" permit <time.now> != 1;"] {
        let rule = || pre_enforce().advisory_policy(refused);
        assert!(is_invalid(&marked(rule())), "{refused}");
        assert!(is_invalid(&marked(rule().shared())), "{refused}");
        let captured = 5;
        let shared = rule().environment_fn(move |_| captured).shared();
        assert!(is_invalid(&marked(shared)), "{refused}");
        assert!(is_invalid(&attach(MetaObject::default(), move || {
            pre_enforce().advisory_policy(refused)
        })));
    }
    let published = String::from("policy \"a\" permit");
    assert!(!is_invalid(&marked(pre_enforce().advisory_policy(published))));
}

#[test]
fn a_definition_lacks_what_another_one_has_by_kind() {
    let both = || {
        rules_of(
            Resource::new("a", "a")
                .enforce(gate())
                .enforce(pre_enforce())
                .meta
                .as_ref(),
        )
    };
    let one = |rule| rules_of(Some(&marked(rule)));
    assert!(Marked::None.lacks(&one(gate())) && Marked::None.lacks(&Marked::Invalid));
    assert!(one(pre_enforce()).lacks(&both()) && one(gate()).lacks(&both()));
    assert!(one(gate()).lacks(&one(pre_enforce())));
    assert!(!both().lacks(&one(gate())) && !one(post_enforce()).lacks(&one(pre_enforce())));
    assert!(!Marked::Invalid.lacks(&both()) && !one(gate()).lacks(&Marked::None));
}

#[test]
fn stripping_leaves_what_the_author_gave() {
    let mut only_ours = Some(marked(pre_enforce()));
    strip(&mut only_ours);
    assert_eq!(only_ours, None);
    let mut both = marked(pre_enforce());
    both.0.insert("mine".to_owned(), json!(1));
    let mut both = Some(both);
    strip(&mut both);
    assert_eq!(both.unwrap().0, json!({"mine": 1}).as_object().cloned().unwrap());
    let mut empty = Some(MetaObject::default());
    strip(&mut empty);
    assert_eq!(empty, Some(MetaObject::default()));
}

#[test]
fn rules_that_say_the_same_are_one_entry() {
    async fn finished(_: &crate::AuthorizationDecision, _: &SubscriptionContext) {}
    let make = |tag: &str| {
        pre_enforce()
            .tags([tag])
            .subject(json!({"a": [1, 2.5, null]}))
            .resource_fn(|ctx| ctx.name().to_owned())
            .finalize(finished)
            .stealth()
    };
    assert_eq!(marked(make("x")), marked(make("x")));
    assert_ne!(marked(make("x")), marked(make("y")));
}

#[test]
fn rules_that_differ_in_anything_are_different_entries() {
    async fn one(_: &crate::AuthorizationDecision, _: &SubscriptionContext) {}
    async fn other(_: &crate::AuthorizationDecision, _: &SubscriptionContext) {
        std::future::ready(()).await;
    }
    let rules = [
        pre_enforce(),
        post_enforce(),
        pre_enforce().tags(["a"]),
        pre_enforce().stealth(),
        pre_enforce().listing(Listing::Shown),
        pre_enforce().listing(Listing::Hidden),
        pre_enforce().input_required(InputRequired::Pass),
        pre_enforce().output_schema(OutputSchema::Relaxed),
        pre_enforce().allow_peer_messages(),
        pre_enforce().required_scopes(["a"]),
        pre_enforce().advisory_policy("policy \"a\" permit"),
        pre_enforce().advisory_policy("policy \"b\" permit"),
        pre_enforce().subject("a"),
        pre_enforce().action("a"),
        pre_enforce().action("b"),
        pre_enforce().resource("a"),
        pre_enforce().environment("a"),
        pre_enforce().environment(None::<u8>),
        pre_enforce().environment(()),
        pre_enforce().secrets(json!({})),
        pre_enforce().resource_fn(|_| 1),
        pre_enforce().resource_fn(|_| 2),
        pre_enforce().finalize(one),
        pre_enforce().finalize(other),
    ];
    let registry = Registry::new();
    let count = rules.len();
    for rule in rules.iter().chain(&rules) {
        registry.intern(rule.clone()).unwrap();
    }
    assert_eq!(registry.len(), count);
}

#[test]
fn a_rule_that_captures_is_attached_by_its_handle_only() {
    let limit = 5;
    let rule = || pre_enforce().environment_fn(move |_| limit);
    assert!(is_invalid(&marked(rule())));
    let handle = rule().shared();
    assert_eq!(marked(handle), marked(handle));
    assert!(!is_invalid(&marked(handle)));
    assert_ne!(marked(handle), marked(rule().shared()));
    assert_eq!(marked(pre_enforce().shared()), marked(pre_enforce()));
}

#[test]
fn a_site_makes_its_rule_once() {
    struct Site;
    let registry = Registry::new();
    let mut made = 0;
    for _ in 0..1_000 {
        let id = registry.of_site(TypeId::of::<Site>(), || {
            made += 1;
            pre_enforce()
        });
        assert_eq!(id, Ok(RuleId(0)));
    }
    assert_eq!((made, registry.len()), (1, 1));
}

#[test]
fn threads_that_register_at_once_agree() {
    let registry = Registry::new();
    let ids: Vec<_> = std::thread::scope(|scope| {
        let register = || {
            scope.spawn(|| {
                (0..50u8)
                    .map(|tag| registry.intern(pre_enforce().resource(tag)).unwrap().0)
                    .collect()
            })
        };
        let threads = [register(), register(), register(), register()];
        threads
            .map(|thread| -> Vec<u16> { thread.join().unwrap() })
            .into()
    });
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(registry.len(), 50);
}

#[test]
fn the_registry_takes_so_many_rules_and_not_one_more() {
    let registry = Registry::new();
    let rule = pre_enforce().tags(["full"]);
    for place in 0..MAX_RULES {
        assert_eq!(registry.push(rule.clone()).map(|id| usize::from(id.0)), Ok(place));
    }
    assert_eq!(registry.push(rule.clone()), Err(Unregistered::Full));
    assert_eq!(registry.intern(rule.clone()), Err(Unregistered::Full));
    assert_eq!(
        registry.of_site(TypeId::of::<()>(), pre_enforce),
        Err(Unregistered::Full)
    );
    assert_eq!(
        registry.get(RuleId(u16::MAX)).unwrap().tag_names().as_ref(),
        ["full"]
    );
}

#[test]
fn a_rule_prints_no_values() {
    let rule = pre_enforce()
        .secrets(json!({"key": "hunter2"}))
        .subject("confidential");
    let printed = format!("{rule:?} {:?}", rule.source(Field::Secrets));
    assert!(
        !printed.contains("hunter2") && !printed.contains("confidential"),
        "{printed}"
    );
    assert!(printed.contains("secrets"), "{printed}");
}

#[test]
fn only_functions_and_what_runs_at_the_end_see_the_context() {
    async fn finished(_: &crate::AuthorizationDecision, _: &SubscriptionContext) {}
    assert!(!pre_enforce().resource("a").tags(["b"]).shows_context());
    assert!(pre_enforce().secrets_fn(|_| json!({})).shows_context());
    assert!(pre_enforce().finalize(finished).shows_context());
}
