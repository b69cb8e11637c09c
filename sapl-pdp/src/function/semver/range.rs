//! Ranges of versions as npm writes them, and intervals as in `[1.0,2.0)`.

use super::version::{Version, is_pre_release, number};
use crate::function::white_space::trim;

/// Alternatives, of which each is comparisons that must all hold. What is no range contains nothing.
pub(super) struct Range<'t> {
    alternatives: Vec<Vec<Comparison<'t>>>,
}

struct Comparison<'t> {
    operator: Operator,
    numbers: [u32; 3],
    pre_release: Pre<'t>,
}

#[derive(Clone, Copy)]
enum Operator {
    Less,
    LessOrEqual,
    Equal,
    Greater,
    GreaterOrEqual,
}

/// The pre-release of a bound.
#[derive(Clone, Copy)]
enum Pre<'t> {
    /// None: the bound is the release.
    Release,
    /// One that the range names.
    Named(&'t str),
    /// Before all of them: the bound comes from a version of which a part is left out.
    Lowest,
}

impl<'t> Range<'t> {
    pub(super) fn parse(text: &'t str) -> Self {
        let text = text.trim_end_matches(|character| character <= ' ');
        let mut alternatives: Vec<_> = text.split("||").map(trim).collect();
        // An alternative behind the last `||` has to be written, one before the first may be left out.
        while alternatives.len() > 1 && alternatives.last().is_some_and(|last| last.is_empty()) {
            alternatives.pop();
        }
        if text == "||" {
            alternatives.clear();
        }
        Self {
            alternatives: alternatives.into_iter().filter_map(comparisons).collect(),
        }
    }

    /// Whether a version is in the range. A pre-release is only where the same numbers with a pre-release are named.
    pub(super) fn contains(&self, version: &Version<'_>) -> bool {
        self.alternatives.iter().any(|comparisons| {
            let names_pre_release = || {
                comparisons.iter().any(|comparison| {
                    matches!(comparison.pre_release, Pre::Named(_)) && comparison.numbers == version.numbers()
                })
            };
            comparisons.iter().all(|comparison| comparison.holds(version))
                && (version.pre_release.is_none() || names_pre_release())
        })
    }
}

impl Comparison<'_> {
    fn holds(&self, version: &Version<'_>) -> bool {
        let [major, minor, patch] = self.numbers;
        let bound = Version {
            text: "",
            major,
            minor,
            patch,
            pre_release: match self.pre_release {
                Pre::Release => None,
                Pre::Named(pre_release) => Some(pre_release),
                Pre::Lowest => Some("0"),
            },
            build: None,
        };
        let order = version.precedence(&bound);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::Greater => order.is_gt(),
            Operator::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The comparisons of an alternative.
fn comparisons(text: &str) -> Option<Vec<Comparison<'_>>> {
    if let Some(interval) = interval(text) {
        return Some(interval);
    }
    if let Some((low, high)) = text.split_once(" - ") {
        let (low, high) = (Partial::parse(trim(low))?, Partial::parse(trim(high))?);
        high.major?;
        return Some([low.at_least(), high.at_most()].into_iter().flatten().collect());
    }
    if text == "latest" || text == "latest.integration" {
        return Some(Vec::new());
    }
    let mut found = Vec::new();
    let mut words = text
        .split([' ', '\t'])
        .filter(|word| !word.is_empty() && *word != ",")
        .peekable();
    // A comma stands between comparisons; without any of the two, every version will do.
    if words.peek().is_none() && text.contains(',') {
        return None;
    }
    while let Some(word) = words.next() {
        let end = word
            .find(|next: char| !"<>=^~".contains(next))
            .unwrap_or(word.len());
        let (operator, mut version) = word.split_at_checked(end)?;
        // White space may stand behind an operator.
        if version.is_empty() {
            version = words.next()?;
        }
        if words.peek().is_some() {
            version = version.strip_suffix(',').unwrap_or(version);
        }
        let version = Partial::parse(version)?;
        // Any version at all is `*` and nothing else.
        if version.major.is_none() && text != "*" {
            return None;
        }
        found.extend(version.compared(operator)?);
    }
    Some(found)
}

/// A version of which numbers at the end may be left out or be `x`, `X`, `*` or `+`.
#[derive(Clone, Copy)]
struct Partial<'t> {
    major: Option<u32>,
    minor: Option<u32>,
    patch: Option<u32>,
    pre_release: Option<&'t str>,
}

impl<'t> Partial<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, _) = text
            .split_once('+')
            .filter(|(rest, _)| !rest.is_empty() && !rest.ends_with('.'))
            .unwrap_or((text, ""));
        let (numbers, pre_release) = match text.split_once('-') {
            Some((numbers, pre_release)) => (numbers, Some(pre_release)),
            None => (text, None),
        };
        let mut parts = numbers.split('.').map(|part| match part {
            "x" | "X" | "*" | "+" => Some(None),
            digits => number(digits).map(Some),
        });
        let major = if numbers.is_empty() { None } else { parts.next()?? };
        let (minor, patch) = (
            parts.next().unwrap_or(Some(None))?,
            parts.next().unwrap_or(Some(None))?,
        );
        let is_sound = parts.next().is_none() && pre_release.is_none_or(is_pre_release);
        let minor = minor.filter(|_| major.is_some());
        let patch = patch.filter(|_| minor.is_some());
        is_sound.then_some(Self {
            major,
            minor,
            patch,
            pre_release: pre_release.filter(|_| patch.is_some()),
        })
    }

    /// The lowest version that it stands for.
    fn low(&self) -> [u32; 3] {
        [
            self.major.unwrap_or(0),
            self.minor.unwrap_or(0),
            self.patch.unwrap_or(0),
        ]
    }

    /// The numbers of the first version behind those that it stands for, when a part is left out.
    fn behind(&self) -> Option<[u32; 3]> {
        match (self.major, self.minor, self.patch) {
            (Some(major), None, _) => Some([major + 1, 0, 0]),
            (Some(major), Some(minor), None) => Some([major, minor + 1, 0]),
            _ => None,
        }
    }

    fn bound(&self, operator: Operator) -> Comparison<'t> {
        Comparison {
            operator,
            numbers: self.low(),
            pre_release: self.pre_release.map_or(Pre::Release, Pre::Named),
        }
    }

    /// No lower bound where nothing is said.
    fn at_least(&self) -> Option<Comparison<'t>> {
        self.major.map(|_| self.bound(Operator::GreaterOrEqual))
    }

    fn at_most(&self) -> Option<Comparison<'t>> {
        match self.behind() {
            Some(behind) => Some(before(behind)),
            None => self.major.map(|_| self.bound(Operator::LessOrEqual)),
        }
    }

    fn compared(&self, operator: &str) -> Option<Vec<Comparison<'t>>> {
        let nothing = || vec![before([0, 0, 0])];
        let comparisons = match operator {
            "" | "=" if self.patch.is_some() => vec![self.bound(Operator::Equal)],
            "" | "=" => self.at_least().into_iter().chain(self.at_most()).collect(),
            ">=" => self.at_least().into_iter().collect(),
            "<=" => self.at_most().into_iter().collect(),
            "<" if self.major.is_none() => nothing(),
            ">" if self.major.is_none() => nothing(),
            "<" if self.patch.is_none() => vec![before(self.low())],
            "<" => vec![self.bound(Operator::Less)],
            ">" => match self.behind() {
                Some(numbers) => vec![Comparison {
                    operator: Operator::GreaterOrEqual,
                    numbers,
                    pre_release: Pre::Release,
                }],
                None => vec![self.bound(Operator::Greater)],
            },
            "~" | "~>" => {
                let behind = match (self.major, self.minor) {
                    (Some(major), Some(minor)) => Some([major, minor + 1, 0]),
                    (Some(major), None) => Some([major + 1, 0, 0]),
                    _ => None,
                };
                self.at_least().into_iter().chain(behind.map(before)).collect()
            }
            "^" => self
                .at_least()
                .into_iter()
                .chain(self.next_incompatible().map(before))
                .collect(),
            _ => return None,
        };
        Some(comparisons)
    }

    /// The first version that may break what used this one: the next one of the first number that is not 0.
    fn next_incompatible(&self) -> Option<[u32; 3]> {
        match (self.major?, self.minor, self.patch) {
            (0, Some(0), Some(patch)) => Some([0, 0, patch + 1]),
            (0, Some(minor), _) => Some([0, minor + 1, 0]),
            (major, _, _) => Some([major + 1, 0, 0]),
        }
    }
}

fn before<'t>(numbers: [u32; 3]) -> Comparison<'t> {
    Comparison {
        operator: Operator::Less,
        numbers,
        pre_release: Pre::Lowest,
    }
}

/// Two versions in brackets, either of which may be left out: `[` and `]` with, `(` and `)` without the version itself.
fn interval(text: &str) -> Option<Vec<Comparison<'_>>> {
    let low_operator = match text.chars().next()? {
        '[' => Operator::GreaterOrEqual,
        '(' | ']' => Operator::Greater,
        _ => return None,
    };
    let high_operator = match text.chars().next_back()? {
        ']' => Operator::LessOrEqual,
        ')' | '[' => Operator::Less,
        _ => return None,
    };
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let (low, high) = inner.split_once(',')?;
    let mut comparisons = Vec::new();
    for (bound, operator) in [(trim(low), low_operator), (trim(high), high_operator)] {
        if !bound.is_empty() {
            comparisons.push(Partial::parse(bound)?.bound(operator));
        }
    }
    Some(comparisons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(version: &str, range: &str) -> bool {
        Version::parse(version).is_some_and(|version| Range::parse(range).contains(&version))
    }

    #[test]
    fn versions_of_a_range_are_in_it() {
        for (version, range) in [
            ("1.2.3", ""),
            ("1.2.3", "*"),
            ("1.2.3", "1.2.x"),
            ("1.2.3", "v1"),
            ("1.2.3", "1.+"),
            ("1.2.3", ">= 1.0.0"),
            ("1.2.3", ">=1, <2"),
            ("1.2.3", ">1.0.0 , <2.0.0"),
            ("1.2.9", "<=1.2"),
            ("1.2.9", "1.0 - 1.2"),
            ("2.0.0", ">1"),
            ("0.2.5", "^0.2.3"),
            ("0.0.5", "^0.x"),
            ("1.2.3-a", ">=1.2.3-a"),
            ("1.2.3-beta.2", "~1.2.3-beta"),
            ("1.2.3", "1.2.3+b"),
            ("1.2.3", "garbage || 1.2.3"),
            ("5.2.3", " || 1.2.3"),
            ("2.0.0", "[1.0,2.0]"),
            ("0.5.0", "(,1.0]"),
            ("1.2.3", "latest"),
        ] {
            assert!(holds(version, range), "{version} {range}");
        }
    }

    #[test]
    fn other_versions_are_not_in_a_range() {
        for (version, range) in [
            ("1.2.3-a", "*"),
            ("1.2.4-a", ">=1.2.3-a"),
            ("1.0.0-a", "<1"),
            ("1.2.3", ">1.2"),
            ("1.3.0", "~1.2"),
            ("1.3.0", "^0.2.3"),
            ("0.0.4", "^0.0.3"),
            ("0.3.0", "^0.2.3"),
            ("2.0.0", "^1.2.0"),
            ("2.0.0", "[1.0,2.0)"),
            ("1.0.0", "(1.0,2.0]"),
            ("1.2.3", "garbage"),
            ("1.2.3", "1.2.3 garbage"),
            ("1.2.3", "!=1.2.4"),
            ("1.2.3", "=<1.3"),
            ("1.2.3", ">"),
            ("1.2.3", "1.2.3.4"),
            ("1.2.3", "||"),
            ("5.2.3", "1 || "),
            ("1.2.3", "<*"),
            ("1.2.3", "1.2.3-01"),
        ] {
            assert!(!holds(version, range), "{version} {range}");
        }
    }
}
