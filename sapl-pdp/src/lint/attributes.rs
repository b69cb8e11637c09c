//! The attributes of the libraries that every decision point has.

/// The libraries of which hosts have no finders of their own, and all attributes of each.
pub(super) const LIBRARIES: [(&str, &[&str]); 4] = [
    ("http", &["delete", "get", "patch", "post", "put"]),
    (
        "time",
        &[
            "dayOfWeekBetween",
            "localTimeIsAfter",
            "localTimeIsBefore",
            "localTimeIsBetween",
            "monthBetween",
            "monthIn",
            "now",
            "nowIsAfter",
            "nowIsBefore",
            "nowIsBetween",
            "systemTimeZone",
            "toggle",
            "weekdayIn",
        ],
    ),
    ("jwt", &["token"]),
    ("x509", &["isCurrentlyValid", "isExpired"]),
];

/// The attributes of a library, if they are known.
pub(super) fn of(library: &str) -> Option<&'static [&'static str]> {
    let found = LIBRARIES.iter().find(|(name, _)| *name == library);
    found.map(|(_, attributes)| *attributes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_attributes_are_those_that_the_finders_know() {
        let time = include_str!("../attribute/time.rs");
        let known: BTreeSet<&str> = time
            .lines()
            .filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", ["))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(known, of("time").unwrap().iter().copied().collect());
        for (library, source) in [
            ("http", include_str!("../attribute/http/request.rs")),
            ("jwt", include_str!("../attribute/jwt.rs")),
            ("x509", include_str!("../attribute/x509.rs")),
        ] {
            for attribute in of(library).unwrap() {
                assert!(
                    source.contains(&format!("\"{attribute}\"")),
                    "{library}.{attribute}"
                );
            }
        }
        assert_eq!(of("shift"), None);
    }
}
