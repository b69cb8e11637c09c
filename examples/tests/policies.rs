//! The demo's policies answer every question, however little is known of who asks for what.

use sapl_mcp::{AuthorizationSubscription, Decision, EmbeddedPdp};
use sapl_mcp_examples::analytics::policy_folder;
use serde_json::{Value, json};

fn odd_subjects() -> Vec<Value> {
    vec![
        json!(null),
        json!("anonymous"),
        json!({}),
        json!([]),
        json!({"realm_access": null}),
        json!({"realm_access": []}),
        json!({"realm_access": {"roles": null}}),
        json!({"realm_access": {"roles": "ANALYST"}}),
        json!({"realm_access": {"roles": {"0": "COMPLIANCE"}}}),
        json!({"realm_access": {"roles": [["ENGINEER"], null, 7]}}),
        json!({"roles": ["ANALYST"], "preferred_username": "mallory"}),
    ]
}

fn odd_resources() -> Vec<Value> {
    vec![
        json!(null),
        json!("query_public_data"),
        json!({}),
        json!({"tags": null}),
        json!({"tags": "public"}),
        json!({"tags": {"0": "public"}}),
        json!({"name": null, "tags": [["public"], null]}),
        json!({"name": ["query_customer_data"], "tags": []}),
    ]
}

#[test]
fn what_is_missing_or_odd_is_refused_by_the_catch_all_and_never_an_error() {
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    let usual_subject = json!({"realm_access": {"roles": ["ANALYST"]}, "preferred_username": "mara"});
    let usual_resource = json!({"name": "customer_card", "tags": ["pii", "engineering", "compliance"]});
    let subjects = [vec![usual_subject.clone()], odd_subjects()].concat();
    let resources = [vec![usual_resource.clone()], odd_resources()].concat();
    for subject in &subjects {
        for resource in &resources {
            for action in [json!("call"), json!("export_data"), json!(null)] {
                let usual =
                    *subject == usual_subject && (*resource == usual_resource || action == "export_data");
                let asked = AuthorizationSubscription::new(subject.clone(), action, resource.clone());
                let decision = pdp.decision(&asked);
                let refused = decision.decision == Decision::Deny
                    && decision.obligations.len() == 1
                    && decision.obligations.iter().all(|it| it["message"] == "refused");
                assert_eq!(refused, !usual, "{asked:?}: {decision:?}");
            }
        }
    }
}

#[test]
fn what_is_public_is_open_to_whoever_it_is() {
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    for subject in odd_subjects() {
        let resource = json!({"name": "query_public_data", "tags": ["public"], "arguments": {}});
        let decision = pdp.decision(&AuthorizationSubscription::new(subject, "call", resource));
        assert_eq!(decision.decision, Decision::Permit);
        assert!(decision.obligations.is_empty() && decision.advice.is_empty());
    }
}

#[test]
fn a_segment_changes_nothing_for_an_analyst() {
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    let analyst = json!({"realm_access": {"roles": ["ANALYST"]}});
    for resource in [
        json!({"name": "query_customer_data", "tags": ["pii"]}),
        json!({"name": "query_customer_data", "tags": ["pii"], "segment": null}),
        json!({"name": "query_customer_data", "tags": ["pii"], "segment": "high_value"}),
    ] {
        let decision = pdp.decision(&AuthorizationSubscription::new(analyst.clone(), "call", resource));
        assert_eq!(decision.decision, Decision::Permit);
        let mut types: Vec<_> = decision
            .obligations
            .iter()
            .filter_map(|it| it["type"].as_str())
            .collect();
        types.sort_unstable();
        assert_eq!(types, ["limitResults", "logAccess"]);
    }
}
