//! `sapl functions`.

use std::io::Write;

use clap::Args;
use sapl_pdp::function::{Function, Library, Parameter, libraries, similar};
use serde::Serialize;

use crate::failure::Failure;
use crate::format::Format;

/// What `sapl functions` is given.
#[derive(Args, Clone, Debug)]
pub struct FunctionsArguments {
    /// A library, as in `string`, or a function, as in `string.length`; without, all libraries are printed
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How the table is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Prints the functions that policies can call.
pub(crate) fn run(arguments: &FunctionsArguments, output: &mut dyn Write) -> Result<(), Failure> {
    let (library, function) = match &arguments.name {
        Some(name) => match name.split_once('.') {
            Some((library, function)) => (Some(library), Some(function)),
            None => (Some(name.as_str()), None),
        },
        None => (None, None),
    };
    let table: Vec<_> = libraries()
        .filter(|known| library.is_none_or(|library| library == known.name()))
        .map(|library| LibraryEntry::new(library, function))
        .filter(|entry| function.is_none() || !entry.functions.is_empty())
        .collect();
    if table.is_empty() {
        let name = arguments.name.as_deref().unwrap_or_default();
        let hint = similar(name).map_or_else(String::new, |similar| format!("; did you mean `{similar}`?"));
        return Err(Failure::new(format_args!(
            "no library or function `{name}`{hint}"
        )));
    }
    match arguments.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output, &table).map_err(Failure::new)?;
            writeln!(output).map_err(Failure::new)
        }
        Format::Text => print(&table, output).map_err(Failure::new),
    }
}

fn print(table: &[LibraryEntry], output: &mut dyn Write) -> std::io::Result<()> {
    for (number, library) in table.iter().enumerate() {
        if number > 0 {
            writeln!(output)?;
        }
        writeln!(output, "{}: {}", library.name, library.doc)?;
        if let (Some(feature), false) = (library.feature, library.available) {
            writeln!(
                output,
                "  not part of this build, it needs the feature `{feature}`"
            )?;
        }
        for function in &library.functions {
            writeln!(output, "  {}", function.signature)?;
            writeln!(output, "      {}", function.doc)?;
            let typed: Vec<_> = function
                .parameters
                .iter()
                .map(|parameter| format!("{}: {}", parameter.name, parameter.kinds))
                .collect();
            if !typed.is_empty() {
                writeln!(output, "      {}", typed.join(", "))?;
            }
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct LibraryEntry {
    name: &'static str,
    doc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<&'static str>,
    available: bool,
    functions: Vec<FunctionEntry>,
}

#[derive(Serialize)]
struct FunctionEntry {
    name: &'static str,
    signature: String,
    parameters: Vec<ParameterEntry>,
    doc: &'static str,
}

#[derive(Serialize)]
struct ParameterEntry {
    name: &'static str,
    kinds: &'static str,
    repeated: bool,
}

impl LibraryEntry {
    fn new(library: &Library, function: Option<&str>) -> Self {
        let functions = library.functions().iter();
        Self {
            name: library.name(),
            doc: library.doc(),
            feature: library.feature(),
            available: library.is_available(),
            functions: functions
                .filter(|known| function.is_none_or(|function| function == known.name()))
                .map(FunctionEntry::new)
                .collect(),
        }
    }
}

impl FunctionEntry {
    fn new(function: &Function) -> Self {
        let entry = |parameter: Parameter, repeated| ParameterEntry {
            name: parameter.name(),
            kinds: parameter.kinds().noun(),
            repeated,
        };
        let fixed = function
            .parameters()
            .iter()
            .map(|parameter| entry(*parameter, false));
        let repeated = function
            .variadic_parameter()
            .map(|parameter| entry(parameter, true));
        Self {
            name: function.name(),
            signature: function.signature(),
            parameters: fixed.chain(repeated).collect(),
            doc: function.doc(),
        }
    }
}
