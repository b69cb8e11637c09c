//! The matrix as a table.

use std::fmt::Write as _;

use super::palette::{Colour, Palette};
use crate::analytics::{Matrix, Outcome, Request, Row, User};

const NAME_WIDTH: usize = 37;
const CELL_WIDTH: usize = 15;

/// The matrix as a table, one line for each row, with cells that are not as `expected` marked by `!`.
pub fn matrix_table(matrix: &Matrix, expected: &Matrix, palette: Palette) -> String {
    let plan = matrix.plan();
    let mut table = header(plan.users, palette);
    let mut group = "";
    for row in &plan.rows {
        if group != group_of(&row.request) {
            group = group_of(&row.request);
            let _ = writeln!(table, "{}", palette.paint(group, Colour::Heading));
        }
        let _ = write!(table, "  {:NAME_WIDTH$}", row.name);
        for user in plan.users.iter().copied() {
            let outcome = matrix.outcome(row.name, user);
            let as_expected = outcome == expected.outcome(row.name, user);
            table.push_str(&cell(row, outcome, as_expected, palette));
        }
        end_line(&mut table);
    }
    let as_expected = matrix.nobody() == expected.nobody();
    let nobody = format!("HTTP {}", matrix.nobody());
    let colour = if as_expected {
        Colour::Denied
    } else {
        Colour::Wrong
    };
    let _ = write!(table, "{}", palette.paint("without a token", Colour::Heading));
    let _ = writeln!(
        table,
        "  {}  {}",
        palette.paint(&nobody, colour),
        matrix.challenge().unwrap_or_default()
    );
    table
}

fn header(users: &[User], palette: Palette) -> String {
    let mut header = String::new();
    for line in [User::name, User::role] {
        let mut text = format!("  {:NAME_WIDTH$}", "");
        for user in users {
            let _ = write!(text, "{:CELL_WIDTH$}", line(*user));
        }
        let _ = writeln!(header, "{}", palette.paint(text.trim_end(), Colour::Heading));
    }
    header
}

fn cell(row: &Row, outcome: Option<&Outcome>, as_expected: bool, palette: Palette) -> String {
    let text = match outcome {
        Some(outcome) => outcome.to_string(),
        None => "missing".to_owned(),
    };
    let text = if as_expected { text } else { format!("! {text}") };
    let colour = match outcome {
        _ if !as_expected => Colour::Wrong,
        Some(Outcome::Denied) => Colour::Denied,
        Some(Outcome::NotFound) => Colour::Hidden,
        Some(outcome) if *outcome != row.untouched => Colour::Changed,
        _ => Colour::Untouched,
    };
    let padding = CELL_WIDTH.saturating_sub(text.chars().count());
    format!("{}{:padding$}", palette.paint(&text, colour), "")
}

fn end_line(table: &mut String) {
    table.truncate(table.trim_end_matches(' ').len());
    table.push('\n');
}

const fn group_of(request: &Request) -> &'static str {
    match request {
        Request::Tool { .. } => "tools",
        Request::Resource { .. } => "resources",
        Request::Prompt { .. } => "prompts",
        Request::Tools | Request::Resources | Request::ResourceTemplates | Request::Prompts => "lists",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_line_for_each_row_and_no_escapes_without_colours() {
        let matrix = Matrix::expected();
        let plain = matrix_table(&matrix, &matrix, Palette::Plain);
        for row in &matrix.plan().rows {
            assert!(
                plain.lines().any(|line| line.trim_start().starts_with(row.name)),
                "{plain}"
            );
        }
        assert!(!plain.contains('\x1b') && !plain.contains('!'), "{plain}");
        assert!(
            plain.contains("  export_csv                           ok             notfound       ok"),
            "{plain}"
        );
        assert!(matrix_table(&matrix, &matrix, Palette::Ansi).contains("\x1b[35mnotfound\x1b[0m"));
    }
}
