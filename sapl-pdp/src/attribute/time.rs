//! `time`: what time it is, and whether some time has come.
//!
//! As SAPL's documentation of the time finder has it. All but `now` wait for the moment of their change instead of asking
//! again and again. Where no zone is given it is UTC.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::steps::{constant, instant, steps};
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::function::time::calendar::{Date, Time as Clock};
use crate::function::time::instant::Instant;
use crate::function::time::parse;
use crate::function::time::zone::Zone;
use crate::value::{Array, ErrorKind, Number, Value};

/// The finder of `time`.
#[derive(Debug)]
pub(super) struct Time;

/// How often `now` tells the time unless an argument says otherwise.
const INTERVAL: Duration = Duration::from_secs(1);

const NO_TIMESTAMP: ErrorKind = ErrorKind::Attribute("not a timestamp with offset");
const NO_TIME: ErrorKind = ErrorKind::Attribute("not a time of day");
const NO_ZONE: ErrorKind = ErrorKind::Attribute("not a time zone");
const NO_DAY: ErrorKind = ErrorKind::Attribute("not a day of the week in English");
const NO_MONTH: ErrorKind = ErrorKind::Attribute("not a month in English or from 1 to 12");
const NOTHING: ErrorKind = ErrorKind::Attribute("the array must not be empty");
const NO_DURATION: ErrorKind = ErrorKind::Attribute("a duration must be positive");
const OUT_OF_RANGE: ErrorKind = ErrorKind::Attribute("beyond the calendar");

const DAYS: [&str; 7] = [
    "MONDAY",
    "TUESDAY",
    "WEDNESDAY",
    "THURSDAY",
    "FRIDAY",
    "SATURDAY",
    "SUNDAY",
];

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];

impl AttributeFinder for Time {
    fn library(&self) -> &'static str {
        "time"
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        if call.entity().is_some() {
            return None;
        }
        let stream = match (call.name(), call.arguments()) {
            ("now", []) => Ok(now(&call, INTERVAL)),
            ("now", [interval]) => duration(interval, 1).map(|interval| now(&call, interval)),
            ("systemTimeZone", []) => Ok(constant(Value::from("UTC"))),
            ("nowIsAfter", [from]) => timestamp(from, 1).map(|from| now_is_after(&call, from, true)),
            ("nowIsBefore", [to]) => timestamp(to, 1).map(|to| now_is_after(&call, to, false)),
            ("nowIsBetween", [from, to]) => now_is_between(&call, from, to),
            ("localTimeIsAfter", [from, zone @ ..]) if zone.len() < 2 => {
                local_time_is_after(&call, from, zone, true)
            }
            ("localTimeIsBefore", [to, zone @ ..]) if zone.len() < 2 => {
                local_time_is_after(&call, to, zone, false)
            }
            ("localTimeIsBetween", [from, to, zone @ ..]) if zone.len() < 2 => {
                local_time_is_between(&call, from, to, zone)
            }
            ("weekdayIn", [days, zone @ ..]) if zone.len() < 2 => {
                members(days, day).and_then(|days| weekday_in(&call, days, zone, 1))
            }
            ("dayOfWeekBetween", [from, to, zone @ ..]) if zone.len() < 2 => {
                between(from, to, text_day, 7).and_then(|days| weekday_in(&call, days, zone, 2))
            }
            ("monthIn", [months, zone @ ..]) if zone.len() < 2 => {
                members(months, month).and_then(|months| month_in(&call, months, zone, 1))
            }
            ("monthBetween", [from, to, zone @ ..]) if zone.len() < 2 => {
                between(from, to, number_month, 12).and_then(|months| month_in(&call, months, zone, 2))
            }
            ("toggle", [on, off]) => duration(on, 1)
                .and_then(|on| Ok((on, duration(off, 2)?)))
                .map(|(on, off)| toggle(&call, on, off)),
            _ => return None,
        };
        Some(stream.unwrap_or_else(|error| constant(Value::error(error))))
    }
}

fn now(call: &Arc<AttributeCall>, interval: Duration) -> AttributeStream {
    let call = Arc::clone(call);
    stream::unfold((call, false), move |(call, told)| async move {
        if told {
            call.clock().sleep(interval).await;
        }
        let now = instant(call.now()).map_or(Value::error(OUT_OF_RANGE), |now| Value::from(shown(now)));
        Some((now, (call, true)))
    })
    .boxed()
}

/// In UTC, with seconds and as many digits behind them as are not zero.
fn shown(instant: Instant) -> String {
    match instant.local(0) {
        Some((date, time)) => format!("{date}T{}Z", time.full()),
        None => instant.to_string(),
    }
}

fn now_is_after(call: &Arc<AttributeCall>, checkpoint: Instant, after: bool) -> AttributeStream {
    steps(Arc::clone(call), move |now| {
        let is_after = now >= checkpoint;
        let next = (!is_after).then_some(checkpoint);
        (Value::from(is_after == after), next)
    })
}

type Outcome<T = AttributeStream> = Result<T, ErrorKind>;

fn now_is_between(call: &Arc<AttributeCall>, from: &Value<'_>, to: &Value<'_>) -> Outcome {
    let (from, to) = (timestamp(from, 1)?, timestamp(to, 2)?);
    Ok(steps(Arc::clone(call), move |now| {
        let next = [from, to].into_iter().find(|&bound| bound > now);
        (Value::from(from <= now && now < to), next.filter(|_| from < to))
    }))
}

fn local_time_is_after(
    call: &Arc<AttributeCall>,
    checkpoint: &Value<'_>,
    zone: &[Value<'_>],
    after: bool,
) -> Outcome {
    let zone = zone_of(zone, 2)?;
    let checkpoint = time_of_day(checkpoint, 1)?;
    if checkpoint == Clock::MIDNIGHT || checkpoint == Clock::LAST {
        return Ok(constant(Value::from((checkpoint == Clock::MIDNIGHT) == after)));
    }
    Ok(local(call, zone, move |_, time| {
        let is_after = time >= checkpoint;
        (is_after == after, vec![checkpoint])
    }))
}

fn local_time_is_between(
    call: &Arc<AttributeCall>,
    from: &Value<'_>,
    to: &Value<'_>,
    zone: &[Value<'_>],
) -> Outcome {
    let zone = zone_of(zone, 3)?;
    let (from, to) = (time_of_day(from, 1)?, time_of_day(to, 2)?);
    if from == to {
        return Ok(constant(Value::from(false)));
    }
    let whole_day = [Clock::MIDNIGHT, Clock::LAST];
    if whole_day == [from, to] || whole_day == [to, from] {
        return Ok(constant(Value::from(true)));
    }
    Ok(local(call, zone, move |_, time| {
        let is_between = if from < to {
            from <= time && time < to
        } else {
            time >= from || time < to
        };
        (is_between, vec![from, to])
    }))
}

fn weekday_in(call: &Arc<AttributeCall>, days: BTreeSet<usize>, zone: &[Value<'_>], before: u8) -> Outcome {
    let zone = zone_of(zone, before + 1)?;
    Ok(local(call, zone, move |date, _| {
        let day = usize::try_from(date.weekday()).unwrap_or_default();
        (days.contains(&day), Vec::new())
    }))
}

fn month_in(call: &Arc<AttributeCall>, months: BTreeSet<usize>, zone: &[Value<'_>], before: u8) -> Outcome {
    let zone = zone_of(zone, before + 1)?;
    Ok(local(call, zone, move |date, _| {
        let month = usize::try_from(date.month).unwrap_or_default();
        (months.contains(&(month.saturating_sub(1))), Vec::new())
    }))
}

fn toggle(call: &Arc<AttributeCall>, on: Duration, off: Duration) -> AttributeStream {
    let call = Arc::clone(call);
    stream::unfold((call, None), move |(call, told)| async move {
        match told {
            None => {}
            Some(true) => call.clock().sleep(on).await,
            Some(false) => call.clock().sleep(off).await,
        }
        let next = !told.unwrap_or(false);
        Some((Value::from(next), (call, Some(next))))
    })
    .boxed()
}

/// What depends on the date and the time that clocks of a zone show: whether it is so, and at which times of the day, besides
/// midnight, that may change.
fn local(
    call: &Arc<AttributeCall>,
    zone: Zone,
    is_so: impl Fn(Date, Clock) -> (bool, Vec<Clock>) + Send + 'static,
) -> AttributeStream {
    steps(Arc::clone(call), move |now| {
        let offset = zone.offset_at(now);
        let Some((offset, (date, time))) = offset.and_then(|offset| Some((offset, now.local(offset)?)))
        else {
            return (Value::error(OUT_OF_RANGE), None);
        };
        let (value, times) = is_so(date, time);
        let tomorrow = Date::from_days(date.to_days() + 1);
        let times = times
            .into_iter()
            .map(|time| (date, time))
            .chain([(tomorrow, Clock::MIDNIGHT)]);
        // As clocks go now, until they are set.
        let changes = times.filter_map(|(date, time)| Instant::at(date, time, offset));
        let next = changes.chain(zone.next_change(now)).filter(|&next| next > now);
        (Value::from(value), next.min())
    })
}

/// Values that don't fit are told by the number of their argument.
fn mismatch(position: u8, expected: &'static str, found: &Value<'_>) -> ErrorKind {
    ErrorKind::Argument {
        position,
        expected,
        found: found.kind(),
    }
}

fn text<'v>(value: &'v Value<'_>, position: u8) -> Outcome<&'v str> {
    value.as_text().ok_or_else(|| mismatch(position, "a text", value))
}

fn timestamp(value: &Value<'_>, position: u8) -> Outcome<Instant> {
    parse::instant(text(value, position)?).ok_or(NO_TIMESTAMP)
}

fn time_of_day(value: &Value<'_>, position: u8) -> Outcome<Clock> {
    parse::time(text(value, position)?).ok_or(NO_TIME)
}

fn zone_of(value: &[Value<'_>], position: u8) -> Outcome<Zone> {
    match value.first() {
        Some(value) => Zone::named(text(value, position)?).ok_or(NO_ZONE),
        None => Ok(Zone::Fixed(0)),
    }
}

/// Milliseconds, with what is behind their point cut off.
fn duration(value: &Value<'_>, position: u8) -> Outcome<Duration> {
    let number = value
        .as_number()
        .ok_or_else(|| mismatch(position, "a number", value))?;
    match truncated(number).and_then(|millis| u64::try_from(millis).ok()) {
        None | Some(0) => Err(NO_DURATION),
        Some(millis) => Ok(Duration::from_millis(millis)),
    }
}

fn truncated(number: &Number) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is beyond is cut off, and refused by the caller"
    )]
    number.to_i64().or_else(|| Some(number.to_f64().trunc() as i64))
}

fn members(array: &Value<'_>, member: fn(&Value<'_>) -> Outcome<usize>) -> Outcome<BTreeSet<usize>> {
    let Value::Array(array) = array else {
        return Err(mismatch(1, "an array", array));
    };
    if Array::is_empty(array) {
        return Err(NOTHING);
    }
    array.iter().map(|value| member(&value)).collect()
}

fn between(
    from: &Value<'_>,
    to: &Value<'_>,
    member: fn(&Value<'_>, u8) -> Outcome<usize>,
    size: usize,
) -> Outcome<BTreeSet<usize>> {
    let (from, to) = (member(from, 1)?, member(to, 2)?);
    let length = (to + size - from) % size;
    Ok((0..=length).map(|distance| (from + distance) % size).collect())
}

fn day(value: &Value<'_>) -> Outcome<usize> {
    value
        .as_text()
        .and_then(|text| position(&DAYS, text))
        .ok_or(NO_DAY)
}

fn text_day(value: &Value<'_>, place: u8) -> Outcome<usize> {
    position(&DAYS, text(value, place)?).ok_or(NO_DAY)
}

fn month(value: &Value<'_>) -> Outcome<usize> {
    match value {
        Value::Number(_) => number_month(value, 1),
        Value::Text(text) => position(&MONTHS, text).ok_or(NO_MONTH),
        _ => Err(NO_MONTH),
    }
}

fn number_month(value: &Value<'_>, place: u8) -> Outcome<usize> {
    let number = value
        .as_number()
        .ok_or_else(|| mismatch(place, "a number", value))?;
    match truncated(number).and_then(|month| usize::try_from(month).ok()) {
        Some(month @ 1..=12) => Ok(month - 1),
        _ => Err(NO_MONTH),
    }
}

fn position(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| known.eq_ignore_ascii_case(name))
}
