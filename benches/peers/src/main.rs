//! The cases of the benchmark `decide` beside the same cases for other policy engines.
//!
//! Policies are compiled beforehand. Each engine is measured twice: from the subscription's JSON tree, and from whatever
//! input it takes itself, made beforehand. Ours decides from the JSON tree both times. Our engine and another take turns,
//! so what counts is the ratio; the answers have to be equal.

#[path = "../../src/cases.rs"]
mod cases;
mod cedar;
#[path = "../../src/demo.rs"]
mod demo;
#[path = "../../src/input.rs"]
mod input;
mod rego;
#[path = "../../src/spread.rs"]
mod spread;
#[path = "../../src/turns.rs"]
mod turns;

use std::hint::black_box;

use cases::Case;
use demo::demo;
use input::input;
use sapl_base::Decision;
use sapl_mcp_examples::analytics::policy_folder;
use sapl_pdp::EmbeddedPdp;
use serde_json::Value;
use turns::Turns;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    println!("| case | ours | Cedar, JSON | Cedar, prepared | Rego, JSON | Rego, prepared |");
    println!("|---|---|---|---|---|---|");
    let one_by_one = [cases::trivial(), cases::roles()]
        .into_iter()
        .chain(cases::POPULATIONS.map(cases::population));
    for case in one_by_one.filter(|case| case.name.starts_with(&wanted)) {
        row(&case, &loaded(&case), false);
    }
    let ours = EmbeddedPdp::from_dir(policy_folder()).expect("the demo's policies");
    for (case, permitted) in demo().into_iter().zip([1, 1, 0, 0]) {
        let case = Case {
            name: case.name.to_owned(),
            documents: Vec::new(),
            asked: vec![case.asked],
            permitted,
        };
        if case.name.starts_with(&wanted) {
            row(&case, &ours, false);
        }
    }
    let listing = cases::listing();
    if listing.name.starts_with(&wanted) {
        row(&listing, &loaded(&listing), true);
    }
}

fn loaded(case: &Case) -> EmbeddedPdp {
    EmbeddedPdp::from_texts(None, case.documents.clone()).expect("valid policies")
}

/// Measures a case: its subscriptions in turn, or, for ours, all in one question.
///
/// Of the demo, Rego makes the obligations and advice too, and Cedar, which has none, only permits or refuses.
fn row(case: &Case, ours: &EmbeddedPdp, at_once: bool) {
    let permits = |json: &Value| ours.decision_on(&input(json)).decision == Decision::Permit;
    let permitted = case.asked.iter().filter(|json| permits(json)).count();
    assert_eq!(permitted, case.permitted, "{}", case.name);

    let cedar = cedar::Cedar::new(case);
    let cedar_inputs: Vec<_> = case.asked.iter().map(cedar::prepared).collect();
    let mut rego = rego::Rego::new(case);
    let rego_inputs: Vec<_> = case.asked.iter().map(rego::prepared).collect();
    for (index, json) in case.asked.iter().enumerate() {
        let decision = ours.decision_on(&input(json));
        let expected = decision.decision == Decision::Permit;
        assert_eq!(cedar.permits(&cedar_inputs[index]), expected, "Cedar: {json}");
        assert_eq!(rego.permits(&rego_inputs[index]), expected, "Rego: {json}");
        if let answer @ regorus::Value::Object(_) = rego.answer(&rego_inputs[index]) {
            let made = |name: &str| serde_json::to_value(&answer[name]).expect("JSON");
            assert_eq!(
                made("obligations"),
                Value::Array(decision.obligations),
                "Rego: {json}"
            );
            assert_eq!(made("advice"), Value::Array(decision.advice), "Rego: {json}");
        }
    }

    let count = case.asked.len();
    let asked = |run: usize| black_box(&case.asked[run % count]);
    let share = if at_once { count as f64 } else { 1.0 };
    let decide = |run: usize| {
        if at_once {
            let mut inputs: Vec<_> = case.asked.iter().map(|json| input(black_box(json))).collect();
            if let Some((first, rest)) = inputs.split_first_mut() {
                for input in rest {
                    input.subject = first.subject.clone();
                }
            }
            let decisions = ours.decisions_on(&inputs);
            decisions
                .iter()
                .all(|decision| decision.decision == Decision::Permit)
        } else {
            permits(asked(run))
        }
    };
    let measured = [
        Turns::of(decide, |run| cedar.permits(&cedar::prepared(asked(run)))),
        Turns::of(decide, |run| cedar.permits(black_box(&cedar_inputs[run % count]))),
        Turns::of(decide, |run| rego.permits(&rego::prepared(asked(run)))),
        Turns::of(decide, |run| rego.permits(black_box(&rego_inputs[run % count]))),
    ];
    print!("| {} | {:.0} ns |", case.name, measured[0].first.median / share);
    for turns in measured {
        print!(
            " {:.0} ns, ×{:.1} |",
            turns.second.median,
            share / turns.ratio.median
        );
    }
    println!();
}
