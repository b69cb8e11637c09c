//! What is wrong with a text, and where.

use std::error::Error;
use std::fmt;

use sapl_base::text::is_deceiving;

use super::Span;

/// The longest piece of a source line that is printed, in characters.
const EXCERPT_WIDTH: usize = 160;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document can be loaded, but is hardly what somebody wanted to write.
    Warning,
    /// The document is refused.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A problem of a document with its place, as `Display` a message, the place, the source line and a caret.
///
/// ```
/// let problem = sapl_pdp::syntax::parse("policy \"a\" allow").unwrap_err();
/// assert_eq!((problem.line(), problem.column()), (1, 12));
/// assert!(problem.to_string().ends_with("1 | policy \"a\" allow\n  |            ^^^^^"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    message: String,
    file: Option<String>,
    span: Span,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    excerpt: Box<str>,
    caret: Box<str>,
    notes: Option<Box<Notes>>,
}

/// What few problems have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Notes {
    warning: Option<&'static str>,
    label: Option<String>,
    help: Option<String>,
}

impl Diagnostic {
    /// A problem at `span` of `source`. The message is lower case, without a final period, user input in
    /// backticks.
    #[must_use]
    pub fn new(message: impl Into<String>, span: Span, source: &str) -> Self {
        let start = floor_boundary(source, span.start as usize);
        let end = floor_boundary(source, (span.end as usize).max(start));
        let (line_start, line, column) = place(source, start);
        let (_, end_line, end_column) = place(source, end);
        let text = source
            .get(line_start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let width = source
            .get(start..end)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        let (excerpt, caret) = excerpt(text, column - 1, width.chars().count());
        let number = |value| u32::try_from(value).unwrap_or(u32::MAX);
        Self {
            message: message.into(),
            file: None,
            span,
            line: number(line),
            column: number(column),
            end_line: number(end_line),
            end_column: number(end_column),
            excerpt: excerpt.into(),
            caret: caret.into(),
            notes: None,
        }
    }

    /// A likely mistake at `span` of `source`, of the kind that `code` names.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>, span: Span, source: &str) -> Self {
        let mut warning = Self::new(message, span, source);
        warning.notes_mut().warning = Some(code);
        warning
    }

    /// The same problem with a few words beside the carets.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.notes_mut().label = Some(label.into());
        self
    }

    /// The same problem with what can be done about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.notes_mut().help = Some(help.into());
        self
    }

    fn notes_mut(&mut self) -> &mut Notes {
        self.notes.get_or_insert_default()
    }

    /// The same problem, in a file of this name.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Whether it is an error or a warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.code() {
            Some(_) => Severity::Warning,
            None => Severity::Error,
        }
    }

    /// The kind of a warning, in lower case with hyphens.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.notes.as_ref()?.warning
    }

    /// A few words about the place.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.notes.as_ref()?.label.as_deref()
    }

    /// What can be done about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.notes.as_ref()?.help.as_deref()
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file it was found in.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Where, in bytes of the source.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in code points, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The line and column behind its last character, counted as the first ones.
    #[must_use]
    pub fn end(&self) -> (u32, u32) {
        (self.end_line, self.end_column)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{}: {}", self.severity(), self.message)?;
        let file = self.file.as_deref().unwrap_or("<document>");
        writeln!(f, "{margin}--> {file}:{}:{}", self.line, self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", self.excerpt)?;
        write!(f, "{margin} | {}", self.caret)?;
        if let Some(label) = self.label() {
            write!(f, " {label}")?;
        }
        if let Some(help) = self.help() {
            write!(f, "\n{margin} |\n{margin} = help: {help}")?;
        }
        Ok(())
    }
}

impl Error for Diagnostic {}

/// Where the line of an offset begins, and its line and column from 1.
fn place(source: &str, offset: usize) -> (usize, usize, usize) {
    let before = source.get(..offset).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
    let column = 1 + source.get(line_start..offset).unwrap_or_default().chars().count();
    (line_start, line, column)
}

fn floor_boundary(source: &str, offset: usize) -> usize {
    (0..=offset.min(source.len()))
        .rev()
        .find(|&offset| source.is_char_boundary(offset))
        .unwrap_or(0)
}

/// The part of `line` around the `column`-th character (from 0) and a line of carets under `width` of them.
fn excerpt(line: &str, column: usize, width: usize) -> (String, String) {
    let first = column.saturating_sub(EXCERPT_WIDTH / 2);
    let mut text = String::new();
    let mut caret = String::new();
    if first > 0 {
        text.push('…');
        caret.push(' ');
    }
    let mut characters = line.chars().skip(first);
    for (position, character) in (first..).zip(characters.by_ref().take(EXCERPT_WIDTH)) {
        let marked = position >= column && position < column + width.max(1);
        let printed = text.len();
        push_printable(&mut text, character);
        let shown = text.get(printed..).unwrap_or_default();
        for _ in shown.chars() {
            caret.push(if marked { '^' } else { ' ' });
        }
    }
    if characters.next().is_some() {
        text.push('…');
    }
    if !caret.contains('^') {
        caret.push('^');
    }
    (text, caret.trim_end().to_owned())
}

/// Pushes `character` so that it can't move the cursor, reorder the line or be invisible.
fn push_printable(text: &mut String, character: char) {
    match character {
        '\t' => text.push(' '),
        character if is_deceiving(character) => text.extend(character.escape_unicode()),
        character => text.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_place_the_line_and_a_caret() {
        let source = "policy \"a\"\npermit\n\tsubject.x ==\n";
        let problem = Diagnostic::new("found `==`", Span::new(29, 31), source).in_file("a.sapl");
        assert_eq!(
            problem.to_string(),
            "error: found `==`\n --> a.sapl:3:12\n  |\n3 |  subject.x ==\n  |            ^^"
        );
    }

    #[test]
    fn labels_and_help_stand_below_the_place() {
        let source = "a.b()\nc";
        let problem = Diagnostic::warning(
            "unknown-function",
            "unknown function `a.b`",
            Span::new(0, 3),
            source,
        )
        .with_label("not found")
        .with_help("did you mean `a.c`?");
        assert_eq!(
            problem.to_string(),
            "warning: unknown function `a.b`\n --> <document>:1:1\n  |\n1 | a.b()\n  | ^^^ not found\n  |\n  \
             = help: did you mean `a.c`?"
        );
        assert_eq!(
            (problem.severity(), problem.code()),
            (Severity::Warning, Some("unknown-function"))
        );
        assert_eq!(problem.end(), (1, 4));
        assert_eq!(Diagnostic::new("x", Span::new(1, 7), source).end(), (2, 2));
    }

    #[test]
    fn columns_count_code_points() {
        let problem = Diagnostic::new("x", Span::new(5, 6), "😀é");
        assert_eq!((problem.line(), problem.column()), (1, 2));
        let problem = Diagnostic::new("x", Span::new(6, 7), "😀é)");
        assert_eq!((problem.line(), problem.column()), (1, 3));
    }

    #[test]
    fn the_end_of_a_document_has_a_place() {
        let problem = Diagnostic::new("x", Span::new(8, 8), "// only\n");
        assert_eq!((problem.line(), problem.column()), (2, 1));
        assert!(problem.to_string().ends_with("2 | \n  | ^"));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let source = format!("{}!{}", "a".repeat(100_000), "b".repeat(100_000));
        let text = Diagnostic::new("x", Span::new(100_000, 100_001), &source).to_string();
        assert!(text.len() < 1_000, "{}", text.len());
        let lines: Vec<_> = text.lines().collect();
        let marked = lines[4].chars().position(|character| character == '^').unwrap();
        assert_eq!(lines[3].chars().nth(marked), Some('!'));
    }

    #[test]
    fn characters_that_deceive_are_printed_as_escapes() {
        let text = Diagnostic::new("x", Span::new(1, 4), "a\u{202e}b\u{1b}").to_string();
        assert!(text.contains("a\\u{202e}b\\u{1b}"), "{text}");
        assert!(text.ends_with("|  ^^^^^^^^"), "{text}");
    }

    #[test]
    fn a_span_beyond_the_source_is_harmless() {
        let problem = Diagnostic::new("x", Span::new(70, 90), "ä");
        assert_eq!((problem.line(), problem.column()), (1, 2));
    }
}
