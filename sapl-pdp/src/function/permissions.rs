//! `permissions`: sets of permissions as bits of an integer, and modes of files.

use super::arguments::{NO_LONG, Outcome, array, code, long, number};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "permissions";

const NONE: &[Parameter] = &[];
const TWO: &[Parameter] = &[
    Parameter::number("permissions1"),
    Parameter::number("permissions2"),
];
const MASKS: &[Parameter] = &[Parameter::array("masks")];
const VALUE_MASKS: &[Parameter] = &[Parameter::number("value"), Parameter::array("masks")];
const MODE: &[Parameter] = &[Parameter::number("mode")];
const PERMISSIONS: &[Parameter] = &[Parameter::number("permissions")];

const READ: i64 = 4;
const WRITE: i64 = 2;
const EXECUTE: i64 = 1;
const ALL: i64 = READ | WRITE | EXECUTE;

macro_rules! constant {
    ($name:literal, $value:expr, $doc:literal) => {
        Function::new(NAME, $name, NONE, $doc, |_| {
            Value::from({
                const VALUE: i64 = $value;
                VALUE
            })
        })
    };
}

/// A function of one set of permissions.
macro_rules! unary {
    ($name:literal, $parameters:ident, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(i64) -> _ = $code;
            long(arguments, 0).map_or_else(Value::error, |value| code(value).into())
        })
    };
}

/// A function of two sets of permissions.
macro_rules! binary {
    ($name:literal, $parameters:expr, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(i64, i64) -> bool = $code;
            match (long(arguments, 0), long(arguments, 1)) {
                (Ok(left), Ok(right)) => code(left, right).into(),
                (Err(error), _) | (_, Err(error)) => Value::error(error),
            }
        })
    };
}

/// A function of a set of permissions and an array of others, which are taken together.
macro_rules! with_masks {
    ($name:literal, $parameters:expr, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(i64, i64) -> _ = $code;
            match (long(arguments, 0), union(arguments, 1)) {
                (Ok(value), Ok(masks)) => code(value, masks).into(),
                (Err(error), _) | (_, Err(error)) => Value::error(error),
            }
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    constant!("all", -1, "all 64 bits"),
    binary!(
        "areDisjoint",
        TWO,
        "whether both have no permission in common",
        |left, right| left & right == 0
    ),
    Function::new(
        NAME,
        "bit",
        &[Parameter::number("position")],
        "the permission of a bit, from 0 to 63",
        code!(bit),
    ),
    Function::new(
        NAME,
        "combine",
        MASKS,
        "all permissions that one of the masks has",
        |arguments| union(arguments, 0).map_or_else(Value::error, Value::from),
    ),
    Function::new(
        NAME,
        "combineAll",
        MASKS,
        "the permissions that all masks have",
        code!(combine_all),
    ),
    with_masks!(
        "grant",
        &[Parameter::number("current"), Parameter::array("toGrant")],
        "the permissions and those of the masks",
        |value, masks| value | masks
    ),
    with_masks!(
        "hasAll",
        VALUE_MASKS,
        "whether all permissions of the masks are there",
        |value, masks| value & masks == masks
    ),
    with_masks!(
        "hasAny",
        VALUE_MASKS,
        "whether a permission of the masks is there",
        |value, masks| value & masks != 0
    ),
    binary!(
        "hasExact",
        &[Parameter::number("value"), Parameter::number("mask")],
        "whether both have the same permissions",
        |value, mask| value == mask
    ),
    with_masks!(
        "hasNone",
        VALUE_MASKS,
        "whether no permission of the masks is there",
        |value, masks| value & masks == 0
    ),
    with_masks!(
        "hasOnly",
        VALUE_MASKS,
        "whether no permission is there but those of the masks",
        |value, masks| value & !masks == 0
    ),
    binary!(
        "isSubsetOf",
        &[Parameter::number("permissions"), Parameter::number("superset")],
        "whether the second has all permissions of the first",
        |permissions, superset| permissions & superset == permissions
    ),
    constant!("none", 0, "no permission"),
    binary!(
        "overlaps",
        TWO,
        "whether both have a permission in common",
        |left, right| left & right != 0
    ),
    constant!("posixAll", ALL, "read, write and execute: 7"),
    constant!("posixExecute", EXECUTE, "execute: 1"),
    constant!("posixMode600", 0o600, "read and write for the owner: octal 600"),
    constant!(
        "posixMode644",
        0o644,
        "read for all, write for the owner: octal 644"
    ),
    constant!("posixMode666", 0o666, "read and write for all: octal 666"),
    constant!(
        "posixMode755",
        0o755,
        "read and execute for all, write for the owner: octal 755"
    ),
    constant!("posixMode777", 0o777, "everything for all: octal 777"),
    constant!("posixNone", 0, "no permission: 0"),
    constant!("posixRW", READ | WRITE, "read and write: 6"),
    constant!("posixRX", READ | EXECUTE, "read and execute: 5"),
    constant!("posixRead", READ, "read: 4"),
    constant!("posixWX", WRITE | EXECUTE, "write and execute: 3"),
    constant!("posixWrite", WRITE, "write: 2"),
    with_masks!(
        "revoke",
        &[Parameter::number("current"), Parameter::array("toRevoke")],
        "the permissions without those of the masks",
        |value, masks| value & !masks
    ),
    with_masks!(
        "toggle",
        &[Parameter::number("current"), Parameter::array("toToggle")],
        "the permissions with those of the masks turned over",
        |value, masks| value ^ masks
    ),
    unary!(
        "unixCanExecute",
        PERMISSIONS,
        "whether execute is among the permissions",
        |value| value & EXECUTE != 0
    ),
    unary!(
        "unixCanRead",
        PERMISSIONS,
        "whether read is among the permissions",
        |value| value & READ != 0
    ),
    unary!(
        "unixCanWrite",
        PERMISSIONS,
        "whether write is among the permissions",
        |value| value & WRITE != 0
    ),
    unary!(
        "unixGroup",
        MODE,
        "the group's permissions in the mode of a file",
        |mode| mode >> 3 & ALL
    ),
    Function::new(
        NAME,
        "unixMode",
        &[
            Parameter::number("owner"),
            Parameter::number("group"),
            Parameter::number("other"),
        ],
        "the mode of a file with these permissions, each from 0 to 7",
        code!(unix_mode),
    ),
    unary!(
        "unixOther",
        MODE,
        "everybody's permissions in the mode of a file",
        |mode| mode & ALL
    ),
    unary!(
        "unixOwner",
        MODE,
        "the owner's permissions in the mode of a file",
        |mode| mode >> 6 & ALL
    ),
];

fn bit<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let position = number(arguments, 0)?.to_i64();
    match position.and_then(|position| u32::try_from(position).ok()) {
        Some(position @ 0..64) => Ok((1_i64 << position).into()),
        _ => Err(ErrorKind::Function("the position of a bit must be from 0 to 63")),
    }
}

fn unix_mode<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut mode = 0;
    for index in 0..3 {
        match long(arguments, index)? {
            permissions @ 0..=ALL => mode = mode << 3 | permissions,
            _ => return Err(ErrorKind::Function("permissions of a file are from 0 to 7")),
        }
    }
    Ok(Value::from(mode))
}

fn combine_all<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let masks = array(arguments, 0)?;
    if masks.is_empty() {
        return Err(ErrorKind::Function("at least one mask is needed"));
    }
    let common = masks
        .iter()
        .try_fold(ALL_BITS, |common, mask| Ok(common & bits(&mask)?));
    common.map(Value::from)
}

const ALL_BITS: i64 = -1;

/// The bits that one of the masks of an array has.
fn union(arguments: &[Value<'_>], index: usize) -> Result<i64, ErrorKind> {
    let masks = array(arguments, index)?;
    masks.iter().try_fold(0, |union, mask| Ok(union | bits(&mask)?))
}

fn bits(mask: &Value<'_>) -> Result<i64, ErrorKind> {
    let number = mask
        .as_number()
        .ok_or(ErrorKind::Function("the masks must be numbers"))?;
    number.to_i64().ok_or(NO_LONG)
}
