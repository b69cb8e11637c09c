//! What is logged while something runs.
//!
//! The subscriber is that of the whole process: with one of a thread, another thread that comes first to a line could
//! turn it off for all. It keeps what the thread logs that asked for it.

use std::{cell::RefCell, fmt, sync::Once, time::Duration};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::document::{Kind, Quote};

/// A line of the log, written by a crate of ours.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    level: Level,
    message: String,
    fields: Vec<(&'static str, String)>,
}

thread_local! {
    static EVENTS: RefCell<Option<Vec<Traced>>> = const { RefCell::new(None) };
}

/// What is logged by this thread while `run` runs.
pub(crate) fn capture(run: impl FnOnce()) -> Vec<Traced> {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| tracing::subscriber::set_global_default(Keeps).unwrap());
    EVENTS.set(Some(Vec::new()));
    run();
    EVENTS.take().unwrap_or_default()
}

/// Waits until this line was logged.
pub(crate) async fn seen(message: &str) {
    let logged = || {
        EVENTS.with_borrow(|events| {
            let mut events = events.iter().flatten();
            events.any(|event| event.message == message)
        })
    };
    let seen = async {
        while !logged() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), seen).await.unwrap();
}

impl Traced {
    /// Whether this is the line.
    pub(crate) fn is(&self, level: Level, message: &str) -> bool {
        self.level == level && self.message == message
    }

    /// Whether somebody ought to look at it.
    pub(crate) fn is_trouble(&self) -> bool {
        self.level <= Level::WARN
    }

    /// Whether this is what the document quotes.
    pub(crate) fn says(&self, quote: &Quote) -> bool {
        match &quote.kind {
            Kind::Line { level } => {
                self.message == quote.text && self.level.as_str().eq_ignore_ascii_case(level)
            }
            Kind::Field { name } => self
                .fields
                .iter()
                .any(|(field, value)| field == name && value.contains(&quote.text)),
        }
    }
}

struct Keeps;

impl Subscriber for Keeps {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let level = *event.metadata().level();
        let ours = event.metadata().target().starts_with("sapl_");
        if level > Level::INFO || !ours {
            return;
        }
        let mut traced = Traced {
            level,
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut traced);
        EVENTS.with_borrow_mut(|events| {
            if let Some(events) = events {
                events.push(traced);
            }
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Visit for Traced {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        if field.name() == "message" {
            self.message = value;
        } else {
            self.fields.push((field.name(), value));
        }
    }
}
