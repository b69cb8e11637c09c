//! `semver`: semantic versions, and ranges of them as npm writes them.

use std::cmp::Ordering;

use super::arguments::{Outcome, array, code, text};
use super::{Function, Parameter};
use crate::value::{Array, ErrorKind, Object, Text, Value};

use range::Range;
use version::Version;

mod range;
mod version;

const NAME: &str = "semver";

const VERSION: &[Parameter] = &[Parameter::text("version")];
const VERSION_STRING: &[Parameter] = &[Parameter::text("versionString")];
const TWO: &[Parameter] = &[Parameter::text("version1"), Parameter::text("version2")];
const SATISFYING: &[Parameter] = &[Parameter::array("versions"), Parameter::text("range")];

/// A function of one version.
macro_rules! of_version {
    ($name:literal, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, VERSION, $doc, |arguments| {
            let code: fn(&Version<'_>) -> _ = $code;
            version(arguments, 0).map_or_else(Value::error, |version| Value::from(code(&version)))
        })
    };
}

/// A function of two versions.
macro_rules! of_versions {
    ($name:literal, $parameters:expr, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(&Version<'_>, &Version<'_>) -> _ = $code;
            match (version(arguments, 0), version(arguments, 1)) {
                (Ok(left), Ok(right)) => Value::from(code(&left, &right)),
                (Err(error), _) | (_, Err(error)) => Value::error(error),
            }
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "coerce",
        &[Parameter::text("value")],
        "the first version in the text, with zeros for what it leaves out",
        code!(coerce),
    ),
    of_versions!(
        "compare",
        TWO,
        "-1, 0 or 1 as the first version is before, as or after the second",
        |left, right| left.precedence(right) as i64
    ),
    of_versions!(
        "diff",
        TWO,
        "the first part in which both differ: major, minor, patch, prerelease or none",
        |left, right| left.difference(right)
    ),
    of_versions!(
        "equals",
        TWO,
        "whether neither version is before the other",
        |left, right| { left.precedence(right).is_eq() }
    ),
    of_version!(
        "getMajor",
        "the first number of the version",
        |version| i64::from(version.major)
    ),
    of_version!("getMinor", "the second number of the version", |version| {
        i64::from(version.minor)
    }),
    of_version!(
        "getPatch",
        "the third number of the version",
        |version| i64::from(version.patch)
    ),
    of_versions!(
        "haveSameMajor",
        TWO,
        "whether the first numbers are the same",
        |left, right| left.major == right.major
    ),
    of_versions!(
        "haveSameMinor",
        TWO,
        "whether the first two numbers are the same",
        |left, right| (left.major, left.minor) == (right.major, right.minor)
    ),
    of_versions!(
        "haveSamePatch",
        TWO,
        "whether all three numbers are the same",
        |left, right| left.numbers() == right.numbers()
    ),
    of_versions!(
        "isAtLeast",
        &[Parameter::text("version"), Parameter::text("minimum")],
        "whether the version is not before the minimum",
        |version, minimum| version.precedence(minimum).is_ge()
    ),
    of_versions!(
        "isAtMost",
        &[Parameter::text("version"), Parameter::text("maximum")],
        "whether the version is not after the maximum",
        |version, maximum| version.precedence(maximum).is_le()
    ),
    Function::new(
        NAME,
        "isBetween",
        &[
            Parameter::text("version"),
            Parameter::text("minimum"),
            Parameter::text("maximum"),
        ],
        "whether the version is neither before the minimum nor after the maximum",
        code!(is_between),
    ),
    of_versions!(
        "isCompatibleWith",
        TWO,
        "whether the major versions are the same, and for major version 0 the minor ones too",
        |left, right| left.major == right.major && (right.major != 0 || left.minor == right.minor)
    ),
    of_versions!(
        "isHigher",
        TWO,
        "whether the first version is after the second",
        |left, right| left.precedence(right).is_gt()
    ),
    of_versions!(
        "isHigherOrEqual",
        TWO,
        "whether the first version is not before the second",
        |left, right| left.precedence(right).is_ge()
    ),
    of_versions!(
        "isLower",
        TWO,
        "whether the first version is before the second",
        |left, right| left.precedence(right).is_lt()
    ),
    of_versions!(
        "isLowerOrEqual",
        TWO,
        "whether the first version is not after the second",
        |left, right| left.precedence(right).is_le()
    ),
    of_version!(
        "isPreRelease",
        "whether the version has major version 0 or a pre-release",
        |version| !version.is_stable()
    ),
    of_version!(
        "isStable",
        "whether the version has neither major version 0 nor a pre-release",
        |version| version.is_stable()
    ),
    Function::new(
        NAME,
        "isValid",
        VERSION_STRING,
        "whether the text is a semantic version",
        |arguments| Value::from(version(arguments, 0).is_ok()),
    ),
    Function::new(
        NAME,
        "maxSatisfying",
        SATISFYING,
        "the highest of the versions that is in the range, or null",
        |arguments| best(arguments, Ordering::Greater).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "minSatisfying",
        SATISFYING,
        "the lowest of the versions that is in the range, or null",
        |arguments| best(arguments, Ordering::Less).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "parse",
        VERSION_STRING,
        "the parts of the version",
        code!(parse),
    ),
    Function::new(
        NAME,
        "satisfies",
        &[Parameter::text("version"), Parameter::text("range")],
        "whether the version is in the range, as in `^1.2.0` or `>=1.0.0 <2.0.0 || 3.x`",
        code!(satisfies),
    ),
];

fn version<'v>(arguments: &'v [Value<'_>], index: usize) -> Result<Version<'v>, ErrorKind> {
    Version::parse(text(arguments, index)?).ok_or(NO_VERSION)
}

const NO_VERSION: ErrorKind = ErrorKind::Function("not a semantic version");

fn coerce<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    match version::coerce(text(arguments, 0)?) {
        Some(version) => Ok(version.into()),
        None => Err(ErrorKind::Function("there is no version in the text")),
    }
}

fn is_between<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let version = version(arguments, 0)?;
    let (minimum, maximum) = (self::version(arguments, 1)?, self::version(arguments, 2)?);
    Ok((version.precedence(&minimum).is_ge() && version.precedence(&maximum).is_le()).into())
}

fn satisfies<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let range = Range::parse(text(arguments, 1)?);
    Ok(range.contains(&version(arguments, 0)?).into())
}

/// The version of the range that compares with all others as `wanted`; of equal ones the first.
fn best<'a>(arguments: &[Value<'a>], wanted: Ordering) -> Outcome<'a> {
    let range = Range::parse(text(arguments, 1)?);
    let versions = array(arguments, 0)?;
    let mut best: Option<String> = None;
    for element in versions.iter() {
        let Some(text) = element.as_text() else { continue };
        let version = Version::parse(text).ok_or(NO_VERSION)?;
        let is_better = best
            .as_deref()
            .and_then(Version::parse)
            .is_none_or(|best| version.precedence(&best) == wanted);
        if is_better && range.contains(&version) {
            best = Some(version.text.to_owned());
        }
    }
    Ok(best.map_or(Value::Null, Value::from))
}

fn parse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let version = version(arguments, 0)?;
    let identifiers = |joined: Option<&str>| {
        let identifiers = joined.into_iter().flat_map(|joined| joined.split('.'));
        Value::Array(
            identifiers
                .map(|identifier| Value::from(identifier.to_owned()))
                .collect::<Array<'a>>(),
        )
    };
    let members = [
        ("version", Value::from(version.text.to_owned())),
        ("major", i64::from(version.major).into()),
        ("minor", i64::from(version.minor).into()),
        ("patch", i64::from(version.patch).into()),
        ("isStable", version.is_stable().into()),
        ("isPreRelease", (!version.is_stable()).into()),
        ("preRelease", identifiers(version.pre_release)),
        ("buildMetadata", identifiers(version.build)),
    ];
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Ok(members.collect::<Object<'a>>().into())
}
