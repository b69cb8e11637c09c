//! What the crates log at warn and error, read from their sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const CRATES: [&str; 5] = ["sapl-base", "sapl-pdp", "sapl-mcp", "sapl-mcp-macros", "sapl-cli"];

/// A call of a macro of `tracing`.
pub(crate) struct Logged {
    pub(crate) level: &'static str,
    pub(crate) message: String,
}

/// All calls outside of tests.
///
/// # Panics
/// When a call has no literal as its message, because nobody could look that up.
pub(crate) fn lines() -> Vec<Logged> {
    let mut found = Vec::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in CRATES {
        for file in files(&workspace.join(name).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file:?}: {error}"));
            search(tokens, &file, &mut found);
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            found.push(path);
        }
    }
    found
}

fn search(tokens: TokenStream, file: &Path, found: &mut Vec<Logged>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [TokenTree::Punct(hash), TokenTree::Group(attribute), ..]
                if hash.as_char() == '#' && is_cfg_test(attribute.stream()) =>
            {
                at = behind_item(&tokens, at + 2);
                continue;
            }
            [
                TokenTree::Ident(name),
                TokenTree::Punct(bang),
                TokenTree::Group(arguments),
                ..,
            ] if bang.as_char() == '!' => {
                let arguments = arguments.stream();
                let level = match name.to_string().as_str() {
                    "warn" => Some("warn"),
                    "error" => Some("error"),
                    "event" => panic!("{file:?}: write `warn!` or `error!` instead of `event!`"),
                    _ => None,
                };
                if let Some(level) = level {
                    let message = message(arguments.clone())
                        .unwrap_or_else(|| panic!("{file:?}: {level}!({arguments}) has no plain message"));
                    found.push(Logged { level, message });
                }
            }
            _ => {}
        }
        if let TokenTree::Group(group) = &tokens[at] {
            search(group.stream(), file, found);
        }
        at += 1;
    }
}

/// The last argument, if it is a literal without places to fill in.
fn message(arguments: TokenStream) -> Option<String> {
    let mut last: Vec<TokenTree> = Vec::new();
    for token in arguments {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => last.clear(),
            other => last.push(other),
        }
    }
    let [TokenTree::Literal(literal)] = last.as_slice() else {
        return None;
    };
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value();
    (!text.contains(['{', '}'])).then_some(text)
}

fn is_cfg_test(attribute: TokenStream) -> bool {
    attribute.to_string().replace(' ', "") == "cfg(test)"
}

/// Behind the item that starts at `at`: it ends with its first braces or semicolon.
fn behind_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    let length = tokens[at..]
        .iter()
        .position(ends)
        .map_or(tokens.len() - at, |end| end + 1);
    at + length
}

#[test]
fn lines_are_found_in_macros_and_across_lines_and_not_in_tests_and_comments() {
    let source = r#"
        // tracing::warn!("in a comment");
        macro_rules! repeated { ($($verb:ident)*) => {$( tracing::error!(verb = stringify!($verb), "in a macro"); )*}; }
        fn here(tool: &str) {
            warn!(tool, "on two \
                   lines");
            info!("of another level");
            let text = "tracing::error!(\"in a text\")";
        }
        #[cfg(test)]
        mod tests { fn there() { tracing::error!("in a test"); } }
    "#;
    let mut found = Vec::new();
    search(source.parse().unwrap(), Path::new("here.rs"), &mut found);
    let found: Vec<_> = found
        .iter()
        .map(|line| (line.level, line.message.as_str()))
        .collect();
    assert_eq!(found, [("error", "in a macro"), ("warn", "on two lines")]);
}

#[test]
fn a_line_that_nobody_could_look_up_is_refused() {
    for source in [
        "warn!(reason)",
        "warn!(\"of {name}\")",
        "warn!(name, concat!(\"a\", \"b\"))",
        "event!(LEVEL, \"a\")",
    ] {
        let tokens = source.parse().unwrap();
        let searched = std::panic::catch_unwind(|| search(tokens, Path::new("here.rs"), &mut Vec::new()));
        assert!(searched.is_err(), "{source}");
    }
}
