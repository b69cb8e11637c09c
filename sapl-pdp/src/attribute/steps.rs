//! Attributes that change at known times.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, stream};

use super::{AttributeCall, AttributeStream};
use crate::function::time::instant::Instant;
use crate::value::Value;

/// How long a stream waits at most before it looks at the clock again: the machine's clock may be set, and waits don't count
/// the time for which it sleeps.
const MAX_WAIT: Duration = Duration::from_secs(3600);

/// How long it waits when the time of the change is over but nothing has changed, as in an hour that comes twice.
const MIN_WAIT: Duration = Duration::from_millis(1);

/// A value at some time, and when it may change; never without a time.
pub(super) type Step = (Value<'static>, Option<Instant>);

/// The values that `at` gives, each told when it is another than the one before.
pub(super) fn steps(
    call: Arc<AttributeCall>,
    at: impl FnMut(Instant) -> Step + Send + 'static,
) -> AttributeStream {
    let told: Option<Value<'static>> = None;
    stream::unfold((call, at, told), |(call, mut at, mut told)| async move {
        loop {
            let now = instant(call.now())?;
            let (value, next) = at(now);
            if told.as_ref() != Some(&value) {
                told = Some(value.clone());
                return Some((value, (call, at, told)));
            }
            match next {
                Some(next) => call.clock().sleep(wait(now, next)).await,
                None => std::future::pending().await,
            }
        }
    })
    .boxed()
}

/// One value that never changes.
pub(super) fn constant(value: Value<'static>) -> AttributeStream {
    stream::iter([value]).chain(stream::pending()).boxed()
}

/// The instant of a clock; `None` for one beyond all calendars.
pub(super) fn instant(time: SystemTime) -> Option<Instant> {
    let (sign, distance) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => (1, since),
        Err(before) => (-1, before.duration()),
    };
    let seconds = i64::try_from(distance.as_secs()).ok()?;
    Instant::new(sign * seconds, sign * i64::from(distance.subsec_nanos()))
}

fn wait(now: Instant, next: Instant) -> Duration {
    let nanos =
        u64::try_from(next.nanos() - now.nanos()).unwrap_or_else(|_| if next > now { u64::MAX } else { 0 });
    Duration::from_nanos(nanos).clamp(MIN_WAIT, MAX_WAIT)
}
