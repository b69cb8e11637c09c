//! Which name somebody may have meant.

/// Names longer than this are not compared.
const MAX_LENGTH: usize = 64;

/// Names shorter than this are near to too many others.
const MIN_LENGTH: usize = 3;

/// The name that is nearest to a misspelled one, if any is near: two thirds of it are right.
pub(crate) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MAX_LENGTH || name.len() < MIN_LENGTH {
        return None;
    }
    let limit = name.chars().count().div_ceil(3);
    names
        .into_iter()
        .filter(|other| other.len() <= MAX_LENGTH && *other != name)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
}

/// How many characters have to be put in, taken out, changed or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (row, character) in one.to_lowercase().chars().enumerate() {
        let mut current = vec![row + 1];
        let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
        for (column, candidate) in other.iter().enumerate() {
            let changed = at(&last, column) + usize::from(*candidate != character);
            let mut cost = changed
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            let before = column.checked_sub(1);
            if let Some(before) = before
                && other.get(before) == Some(&character)
                && previous == Some(*candidate)
            {
                cost = cost.min(at(&before_last, before) + 1);
            }
            current.push(cost);
        }
        before_last = std::mem::replace(&mut last, current);
        previous = Some(character);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_typing_mistakes() {
        for (one, other, expected) in [
            ("length", "length", 0),
            ("lenght", "length", 1),
            ("lengt", "length", 1),
            ("llength", "length", 1),
            ("Length", "length", 0),
            ("abc", "xyz", 3),
            ("", "abc", 3),
            ("abc", "", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["length", "trim", "toUpperCase"];
        assert_eq!(nearest("lenght", names), Some("length"));
        assert_eq!(nearest("tirm", names), Some("trim"));
        assert_eq!(nearest("toUppercase", names), Some("toUpperCase"));
        assert_eq!(nearest("something", names), None);
        assert_eq!(nearest("ab", ["a", "abc"]), None);
        assert_eq!(nearest("abd", ["a", "abc"]), Some("abc"));
        assert_eq!(nearest(&"l".repeat(MAX_LENGTH + 1), names), None);
    }
}
