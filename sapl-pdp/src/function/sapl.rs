//! `sapl`: what decides here.

use super::Function;
use crate::value::{Object, Text, Value};

const NAME: &str = "sapl";

/// The version of the policy language that this implementation follows.
const LANGUAGE_VERSION: &str = "4.1.2";

/// What an implementation without a Java machine and without a build server can't tell.
const UNKNOWN: &str = "unknown";

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    NAME,
    "info",
    &[],
    "the version of the language and what the engine runs on",
    |_| {
        let members = [
            ("saplVersion", LANGUAGE_VERSION),
            ("gitCommitId", UNKNOWN),
            ("gitBranch", UNKNOWN),
            ("gitBuildTime", UNKNOWN),
            ("jdkVersion", UNKNOWN),
            ("javaVersion", UNKNOWN),
            ("javaVendor", UNKNOWN),
            ("osName", std::env::consts::OS),
            ("osVersion", UNKNOWN),
            ("osArch", std::env::consts::ARCH),
            ("engine", env!("CARGO_PKG_NAME")),
            ("engineVersion", env!("CARGO_PKG_VERSION")),
        ];
        let members = members
            .into_iter()
            .map(|(name, value)| (Text::from(name), Value::from(value)));
        Value::Object(members.collect::<Object<'_>>())
    },
)];
