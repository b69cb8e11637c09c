//! The functions that policies can call.
//!
//! A library is a file in `function/` with a table of [`Function`]s; [`libraries`] lists the tables. A function is
//! plain code from values to a value:
//!
//! ```
//! use sapl_pdp::function::{Function, Parameter};
//! use sapl_pdp::value::{ErrorKind, Value};
//!
//! const SHOUT: Function = Function::new(
//!     "string",
//!     "shout",
//!     &[Parameter::text("text")],
//!     "the text in capitals with an exclamation mark",
//!     |arguments| match arguments {
//!         [Value::Text(text)] => Value::from(format!("{}!", text.to_uppercase())),
//!         _ => ErrorKind::Function("a text is needed").into(),
//!     },
//! );
//! assert_eq!(SHOUT.call(&[Value::from("stop")]), Value::from("STOP!"));
//! ```
//!
//! Some libraries need more crates than most policies do, so they are behind features of this crate:
//!
//! | feature | libraries |
//! |---|---|
//! | `crypto` | `digest`, `keys`, `mac`, `signature`, `x509` |
//! | `jsonschema` | `jsonschema` |
//! | `xml` | `xml` |
//! | `yaml` | `yaml` |
//! | `full` | all of these |
//!
//! Policies that call a library whose feature is off are refused when they are loaded.
//!
//! Before a function runs, its arguments are checked against the parameters: it never sees an error, since an error
//! as an argument is the result of the call, nor a value of a kind that its parameter does not name. It may
//! return a value borrowed from its arguments, and [`Value::error`] with an [`ErrorKind`]; the evaluator adds the
//! place. It must not allocate without bound: [`MAX_TEXT`] is the longest text a function should make.

use std::fmt;

use crate::value::{ErrorKind, Kind, Value};

pub use library::{Library, functions, libraries, similar};
pub(crate) use library::{find, is_known, library};

mod arguments;
mod array;
mod bitwise;
mod cidr;
mod csv;
#[cfg(feature = "crypto")]
mod digest;
pub(crate) mod encoding;
mod filter;
mod graph;
mod graphql;
mod json;
#[cfg(feature = "jsonschema")]
mod jsonschema;
#[cfg(feature = "crypto")]
pub(crate) mod keys;
mod library;
#[cfg(feature = "crypto")]
mod mac;
mod math;
mod numeral;
mod object;
mod patterns;
mod permissions;
mod reflect;
mod sanitize;
mod sapl;
mod semver;
mod set;
#[cfg(feature = "crypto")]
mod signature;
mod standard;
mod string;
pub(crate) mod time;
mod toml;
mod units;
mod utf16;
mod uuid;
mod white_space;
pub(crate) mod work;
#[cfg(feature = "crypto")]
pub(crate) mod x509;
#[cfg(feature = "xml")]
mod xml;
#[cfg(feature = "yaml")]
mod yaml;

/// The longest text that a function makes, in bytes; beyond it the result is [`ErrorKind::OutputLimit`].
pub const MAX_TEXT: usize = 1 << 20;

/// The longest text that a function reads as a document (JSON, YAML, a certificate …), in bytes.
pub const MAX_DOCUMENT: usize = 1 << 20;

/// The code of a function: from checked arguments to a value.
pub type Code = for<'a> fn(&[Value<'a>]) -> Value<'a>;

/// A function of a library.
#[derive(Clone, Copy)]
pub struct Function {
    library: &'static str,
    name: &'static str,
    parameters: &'static [Parameter],
    variadic: Option<Parameter>,
    doc: &'static str,
    code: Code,
}

impl Function {
    /// A function with a fixed number of parameters. Two entries of one name with different numbers of parameters
    /// are one function with optional ones.
    #[must_use]
    pub const fn new(
        library: &'static str,
        name: &'static str,
        parameters: &'static [Parameter],
        doc: &'static str,
        code: Code,
    ) -> Self {
        Self {
            library,
            name,
            parameters,
            variadic: None,
            doc,
            code,
        }
    }

    /// The function with any number of further arguments, each checked against `parameter`.
    #[must_use]
    pub const fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// The library's name.
    #[must_use]
    pub const fn library(&self) -> &'static str {
        self.library
    }

    /// The name within the library.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in one line.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// The parameters before those that may repeat.
    #[must_use]
    pub const fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// The parameter that may repeat.
    #[must_use]
    pub const fn variadic_parameter(&self) -> Option<Parameter> {
        self.variadic
    }

    /// How it is called, as in `string.join(array, separator)`; a parameter that may repeat ends with `…`.
    #[must_use]
    pub fn signature(&self) -> String {
        let fixed = self.parameters.iter().map(|parameter| parameter.name.to_owned());
        let repeated = self
            .variadic
            .iter()
            .map(|parameter| format!("{}…", parameter.name));
        let parameters: Vec<_> = fixed.chain(repeated).collect();
        format!("{}.{}({})", self.library, self.name, parameters.join(", "))
    }

    /// Checks the arguments and runs the function on them.
    #[must_use]
    pub fn call<'a>(&self, arguments: &[Value<'a>]) -> Value<'a> {
        if let Some(error) = arguments.iter().find(|value| value.kind() == Kind::Error) {
            return error.clone();
        }
        if !self.takes(arguments.len()) {
            let found = u16::try_from(arguments.len()).unwrap_or(u16::MAX);
            return ErrorKind::ArgumentCount { found }.into();
        }
        let repeated = self.variadic.iter().cycle();
        for (index, (parameter, value)) in self.parameters.iter().chain(repeated).zip(arguments).enumerate() {
            let found = value.kind();
            if !parameter.kinds.contains(found) {
                return ErrorKind::Argument {
                    position: u8::try_from(index + 1).unwrap_or(u8::MAX),
                    expected: parameter.kinds.noun,
                    found,
                }
                .into();
            }
        }
        (self.code)(arguments)
    }

    pub(crate) fn takes(&self, arguments: usize) -> bool {
        arguments == self.parameters.len() || self.variadic.is_some() && arguments > self.parameters.len()
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}/{}", self.library, self.name, self.parameters.len())
    }
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    name: &'static str,
    kinds: Kinds,
}

impl Parameter {
    /// A parameter with its name, for documentation, and the kinds of values that it takes.
    #[must_use]
    pub const fn new(name: &'static str, kinds: Kinds) -> Self {
        Self { name, kinds }
    }

    /// A parameter that takes anything but an error.
    #[must_use]
    pub const fn any(name: &'static str) -> Self {
        Self::new(name, Kinds::ANY)
    }

    /// A parameter that takes a number.
    #[must_use]
    pub const fn number(name: &'static str) -> Self {
        Self::new(name, Kinds::NUMBER)
    }

    /// A parameter that takes a text.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kinds::TEXT)
    }

    /// A parameter that takes an array.
    #[must_use]
    pub const fn array(name: &'static str) -> Self {
        Self::new(name, Kinds::ARRAY)
    }

    /// A parameter that takes an object.
    #[must_use]
    pub const fn object(name: &'static str) -> Self {
        Self::new(name, Kinds::OBJECT)
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The kinds of values that it takes.
    #[must_use]
    pub const fn kinds(&self) -> Kinds {
        self.kinds
    }
}

/// A set of kinds of values, and the noun phrase that names it in errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    bits: u8,
    noun: &'static str,
}

impl Kinds {
    /// Anything but an error, undefined included.
    pub const ANY: Self = Self::of(
        &[
            Kind::Undefined,
            Kind::Null,
            Kind::Boolean,
            Kind::Number,
            Kind::Text,
            Kind::Array,
            Kind::Object,
        ],
        "any value",
    );
    /// Booleans.
    pub const BOOLEAN: Self = Self::of(&[Kind::Boolean], "a boolean");
    /// Numbers.
    pub const NUMBER: Self = Self::of(&[Kind::Number], "a number");
    /// Texts.
    pub const TEXT: Self = Self::of(&[Kind::Text], "a text");
    /// Arrays.
    pub const ARRAY: Self = Self::of(&[Kind::Array], "an array");
    /// Objects.
    pub const OBJECT: Self = Self::of(&[Kind::Object], "an object");

    /// A set of several kinds.
    #[must_use]
    pub const fn of(kinds: &[Kind], noun: &'static str) -> Self {
        let mut bits = 0;
        let mut rest = kinds;
        while let [kind, tail @ ..] = rest {
            bits |= 1 << *kind as u8;
            rest = tail;
        }
        Self { bits, noun }
    }

    /// What is in the set, as in "a text".
    #[must_use]
    pub const fn noun(self) -> &'static str {
        self.noun
    }

    /// Whether values of the kind are in the set.
    #[must_use]
    pub const fn contains(self, kind: Kind) -> bool {
        self.bits & (1 << kind as u8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::EvaluationError;

    const JOIN: Function = Function::new(
        "t",
        "join",
        &[Parameter::new("separator", Kinds::TEXT)],
        "the texts with a separator between them",
        |arguments| {
            let texts: Vec<_> = arguments.iter().filter_map(Value::as_text).collect();
            Value::from(texts.join("-"))
        },
    )
    .variadic(Parameter::new("part", Kinds::TEXT));

    #[test]
    fn arguments_are_checked_before_the_function_runs() {
        assert_eq!(
            JOIN.call(&["-".into(), "a".into(), "b".into()]),
            Value::from("--a-b")
        );
        assert_eq!(JOIN.call(&[]), ErrorKind::ArgumentCount { found: 0 }.into());
        let wrong = ErrorKind::Argument {
            position: 3,
            expected: "a text",
            found: Kind::Null,
        };
        assert_eq!(JOIN.call(&["-".into(), "a".into(), Value::Null]), wrong.into());
    }

    #[test]
    fn a_signature_names_the_parameters() {
        assert_eq!(JOIN.signature(), "t.join(separator, part…)");
    }

    #[test]
    fn an_error_among_the_arguments_is_the_result() {
        let error = Value::from(EvaluationError::from(ErrorKind::DivisionByZero));
        assert_eq!(JOIN.call(&[Value::Null, error.clone()]), error);
    }
}
