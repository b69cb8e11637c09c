//! What one decision knows of attributes.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{self, Poll};

use super::feed::Listener;
use super::{AttributeCall, Attributes, Context};
use crate::compile::program::Access;
use crate::value::Value;

/// How many different attributes one decision may depend on at a time. A decision that needs more is INDETERMINATE.
pub const MAX_ATTRIBUTES: usize = 128;

/// The attributes that a decision depends on, with their values; filled by evaluations, each of which tells what is missing.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
    missing: RefCell<Vec<Missing>>,
    /// Whether the evaluation met an attribute without a value.
    is_waiting: Cell<bool>,
}

#[derive(Debug)]
struct Entry {
    call: Arc<AttributeCall>,
    head: bool,
    value: Option<Value<'static>>,
    /// `None` once a first value is there that alone counts.
    listener: Option<Listener>,
    /// Whether the evaluation read it.
    is_used: Cell<bool>,
}

/// What an evaluation met that the table does not have.
#[derive(Debug)]
struct Missing {
    name: Arc<str>,
    head: bool,
    entity: Option<Value<'static>>,
    arguments: Box<[Value<'static>]>,
    options: super::AttributeOptions,
}

/// Where a table stands after an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The evaluation had all that it needed.
    Complete,
    /// It is to be repeated: what was missing has come.
    Again,
    /// It is to be repeated when something has come.
    Waiting,
    /// It needs more attributes than it may.
    TooMany,
}

impl Table {
    /// The value of an attribute; `None` when it is not there yet.
    pub(crate) fn read(
        &self,
        access: &Access,
        entity: Option<&Value<'_>>,
        arguments: &[Value<'_>],
    ) -> Option<Value<'_>> {
        let known = self.entries.iter().find(|entry| {
            entry.head == access.head && entry.call.asks(&access.name, entity, arguments, &access.options)
        });
        let value = match known {
            Some(entry) => {
                entry.is_used.set(true);
                entry.value.as_ref()
            }
            None => {
                self.note(access, entity, arguments);
                None
            }
        };
        if value.is_none() {
            self.is_waiting.set(true);
        }
        value.map(Value::reborrow)
    }

    fn note(&self, access: &Access, entity: Option<&Value<'_>>, arguments: &[Value<'_>]) {
        let mut missing = self.missing.borrow_mut();
        if missing.len() <= MAX_ATTRIBUTES {
            missing.push(Missing {
                name: Arc::clone(&access.name),
                head: access.head,
                entity: entity.map(|entity| entity.reborrow().into_owned()),
                arguments: arguments
                    .iter()
                    .map(|argument| argument.reborrow().into_owned())
                    .collect(),
                options: access.options,
            });
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Gets ready for an evaluation.
    pub(crate) fn begin(&mut self) {
        self.missing.get_mut().clear();
        self.is_waiting.set(false);
        for entry in &self.entries {
            entry.is_used.set(false);
        }
    }

    /// Ends an evaluation: stops listening to what it did not read, and begins to listen to what was missing.
    pub(crate) fn settle(
        &mut self,
        attributes: &Attributes,
        context: impl FnOnce() -> Arc<Context>,
        task: &mut task::Context<'_>,
    ) -> Settled {
        self.entries.retain(|entry| entry.is_used.get());
        if !self.is_waiting.get() {
            return Settled::Complete;
        }
        let missing = std::mem::take(self.missing.get_mut());
        if missing.is_empty() {
            return Settled::Waiting;
        }
        let context = context();
        for missing in missing {
            let Missing {
                name,
                head,
                entity,
                arguments,
                options,
            } = missing;
            let is_known = |entry: &Entry| {
                entry.head == head && entry.call.asks(&name, entity.as_ref(), &arguments, &options)
            };
            if self.entries.iter().any(is_known) {
                continue;
            }
            if self.entries.len() == MAX_ATTRIBUTES {
                return Settled::TooMany;
            }
            let (context, clock) = (Arc::clone(&context), Arc::clone(attributes.clock()));
            let call = Arc::new(AttributeCall::new(
                name, entity, arguments, options, context, clock,
            ));
            self.entries.push(Entry {
                listener: Some(attributes.listen(&call)),
                call,
                head,
                value: None,
                is_used: Cell::new(true),
            });
        }
        match self.poll(task) {
            true => Settled::Again,
            false => Settled::Waiting,
        }
    }

    /// Whether an attribute has another value than before; else the task is woken when one has.
    pub(crate) fn poll(&mut self, task: &mut task::Context<'_>) -> bool {
        let mut changed = false;
        for entry in &mut self.entries {
            let Some(listener) = &mut entry.listener else {
                continue;
            };
            if let Poll::Ready(value) = listener.poll(task) {
                changed = true;
                entry.value = Some(value);
                if entry.head {
                    entry.listener = None;
                }
            }
        }
        changed
    }
}
