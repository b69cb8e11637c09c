//! What came of the tests, for a browser: one file that loads nothing.

use std::fmt::Write as _;

use sapl_base::text::is_deceiving;
use sapl_pdp::explain::Place;
use sapl_pdp::source::SourceDocument;

use super::coverage::{Coverage, CoveredCondition, word};
use super::run::TestResult;

const STYLE: &str = include_str!("report.css");

/// The whole page.
pub(super) fn html<'d>(
    folder: &str,
    results: &[TestResult],
    coverage: &Coverage,
    documents: impl Iterator<Item = &'d SourceDocument>,
) -> String {
    let mut page = String::new();
    let title = format!("Policy tests: {}", escaped(folder));
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
        <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    tiles(&mut page, results, coverage);
    tests(&mut page, results);
    for document in documents {
        source(&mut page, document, coverage);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn tiles(page: &mut String, results: &[TestResult], coverage: &Coverage) {
    let failed = results.iter().filter(|result| result.is_failed()).count();
    page.push_str("<section class=\"tiles\">\n");
    let passed = results.len() - failed;
    tile(page, "tests passed", passed, results.len());
    tile(
        page,
        "policies applied",
        coverage.applied(),
        coverage.policies.len(),
    );
    tile(
        page,
        "conditions true and false",
        coverage.covered(),
        coverage.conditions.len(),
    );
    page.push_str("</section>\n");
}

fn tile(page: &mut String, what: &str, reached: usize, all: usize) {
    let class = if reached == all { "good" } else { "bad" };
    let percent = (reached * 100).checked_div(all).unwrap_or(100);
    let _ = writeln!(
        page,
        "<div class=\"tile {class}\"><strong>{reached} <small>of {all}</small></strong><span>{what}</span>\
        <progress max=\"100\" value=\"{percent}\">{percent}%</progress></div>"
    );
}

fn tests(page: &mut String, results: &[TestResult]) {
    page.push_str("<h2>Tests</h2>\n<ul class=\"tests\">\n");
    let (failed, passed): (Vec<_>, Vec<_>) = results.iter().partition(|result| result.is_failed());
    for result in failed.into_iter().chain(passed) {
        let (class, open) = if result.is_failed() {
            ("bad", " open")
        } else {
            ("good", "")
        };
        let state = if result.is_failed() { "failed" } else { "passed" };
        let (name, file) = (escaped(&result.name), escaped(&result.file));
        let decision = word(result.decision);
        let _ = writeln!(
            page,
            "<li class=\"{class}\"><details{open}><summary><b>{state}</b> {name} <code>{decision}</code> <i>{file}</i></summary>"
        );
        if result.is_failed() {
            let _ = writeln!(
                page,
                "<pre class=\"difference\">{}</pre>",
                escaped(&result.differences.join("\n"))
            );
        }
        for vote in &result.votes {
            let _ = writeln!(page, "<p>{}</p>", escaped(vote));
        }
        let _ = writeln!(
            page,
            "<pre>{}</pre>\n</details></li>",
            escaped(&result.subscription)
        );
    }
    page.push_str("</ul>\n");
}

/// A piece of a document that has been reached or not.
struct Mark<'c> {
    place: Place,
    class: &'static str,
    title: String,
    text: &'c str,
}

fn source(page: &mut String, document: &SourceDocument, coverage: &Coverage) {
    let file = &document.file;
    let _ = writeln!(page, "<h2>{}</h2>", escaped(file));
    let of_file = |key: &(String, Place)| key.0 == *file;
    let policies = coverage.policies.iter().filter(|(key, _)| of_file(key));
    let policies = policies.map(|(key, policy)| Mark {
        place: key.1,
        class: if policy.applied > 0 { "full" } else { "none" },
        title: format!("asked {}, applied {}", policy.asked, policy.applied),
        text: &policy.name,
    });
    let conditions = coverage.conditions.iter().filter(|(key, _)| of_file(key));
    let conditions = conditions.map(|(key, condition)| Mark {
        place: key.1,
        class: match (condition.held > 0, condition.failed > 0) {
            (true, true) => "full",
            (false, false) => "none",
            _ => "half",
        },
        title: counts(condition),
        text: &condition.text,
    });
    let mut marks: Vec<Mark<'_>> = policies.chain(conditions).collect();
    marks.sort_by_key(|mark| mark.place);
    page.push_str("<table class=\"source\">\n");
    for (number, line) in (1..).zip(document.text.lines()) {
        let on_line: Vec<_> = marks
            .iter()
            .filter(|mark| mark.place.line <= number && number <= mark.place.end_line)
            .collect();
        let counts: Vec<_> = on_line
            .iter()
            .filter(|mark| mark.place.line == number)
            .map(|mark| mark.title.as_str())
            .collect();
        let _ = write!(page, "<tr><td class=\"number\">{number}</td><td><code>");
        marked(page, line, number, &on_line);
        let _ = writeln!(
            page,
            "</code></td><td class=\"counts\">{}</td></tr>",
            counts.join("; ")
        );
    }
    page.push_str("</table>\n");
    page.push_str(
        "<p class=\"legend\"><mark class=\"full\">reached</mark> <mark class=\"half\">true or false only</mark> \
        <mark class=\"none\">not reached</mark></p>\n",
    );
}

fn counts(condition: &CoveredCondition) -> String {
    let counts = format!("true {}, false {}", condition.held, condition.failed);
    match condition.errors {
        0 => counts,
        errors => format!("{counts}, error {errors}"),
    }
}

/// A line with its marks, which don't overlap.
fn marked(page: &mut String, line: &str, number: u32, marks: &[&Mark<'_>]) {
    let characters: Vec<char> = line.chars().collect();
    let mut column = 0;
    let piece = |from: usize, to: usize| -> String {
        let to = to.min(characters.len());
        characters
            .get(from.min(to)..to)
            .unwrap_or_default()
            .iter()
            .collect()
    };
    for mark in marks {
        let indent = characters
            .iter()
            .take_while(|character| character.is_whitespace())
            .count();
        let from = if mark.place.line == number {
            mark.place.column as usize - 1
        } else {
            indent
        };
        let to = if mark.place.end_line == number {
            mark.place.end_column as usize - 1
        } else {
            characters.len()
        };
        if from < column || mark.text.is_empty() {
            continue;
        }
        page.push_str(&escaped(&piece(column, from)));
        let (class, title) = (mark.class, escaped(&mark.title));
        let _ = write!(
            page,
            "<mark class=\"{class}\" title=\"{title}\">{}</mark>",
            escaped(&piece(from, to))
        );
        column = to;
    }
    page.push_str(&escaped(&piece(column, characters.len())));
}

/// A text without what has a meaning in HTML, or hides or turns around what follows.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(character),
            _ if character.is_control() => {}
            _ if is_deceiving(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_can_write_no_html() {
        assert_eq!(
            escaped("<a href=\"x\">'&\u{202e}\u{61c}\u{e0041}\u{1b}\n"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\u{202e}\\u{61c}\\u{e0041}\n"
        );
    }

    #[test]
    fn marks_stand_round_their_places() {
        let mark = |place: (u32, u32, u32, u32), class| Mark {
            place: Place {
                line: place.0,
                column: place.1,
                end_line: place.2,
                end_column: place.3,
            },
            class,
            title: String::new(),
            text: "x",
        };
        let (first, second) = (mark((1, 3, 1, 4), "full"), mark((1, 6, 2, 5), "none"));
        let mut page = String::new();
        marked(&mut page, "  ä  < 1", 1, &[&first, &second]);
        assert_eq!(
            page,
            "  <mark class=\"full\" title=\"\">ä</mark>  <mark class=\"none\" title=\"\">&lt; 1</mark>"
        );
        page.clear();
        marked(&mut page, "  x > 2;", 2, &[&second]);
        assert_eq!(page, "  <mark class=\"none\" title=\"\">x </mark>&gt; 2;");
    }
}
