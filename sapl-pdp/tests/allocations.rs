//! Conditions that compare allocate nothing, and a decision without constraints does not either.
//!
//! One test alone: the count is that of the whole process.

use std::alloc::System;

use sapl_pdp::value::Value;
use sapl_pdp::{EmbeddedPdp, Input};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn decisions_without_constraints_allocate_nothing() {
    let conditions = [
        r#"action == "call"; resource.name == "tool-7";"#,
        r#""analyst" in subject.roles; !("guest" in subject.roles);"#,
        r#"subject.level >= 3 && resource.arguments.limit <= 100.5;"#,
        r#"["analyst", "admin"] any in subject.roles || subject.missing == true;"#,
        r#"resource.name =~ "tool-[0-9]+"; subject has "roles"; resource.name != undefined;"#,
        r#"resource.arguments.limit in [10, 100]; reflect.isArray(subject.roles);"#,
        r#"1 in subject.name; action == "call";"#,
    ];
    let subscription = json!({
        "subject": {"name": "mara", "roles": ["reader", "analyst"], "level": 3},
        "action": "call",
        "resource": {"name": "tool-7", "arguments": {"limit": 100}},
    });
    for count in [1, 3, 200] {
        for condition in conditions {
            let documents = (0..count).map(|number| {
                let other =
                    format!("policy \"{number}\" permit resource.name == \"tool-{number}\"; {condition}");
                let text = if number == 0 {
                    format!("policy \"{number}\" permit {condition}")
                } else {
                    other
                };
                (number.to_string(), text)
            });
            let pdp = EmbeddedPdp::from_texts(None, documents).unwrap();
            let input = Input {
                subject: Value::from_json(&subscription["subject"]),
                action: Value::from_json(&subscription["action"]),
                resource: Value::from_json(&subscription["resource"]),
                ..Input::default()
            };
            // What is made once is made now.
            let expected = pdp.decision_on(&input);
            let region = Region::new(ALLOCATOR);
            let decision = pdp.decision_on(&input);
            let allocated = region.change().allocations;
            assert_eq!(decision, expected);
            // An error needs a place in a list.
            let allowed = usize::from(condition.starts_with("1 in"));
            assert!(allocated <= allowed, "{allocated}: {count} of {condition}");
        }
    }
}
