//! `docs/troubleshooting.md` has a row for every line that the crates log at warn or error, and each of its lines and
//! symptoms is one that can really be brought about.

mod document;
mod scenarios;
mod sources;
mod symptoms;
mod traced;

use std::collections::{BTreeMap, BTreeSet};

use document::{Document, Kind};
use traced::capture;

#[test]
fn the_document_has_a_row_for_each_line_of_the_sources_and_no_other() {
    let logged: BTreeSet<(String, String)> = sources::lines()
        .into_iter()
        .map(|line| (line.level.to_owned(), line.message))
        .collect();
    let quoted: BTreeSet<(String, String)> = Document::read()
        .quotes()
        .into_iter()
        .filter_map(|quote| match quote.kind {
            Kind::Line { level } => Some((level, quote.text)),
            Kind::Field { .. } => None,
        })
        .collect();
    assert!(logged.len() > 20, "the sources were not found: {logged:?}");
    let missing: Vec<_> = logged.difference(&quoted).collect();
    let stale: Vec<_> = quoted.difference(&logged).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "without a row in docs/troubleshooting.md: {missing:#?}\nwith a row, but logged by nobody: {stale:#?}"
    );
}

/// The one scenario that spoils the process for others comes last, so all of them are one test.
#[test]
fn each_symptom_shows_as_it_is_described_and_each_quoted_line_is_brought_about() {
    show_symptoms();
    bring_about_quotes();
}

fn bring_about_quotes() {
    let mut quotes = Document::read().quotes();
    // After this one no other rule can be registered in this process.
    quotes.sort_by_key(|quote| quote.text == scenarios::LAST);
    let mut scenarios: BTreeMap<&str, fn()> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (text, scenario) in scenarios::all() {
        if scenarios.insert(text, scenario).is_some() {
            mistakes.push(format!("two scenarios for: {text}"));
        }
    }
    for quote in quotes {
        let Some(scenario) = scenarios.remove(quote.text.as_str()) else {
            mistakes.push(format!("no scenario for: {}", quote.text));
            continue;
        };
        let events = capture(scenario);
        if !events.iter().any(|event| event.says(&quote)) {
            mistakes.push(format!("not logged: {}\ninstead: {events:#?}", quote.text));
        }
    }
    for text in scenarios.keys() {
        mistakes.push(format!("a scenario for what the document does not quote: {text}"));
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}

fn show_symptoms() {
    let rows = Document::read().symptoms();
    let described: Vec<&str> = rows.iter().map(String::as_str).collect();
    let shown: Vec<&str> = symptoms::ALL.iter().map(|(symptom, _)| *symptom).collect();
    assert_eq!(described, shown);
    for (_, show) in symptoms::ALL {
        show();
    }
}
