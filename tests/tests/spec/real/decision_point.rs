//! A decision point that answers as the world says, and writes down what it is asked.

use std::{collections::HashMap, future::pending};

use sapl_mcp::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, MultiAuthorizationDecision,
    MultiAuthorizationSubscription, PolicyDecisionPoint,
};
use sapl_mcp_tests::Log;
use serde_json::{Value, json};

use super::{handlers, host::Host};
use crate::model::{self, Answer, Moment, Verdict, World};

pub(crate) struct DecisionPoint {
    /// By the name of the rule, as its environment tells it, with the moment at which the request is cancelled.
    answers: HashMap<String, (Answer, bool)>,
    /// For components without a rule.
    otherwise: (Answer, bool),
    host: Host,
    log: Log,
}

impl DecisionPoint {
    pub(crate) fn new(world: &World, log: &Log, host: &Host) -> Self {
        let answers = world.components.iter().flat_map(|component| {
            component.rules.each().map(move |rule| {
                let name = model::rule_name(component, rule);
                (
                    name,
                    (rule.answer.clone(), world.cancelled == Some(rule.moment())),
                )
            })
        });
        Self {
            answers: answers.collect(),
            otherwise: (
                world.answer_without_rule.clone(),
                world.cancelled == Some(Moment::DecidingEnforcement),
            ),
            host: host.clone(),
            log: log.clone(),
        }
    }

    fn answer(&self, subscription: &AuthorizationSubscription) -> &(Answer, bool) {
        match subscription.environment() {
            Some(environment) => &self.answers[environment["rule"].as_str().expect("a name")],
            None => &self.otherwise,
        }
    }
}

impl PolicyDecisionPoint for DecisionPoint {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        self.log.add(format!("decide {}", written(subscription)));
        let (answer, cancels) = self.answer(subscription);
        if *cancels {
            self.host.cancel();
            return Deciding::pending(pending());
        }
        match answer {
            Answer::Now(decision) => Deciding::ready(made_of(decision)),
            Answer::Later(decision) => Deciding::pending(async {
                tokio::task::yield_now().await;
                made_of(decision)
            }),
            Answer::Never => Deciding::pending(pending()),
            Answer::Panic => panic!("the decision point panics"),
            Answer::PanicLater => Deciding::pending(async {
                tokio::task::yield_now().await;
                panic!("the decision point panics later")
            }),
            Answer::Missing => Deciding::ready(AuthorizationDecision::indeterminate()),
        }
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        let asked: Value = subscriptions
            .iter()
            .map(|(_, subscription)| written(subscription))
            .collect();
        self.log.add(format!("decide {asked}"));
        if subscriptions
            .iter()
            .any(|(_, subscription)| self.answer(subscription).1)
        {
            self.host.cancel();
            return Deciding::pending(pending());
        }
        let answers: Vec<(&str, &Answer)> = subscriptions
            .iter()
            .map(|(id, subscription)| (id, &self.answer(subscription).0))
            .collect();
        if answers.iter().any(|(_, answer)| matches!(answer, Answer::Panic)) {
            panic!("the decision point panics");
        }
        let is_now = |answer: &Answer| matches!(answer, Answer::Now(_) | Answer::Missing);
        let ready = answers.iter().all(|(_, answer)| is_now(answer));
        let all = async move {
            let mut decisions = Vec::new();
            for (id, answer) in answers {
                match answer {
                    Answer::Now(decision) => decisions.push((id.to_owned(), made_of(decision))),
                    Answer::Later(decision) => {
                        tokio::task::yield_now().await;
                        decisions.push((id.to_owned(), made_of(decision)));
                    }
                    Answer::Never => pending().await,
                    Answer::Panic | Answer::PanicLater => panic!("the decision point panics later"),
                    Answer::Missing => {}
                }
            }
            decisions.into_iter().collect::<MultiAuthorizationDecision>()
        };
        match ready {
            true => {
                Deciding::ready(futures_util::FutureExt::now_or_never(all).expect("nothing is waited for"))
            }
            false => Deciding::pending(all),
        }
    }
}

/// A subscription as the model writes it.
fn written(subscription: &AuthorizationSubscription) -> Value {
    let mut written = json!({
        "subject": subscription.subject(),
        "action": subscription.action(),
        "resource": subscription.resource(),
    });
    if let Some(environment) = subscription.environment() {
        written["environment"] = environment.clone();
    }
    written
}

pub(super) fn made_of(decision: &model::Decision) -> AuthorizationDecision {
    let mut made = AuthorizationDecision::new(match decision.verdict {
        Verdict::Permit => Decision::Permit,
        Verdict::Deny => Decision::Deny,
        Verdict::Suspend => Decision::Suspend,
        Verdict::Indeterminate => Decision::Indeterminate,
        Verdict::NotApplicable => Decision::NotApplicable,
    });
    made.obligations = decision.obligations.iter().map(handlers::written).collect();
    made.advice = decision.advice.iter().map(handlers::written).collect();
    made.resource.clone_from(&decision.resource);
    made
}
