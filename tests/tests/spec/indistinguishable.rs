//! A hidden name answers, byte for byte, what an unknown one answers: every surface, in every revision and every form of
//! reply, whatever the arguments.
//!
//! Both names of a pair have the same length, so that lengths may be compared too.

mod questions;
mod servers;

use sapl_mcp_tests::{Ask, Mode, Reply, Revision, World};
use serde_json::json;

use questions::{Question, questions};
use servers::Hider;

/// Who may use nothing that is hidden, and who may use all.
const OUTSIDER: &str = "sam";
const INSIDER: &str = "mara";

#[tokio::test]
async fn a_hidden_name_answers_like_an_unknown_one() {
    let mut compared = 0;
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        for hider in Hider::ALL {
            let world = hider.world(mode).await;
            for revision in Revision::ALL {
                for question in questions() {
                    let [hidden, unknown] = both(&world, mode, revision, OUTSIDER, &question).await;
                    let case = format!("{mode:?} {hider:?} {revision:?} {question:?}");
                    assert_eq!(hidden, unknown, "{case}");
                    assert!(!hidden.contains(servers::CONTENT), "{case} {hidden:?}");
                    assert!(!hidden.contains("denied"), "{case} {hidden:?}");
                    compared += 1;
                }
            }
        }
    }
    println!("indistinguishability: {compared} pairs of responses");
}

/// Else the test above could compare errors of the transport.
#[tokio::test]
async fn whoever_may_use_what_is_hidden_can_tell_it_from_what_is_unknown() {
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        for hider in Hider::ALL {
            let world = hider.world(mode).await;
            for revision in Revision::ALL {
                let telling = |question: &Question| question.tells(revision);
                for question in questions().into_iter().filter(telling) {
                    let [hidden, unknown] = both(&world, mode, revision, INSIDER, &question).await;
                    let case = format!("{mode:?} {hider:?} {revision:?} {question:?}");
                    assert_ne!(hidden, unknown, "{case}");
                }
            }
        }
    }
}

/// The responses to the question about the hidden and about the unknown name, each without the name.
async fn both(world: &World, mode: Mode, revision: Revision, user: &str, question: &Question) -> [Reply; 2] {
    let mut replies = Vec::new();
    for name in [question.hidden, question.unknown] {
        let mut ask = Ask::new(revision, user, question.method, question.about(name));
        if mode == Mode::Sessions && revision.initializes() {
            ask = ask.session(&world.wire.open(user, revision).await);
        }
        replies.push(world.wire.ask(&ask).await.naming(name, "NAME"));
    }
    replies.try_into().unwrap()
}

/// A stream does not end, so that what is compared is all that comes before it is silent.
#[tokio::test]
async fn a_stream_about_a_hidden_resource_is_acknowledged_like_one_about_an_unknown_one() {
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        for hider in Hider::ALL {
            let world = hider.world(mode).await;
            for (hidden, unknown) in questions::RESOURCES {
                for notifications in [
                    json!({"resourceSubscriptions": ["NAME"]}),
                    json!({"toolsListChanged": true, "resourceSubscriptions": ["data://nobody", "NAME"]}),
                ] {
                    let mut replies = Vec::new();
                    for name in [hidden, unknown] {
                        let params = json!({"notifications": notifications})
                            .to_string()
                            .replace("NAME", name);
                        let params = serde_json::from_str(&params).unwrap();
                        let ask = Ask::new(Revision::July2026, OUTSIDER, "subscriptions/listen", params);
                        let mut opened = world.wire.open_stream(&ask).await;
                        let acknowledged = opened.until("subscriptions/acknowledged").await.unwrap();
                        replies.push(acknowledged.naming(name, "NAME"));
                    }
                    assert_eq!(replies[0], replies[1], "{mode:?} {hider:?} {notifications}");
                    assert!(!replies[0].contains("denied"), "{replies:?}");
                }
            }
        }
    }
}

/// A list that a hidden component is left out of is the one of a server that has none.
#[tokio::test]
async fn no_list_tells_whether_something_is_hidden() {
    for mode in [Mode::Json, Mode::Sse] {
        for hider in Hider::ALL {
            let world = hider.world(mode).await;
            for revision in Revision::ALL {
                for (method, empty) in [
                    ("skills/list", Some("\"skills\":[]")),
                    ("resources/templates/list", Some("\"resourceTemplates\":[]")),
                    ("resources/list", None),
                    ("tools/list", None),
                    ("prompts/list", None),
                ] {
                    let ask = Ask::new(revision, OUTSIDER, method, json!({}));
                    let reply = world.wire.ask(&ask).await;
                    let case = format!("{mode:?} {hider:?} {revision:?} {method} {reply:?}");
                    assert!(!reply.contains("hidden"), "{case}");
                    assert!(!reply.contains(servers::CONTENT), "{case}");
                    assert!(empty.is_none_or(|empty| reply.contains(empty)), "{case}");
                    let all = Ask::new(revision, INSIDER, method, json!({}));
                    assert!(world.wire.ask(&all).await.contains("hidden"), "{case}");
                }
            }
        }
    }
}
