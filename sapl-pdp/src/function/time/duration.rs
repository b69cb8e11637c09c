//! Durations as ISO 8601 writes them.

/// Milliseconds of a mean year and month, as 64-bit floating-point numbers hold them.
const YEAR: f64 = 365.2425 * 24.0 * 60.0 * 60.0 * 1000.0;
const MONTH: f64 = 30.436_875 * 24.0 * 60.0 * 60.0 * 1000.0;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The milliseconds of a period such as `P1Y2M3D`, or of a duration such as `P1DT2H3M4.5S`. Years and months have their
/// mean length and can't stand beside hours.
pub(super) fn parse(text: &str) -> Option<i64> {
    if text.contains('Y') || text.contains('M') && !text.contains('T') {
        period(text)
    } else {
        duration(text)
    }
}

/// `P`, with the sign before it.
fn designator(text: &str) -> Option<(i64, &str)> {
    let (sign, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, text),
    };
    Some((sign, rest.strip_prefix(['P', 'p'])?))
}

/// The numbers before the letters, each at most once and in this order, and what follows them.
fn parts<const N: usize>(mut text: &str, letters: [char; N]) -> Option<([Option<&str>; N], &str)> {
    let mut parts = [None; N];
    for (part, letter) in parts.iter_mut().zip(letters) {
        let end = text.find(|next: char| !next.is_ascii_digit() && !matches!(next, '+' | '-' | '.' | ','));
        let Some((number, rest)) = end.and_then(|end| text.split_at_checked(end)) else {
            break;
        };
        let letters = [letter, letter.to_ascii_lowercase()];
        if let Some(rest) = rest.strip_prefix(letters) {
            *part = Some(number);
            text = rest;
        }
    }
    Some((parts, text))
}

/// A whole number with a sign or without.
fn whole(number: Option<&str>) -> Option<i64> {
    let Some(number) = number else { return Some(0) };
    let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| number.parse().ok())?
}

fn period(text: &str) -> Option<i64> {
    let (sign, rest) = designator(text)?;
    let (numbers, rest) = parts(rest, ['Y', 'M', 'W', 'D'])?;
    if !rest.is_empty() || numbers.iter().all(Option::is_none) {
        return None;
    }
    // As in Java, where years, months and days are 32-bit integers.
    let small = |value: i64| i32::try_from(value).ok();
    let [years, months, weeks, days] = numbers.map(whole);
    let years = small(sign * i64::from(small(years?)?))?;
    let months = small(sign * i64::from(small(months?)?))?;
    let weeks = i64::from(small(weeks?)?) * 7;
    let days = small(sign * (i64::from(small(days?)?) + weeks))?;
    truncated(f64::from(years) * 365.2425 * 24.0 * 60.0 * 60.0 * 1000.0)
        .checked_add(truncated(
            f64::from(months) * 30.436_875 * 24.0 * 60.0 * 60.0 * 1000.0,
        ))?
        .checked_add(i64::from(days) * DAY)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` cuts off the fraction and saturates"
)]
const fn truncated(value: f64) -> i64 {
    value as i64
}

fn duration(text: &str) -> Option<i64> {
    let (sign, rest) = designator(text)?;
    let ([days], rest) = parts(rest, ['D'])?;
    let (times, has_times) = match rest.strip_prefix(['T', 't']) {
        Some(times) => (times, true),
        None => (rest, false),
    };
    let ([hours, minutes, seconds], rest) = if has_times {
        parts(times, ['H', 'M', 'S'])?
    } else {
        ([None; 3], times)
    };
    let times = [hours, minutes, seconds];
    let has_none = times.iter().all(Option::is_none);
    if !rest.is_empty() || has_times && has_none || days.is_none() && has_none {
        return None;
    }
    let (seconds, fraction) = match seconds.map(|seconds| (seconds, seconds.split_once(['.', ',']))) {
        Some((_, Some((seconds, fraction)))) => (Some(seconds), Some(fraction)),
        Some((seconds, None)) => (Some(seconds), None),
        None => (None, None),
    };
    let nanos = nanos(fraction.unwrap_or_default())?;
    let nanos = if seconds.is_some_and(|seconds| seconds.starts_with('-')) {
        -nanos
    } else {
        nanos
    };
    let total = i128::from(whole(days)?) * 86_400
        + i128::from(whole(hours)?) * 3600
        + i128::from(whole(minutes)?) * 60
        + i128::from(whole(seconds)?);
    // Seconds that 64 bits do not hold are refused, as by Java.
    let total = i64::try_from(i128::from(sign) * total).ok()?;
    let nanos = i128::from(total) * 1_000_000_000 + i128::from(sign * nanos);
    i64::try_from(nanos / 1_000_000).ok()
}

/// Up to nine digits behind the point.
fn nanos(fraction: &str) -> Option<i64> {
    let is_sound = fraction.len() <= 9 && fraction.bytes().all(|digit| digit.is_ascii_digit());
    is_sound.then(|| format!("{fraction:0<9}").parse().ok())?
}

/// Hours, minutes and seconds with a fraction: `PT25H1M1.5S`.
pub(super) fn compact(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, fraction) = (millis / 1000 % 60, millis % 1000);
    let mut text = String::from("PT");
    if hours > 0 {
        text.push_str(&format!("{sign}{hours}H"));
    }
    if minutes > 0 {
        text.push_str(&format!("{sign}{minutes}M"));
    }
    if seconds > 0 || fraction > 0 {
        text.push_str(&format!("{sign}{seconds}"));
        if fraction > 0 {
            let fraction = format!(".{fraction:03}");
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('S');
    } else if millis == 0 {
        text.push_str("0S");
    }
    text
}

/// Years, months, days, hours, minutes and seconds, without fraction: `P1Y2M3DT4H5M6S`. Less than a second is `PT0S`.
pub(super) fn verbose(millis: i64) -> String {
    let rest = millis.max(0);
    let (years, rest) = (rest / truncated(YEAR), rest % truncated(YEAR));
    let (months, rest) = (rest / truncated(MONTH), rest % truncated(MONTH));
    let seconds = rest % DAY / 1000;
    let parts = |parts: &[(i64, char)]| -> String {
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        parts.map(|(count, letter)| format!("{count}{letter}")).collect()
    };
    let date = parts(&[(years, 'Y'), (months, 'M'), (rest / DAY, 'D')]);
    let time = parts(&[
        (seconds / 3600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ]);
    match (date.is_empty(), time.is_empty()) {
        (true, true) => "PT0S".to_owned(),
        (_, true) => format!("P{date}"),
        _ => format!("P{date}T{time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_signs_and_fractions() {
        for (text, millis) in [
            ("PT1H30M", 5_400_000),
            ("P1DT1H1M1.123456789S", 90_061_123),
            ("PT-0.0005S", 0),
            ("-PT1.5S", -1500),
            ("-PT-1.5S", 1500),
            ("PT1,5S", 1500),
            ("PT1.S", 1000),
            ("pt1s", 1000),
            ("P+1D", 86_400_000),
            ("P106751991167D", 9_223_372_036_828_800_000),
            ("P1Y", 31_556_951_999),
            ("P1Y2M3D", 37_075_643_999),
            ("P1Y1W", 32_161_751_999),
            ("-P1M", -2_629_746_000),
            ("P2147483647Y", i64::MAX),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "P1W",
            "P1YT1H",
            "PT1H1H",
            "PT1M1H",
            "PT.5S",
            "PT1.5M",
            "P1",
            "1D",
            "P 1D",
            "P1D ",
            "P--1D",
            "PT1.1234567890S",
            "P2147483648Y",
            "P1m",
            "P9999999999999999999D",
            "P106751991168D",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_are_written_in_two_ways() {
        for (millis, text) in [
            (0, "PT0S"),
            (-500, "PT-0.5S"),
            (60_000, "PT1M"),
            (-90_061_001, "PT-25H-1M-1.001S"),
            (i64::MAX, "PT2562047788015H12M55.807S"),
            (i64::MIN, "PT-2562047788015H-12M-55.808S"),
        ] {
            assert_eq!(compact(millis), text);
        }
        for (millis, text) in [
            (0, "PT0S"),
            (500, "PT0S"),
            (-5000, "PT0S"),
            (2_629_746_000, "P1M"),
            (2_629_745_999, "P30DT10H29M5S"),
            (31_536_000_000, "P11M30DT4H39M54S"),
            (31_556_951_999, "P1Y"),
        ] {
            assert_eq!(verbose(millis), text);
        }
    }
}
