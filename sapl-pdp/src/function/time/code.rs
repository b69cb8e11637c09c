//! The code of the functions.

use super::calendar::{DAY_SECONDS, Date, SECOND_NANOS, Time};
use super::instant::Instant;
use super::zone::Zone;
use super::{duration, parse};
use crate::function::arguments::{Outcome, long, number, text};
use crate::function::white_space::{strip, trim};
use crate::value::{Decimal, ErrorKind, Number, Value};

const NO_INSTANT: ErrorKind =
    ErrorKind::Function("not a timestamp such as `2026-03-18T10:15:30Z`, nor a date");
pub(super) const NO_DATE_TIME: ErrorKind =
    ErrorKind::Function("not a date and time such as `2026-03-18T10:15:30`");
const NO_TIME: ErrorKind = ErrorKind::Function("not a time such as `10:15:30`");
const NO_OFFSET: ErrorKind = ErrorKind::Function("not an offset such as `+02:00`");
const NO_ZONE: ErrorKind = ErrorKind::Function("not a time zone such as `Europe/Berlin`");
pub(super) const OUT_OF_RANGE: ErrorKind = ErrorKind::Function("beyond the supported years");

pub(super) const MILLI_NANOS: i64 = 1_000_000;
pub(super) const DAY_NANOS: i64 = DAY_SECONDS * SECOND_NANOS;

pub(super) fn instant(arguments: &[Value<'_>], index: usize) -> Result<Instant, ErrorKind> {
    parse::instant_or_date(text(arguments, index)?).ok_or(NO_INSTANT)
}

fn offset(arguments: &[Value<'_>], index: usize) -> Result<i64, ErrorKind> {
    parse::offset(text(arguments, index)?).ok_or(NO_OFFSET)
}

/// A zone by name, and UTC for an empty name.
fn zone(arguments: &[Value<'_>], index: usize) -> Result<Zone, ErrorKind> {
    let name = text(arguments, index)?;
    if strip(name).is_empty() {
        return Ok(Zone::Fixed(0));
    }
    Zone::named(trim(name)).ok_or(NO_ZONE)
}

/// The timestamp of what came out of a computation.
fn shown<'a>(instant: Option<Instant>) -> Outcome<'a> {
    instant
        .map(|instant| instant.to_string().into())
        .ok_or(OUT_OF_RANGE)
}

pub(super) fn read<'a>(arguments: &[Value<'a>], read: fn(&str) -> Option<Instant>) -> Outcome<'a> {
    let instant = read(text(arguments, 0)?).ok_or(NO_DATE_TIME)?;
    shown(Some(instant))
}

pub(super) fn epoch<'a>(arguments: &[Value<'a>], instant: fn(i64) -> Option<Instant>) -> Outcome<'a> {
    shown(instant(long(arguments, 0)?))
}

pub(super) fn after<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok((instant(arguments, 0)? > instant(arguments, 1)?).into())
}

pub(super) fn before<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok((instant(arguments, 0)? < instant(arguments, 1)?).into())
}

pub(super) fn between<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let time = instant(arguments, 0)?;
    let (start, end) = (instant(arguments, 1)?, instant(arguments, 2)?);
    // A bound itself is between them even where the end lies before the start, as in SAPL.
    Ok((time == start || time == end || start < time && time < end).into())
}

pub(super) fn shifted<'a>(arguments: &[Value<'a>], sign: i128, unit: i64) -> Outcome<'a> {
    let amount = i128::from(long(arguments, 1)?);
    shown(instant(arguments, 0)?.plus(sign * amount, unit))
}

pub(super) fn shifted_by_months<'a>(arguments: &[Value<'a>], months: i64) -> Outcome<'a> {
    let (date, time) = instant(arguments, 0)?.local(0).ok_or(OUT_OF_RANGE)?;
    let months = long(arguments, 1)?.checked_mul(months);
    let date = months.and_then(|months| date.plus_months(months));
    shown(date.and_then(|date| Instant::at(date, time, 0)))
}

pub(super) fn duration_of<'a>(arguments: &[Value<'a>], millis: i64) -> Outcome<'a> {
    let Decimal { digits, scale } = number(arguments, 0)?.to_decimal();
    let millis = Number::from(Decimal {
        digits: digits * millis,
        scale,
    });
    let millis = millis.to_i64();
    millis
        .map(Value::from)
        .ok_or(ErrorKind::Function("the duration must be whole milliseconds"))
}

pub(super) fn duration_from_iso<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let millis = duration::parse(text(arguments, 0)?);
    millis
        .map(Value::from)
        .ok_or(ErrorKind::Function("not a duration such as `PT1H30M`"))
}

pub(super) fn age_in_months<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(months_between(arguments)?.into())
}

pub(super) fn age_in_years<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok((months_between(arguments)? / 12).into())
}

fn months_between(arguments: &[Value<'_>]) -> Result<i64, ErrorKind> {
    let (from, to) = (instant(arguments, 0)?.date(), instant(arguments, 1)?.date());
    Ok(from.ok_or(OUT_OF_RANGE)?.months_until(to.ok_or(OUT_OF_RANGE)?))
}

pub(super) fn time_between<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let unit = trim(text(arguments, 2)?).to_ascii_uppercase();
    let nanos = match &*unit {
        "NANOS" => Some(1),
        "MICROS" => Some(1000),
        "MILLIS" => Some(MILLI_NANOS),
        "SECONDS" => Some(SECOND_NANOS),
        "MINUTES" => Some(60 * SECOND_NANOS),
        "HOURS" => Some(3600 * SECOND_NANOS),
        "HALF_DAYS" => Some(DAY_NANOS / 2),
        "DAYS" => Some(DAY_NANOS),
        _ => None,
    };
    if let Some(nanos) = nanos {
        let between = instant(arguments, 1)?.nanos() - instant(arguments, 0)?.nanos();
        let units = i64::try_from(between / i128::from(nanos));
        return units.map(Value::from).map_err(|_| ErrorKind::NumberOutOfRange);
    }
    let date = |index| instant(arguments, index)?.date().ok_or(OUT_OF_RANGE);
    let (from, to) = (date(0)?, date(1)?);
    let months = from.months_until(to);
    Ok(Value::from(match &*unit {
        "WEEKS" => (to.to_days() - from.to_days()) / 7,
        "MONTHS" => months,
        "YEARS" => months / 12,
        "DECADES" => months / 120,
        "CENTURIES" => months / 1200,
        "MILLENNIA" => months / 12_000,
        "ERAS" => i64::from(to.year > 0) - i64::from(from.year > 0),
        _ => return Err(ErrorKind::Function("not a unit of time such as `DAYS`")),
    }))
}

pub(super) fn weekday(date: Date) -> &'static str {
    const WEEK: [&str; 7] = [
        "MONDAY",
        "TUESDAY",
        "WEDNESDAY",
        "THURSDAY",
        "FRIDAY",
        "SATURDAY",
        "SUNDAY",
    ];
    let index = usize::try_from(date.weekday()).unwrap_or_default();
    WEEK.get(index).copied().unwrap_or_default()
}

pub(super) fn end_of(date: Date) -> Option<Instant> {
    Instant::at(date, Time::LAST, 0)
}

pub(super) fn start_of_day(instant: Instant) -> Option<Instant> {
    Instant::start_of(instant.date()?)
}

pub(super) fn start_of_week(instant: Instant) -> Option<Instant> {
    let date = instant.date()?;
    Instant::start_of(Date::from_days(date.to_days() - date.weekday()))
}

pub(super) fn start_of_month(instant: Instant) -> Option<Instant> {
    Instant::start_of(instant.date()?.first_of_month())
}

pub(super) fn start_of_year(instant: Instant) -> Option<Instant> {
    Instant::start_of(instant.date()?.first_of_year())
}

fn local_date_time(arguments: &[Value<'_>]) -> Result<(Date, Time), ErrorKind> {
    parse::local_date_time(text(arguments, 0)?).ok_or(NO_DATE_TIME)
}

pub(super) fn date_time_at_offset<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (date, time) = local_date_time(arguments)?;
    shown(Instant::at(date, time, offset(arguments, 1)?))
}

pub(super) fn date_time_at_zone<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (date, time) = local_date_time(arguments)?;
    shown(zone(arguments, 1)?.instant(date, time))
}

pub(super) fn offset_date_time<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let written = parse::date_time(text(arguments, 0)?).ok_or(NO_DATE_TIME)?;
    let offset = written.offset.ok_or(NO_OFFSET)?;
    shown(Instant::at(written.date, written.time, offset))
}

pub(super) fn offset_time<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (time, offset) = parse::time_with_offset(text(arguments, 0)?).ok_or(NO_TIME)?;
    Ok(time.plus_seconds(-offset).short().into())
}

pub(super) fn time_at_offset<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let time = parse::time(text(arguments, 0)?).ok_or(NO_TIME)?;
    Ok(time.plus_seconds(-offset(arguments, 1)?).short().into())
}

pub(super) fn time_in_zone<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let time = parse::time(text(arguments, 0)?).ok_or(NO_TIME)?;
    let date = parse::date(text(arguments, 1)?).ok_or(NO_DATE_TIME)?;
    let instant = zone(arguments, 2)?.instant(date, time);
    let utc = instant.and_then(|instant| instant.local(0));
    utc.map(|(_, time)| time.short().into()).ok_or(OUT_OF_RANGE)
}

pub(super) fn time_am_pm<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let time = parse::time_of_half_day(text(arguments, 0)?);
    time.map(|time| time.short().into())
        .ok_or(ErrorKind::Function("not a time such as `03:15:30 PM`"))
}

pub(super) fn to_offset<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    local(instant(arguments, 0)?, offset(arguments, 1)?)
}

pub(super) fn to_zone<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let instant = instant(arguments, 0)?;
    let offset = zone(arguments, 1)?.offset_at(instant).ok_or(OUT_OF_RANGE)?;
    local(instant, offset)
}

/// The date and time at an offset, with the offset.
fn local<'a>(instant: Instant, offset: i64) -> Outcome<'a> {
    let (date, time) = instant.local(offset).ok_or(OUT_OF_RANGE)?;
    let mut text = format!("{date}T{}", time.full());
    if offset == 0 {
        text.push('Z');
        return Ok(text.into());
    }
    text.push(if offset < 0 { '-' } else { '+' });
    let seconds = offset.abs();
    text.push_str(&format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60));
    if seconds % 60 != 0 {
        text.push_str(&format!(":{:02}", seconds % 60));
    }
    Ok(text.into())
}

/// A timestamp with `T`, and `Z` or an offset of hours and minutes.
pub(super) fn is_rfc_3339(text: &str) -> bool {
    let has_offset = |text: &str| {
        let offset = text.len().checked_sub(6).and_then(|start| text.get(start..));
        offset.is_some_and(|offset| offset.starts_with(['+', '-']) && parse::offset(offset).is_some())
    };
    parse::instant(text).is_some() && text.contains('T') && (text.ends_with('Z') || has_offset(text))
}
