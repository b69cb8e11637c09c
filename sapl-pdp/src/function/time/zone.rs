//! Time zones by name, with rules that are part of the program and not of the machine.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::calendar::{DAY_SECONDS, Date, ERA_DAYS, Time};
use super::instant::Instant;
use super::parse::offset;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The short names that Java knows besides those of the time zone database.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("ACT", "Australia/Darwin"),
    ("AET", "Australia/Sydney"),
    ("AGT", "America/Argentina/Buenos_Aires"),
    ("ART", "Africa/Cairo"),
    ("AST", "America/Anchorage"),
    ("BET", "America/Sao_Paulo"),
    ("BST", "Asia/Dhaka"),
    ("CAT", "Africa/Harare"),
    ("CNT", "America/St_Johns"),
    ("CST", "America/Chicago"),
    ("CTT", "Asia/Shanghai"),
    ("EAT", "Africa/Addis_Ababa"),
    ("ECT", "Europe/Paris"),
    ("EST", "America/Panama"),
    ("HST", "Pacific/Honolulu"),
    ("IET", "America/Indiana/Indianapolis"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("MIT", "Pacific/Apia"),
    ("MST", "America/Phoenix"),
    ("NET", "Asia/Yerevan"),
    ("NST", "Pacific/Auckland"),
    ("PLT", "Asia/Karachi"),
    ("PNT", "America/Phoenix"),
    ("PRT", "America/Puerto_Rico"),
    ("PST", "America/Los_Angeles"),
    ("SST", "Pacific/Guadalcanal"),
    ("VST", "Asia/Ho_Chi_Minh"),
];

/// A time zone.
pub(crate) enum Zone {
    /// Ahead of UTC by so many seconds.
    Fixed(i64),
    /// With rules.
    Region(TimeZone),
}

impl Zone {
    /// The zone of an offset, of `UTC+2` and the like, or of a name of the time zone database.
    pub(crate) fn named(name: &str) -> Option<Self> {
        if name == "Z" || name.starts_with(['+', '-']) {
            return offset(name).map(Self::Fixed);
        }
        for prefix in ["UTC", "GMT", "UT"] {
            match name.strip_prefix(prefix) {
                Some("") => return Some(Self::Fixed(0)),
                Some(rest) if rest.starts_with(['+', '-']) => return offset(rest).map(Self::Fixed),
                _ => {}
            }
        }
        let short = SHORT_NAMES.iter().find(|(short, _)| *short == name);
        let name = short.map_or(name, |(_, name)| name);
        let zone = ZONES.get(name).ok()?;
        // The database does not tell capitals from small letters, and has a zone for what is unknown.
        (zone.iana_name() == Some(name)).then_some(Self::Region(zone))
    }

    /// By how many seconds clocks are ahead of UTC at an instant.
    pub(crate) fn offset_at(&self, instant: Instant) -> Option<i64> {
        match self {
            Self::Fixed(offset) => Some(*offset),
            Self::Region(zone) => {
                let seconds = instant.seconds() - cycles(instant.seconds()) * CYCLE;
                let timestamp = Timestamp::from_second(seconds).ok()?;
                Some(zone.to_offset(timestamp).seconds().into())
            }
        }
    }

    /// When clocks are set next after an instant; `None` in the far future and past.
    pub(crate) fn next_change(&self, instant: Instant) -> Option<Instant> {
        let Self::Region(zone) = self else {
            return None;
        };
        let timestamp = Timestamp::from_second(instant.seconds()).ok()?;
        let change = zone.following(timestamp).next()?;
        Instant::new(change.timestamp().as_second(), 0)
    }

    /// The instant at which clocks show a time: the earlier of two, and for a time that is left out the one that clocks
    /// show instead.
    pub(crate) fn instant(&self, date: Date, time: Time) -> Option<Instant> {
        match self {
            Self::Fixed(offset) => Instant::at(date, time, *offset),
            Self::Region(zone) => {
                let cycles = cycles(date.to_days() * DAY_SECONDS);
                let near = Date {
                    year: date.year - cycles * CYCLE_YEARS,
                    ..date
                };
                let local = civil::DateTime::new(
                    near.year.try_into().ok()?,
                    near.month.try_into().ok()?,
                    near.day.try_into().ok()?,
                    time.hour().try_into().ok()?,
                    time.minute().try_into().ok()?,
                    time.second().try_into().ok()?,
                    0,
                );
                let timestamp = zone.to_ambiguous_timestamp(local.ok()?).compatible().ok()?;
                Instant::new(timestamp.as_second() + cycles * CYCLE, time.nanos())
            }
        }
    }
}

/// The calendar repeats after so many years, and so do the rules of the far future.
const CYCLE_YEARS: i64 = 400;
const CYCLE: i64 = ERA_DAYS * DAY_SECONDS;

/// How many cycles to go back, or forth when negative, so that the database has rules.
fn cycles(seconds: i64) -> i64 {
    /// The year 9000.
    const FUTURE: i64 = 221_845_392_000;
    /// The year -9000.
    const PAST: i64 = -346_200_000_000;
    if seconds > FUTURE {
        (seconds - FUTURE) / CYCLE + 1
    } else if seconds < PAST {
        (seconds - PAST) / CYCLE - 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(zone: &str, year: i64, month: u32, day: u32, hour: i64) -> Option<i64> {
        let time = Time::new(hour, 30, 0, 0)?;
        let instant = Zone::named(zone)?.instant(Date::new(year, month, day)?, time)?;
        Some(instant.seconds() - Instant::start_of(Date::new(year, month, day)?)?.seconds())
    }

    #[test]
    fn clocks_that_are_changed_show_the_earlier_time_and_skip_the_missing_one() {
        assert_eq!(seconds("Europe/Berlin", 2026, 10, 25, 2), Some(1800));
        assert_eq!(seconds("Europe/Berlin", 2026, 3, 29, 2), Some(5400));
    }

    #[test]
    fn rules_hold_in_all_years() {
        assert_eq!(seconds("Europe/Berlin", 12_026, 7, 18, 10), Some(30_600));
        assert_eq!(seconds("Europe/Berlin", 999_999_999, 7, 18, 10), Some(30_600));
        assert_eq!(seconds("Europe/Berlin", 1800, 3, 18, 10), Some(37_800 - 3208));
        assert_eq!(
            seconds("Europe/Berlin", -999_999_999, 3, 18, 10),
            Some(37_800 - 3208)
        );
        let berlin = Zone::named("Europe/Berlin").unwrap();
        for (year, offset) in [
            (2026, 7200),
            (9999, 7200),
            (999_999_999, 7200),
            (-999_999_999, 3208),
        ] {
            let summer = Instant::start_of(Date::new(year, 7, 18).unwrap()).unwrap();
            assert_eq!(berlin.offset_at(summer), Some(offset), "{year}");
        }
    }

    #[test]
    fn zones_have_names_and_offsets() {
        for name in [
            "Z",
            "UTC",
            "GMT",
            "UT",
            "UTC+2",
            "GMT+02:00",
            "GMT0",
            "Etc/GMT+5",
            "EST",
            "CET",
            "-05:00",
        ] {
            assert!(Zone::named(name).is_some(), "{name}");
        }
        for (name, target) in SHORT_NAMES {
            assert!(Zone::named(name).is_some(), "{name} {target}");
        }
        for name in [
            "",
            "Mars/Base",
            "europe/berlin",
            "UTC2",
            "+25:00",
            "Etc/Unknown",
            "../etc/passwd",
        ] {
            assert!(Zone::named(name).is_none(), "{name}");
        }
    }
}
