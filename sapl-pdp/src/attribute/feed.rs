//! The one stream of an attribute, shared by all who listen.
//!
//! No task runs it: a listener that is polled polls the stream with a waker that wakes all listeners. When the last of them
//! is dropped, so is the stream.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;

use super::library::Feeds;
use super::size::{bounded, identical};
use super::wakers::Wakers;
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::value::{ErrorKind, Value};

/// How often a listener looks at a stream that is ready all the time before it lets others run.
const BURST: u32 = 16;

/// How many values that nobody has looked at in time a new listener passes over at most.
pub(super) const MAX_BACKLOG: u32 = 1024;

/// What an attribute is whose finder panicked.
const PANICKED: ErrorKind = ErrorKind::Attribute("the attribute finder failed");

/// A stream and what it had last.
pub(super) struct Feed {
    pub(super) call: Arc<AttributeCall>,
    /// `None` when no finder has the library.
    finder: Option<Arc<dyn AttributeFinder>>,
    wakers: Arc<Wakers>,
    latest: Mutex<Latest>,
    run: Mutex<Run>,
    /// Who found the stream taken, and has to look as soon as it is free: whoever has it may never look again.
    missed: Mutex<Vec<Waker>>,
    home: Weak<Feeds>,
}

/// The newest value and how many there were; 0 before the first.
#[derive(Debug, Default)]
struct Latest {
    version: u64,
    value: Value<'static>,
}

struct Run {
    phase: Phase,
    /// How often in a row the finder failed.
    failures: u32,
}

enum Phase {
    /// The finder is to be asked.
    Closed,
    Open {
        stream: AttributeStream,
        first: First,
    },
    /// The finder is asked again afterwards.
    Resting(Rest),
    /// Nothing can come any more.
    Over,
}

impl Phase {
    /// Whether the finder was asked and has not answered yet.
    const fn is_awaited(&self) -> bool {
        matches!(
            self,
            Self::Open {
                first: First::Awaited | First::Timed(_),
                ..
            }
        )
    }
}

/// Until when a finder is left alone. Who began it may never run again, so whoever looks later looks at the time, too.
struct Rest {
    sleep: BoxFuture<'static, ()>,
    until: Option<SystemTime>,
}

impl Rest {
    fn of(call: &AttributeCall, time: Duration) -> Self {
        let clock = call.clock();
        Self {
            sleep: clock.sleep(time),
            until: clock.now().checked_add(time),
        }
    }

    fn is_over(&mut self, call: &AttributeCall, context: &mut Context<'_>) -> bool {
        self.sleep.as_mut().poll(context).is_ready()
            || self.until.is_some_and(|until| call.clock().now() >= until)
    }
}

/// How the wait for the first value of a stream stands.
enum First {
    Awaited,
    Timed(BoxFuture<'static, ()>),
    Over,
}

/// What a look at a stream has given.
enum Step {
    Value(Value<'static>),
    Again,
    Pending,
}

impl Feed {
    pub(super) fn new(
        call: Arc<AttributeCall>,
        finder: Option<Arc<dyn AttributeFinder>>,
        home: Weak<Feeds>,
    ) -> Self {
        Self {
            call,
            finder,
            wakers: Arc::default(),
            latest: Mutex::default(),
            run: Mutex::new(Run {
                phase: Phase::Closed,
                failures: 0,
            }),
            missed: Mutex::default(),
            home,
        }
    }

    /// Looks once. A panic of the finder is a failure of it.
    fn step(&self, run: &mut Run, context: &mut Context<'_>) -> Step {
        let looked = catch_unwind(AssertUnwindSafe(|| self.look(run, context)));
        looked.unwrap_or_else(|_| {
            tracing::error!(
                attribute = &**self.call.full_name(),
                "an attribute finder panicked"
            );
            self.rest_after_failure(run);
            Step::Value(Value::error(PANICKED))
        })
    }

    fn look(&self, run: &mut Run, context: &mut Context<'_>) -> Step {
        let options = self.call.options();
        match &mut run.phase {
            Phase::Closed => {
                let finder = self.finder.as_ref();
                match finder.and_then(|finder| finder.find(Arc::clone(&self.call))) {
                    Some(stream) => {
                        let first = First::Awaited;
                        run.phase = Phase::Open { stream, first };
                        Step::Again
                    }
                    None => {
                        run.phase = Phase::Over;
                        Step::Value(Value::Undefined)
                    }
                }
            }
            Phase::Open { stream, first } => match stream.as_mut().poll_next(context) {
                Poll::Ready(Some(value)) => {
                    *first = First::Over;
                    run.failures = 0;
                    Step::Value(bounded(value))
                }
                Poll::Ready(None) => {
                    let was_silent = !matches!(first, First::Over);
                    run.phase = Phase::Resting(Rest::of(&self.call, options.poll_interval));
                    if was_silent {
                        Step::Value(Value::Undefined)
                    } else {
                        Step::Again
                    }
                }
                Poll::Pending => first.look(options.initial_timeout, &self.call, context),
            },
            Phase::Resting(rest) => {
                if rest.is_over(&self.call, context) {
                    run.phase = Phase::Closed;
                    return Step::Again;
                }
                Step::Pending
            }
            Phase::Over => Step::Pending,
        }
    }

    fn rest_after_failure(&self, run: &mut Run) {
        let options = self.call.options();
        let wait = if run.failures < options.retries {
            let factor = 2_u32.checked_pow(run.failures).unwrap_or(u32::MAX);
            options.backoff.saturating_mul(factor)
        } else {
            options.poll_interval
        };
        run.failures = run.failures.saturating_add(1);
        let rest = catch_unwind(AssertUnwindSafe(|| Rest::of(&self.call, wait)));
        replace(run, rest.map_or(Phase::Over, Phase::Resting));
    }

    /// Waits no more for the first value, which may never come: who has the stream may never look again.
    fn give_up(&self) {
        let run = match self.run.try_lock() {
            Ok(run) => Some(run),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        let is_awaited = run.as_ref().is_none_or(|run| run.phase.is_awaited());
        if let Some(mut run) = run
            && let Phase::Open { first, .. } = &mut run.phase
        {
            *first = First::Over;
        }
        if is_awaited && self.publish(Value::Undefined) {
            self.wakers.wake_others(None);
        }
    }

    /// Makes a value the newest; `false` when it is the same as the one before.
    fn publish(&self, value: Value<'static>) -> bool {
        let mut latest = self.latest();
        if latest.version > 0 && identical(&latest.value, &value) {
            return false;
        }
        latest.version += 1;
        latest.value = value;
        true
    }

    /// The stream, unless another listener has it, who wakes this one behind its look.
    fn take(&self, waker: &Waker) -> Option<MutexGuard<'_, Run>> {
        let take = || match self.run.try_lock() {
            Ok(run) => Some(run),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        take().or_else(|| {
            self.missed().push(waker.clone());
            // It may be free since, and then nobody wakes this one.
            take()
        })
    }

    fn missed(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who found the stream taken.
    fn wake_missed(&self) {
        let missed = std::mem::take(&mut *self.missed());
        for waker in missed {
            waker.wake();
        }
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl First {
    /// Looks whether the first value takes too long.
    fn look(&mut self, timeout: Duration, call: &AttributeCall, context: &mut Context<'_>) -> Step {
        if matches!(self, Self::Awaited) {
            *self = Self::Timed(call.clock().sleep(timeout));
        }
        let Self::Timed(sleep) = self else {
            return Step::Pending;
        };
        if sleep.as_mut().poll(context).is_pending() {
            return Step::Pending;
        }
        *self = Self::Over;
        Step::Value(Value::Undefined)
    }
}

/// A finder's stream may panic when it is dropped, too.
fn replace(run: &mut Run, phase: Phase) {
    let before = std::mem::replace(&mut run.phase, phase);
    let _ = catch_unwind(AssertUnwindSafe(|| drop(before)));
}

impl Drop for Feed {
    fn drop(&mut self) {
        let run = self.run.get_mut().unwrap_or_else(PoisonError::into_inner);
        replace(run, Phase::Over);
        if let Some(home) = self.home.upgrade() {
            home.forget(&self.call);
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

/// One who listens to a feed, and keeps it alive.
pub(super) struct Listener {
    feed: Arc<Feed>,
    seen: u64,
    ticket: Option<u64>,
    /// How long to wait for the first value, by the timer of whoever waits here.
    patience: Option<BoxFuture<'static, ()>>,
}

impl Listener {
    pub(super) const fn new(feed: Arc<Feed>) -> Self {
        Self {
            feed,
            seen: 0,
            ticket: None,
            patience: None,
        }
    }

    /// The newest value, if it is another than the one that was seen; else the task is woken when there is one.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Value<'static>> {
        let newest = self.poll_stream(context);
        if newest.is_pending() && self.seen == 0 && !self.is_patient(context) {
            self.feed.give_up();
            return self.newest();
        }
        newest
    }

    /// Whether the first value may take longer. The stream's own timer is that of who asked first, and may stand still.
    fn is_patient(&mut self, context: &mut Context<'_>) -> bool {
        let call = &self.feed.call;
        let patience = &mut self.patience;
        let look = catch_unwind(AssertUnwindSafe(|| {
            let time = call.options().initial_timeout;
            let patience = patience.get_or_insert_with(|| call.clock().sleep(time));
            patience.as_mut().poll(context).is_pending()
        }));
        let is_patient = look.unwrap_or(false);
        if !is_patient {
            self.patience = None;
        }
        is_patient
    }

    fn poll_stream(&mut self, context: &mut Context<'_>) -> Poll<Value<'static>> {
        let feed = Arc::clone(&self.feed);
        // What others have seen may be old: the stream stands still while none of them is polled.
        let is_current = self.seen > 0 || feed.latest().version == 0;
        for _ in 0..if is_current { BURST } else { MAX_BACKLOG } {
            // Before anything is looked at: what comes afterwards wakes the task.
            feed.wakers.wait(&mut self.ticket, context.waker());
            if is_current && let newest @ Poll::Ready(_) = self.newest() {
                return newest;
            }
            let Some(mut run) = feed.take(context.waker()) else {
                return Poll::Pending;
            };
            let waker = Waker::from(Arc::clone(&feed.wakers));
            let step = feed.step(&mut run, &mut Context::from_waker(&waker));
            let is_pending = matches!(step, Step::Pending);
            let is_awaited = run.phase.is_awaited();
            if let Step::Value(value) = step {
                feed.publish(value);
            }
            drop(run);
            // Who found the stream taken in the meantime has to look again.
            feed.wake_missed();
            if is_pending {
                // A finder that was to be asked again long ago is asked only now.
                return if is_awaited { Poll::Pending } else { self.newest() };
            }
            feed.wakers.wake_others(self.ticket);
        }
        let newest = self.newest();
        if newest.is_pending() {
            context.waker().wake_by_ref();
        }
        newest
    }

    fn newest(&mut self) -> Poll<Value<'static>> {
        let latest = self.feed.latest();
        if latest.version == self.seen {
            return Poll::Pending;
        }
        self.seen = latest.version;
        self.patience = None;
        Poll::Ready(latest.value.clone())
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("feed", &self.feed)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.feed.wakers.leave(self.ticket.take());
    }
}
