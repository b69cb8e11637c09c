//! Questions to both engines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

use crate::tree::Node;

/// A question to both engines, or several on the same policies.
#[derive(Clone, Debug)]
pub(crate) enum Case {
    /// What an expression gives.
    Expression {
        imports: Node,
        expression: Node,
        subscription: Node,
        variables: Node,
    },
    /// Whether a document is accepted.
    Document(Node),
    /// What policies decide.
    Decision {
        settings: Option<Node>,
        documents: Vec<(String, Node)>,
        subscriptions: Vec<Node>,
    },
}

impl Case {
    /// How many questions it is.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Decision { subscriptions, .. } => subscriptions.len(),
            Self::Expression { .. } | Self::Document(_) => 1,
        }
    }

    /// The kind of question.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Expression { .. } => "expression",
            Self::Document(_) => "document",
            Self::Decision { .. } => "decision",
        }
    }

    /// The question as one line of JSON, in the form of the recorded ones.
    pub(crate) fn line(&self, name: &str) -> serde_json::Result<String> {
        let raw = |node: &Node| RawValue::from_string(node.to_string());
        match self {
            Self::Expression {
                imports,
                expression,
                subscription,
                variables,
            } => {
                let mut line = BTreeMap::from([
                    ("expr", serde_json::value::to_raw_value(&expression.to_string())?),
                    ("name", serde_json::value::to_raw_value(name)?),
                    ("subscription", raw(subscription)?),
                    ("variables", raw(variables)?),
                ]);
                let imports = imports.to_string();
                if !imports.is_empty() {
                    line.insert("imports", serde_json::value::to_raw_value(&imports)?);
                }
                serde_json::to_string(&line)
            }
            Self::Document(document) => {
                serde_json::to_string(&json!({"name": name, "document": document.to_string()}))
            }
            Self::Decision {
                settings,
                documents,
                subscriptions,
            } => {
                let mut policies = Map::new();
                for (file, document) in documents {
                    policies.insert(file.clone(), Json::String(document.to_string()));
                }
                let mut cases = Vec::new();
                for subscription in subscriptions {
                    cases.push(BTreeMap::from([("subscription", raw(subscription)?)]));
                }
                let mut line = BTreeMap::from([
                    ("cases", serde_json::value::to_raw_value(&cases)?),
                    ("name", serde_json::value::to_raw_value(name)?),
                    ("policies", serde_json::value::to_raw_value(&policies)?),
                ]);
                if let Some(settings) = settings {
                    line.insert("pdp", raw(settings)?);
                }
                serde_json::to_string(&line)
            }
        }
    }

    /// All text in the policy language.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Expression { expression, .. } => expression.to_string(),
            Self::Document(document) => document.to_string(),
            Self::Decision { documents, .. } => {
                let texts = documents.iter().map(|(_, document)| document.to_string());
                texts.collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// What of the language it uses.
    pub(crate) fn features(&self) -> BTreeSet<String> {
        let mut features = BTreeSet::new();
        match self {
            Self::Expression {
                imports, expression, ..
            } => {
                imports.add_features(&mut features);
                expression.add_features(&mut features);
            }
            Self::Document(document) => document.add_features(&mut features),
            Self::Decision {
                settings, documents, ..
            } => {
                if let Some(settings) = settings {
                    settings.add_features(&mut features);
                }
                documents
                    .iter()
                    .for_each(|(_, document)| document.add_features(&mut features));
            }
        }
        features
    }

    /// Cases with one thing left out or replaced by something simpler.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        match self {
            Self::Expression {
                imports,
                expression,
                subscription,
                variables,
            } => {
                let with = |imports: &Node, expression: &Node, subscription: &Node, variables: &Node| {
                    Self::Expression {
                        imports: imports.clone(),
                        expression: expression.clone(),
                        subscription: subscription.clone(),
                        variables: variables.clone(),
                    }
                };
                for expression in expression.smaller() {
                    smaller.push(with(imports, &expression, subscription, variables));
                }
                for imports in imports.smaller() {
                    smaller.push(with(&imports, expression, subscription, variables));
                }
                for subscription in subscription.smaller() {
                    smaller.push(with(imports, expression, &subscription, variables));
                }
                for variables in variables.smaller() {
                    smaller.push(with(imports, expression, subscription, &variables));
                }
            }
            Self::Document(document) => {
                smaller.extend(document.smaller().into_iter().map(Self::Document));
            }
            Self::Decision {
                settings,
                documents,
                subscriptions,
            } => smaller_decisions(settings.as_ref(), documents, subscriptions, &mut smaller),
        }
        smaller
    }
}

fn smaller_decisions(
    settings: Option<&Node>,
    documents: &[(String, Node)],
    subscriptions: &[Node],
    smaller: &mut Vec<Case>,
) {
    let case =
        |settings: Option<&Node>, documents: &[(String, Node)], subscriptions: &[Node]| Case::Decision {
            settings: settings.cloned(),
            documents: documents.to_vec(),
            subscriptions: subscriptions.to_vec(),
        };
    if subscriptions.len() > 1 {
        for subscription in subscriptions {
            smaller.push(case(settings, documents, std::slice::from_ref(subscription)));
        }
    }
    for index in 0..documents.len() {
        let mut fewer = documents.to_vec();
        fewer.remove(index);
        smaller.push(case(settings, &fewer, subscriptions));
    }
    if let Some(settings) = settings {
        smaller.push(case(None, documents, subscriptions));
        for settings in settings.smaller() {
            smaller.push(case(Some(&settings), documents, subscriptions));
        }
    }
    for (index, (file, document)) in documents.iter().enumerate() {
        for document in document.smaller() {
            let mut others = documents.to_vec();
            if let Some(place) = others.get_mut(index) {
                *place = (file.clone(), document);
            }
            smaller.push(case(settings, &others, subscriptions));
        }
    }
    for (index, subscription) in subscriptions.iter().enumerate() {
        for subscription in subscription.smaller() {
            let mut others = subscriptions.to_vec();
            if let Some(place) = others.get_mut(index) {
                *place = subscription;
            }
            smaller.push(case(settings, documents, &others));
        }
    }
}
