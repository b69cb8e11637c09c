//! [Handlers]: who handles the constraints of a decision, and what comes of it.

use serde_json::{Map, Value};

use super::{
    decision::{Constraint, Decision, Does, HandlerKind, Provider},
    world::Point,
};

/// The operation is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denied;

/// The handlers of one decision.
#[derive(Debug)]
pub(crate) struct Bundle<'d> {
    handlers: Vec<Handler<'d>>,
    replacement: Option<&'d Value>,
}

#[derive(Clone, Copy, Debug)]
struct Handler<'d> {
    provider: Provider,
    id: &'d str,
    does: &'d Does,
    is_obligation: bool,
}

/// What a component failed with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: Option<i32>,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
}

/// What the lines of everything that happens are added to.
pub(crate) type Effects = Vec<String>;

/// Whether handlers of this kind can run there: before the component all of them, behind it nothing that changes
/// arguments, at a gate only what runs when the decision arrives.
fn can_run(kind: HandlerKind, point: Point) -> bool {
    match point {
        Point::Pre => true,
        Point::Post => kind != HandlerKind::MethodInvocation,
        Point::Gate => kind == HandlerKind::Runnable,
    }
}

/// What becomes of a provider that is responsible for the constraint: a handler, or a failure.
fn is_made(does: &Does) -> bool {
    !matches!(
        does,
        Does::FailToMake | Does::PanicInMaking | Does::PanicWhenAsked | Does::Flawed(_)
    )
}

/// Finds the handlers for a PERMIT.
///
/// "An obligation that no registered handler claims denies, and so does one whose handler fails or panics. Advice is
/// best effort."
pub(crate) fn resolve(decision: &Decision, point: Point) -> Result<Bundle<'_>, Denied> {
    for obligation in &decision.obligations {
        let mut responsible = obligation
            .handlers
            .iter()
            .filter(|(provider, _)| can_run(provider.kind(), point))
            .peekable();
        if responsible.peek().is_none() || !responsible.all(|(_, does)| is_made(does)) {
            return Err(Denied);
        }
    }
    // [Gates]: "so does a decision that replaces the resource".
    if point == Point::Gate && decision.resource.is_some() {
        return Err(Denied);
    }
    Ok(Bundle {
        handlers: handlers(decision, |provider| can_run(provider.kind(), point)),
        replacement: decision.resource.as_ref(),
    })
}

/// The handlers that run although the decision denies: those that run when a decision arrives.
pub(crate) fn resolve_denied(decision: &Decision) -> Bundle<'_> {
    Bundle {
        handlers: handlers(decision, |provider| provider.kind() == HandlerKind::Runnable),
        replacement: None,
    }
}

/// Obligations in the order of the decision, for each of them the providers as they are registered, then advice.
fn handlers(decision: &Decision, takes_part: impl Fn(Provider) -> bool) -> Vec<Handler<'_>> {
    let mut all = Vec::new();
    for (is_obligation, Constraint { id, handlers }) in decision.constraints() {
        let mut handlers: Vec<_> = handlers.iter().collect();
        handlers.sort_by_key(|(provider, _)| *provider);
        for (provider, does) in handlers {
            if takes_part(*provider) && is_made(does) {
                all.push(Handler {
                    provider: *provider,
                    id,
                    does,
                    is_obligation,
                });
            }
        }
    }
    all
}

/// Whether a list may show a component with this PERMIT: some provider claims each obligation. No handler is made.
pub(crate) fn claims(decision: &Decision, point: Point) -> bool {
    let claimed = |obligation: &Constraint| {
        let able = obligation
            .handlers
            .iter()
            .filter(|(provider, _)| can_run(provider.kind(), point));
        // They are asked one after the other until one says yes. One that panics ends the question.
        let first = able.min_by_key(|(provider, _)| *provider);
        first.is_some_and(|(_, does)| *does != Does::PanicWhenAsked)
    };
    decision.obligations.iter().all(claimed) && !(point == Point::Gate && decision.resource.is_some())
}

/// Runs those handlers that want to run when a component is listed.
pub(crate) fn run_in_list(decision: &Decision, effects: &mut Effects) -> Result<(), Denied> {
    let bundle = Bundle {
        handlers: handlers(decision, |provider| provider == Provider::ListingRunnable),
        replacement: None,
    };
    let not_made = decision
        .obligations
        .iter()
        .flat_map(|obligation| &obligation.handlers)
        .any(|(provider, does)| *provider == Provider::ListingRunnable && !is_made(does));
    let ran = bundle.on_decision(effects);
    if not_made { Err(Denied) } else { ran }
}

impl Bundle<'_> {
    /// When the decision arrives: side effects.
    pub(crate) fn on_decision(&self, effects: &mut Effects) -> Result<(), Denied> {
        self.stage(HandlerKind::Runnable, |handler| {
            effects.push(format!("runnable {}", handler.id));
            handler.ends()
        })
    }

    /// Before the component: the arguments may change, "but not the variables of a template".
    pub(crate) fn method_invocation(
        &self,
        arguments: &mut Map<String, Value>,
        read_only: bool,
        effects: &mut Effects,
    ) -> Result<(), Denied> {
        self.stage(HandlerKind::MethodInvocation, |handler| {
            effects.push(format!(
                "method_invocation {} {}",
                handler.id,
                Value::Object(arguments.clone())
            ));
            handler.ends()?;
            if let Does::Change(value) = handler.does {
                if read_only {
                    return Err(Failed);
                }
                arguments.insert(handler.id.to_owned(), value.clone());
            }
            Ok(())
        })
    }

    pub(crate) fn changes_arguments(&self) -> bool {
        self.of(HandlerKind::MethodInvocation).next().is_some()
    }

    /// Whether some obligation replaces, filters or maps the value.
    pub(crate) fn has_output_obligation(&self) -> bool {
        let mut changing = self.of(HandlerKind::Filter).chain(self.of(HandlerKind::Mapping));
        self.replacement.is_some() || changing.any(|handler| handler.is_obligation)
    }

    /// "replacement by the decision's `resource` → filters → consumers → mappings". Gives the value, and whether it is
    /// another one than the component's.
    pub(crate) fn output(&self, value: Value, effects: &mut Effects) -> Result<(Value, bool), Denied> {
        let mut changed = self.replacement.is_some();
        let mut value = self.replacement.cloned().unwrap_or(value);

        let mut dropped = false;
        self.stage(HandlerKind::Filter, |handler| {
            // A value that an earlier filter has dropped is shown to nobody.
            let shown: Vec<Value> = match &value {
                Value::Array(elements) => elements.clone(),
                single => (!dropped).then(|| single.clone()).into_iter().collect(),
            };
            let mut kept = Vec::new();
            for element in &shown {
                kept.push(handler.keeps(element, effects)?);
            }
            // "on each element of a list, or once on another value"; "a single value becomes null".
            match &mut value {
                Value::Array(elements) => {
                    let mut kept = kept.into_iter();
                    elements.retain(|_| kept.next() == Some(true));
                    changed |= elements.len() != shown.len();
                }
                single if kept == [false] => {
                    changed |= !single.is_null();
                    (*single, dropped) = (Value::Null, true);
                }
                _ => {}
            }
            Ok(())
        })?;

        self.stage(HandlerKind::Consumer, |handler| {
            effects.push(format!("consumer {} {value}", handler.id));
            handler.ends()
        })?;

        self.stage(HandlerKind::Mapping, |handler| {
            let mapped = handler.mapped(&value, effects)?;
            changed |= mapped != value;
            value = mapped;
            Ok(())
        })?;
        Ok((value, changed))
    }

    /// Whether anything looks at the value.
    pub(crate) fn looks_at_values(&self) -> bool {
        let looks = [HandlerKind::Filter, HandlerKind::Consumer, HandlerKind::Mapping];
        self.replacement.is_some() || looks.into_iter().any(|kind| self.of(kind).next().is_some())
    }

    /// "Its failure goes through error handlers and error mappings." Gives the failure, and whether an obligation made
    /// what is to be sent.
    pub(crate) fn failure(&self, failure: Failure, effects: &mut Effects) -> Result<(Failure, bool), Denied> {
        self.stage(HandlerKind::ErrorHandler, |handler| {
            effects.push(format!("error_handler {} {}", handler.id, failure.message));
            handler.ends()
        })?;
        let (mut failure, mut made_by_obligation) = (failure, false);
        self.stage(HandlerKind::ErrorMapping, |handler| {
            effects.push(format!("error_mapping {} {}", handler.id, failure.message));
            handler.ends()?;
            if let Does::Change(to) = handler.does {
                let mapped = to.to_string();
                if mapped != failure.message {
                    (failure.message, made_by_obligation) = (mapped, handler.is_obligation);
                }
            }
            Ok(())
        })?;
        Ok((failure, made_by_obligation))
    }

    /// The handlers of a kind in the order in which they run: by priority, and else as they were found.
    fn of(&self, kind: HandlerKind) -> impl Iterator<Item = &Handler<'_>> {
        let mut handlers: Vec<_> = self
            .handlers
            .iter()
            .filter(|handler| handler.provider.kind() == kind)
            .collect();
        handlers.sort_by_key(|handler| -handler.provider.priority());
        handlers.into_iter()
    }

    /// Runs all handlers of a kind. One that fails does not keep the others from running; if it is of an obligation, the
    /// operation is denied after them.
    fn stage(
        &self,
        kind: HandlerKind,
        mut run: impl FnMut(&Handler<'_>) -> Result<(), Failed>,
    ) -> Result<(), Denied> {
        let mut outcome = Ok(());
        for handler in self.of(kind) {
            if run(handler).is_err() && handler.is_obligation {
                outcome = Err(Denied);
            }
        }
        outcome
    }
}

/// A handler has failed, by an error or a panic, which is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed;

impl Handler<'_> {
    fn ends(&self) -> Result<(), Failed> {
        match self.does {
            Does::Fail | Does::Panic => Err(Failed),
            _ => Ok(()),
        }
    }

    /// Whether a filter keeps an element. Nobody hears of the built-in ones.
    fn keeps(&self, element: &Value, effects: &mut Effects) -> Result<bool, Failed> {
        if let Does::Content(predicate) = self.does {
            return predicate.keeps(element);
        }
        effects.push(format!("filter {} {element}", self.id));
        self.ends()?;
        Ok(!matches!(self.does, Does::Change(unwanted) if unwanted == element))
    }

    /// What a mapping makes of a value.
    fn mapped(&self, value: &Value, effects: &mut Effects) -> Result<Value, Failed> {
        if let Does::Content(filter) = self.does {
            return filter.mapped(value);
        }
        effects.push(format!("mapping {} {value}", self.id));
        self.ends()?;
        match self.does {
            Does::Change(mapped) => Ok(mapped.clone()),
            _ => Ok(value.clone()),
        }
    }
}
