//! Durations as ISO 8601 writes them, as far as their length is certain.

use std::time::Duration;

const UNITS: [(char, u64, bool); 5] = [
    ('W', 7 * 24 * 60 * 60, false),
    ('D', 24 * 60 * 60, false),
    ('H', 60 * 60, true),
    ('M', 60, true),
    ('S', 1, true),
];

/// Reads weeks, days, hours, minutes and seconds in whole numbers, as in `PT15M` or `P1DT12H`. Months and years have no certain
/// length, so there is none with them.
pub(super) fn read(text: &str) -> Option<Duration> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let seconds = sum(days, false)?.checked_add(sum(time, true)?)?;
    Some(Duration::from_secs(seconds))
}

/// The seconds of the parts of one half, each unit at most once and from the largest to the smallest.
fn sum(mut text: &str, of_time: bool) -> Option<u64> {
    let mut seconds = 0_u64;
    let mut units = UNITS.iter().filter(|(_, _, is_time)| *is_time == of_time);
    while !text.is_empty() {
        let at = text.find(|letter: char| !letter.is_ascii_digit())?;
        let (number, rest) = text.split_at_checked(at)?;
        let mut letters = rest.chars();
        let letter = letters.next()?;
        let (_, length, _) = units.find(|(unit, _, _)| *unit == letter)?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(*length)?)?;
        text = letters.as_str();
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_to_seconds_are_read() {
        for (text, seconds) in [
            ("PT5M", 300),
            ("PT15M", 900),
            ("PT0S", 0),
            ("PT1H30M5S", 5405),
            ("P1D", 86_400),
            ("P1DT1S", 86_401),
            ("P2W", 1_209_600),
            ("PT90S", 90),
        ] {
            assert_eq!(read(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_has_no_certain_length_or_another_form_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "5M",
            "T5M",
            "PT5",
            "PTM",
            "PT-5M",
            "PT+5M",
            "PT5M5M",
            "PT5S5M",
            "P1Y",
            "P1M",
            "PT1.5S",
            "pt5m",
            "PT5m",
            " PT5M",
            "PT5M ",
            "PT5MT5S",
            "P5H",
            "PT5D",
            "PT٥M",
            "PT18446744073709551616S",
            "P30500568904943W1D",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
