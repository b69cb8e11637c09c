//! What the fuzz targets do with any bytes. A panic is a finding.
//!
//! The seed corpus runs through the same functions as a test of `sapl-pdp` (`tests/corpus.rs`).

use sapl_pdp::syntax::{self, Diagnostic};
use sapl_pdp::value::{Object, Value};
use sapl_pdp::{CompiledExpression, EmbeddedPdp, Input, Limits};
use serde_json::{Value as Json, json};

/// What one evaluation may use up, so that no input keeps the fuzzer busy.
const STEPS: u64 = 100_000;

/// The policy beside settings.
const POLICY: &str =
    "policy \"all\" permit action == \"read\"; obligation { \"v\": v, \"limits\": limits.n }";

/// A document that parses and compiles gives a decision; one that does not, a diagnostic that can be shown.
pub fn document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(problem) = syntax::parse(text) {
        shown(&problem);
    }
    match EmbeddedPdp::from_texts(None, [("fuzz.sapl", text)]) {
        Ok(pdp) => decide(pdp),
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
}

/// The expression up to the first line break, evaluated on the JSON behind it, borrowed and owned.
pub fn expression(data: &[u8]) {
    let Some((expression, json)) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| text.split_once('\n'))
    else {
        return;
    };
    let Ok(json) = serde_json::from_str::<Json>(json) else {
        return;
    };
    let compiled = match CompiledExpression::new("", expression, &Object::default()) {
        Ok(compiled) => compiled.with_limits(Limits::default().with_steps(STEPS)),
        Err(problem) => {
            shown(&problem);
            return;
        }
    };
    let borrowed = Value::from_json(&json);
    let owned = borrowed.clone().into_owned();
    let [borrowed, owned] = [borrowed, owned].map(|value| Input {
        subject: value.clone(),
        action: value.clone(),
        resource: value.clone(),
        environment: value,
        ..Input::default()
    });
    let (of_borrowed, of_owned) = (compiled.evaluate(&borrowed), compiled.evaluate(&owned));
    assert_eq!(of_borrowed.to_string(), of_owned.to_string());
    assert_eq!(of_borrowed.to_json().is_ok(), of_owned.to_json().is_ok());
}

/// Settings that are read lead to a decision; others to a problem that can be shown.
pub fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match EmbeddedPdp::from_texts(Some(text), [("all.sapl", POLICY)]) {
        Ok(pdp) => decide(pdp),
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
}

/// What is formatted means the same, tells the same decisions, and is formatted already.
pub fn format(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let formatted = match syntax::format(text) {
        Ok(formatted) => formatted,
        Err(problem) => {
            assert!(
                syntax::parse(text).is_err() || problem.message().contains("larger than"),
                "a document that parses can't be formatted: {problem}"
            );
            return;
        }
    };
    let (before, after) = (shape(text), shape(&formatted));
    assert!(before.is_some(), "what does not parse is formatted");
    assert_eq!(
        before, after,
        "formatting changed the meaning of {text:?} into {formatted:?}"
    );
    assert_eq!(
        syntax::format(&formatted).as_deref(),
        Ok(&*formatted),
        "what is formatted is formatted otherwise"
    );
}

fn shown(problem: &Diagnostic) {
    assert!(!problem.to_string().is_empty());
}

fn decide(pdp: EmbeddedPdp) {
    let pdp = pdp.with_limits(Limits::default().with_steps(STEPS));
    let resource = json!({"n": 3, "s": "text", "t": true, "l": [1, 2.5, "x", null], "o": {"a": {"b": []}}});
    let input = Input {
        subject: Value::from_json(&resource),
        action: Value::from("read"),
        resource: Value::from_json(&resource),
        ..Input::default()
    };
    let decision = pdp.decision_on(&input);
    assert_eq!(decision, pdp.decision_on(&input), "a decision is repeated");
}

/// The syntax tree without the places in the text, and the comments.
fn shape(text: &str) -> Option<String> {
    let document = syntax::parse(text).ok()?;
    let comments: Vec<&str> = document
        .comments
        .iter()
        .map(|comment| comment.span.text(text).trim_end())
        .collect();
    let tree = format!(
        "{:?} {:?} {:?}",
        document.imports, document.schemas, document.element
    );
    let mut shape = String::with_capacity(tree.len());
    let mut rest = tree.as_str();
    // Texts are shown with their quotes escaped, so that this is no part of one.
    while let Some((before, behind)) = rest.split_once("span: ") {
        shape.push_str(before);
        rest = behind.split_once('}').map_or("", |(_, behind)| behind);
    }
    shape.push_str(rest);
    Some(format!("{shape} {comments:?}"))
}
