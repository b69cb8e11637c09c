//! Several decisions in one answer, read strictly, and put together from several answers.

use std::{collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use crate::AuthorizationDecision;

/// The decisions of an answer, by id. An id that is there twice makes the whole answer unreadable: nobody could say
/// which of the two decisions counts.
#[derive(Debug, Default)]
pub(super) struct MultiReply(HashMap<String, AuthorizationDecision>);

impl MultiReply {
    /// Gives each of `asked` its decision, INDETERMINATE where there is none, and says how many had none. Decisions
    /// of ids that were not asked go nowhere.
    pub(super) fn hand_out(mut self, asked: &[&str], to: &mut Vec<(String, AuthorizationDecision)>) -> usize {
        let mut missing = 0;
        to.extend(asked.iter().map(|&id| {
            self.0.remove_entry(id).unwrap_or_else(|| {
                missing += 1;
                (id.to_owned(), AuthorizationDecision::indeterminate())
            })
        }));
        missing
    }
}

/// What was decided about `asked` by an answer that never came.
pub(super) fn indeterminate(asked: &[&str], to: &mut Vec<(String, AuthorizationDecision)>) {
    MultiReply::default().hand_out(asked, to);
}

impl<'de> Deserialize<'de> for MultiReply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReplyVisitor)
    }
}

struct ReplyVisitor;

impl<'de> Visitor<'de> for ReplyVisitor {
    type Value = MultiReply;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a decision for each id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MultiReply, A::Error> {
        let mut decisions = HashMap::new();
        while let Some((id, decision)) = map.next_entry::<String, AuthorizationDecision>()? {
            if decisions.insert(id, decision).is_some() {
                return Err(Error::custom("an id is there twice"));
            }
        }
        Ok(MultiReply(decisions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decision, MultiAuthorizationDecision};

    fn read(text: &str) -> Option<MultiReply> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn an_id_without_a_decision_is_indeterminate_and_one_not_asked_is_left_out() {
        let reply = read(r#"{"b":{"decision":"PERMIT"},"x":{"decision":"PERMIT"}}"#).unwrap();
        let mut decided = Vec::new();
        assert_eq!(reply.hand_out(&["a", "b"], &mut decided), 1);
        let decided: MultiAuthorizationDecision = decided.into_iter().collect();
        assert_eq!(decided.len(), 2);
        assert_eq!(decided.decision("a").decision, Decision::Indeterminate);
        assert_eq!(decided.decision("b").decision, Decision::Permit);
        assert_eq!(decided.decision("x").decision, Decision::Indeterminate);
    }

    #[test]
    fn a_failure_of_the_node_decides_nothing() {
        let reply = read(r#"{"":{"decision":"INDETERMINATE"}}"#).unwrap();
        let mut decided = Vec::new();
        assert_eq!(reply.hand_out(&["a"], &mut decided), 1);
        assert_eq!(
            decided,
            [("a".to_owned(), AuthorizationDecision::indeterminate())]
        );
    }

    #[test]
    fn what_is_not_clearly_a_set_of_decisions_is_refused_whole() {
        for text in [
            "",
            "[]",
            "null",
            r#"{"a":null}"#,
            r#"{"a":"PERMIT"}"#,
            r#"{"a":{"decision":"PERMIT"},"a":{"decision":"PERMIT"}}"#,
            r#"{"a":{"decision":"PERMIT","decision":"DENY"}}"#,
            r#"{"a":{"decision":"PERMIT"},"b":{"decision":"permit"}}"#,
            r#"{"a":{"decision":"PERMIT"}} x"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
