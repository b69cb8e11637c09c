//! The tools of a server, as they were when a person last had a say about them.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rmcp::model::Tool;
use serde_json::Value;

use super::{GuardPolicy, ServerIdentity, ToolHints, advice, digest::Digest};

/// The most tools that a guard remembers. A server that lists more is not called.
pub const MAX_KNOWN_TOOLS: usize = 10_000;

/// The most pages of a list of tools that are read.
pub const MAX_TOOL_PAGES: usize = 1_000;

/// What is known of the tools of one server.
#[derive(Default)]
pub(super) struct KnownTools {
    tools: HashMap<String, Known>,
    /// Counts the lists.
    revision: u64,
    /// Whether the last list is to be believed.
    fresh: bool,
    /// Counts how often it was said that lists are not to be believed.
    doubts: u64,
}

struct Known {
    current: Arc<Definition>,
    /// The definition that was there first, or that a person has agreed to since.
    accepted: Digest,
    /// The list in which the current definition came up.
    since: u64,
}

/// A tool as it is listed now, or that it is not listed.
pub(super) struct Definition {
    pub(super) tool: Option<Arc<Tool>>,
    pub(super) hints: ToolHints,
    pub(super) advice: Option<Arc<dyn GuardPolicy>>,
    /// What grants are bound to: server, user and definition.
    pub(super) digest: Digest,
}

/// A definition, and how it came about.
pub(super) struct Standing {
    pub(super) definition: Arc<Definition>,
    /// Whether it is another one than a person knows of.
    pub(super) redefined: bool,
    /// The list in which it came up; none of a tool that is not listed.
    pub(super) since: Option<u64>,
}

/// For whom, and on which server, tools are known.
#[derive(Clone)]
pub(super) struct Owner {
    pub(super) server: Arc<ServerIdentity>,
    pub(super) user: Arc<Value>,
}

/// A tool as a list has it.
pub(super) struct Listed {
    tool: Tool,
    digest: Digest,
}

impl Listed {
    pub(super) fn new(owner: &Owner, tool: Tool) -> Self {
        // All of it: a policy, a host and a model may go by any member.
        let digest = Digest::of(&[&owner.server.name, &*owner.user, &tool]);
        Self { tool, digest }
    }

    pub(super) fn name(&self) -> &str {
        &self.tool.name
    }
}

impl From<Listed> for Definition {
    fn from(listed: Listed) -> Self {
        Self {
            hints: ToolHints::of(listed.tool.annotations.as_ref()),
            advice: advice::of(&listed.tool),
            digest: listed.digest,
            tool: Some(Arc::new(listed.tool)),
        }
    }
}

impl Definition {
    /// A tool that is not listed: nothing is known, so the worst is assumed.
    pub(super) fn unlisted(owner: &Owner, name: &str) -> Self {
        Self {
            digest: Digest::of(&[&owner.server.name, &*owner.user, &name]),
            hints: ToolHints::default(),
            advice: None,
            tool: None,
        }
    }
}

impl KnownTools {
    /// Takes in a whole list, and says of which tools the definition has changed. A tool that was there and is not any
    /// more has changed too, so that it can't come back as something else unnoticed. The list is to be believed if nobody has
    /// doubted since there were so many [`doubts`](Self::doubts).
    pub(super) fn learn(&mut self, owner: &Owner, list: Vec<Listed>, doubts: u64) -> Vec<String> {
        self.revision += 1;
        self.fresh = self.doubts == doubts;
        let mut changed = Vec::new();
        let mut gone: HashSet<String> = self.tools.keys().cloned().collect();
        for listed in list {
            gone.remove(listed.name());
            self.put(
                listed.name().to_owned(),
                listed.digest,
                || listed.into(),
                &mut changed,
            );
        }
        for name in gone {
            let unlisted = Definition::unlisted(owner, &name);
            self.put(name, unlisted.digest, || unlisted, &mut changed);
        }
        changed
    }

    fn put(
        &mut self,
        name: String,
        digest: Digest,
        definition: impl FnOnce() -> Definition,
        changed: &mut Vec<String>,
    ) {
        let since = self.revision;
        match self.tools.get_mut(&name) {
            Some(known) if known.current.digest == digest => {}
            Some(known) => {
                known.current = Arc::new(definition());
                known.since = since;
                changed.push(name);
            }
            None => {
                let current = Arc::new(definition());
                let known = Known {
                    current,
                    accepted: digest,
                    since,
                };
                self.tools.insert(name, known);
            }
        }
    }

    /// The next call reads the list anew.
    pub(super) fn doubt(&mut self) {
        self.fresh = false;
        self.doubts += 1;
    }

    /// How many doubts there have been. To be asked before a list is read.
    pub(super) fn doubts(&self) -> u64 {
        self.doubts
    }

    /// Whether the last list is to be believed.
    pub(super) fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// What is known of a tool, if the last list is to be believed and names it.
    pub(super) fn listed(&self, name: &str) -> Option<Standing> {
        let standing = self.fresh.then(|| self.standing(name)).flatten()?;
        standing.definition.tool.is_some().then_some(standing)
    }

    /// What is known of a tool that was listed at some time.
    pub(super) fn standing(&self, name: &str) -> Option<Standing> {
        let known = self.tools.get(name)?;
        Some(Standing {
            definition: Arc::clone(&known.current),
            redefined: known.accepted != known.current.digest,
            since: known.current.tool.is_some().then_some(known.since),
        })
    }

    /// A person has agreed to a tool that is defined like this.
    pub(super) fn accept(&mut self, name: &str, digest: Digest) {
        if let Some(known) = self.tools.get_mut(name)
            && known.current.digest == digest
        {
            known.accepted = digest;
        }
    }

    /// Whether all of these could be remembered beside what is remembered already.
    pub(super) fn has_room_for(&self, list: &[Listed]) -> bool {
        let new = list
            .iter()
            .filter(|listed| !self.tools.contains_key(listed.name()));
        self.tools.len() + new.count() <= MAX_KNOWN_TOOLS
    }

    /// The number of the last list.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }
}

#[cfg(test)]
mod tests;
