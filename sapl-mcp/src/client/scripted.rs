//! A person for tests.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use futures_util::future::BoxFuture;

use super::{Approval, ApprovalRequest, Approver};

/// Says what it was told to say, one answer after the other, and no from then on. It remembers what it was asked.
///
/// ```
/// use sapl_mcp::client::{Approval, ScriptedApprover};
///
/// let person = ScriptedApprover::new([Approval::Once, Approval::Denied]);
/// assert!(person.asked().is_empty());
/// ```
#[derive(Debug, Default)]
pub struct ScriptedApprover {
    script: Mutex<Script>,
}

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Approval>,
    asked: Vec<ApprovalRequest>,
}

impl ScriptedApprover {
    /// A person who gives these answers.
    pub fn new(answers: impl IntoIterator<Item = Approval>) -> Self {
        Self {
            script: Mutex::new(Script {
                answers: answers.into_iter().collect(),
                asked: Vec::new(),
            }),
        }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<ApprovalRequest> {
        self.script
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .asked
            .clone()
    }
}

impl Approver for ScriptedApprover {
    fn ask<'a>(&'a self, request: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.asked.push(request.clone());
        let answer = script.answers.pop_front().unwrap_or(Approval::Denied);
        Box::pin(async move { answer })
    }
}
