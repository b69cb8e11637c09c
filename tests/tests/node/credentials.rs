//! Who is not known gets no decision.

use futures_util::StreamExt as _;
use sapl_base::{AuthorizationDecision, PolicyDecisionPoint as _};
use sapl_mcp_tests::Question;

use crate::{
    Scene,
    scene::{Credentials, soon},
};

pub(crate) async fn wrong(scene: &Scene) {
    let mut nobody = vec![
        Credentials::Token("sapl_nobody_nothing".to_owned()),
        Credentials::Token("not.a.jwt".to_owned()),
        Credentials::User("nobody".to_owned(), "nothing".to_owned()),
    ];
    match scene.credentials() {
        Credentials::None => {}
        Credentials::Token(token) => {
            nobody.push(Credentials::Token(format!("{token}x")));
            nobody.push(Credentials::None);
        }
        Credentials::User(user, password) => {
            nobody.push(Credentials::User(user.clone(), format!("{password}x")));
            nobody.push(Credentials::None);
        }
    }
    for credentials in &nobody {
        nothing_decided(scene, credentials).await;
    }
    // Whoever is known is still served.
    let decided = scene.pdp().decide_once(&Question::Query.subscription()).await;
    assert_eq!(decided, Question::Query.decision());
}

/// On every endpoint.
async fn nothing_decided(scene: &Scene, credentials: &Credentials) {
    let pdp = scene.pdp_as(credentials);
    let nothing = AuthorizationDecision::indeterminate();
    let (question, questions) = (Question::Query.subscription(), Question::multi_subscription());
    assert_eq!(pdp.decide_once(&question).await, nothing);
    assert_eq!(
        soon("an outage", pdp.decide(&question).next()).await,
        Some(nothing.clone())
    );
    let each: Vec<_> = soon(
        "outages",
        pdp.multi_decide(&questions).take(Question::MULTI.len()).collect(),
    )
    .await;
    assert!(each.iter().all(|it| it.decision == nothing), "{each:?}");
    let all = [
        pdp.multi_decide_all_once(&questions).await,
        soon("an outage of all", pdp.multi_decide_all(&questions).next())
            .await
            .unwrap(),
    ];
    for question in Question::MULTI {
        assert!(
            all.iter().all(|it| *it.decision(question.id()) == nothing),
            "{question:?}: {all:?}"
        );
    }
}
