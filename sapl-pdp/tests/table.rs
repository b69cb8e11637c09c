//! The page that lists all functions: `UPDATE_DOCS=1 cargo test -p sapl-pdp --test table` writes it anew.

#![cfg(feature = "full")]

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use sapl_pdp::function::{Function, Library, Parameter, libraries};

const HEAD: &str = "# Functions

What policies can call, written by `UPDATE_DOCS=1 cargo test -p sapl-pdp --test table`; `sapl functions` prints the same.

A call is `library.function(…)`, or by a short name after `import library.function`. A wrong kind or number of arguments is
an error, and so is an argument that is an error: no function sees one. `…` takes any number of further arguments; a
function with several rows has optional ones. `any value` is one that may be undefined.

Libraries with a feature are part of the command `sapl` and of `sapl-pdp` by default. In `sapl-mcp` the feature of the same
name brings them (`functions` for all); without it, a policy that calls them is refused when it is loaded.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    for library in libraries() {
        let _ = writeln!(page, "\n## {}\n", library.name());
        let _ = match library.feature() {
            Some(feature) => writeln!(page, "{}. Feature `{feature}`.\n", capital(library)),
            None => writeln!(page, "{}.\n", capital(library)),
        };
        page += "| function | parameters | gives |\n|---|---|---|\n";
        for function in library.functions() {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} |",
                function.name(),
                parameters(function),
                function.doc().replace('|', r"\|")
            );
        }
    }
    page
}

fn capital(library: &Library) -> String {
    let mut characters = library.doc().chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn parameters(function: &Function) -> String {
    let shown = |parameter: &Parameter| format!("{}: {}", parameter.name(), parameter.kinds().noun());
    let mut parameters: Vec<_> = function.parameters().iter().map(shown).collect();
    parameters.extend(
        function
            .variadic_parameter()
            .map(|parameter| format!("{} …", shown(&parameter))),
    );
    parameters.join(", ")
}

#[test]
fn the_page_lists_what_there_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/functions.md");
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page, "docs/functions.md is not what the table says");
}

#[test]
fn the_guide_names_all_libraries() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policies.md");
    let guide = fs::read_to_string(file).unwrap();
    for library in libraries() {
        let name = library.name();
        assert!(
            guide.contains(&format!("| [`{name}`](functions.md#{name}) |")),
            "{name}"
        );
    }
}
