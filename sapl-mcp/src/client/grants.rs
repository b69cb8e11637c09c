//! What a person has agreed to.

use std::collections::VecDeque;

use super::{Approval, digest::Digest};

/// The most grants that a guard keeps. Beyond, the oldest ones are forgotten, and the person is asked again.
pub const MAX_GRANTS: usize = 1_024;

/// What a person has agreed to, for one user on one server.
#[derive(Default)]
pub(super) struct Grants {
    grants: VecDeque<Grant>,
    /// The whole session was granted when this was the newest list of tools.
    session: Option<u64>,
}

struct Grant {
    tool: String,
    /// Server, user and definition.
    definition: Digest,
    covers: Covers,
}

#[derive(PartialEq, Eq)]
enum Covers {
    /// Every call of the tool.
    Tool,
    /// Every call with these arguments.
    Arguments(Digest),
    /// The next call with these arguments, which answers a request for input with this state, or none.
    Once(Digest, Option<Digest>),
    /// The next round of a call with these arguments, in answer to a request for input with this state.
    Round(Digest, Digest),
}

/// A call for which a grant is looked for.
pub(super) struct Wanted<'a> {
    pub(super) tool: &'a str,
    pub(super) definition: Digest,
    /// The list of tools in which the definition came up.
    pub(super) since: Option<u64>,
    pub(super) arguments: Digest,
    /// The state that is sent back, of a call that answers a request for input.
    pub(super) round: Option<Digest>,
}

impl Grants {
    /// The widest grant that covers a call. One that is for a single use is used up.
    pub(super) fn take(&mut self, wanted: &Wanted<'_>) -> Option<Approval> {
        if let (Some(granted), Some(since)) = (self.session, wanted.since)
            && since <= granted
        {
            return Some(Approval::Session);
        }
        let holds = |covers: &Covers| {
            self.grants.iter().position(|grant| {
                grant.tool == wanted.tool && grant.definition == wanted.definition && grant.covers == *covers
            })
        };
        if holds(&Covers::Tool).is_some() {
            return Some(Approval::Tool);
        }
        if holds(&Covers::Arguments(wanted.arguments)).is_some() {
            return Some(Approval::Arguments);
        }
        let round = wanted
            .round
            .and_then(|state| holds(&Covers::Round(wanted.arguments, state)));
        let single = round.or_else(|| holds(&Covers::Once(wanted.arguments, wanted.round)))?;
        self.grants.remove(single).map(|_| Approval::Once)
    }

    /// Keeps what a person has said about a call. `revision` is the newest list of tools.
    pub(super) fn keep(&mut self, wanted: &Wanted<'_>, approval: Approval, revision: u64) {
        let covers = match approval {
            Approval::Denied => return,
            Approval::Once => Covers::Once(wanted.arguments, wanted.round),
            Approval::Arguments => Covers::Arguments(wanted.arguments),
            Approval::Tool => Covers::Tool,
            Approval::Session => {
                self.session = Some(revision);
                // The list may have changed since the tool came up, and a tool that is not listed is in none.
                Covers::Tool
            }
        };
        self.push(wanted, covers);
    }

    /// Lets the next round of a call pass that a person has agreed to.
    pub(super) fn keep_round(&mut self, wanted: &Wanted<'_>, state: Digest) {
        self.push(wanted, Covers::Round(wanted.arguments, state));
    }

    /// Forgets all that was granted for a tool.
    pub(super) fn revoke(&mut self, tool: &str) {
        self.grants.retain(|grant| grant.tool != tool);
    }

    /// Forgets everything.
    pub(super) fn revoke_all(&mut self) {
        *self = Self::default();
    }

    fn push(&mut self, wanted: &Wanted<'_>, covers: Covers) {
        while self.grants.len() >= MAX_GRANTS {
            self.grants.pop_front();
        }
        self.grants.push_back(Grant {
            tool: wanted.tool.to_owned(),
            definition: wanted.definition,
            covers,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(of: &str) -> Digest {
        Digest::of(&[&of])
    }

    fn wanted<'a>(tool: &'a str, definition: &str, arguments: &str) -> Wanted<'a> {
        Wanted {
            tool,
            definition: digest(definition),
            since: Some(1),
            arguments: digest(arguments),
            round: None,
        }
    }

    #[test]
    fn a_grant_covers_what_the_person_said_and_no_more() {
        for (approval, again, other_arguments, other_tool) in [
            (Approval::Denied, None, None, None),
            (Approval::Once, None, None, None),
            (Approval::Arguments, Some(Approval::Arguments), None, None),
            (Approval::Tool, Some(Approval::Tool), Some(Approval::Tool), None),
            (
                Approval::Session,
                Some(Approval::Session),
                Some(Approval::Session),
                Some(Approval::Session),
            ),
        ] {
            let mut grants = Grants::default();
            grants.keep(&wanted("t", "d", "a"), approval, 1);
            let first = grants.take(&wanted("t", "d", "a"));
            assert_eq!(first, (approval != Approval::Denied).then_some(approval));
            assert_eq!(grants.take(&wanted("t", "d", "a")), again, "{approval:?}");
            assert_eq!(
                grants.take(&wanted("t", "d", "b")),
                other_arguments,
                "{approval:?}"
            );
            assert_eq!(grants.take(&wanted("u", "d", "a")), other_tool, "{approval:?}");
        }
    }

    #[test]
    fn a_grant_is_bound_to_the_definition() {
        for approval in [
            Approval::Once,
            Approval::Arguments,
            Approval::Tool,
            Approval::Session,
        ] {
            let mut grants = Grants::default();
            grants.keep(&wanted("t", "d", "a"), approval, 1);
            let mut changed = wanted("t", "e", "a");
            changed.since = Some(2);
            assert_eq!(grants.take(&changed), None, "{approval:?}");
        }
    }

    #[test]
    fn a_session_covers_the_tools_that_were_listed_then() {
        let mut grants = Grants::default();
        grants.keep(&wanted("t", "d", "a"), Approval::Session, 5);
        for (since, covered) in [(Some(5), true), (Some(6), false), (None, false)] {
            let mut other = wanted("u", "d", "a");
            other.since = since;
            assert_eq!(grants.take(&other).is_some(), covered, "{since:?}");
        }
        let mut unlisted = wanted("t", "d", "a");
        unlisted.since = None;
        assert_eq!(
            grants.take(&unlisted),
            Some(Approval::Tool),
            "the tool itself was granted"
        );
    }

    #[test]
    fn a_round_passes_once_and_with_its_state() {
        let mut grants = Grants::default();
        let mut answer = wanted("t", "d", "a");
        grants.keep_round(&answer, digest("state"));
        assert_eq!(grants.take(&answer), None);
        answer.round = Some(digest("other"));
        assert_eq!(grants.take(&answer), None);
        answer.round = Some(digest("state"));
        assert_eq!(grants.take(&answer), Some(Approval::Once));
        assert_eq!(grants.take(&answer), None);
    }

    #[test]
    fn grants_are_revoked_by_tool_and_all_at_once() {
        let mut grants = Grants::default();
        grants.keep(&wanted("t", "d", "a"), Approval::Tool, 1);
        grants.keep(&wanted("u", "d", "a"), Approval::Tool, 1);
        grants.revoke("t");
        assert_eq!(grants.take(&wanted("t", "d", "a")), None);
        assert_eq!(grants.take(&wanted("u", "d", "a")), Some(Approval::Tool));
        grants.keep(&wanted("u", "d", "a"), Approval::Session, 1);
        grants.revoke_all();
        assert_eq!(grants.take(&wanted("u", "d", "a")), None);
    }

    #[test]
    fn beyond_the_most_grants_the_oldest_is_forgotten() {
        let mut grants = Grants::default();
        let names: Vec<String> = (0..=MAX_GRANTS).map(|at| at.to_string()).collect();
        for name in &names[..MAX_GRANTS] {
            grants.keep(&wanted(name, "d", "a"), Approval::Tool, 1);
        }
        assert!(grants.take(&wanted("0", "d", "a")).is_some());
        grants.keep(&wanted(&names[MAX_GRANTS], "d", "a"), Approval::Tool, 1);
        assert_eq!(grants.take(&wanted("0", "d", "a")), None);
        assert!(grants.take(&wanted("1", "d", "a")).is_some());
        assert!(grants.take(&wanted(&names[MAX_GRANTS], "d", "a")).is_some());
    }
}
