//! For how long a fetched key set is good.

use std::time::Duration;

use http::{
    HeaderMap,
    header::{AGE, CACHE_CONTROL},
};

/// How long a key set is good that comes without `Cache-Control: max-age`.
pub const DEFAULT_JWKS_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// The shortest time for which a key set is good, whatever its headers say.
pub const MIN_JWKS_LIFETIME: Duration = Duration::from_secs(60);

/// The longest time for which a key set is good, whatever its headers say: a key that its issuer has taken back is
/// accepted no longer than this while the issuer can be reached.
pub const MAX_JWKS_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The time that the headers of a response give its body, within the bounds
/// ([RFC 9111 §4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)).
pub(super) fn lifetime(headers: &HeaderMap) -> Duration {
    let directives = || {
        headers
            .get_all(CACHE_CONTROL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
    };
    let is = |name: &'static str| {
        move |directive: &str| {
            directive
                .split('=')
                .next()
                .is_some_and(|found| found.trim().eq_ignore_ascii_case(name))
        }
    };
    if directives().any(is("no-store")) || directives().any(is("no-cache")) {
        return MIN_JWKS_LIFETIME;
    }
    // Of several the shortest, and what is no number counts as nothing.
    let ages = directives().filter(|directive| is("max-age")(directive));
    let seconds = |directive: &str| {
        let (_, value) = directive.split_once('=')?;
        value.trim().trim_matches('"').parse().ok()
    };
    let max_age: Option<u64> = ages.map(|directive| seconds(directive).unwrap_or(0)).min();
    let Some(max_age) = max_age else {
        return DEFAULT_JWKS_LIFETIME;
    };
    let age = headers
        .get(AGE)
        .and_then(|age| age.to_str().ok()?.trim().parse().ok());
    let left = max_age.saturating_sub(age.unwrap_or(0));
    Duration::from_secs(left).clamp(MIN_JWKS_LIFETIME, MAX_JWKS_LIFETIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(http::HeaderName, &str)]) -> u64 {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        lifetime(&headers.collect()).as_secs()
    }

    #[test]
    fn max_age_counts_within_its_bounds() {
        for (value, seconds) in [
            ("max-age=59", 60),
            ("max-age=60", 60),
            ("max-age=61", 61),
            ("public, Max-Age = 300, must-revalidate", 300),
            ("max-age=\"300\"", 300),
            ("max-age=3600", 3600),
            ("max-age=3601", 3600),
            ("max-age=18446744073709551615", 3600),
            ("max-age=18446744073709551616", 60),
            ("max-age=-1", 60),
            ("max-age", 60),
            ("max-age=600, max-age=120", 120),
            ("s-maxage=120", 600),
            ("public", 600),
            ("no-store", 60),
            ("max-age=600, no-cache", 60),
            ("no-cache=\"x\", max-age=600", 60),
        ] {
            assert_eq!(of(&[(CACHE_CONTROL, value)]), seconds, "{value}");
        }
        assert_eq!(of(&[]), 600);
        assert_eq!(
            of(&[(CACHE_CONTROL, "public"), (CACHE_CONTROL, "max-age=300")]),
            300
        );
    }

    #[test]
    fn the_time_that_it_spent_in_caches_is_over() {
        let with_age = |age| of(&[(CACHE_CONTROL, "max-age=600"), (AGE, age)]);
        assert_eq!(with_age("100"), 500);
        assert_eq!(with_age("700"), 60);
        assert_eq!(with_age("soon"), 600);
    }
}
