//! The libraries, and how a call finds its function.

use super::{
    Function, array, bitwise, cidr, csv, encoding, filter, graph, graphql, json, math, numeral, object,
    patterns, permissions, reflect, sanitize, sapl, semver, standard, string, time, toml, units, uuid,
};
use crate::lint::nearest;
use crate::value::ErrorKind;

/// A library that is part of every build.
const fn always(name: &'static str, functions: &'static [Function], doc: &'static str) -> Library {
    Library {
        name,
        doc,
        feature: None,
        functions,
    }
}

/// A library that is part of builds with a feature.
macro_rules! with {
    ($feature:literal, $module:ident, $doc:literal) => {
        Library {
            name: stringify!($module),
            doc: $doc,
            feature: Some($feature),
            functions: {
                #[cfg(feature = $feature)]
                {
                    super::$module::FUNCTIONS
                }
                #[cfg(not(feature = $feature))]
                {
                    &[]
                }
            },
        }
    };
}

/// All libraries, in the order of their names.
static LIBRARIES: &[Library] = &[
    always("array", array::FUNCTIONS, "arrays"),
    always("bitwise", bitwise::FUNCTIONS, "integers as 64 bits"),
    always("cidr", cidr::FUNCTIONS, "IP addresses and networks"),
    always("csv", csv::FUNCTIONS, "tables as texts"),
    with!("crypto", digest, "hashes of texts"),
    always("encoding", encoding::FUNCTIONS, "Base64 and hexadecimal"),
    always(
        "filter",
        filter::FUNCTIONS,
        "what `|-` applies to parts of values",
    ),
    always(
        "graph",
        graph::FUNCTIONS,
        "what is reachable in a graph, as of roles",
    ),
    always("graphql", graphql::FUNCTIONS, "GraphQL queries"),
    always("json", json::FUNCTIONS, "JSON texts"),
    with!("jsonschema", jsonschema, "values and JSON Schema"),
    with!("crypto", keys, "public keys"),
    with!("crypto", mac, "message authentication codes"),
    always("math", math::FUNCTIONS, "numbers"),
    always(
        "numeral",
        numeral::FUNCTIONS,
        "binary, octal and hexadecimal numerals",
    ),
    always("object", object::FUNCTIONS, "objects"),
    always(
        "patterns",
        patterns::FUNCTIONS,
        "globs, regular expressions and templates",
    ),
    always(
        "permissions",
        permissions::FUNCTIONS,
        "permissions as bits, as of files",
    ),
    always("reflect", reflect::FUNCTIONS, "what kind of value something is"),
    always("sanitize", sanitize::FUNCTIONS, "texts that may be attacks"),
    always("sapl", sapl::FUNCTIONS, "this implementation"),
    always("semver", semver::FUNCTIONS, "semantic versions"),
    with!("crypto", signature, "whether messages are signed"),
    always("standard", standard::FUNCTIONS, "sizes and text forms"),
    always("string", string::FUNCTIONS, "texts"),
    always("time", time::FUNCTIONS, "dates, times, zones and durations"),
    always("toml", toml::FUNCTIONS, "TOML texts"),
    always("units", units::FUNCTIONS, "numbers with units"),
    always("uuid", uuid::FUNCTIONS, "UUIDs"),
    with!("crypto", x509, "certificates"),
    with!("xml", xml, "XML texts"),
    with!("yaml", yaml, "YAML texts"),
];

/// A library of functions.
///
/// ```
/// let uuid = sapl_pdp::function::libraries().find(|library| library.name() == "uuid");
/// let names = uuid.map(|library| library.functions().iter().map(|function| function.name()));
/// assert!(names.is_some_and(|mut names| names.any(|name| name == "parse")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Library {
    name: &'static str,
    doc: &'static str,
    feature: Option<&'static str>,
    functions: &'static [Function],
}

impl Library {
    /// The name before the point of a call.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What its functions are about, in a few words.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// The feature of this crate that brings it; `None` for one that every build has.
    #[must_use]
    pub const fn feature(&self) -> Option<&'static str> {
        self.feature
    }

    /// Its functions; none when its feature is off.
    #[must_use]
    pub const fn functions(&self) -> &'static [Function] {
        self.functions
    }

    /// Whether this build has it.
    #[must_use]
    pub const fn is_available(&self) -> bool {
        !self.functions.is_empty()
    }
}

/// All libraries by name, with those whose feature is off, for documentation and editors.
pub fn libraries() -> impl Iterator<Item = &'static Library> {
    LIBRARIES.iter()
}

/// All functions of this build, for documentation and editors.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    LIBRARIES.iter().flat_map(|library| library.functions)
}

/// The library or function that somebody may have meant by a name that none has: of the library, of a library with a similar
/// name, or of that name elsewhere.
///
/// ```
/// assert_eq!(sapl_pdp::function::similar("strin").as_deref(), Some("string"));
/// assert_eq!(sapl_pdp::function::similar("string.lenght").as_deref(), Some("string.length"));
/// ```
#[must_use]
pub fn similar(name: &str) -> Option<String> {
    let elsewhere = |name: &str| {
        let mut same = functions().filter(|function| function.name() == name);
        same.next()
            .map(|function| format!("{}.{name}", function.library()))
    };
    let near_library = |name| nearest(name, libraries().map(Library::name));
    let Some((library, function)) = name.split_once('.') else {
        return near_library(name).map(str::to_owned).or_else(|| elsewhere(name));
    };
    if let Some(known) = self::library(library) {
        if let Some(near) = nearest(function, known.functions().iter().map(Function::name)) {
            return Some(format!("{library}.{near}"));
        }
    } else if let Some(near) = near_library(library)
        && is_known(near, function)
    {
        return Some(format!("{near}.{function}"));
    }
    elsewhere(function)
}

/// The library of a name.
pub(crate) fn library(name: &str) -> Option<&'static Library> {
    LIBRARIES.iter().find(|library| library.name == name)
}

/// Whether a library has a function of that name; one that this build does not have may have any.
pub(crate) fn is_known(library: &str, name: &str) -> bool {
    self::library(library).is_some_and(|library| {
        !library.is_available() || library.functions.iter().any(|function| function.name() == name)
    })
}

/// The function that a call with so many arguments means: one with exactly so many parameters before one with
/// repeated ones.
pub(crate) fn find(library: &str, name: &str, arguments: usize) -> Result<&'static Function, ErrorKind> {
    let mut found = None;
    let mut known = false;
    let functions = self::library(library).map_or(&[][..], |library| library.functions);
    for function in functions {
        if function.name() == name {
            known = true;
            if function.parameters().len() == arguments {
                return Ok(function);
            }
            if function.takes(arguments) {
                found = Some(function);
            }
        }
    }
    found.ok_or(if known {
        ErrorKind::ArgumentCount {
            found: u16::try_from(arguments).unwrap_or(u16::MAX),
        }
    } else {
        ErrorKind::UnknownFunction
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_within_a_library_are_told_apart_by_the_number_of_parameters() {
        let mut seen = HashSet::new();
        for library in libraries() {
            for function in library.functions() {
                let key = (
                    function.library(),
                    function.name(),
                    function.parameters().len(),
                    function.variadic_parameter().is_some(),
                );
                assert!(seen.insert(key), "{function:?}");
                assert!(!function.doc().is_empty(), "{function:?}");
                assert_eq!(function.library(), library.name(), "{function:?}");
            }
        }
    }

    #[test]
    fn libraries_are_in_the_order_of_their_names() {
        let names: Vec<_> = libraries().map(Library::name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn only_libraries_with_a_feature_may_be_missing() {
        for library in libraries() {
            assert!(
                library.is_available() || library.feature().is_some(),
                "{library:?}"
            );
        }
    }

    #[test]
    fn a_misspelled_name_is_near_to_another() {
        for (name, expected) in [
            ("strin", Some("string")),
            ("string.lenght", Some("string.length")),
            ("strnig.length", Some("string.length")),
            ("toLowerCase", Some("string.toLowerCase")),
            ("nothing.like.this", None),
            ("string.unlikeAnything", None),
            ("", None),
        ] {
            assert_eq!(similar(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn an_unknown_function_is_an_error() {
        assert_eq!(find("no", "such", 0).err(), Some(ErrorKind::UnknownFunction));
        assert_eq!(find("string", "such", 0).err(), Some(ErrorKind::UnknownFunction));
        let wrong_count = Some(ErrorKind::ArgumentCount { found: 9 });
        assert_eq!(find("string", "length", 9).err(), wrong_count);
    }
}
