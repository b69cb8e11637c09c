//! What the documentation shows is what the command prints.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::run;

/// The folder of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A command of the documentation, what it reads, and what it is said to print.
struct Shown {
    arguments: Vec<String>,
    input: String,
    output: String,
}

/// The commands that the page shows with what they print: a block of a command behind `<!-- run -->`, then one of output.
fn shown() -> Vec<Shown> {
    let page = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let mut shown = Vec::new();
    for part in page.split("<!-- run -->\n").skip(1) {
        let mut blocks = part.split("```");
        let mut block = |language: &str| {
            let block = blocks.nth(1).unwrap();
            block
                .strip_prefix(language)
                .unwrap()
                .trim_start_matches('\n')
                .to_owned()
        };
        let (command, output) = (block("sh"), block("text"));
        let command = command.trim();
        let (input, command) = match command.split_once(" | ") {
            Some((echo, command)) => {
                let echoed = echo.strip_prefix("echo '").unwrap().strip_suffix('\'').unwrap();
                (echoed.to_owned(), command)
            }
            None => (String::new(), command),
        };
        let arguments = command.strip_prefix("sapl ").unwrap().split_whitespace();
        shown.push(Shown {
            arguments: arguments.map(str::to_owned).collect(),
            input,
            output,
        });
    }
    shown
}

#[test]
fn the_page_shows_what_the_command_prints() {
    let shown = shown();
    assert!(shown.len() >= 4, "{}", shown.len());
    for Shown {
        arguments,
        input,
        output,
    } in shown
    {
        let report = tempfile::tempdir().unwrap();
        let policies = root().join("examples/policies");
        let policies = policies.to_str().unwrap();
        let placed: Vec<String> = arguments
            .iter()
            .map(|argument| match argument.as_str() {
                "report.html" => report.path().join(argument).to_str().unwrap().to_owned(),
                other => other.replace("examples/policies", policies),
            })
            .collect();
        let placed: Vec<&str> = placed.iter().map(String::as_str).collect();
        let (_, printed, errors) = run(&placed, &input);
        let found = format!("{errors}{printed}").replace(policies, "examples/policies");
        assert_eq!(found.trim_end(), output.trim_end(), "{arguments:?}");
    }
}
