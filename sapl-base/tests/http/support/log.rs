//! The log of the crate under test, as the current thread wrote it.

use std::{
    cell::RefCell,
    fmt::{self, Write},
    sync::Once,
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// What was logged since it was made, or taken last.
pub(crate) struct Log(());

thread_local! {
    static LINES: RefCell<String> = const { RefCell::new(String::new()) };
}

impl Log {
    pub(crate) fn start() -> Self {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| tracing::subscriber::set_global_default(Lines).unwrap());
        LINES.take();
        Self(())
    }

    pub(crate) fn take(&self) -> String {
        LINES.take()
    }
}

/// Writes the events of `sapl_base` down: a level, the message and the fields.
struct Lines;

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sapl_base")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut Fields(&mut line));
        LINES.with_borrow_mut(|lines| {
            lines.push_str(&line);
            lines.push('\n');
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}
