//! Decisions that depend on attributes. Time is that of Tokio's paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{AttributeCall, AttributeFinder, AttributeStream, Clock};
use crate::EmbeddedPdp;
use crate::value::Value;

mod failing;
mod following;
#[cfg(feature = "crypto")]
mod jwt;
#[cfg(all(feature = "crypto", feature = "http"))]
mod jwt_keys;
mod limits;
mod needed;
mod properties;
mod secrets;
#[cfg(feature = "http")]
pub(super) mod service;
mod shared;
mod time;

const SETTINGS: &str = r#"{"algorithm":
    {"votingMode": "PRIORITY_PERMIT", "defaultDecision": "DENY", "errorHandling": "PROPAGATE"}}"#;

fn policies(texts: &[&str]) -> EmbeddedPdp {
    let files = texts.iter().enumerate();
    let files = files.map(|(number, text)| (format!("{number}.sapl"), text.to_string()));
    EmbeddedPdp::from_texts(Some(SETTINGS), files).expect("valid")
}

fn subscription() -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", "read", "thing")
}

async fn once(pdp: &EmbeddedPdp) -> Decision {
    pdp.decide_once(&subscription()).await.decision
}

/// What a stream has without waiting.
fn now<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    stream.next().now_or_never().flatten()
}

/// A clock that goes with Tokio's.
#[derive(Debug)]
struct Virtual {
    start: SystemTime,
    began: Instant,
}

impl Virtual {
    /// A clock that shows a time, in seconds from 1970-01-01 in UTC, now.
    fn at(seconds: u64) -> Self {
        Self {
            start: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
            began: Instant::now(),
        }
    }
}

impl Clock for Virtual {
    fn now(&self) -> SystemTime {
        self.start + self.began.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

/// A finder whose attributes a test sets; notes what it is asked, and how many streams of it are alive.
#[derive(Clone, Default)]
struct Sensors(Arc<State>);

#[derive(Default)]
struct State {
    asked: Mutex<Vec<String>>,
    alive: Arc<AtomicUsize>,
    values: Mutex<Vec<(String, watch::Sender<Option<Value<'static>>>)>>,
}

impl Sensors {
    /// Sets the value of an attribute, for all entities and arguments.
    fn set(&self, name: &str, value: impl Into<Value<'static>>) {
        self.channel(name).send_replace(Some(value.into()));
    }

    fn channel(&self, name: &str) -> watch::Sender<Option<Value<'static>>> {
        let mut values = self.0.values.lock().unwrap();
        if let Some((_, sender)) = values.iter().find(|(known, _)| known == name) {
            return sender.clone();
        }
        let sender = watch::Sender::new(None);
        values.push((name.to_owned(), sender.clone()));
        sender
    }

    /// What was asked since the last look.
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.asked.lock().unwrap())
    }

    fn alive(&self) -> usize {
        self.0.alive.load(Ordering::SeqCst)
    }
}

impl AttributeFinder for Sensors {
    fn library(&self) -> &'static str {
        "sensor"
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        let mut asked = call
            .entity()
            .map_or_else(String::new, |entity| format!("{entity}."));
        asked.push_str(call.name());
        for argument in call.arguments() {
            asked.push_str(&format!(" {argument}"));
        }
        self.0.asked.lock().unwrap().push(asked);
        let alive = Alive::new(&self.0.alive);
        let receiver = self.channel(call.name()).subscribe();
        let values = stream::unfold(
            (receiver, false, alive),
            |(mut receiver, told, alive)| async move {
                if told {
                    receiver.changed().await.ok()?;
                } else {
                    receiver.wait_for(Option::is_some).await.ok()?;
                }
                let value = receiver.borrow_and_update().clone()?;
                Some((value, (receiver, true, alive)))
            },
        );
        Some(values.boxed())
    }
}

/// Counted as long as it lives.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Policies with sensors.
fn sensing(texts: &[&str]) -> (EmbeddedPdp, Sensors) {
    let sensors = Sensors::default();
    let pdp = policies(texts).with_attribute_finder(sensors.clone());
    (pdp.expect("a new library"), sensors)
}
