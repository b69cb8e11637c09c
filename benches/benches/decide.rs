//! One warm decision of the embedded decision point, from a JSON tree to the finished decision, beside one clone of
//! the same tree.
//!
//! The two take turns. `cargo bench -p sapl-mcp-benches --bench decide -- NAME` measures only the rows whose names
//! begin like that.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that can't be set up ends"
)]

use std::{hint::black_box, time::Instant};

use sapl_mcp::{AuthorizationSubscription, Decision, EmbeddedPdp};
use sapl_mcp_benches::{
    Turns,
    cases::{Case, POPULATIONS, listing, population, roles, trivial},
    demo::{DemoCase, demo},
    input,
};
use sapl_mcp_examples::analytics::policy_folder;
use serde_json::Value;

fn main() {
    let wanted = std::env::args()
        .nth(1)
        .filter(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| {
        wanted
            .as_ref()
            .is_none_or(|wanted| name.starts_with(wanted.as_str()))
    };

    println!("{:36} {:>9} {:>9}  ratio", "", "decision", "clone");
    for case in [trivial(), roles()]
        .into_iter()
        .chain(POPULATIONS.map(population))
    {
        if is_wanted(&case.name) {
            one_by_one(&case);
        }
    }
    let pdp = EmbeddedPdp::from_dir(policy_folder()).unwrap();
    for case in demo().into_iter().filter(|case| is_wanted(case.name)) {
        of_the_demo(&pdp, case);
    }
    let case = listing();
    if is_wanted(&case.name) {
        all_at_once(&case);
    }
}

/// The subscriptions of a case in turn.
fn one_by_one(case: &Case) {
    let pdp = loaded(case);
    let permitted = case.asked.iter().filter(|json| {
        let decision = pdp.decision_on(&input(json));
        decision.decision == Decision::Permit
    });
    assert_eq!(permitted.count(), case.permitted, "{}", case.name);
    print(
        &case.name,
        1.0,
        Turns::of(
            |run| pdp.decision_on(&input(asked(case, run))),
            |run| asked(case, run).clone(),
        ),
    );
}

fn of_the_demo(pdp: &EmbeddedPdp, case: DemoCase) {
    let subscription = AuthorizationSubscription::from_json(case.asked.clone()).unwrap();
    print(
        case.name,
        1.0,
        Turns::of(
            |_| pdp.decision(black_box(&subscription)),
            |_| black_box(&case.asked).clone(),
        ),
    );
}

/// All subscriptions of a case in one question, for one subject. What is printed is the share of each.
fn all_at_once(case: &Case) {
    let pdp = loaded(case);
    let decide = || {
        let mut inputs: Vec<_> = case.asked.iter().map(|json| input(black_box(json))).collect();
        if let Some((first, rest)) = inputs.split_first_mut() {
            for input in rest {
                input.subject = first.subject.clone();
            }
        }
        pdp.decisions_on(&inputs)
    };
    let permitted = decide()
        .into_iter()
        .filter(|decision| decision.decision == Decision::Permit);
    assert_eq!(permitted.count(), case.permitted, "{}", case.name);
    let share = case.asked.len() as f64;
    print(
        &case.name,
        share,
        Turns::of(|_| decide(), |run| asked(case, run).clone()),
    );
}

fn asked(case: &Case, run: usize) -> &Value {
    black_box(&case.asked[run % case.asked.len()])
}

fn loaded(case: &Case) -> EmbeddedPdp {
    let begin = Instant::now();
    let pdp = EmbeddedPdp::from_texts(None, case.documents.clone()).unwrap();
    if case.documents.len() >= 1_000 {
        println!(
            "{} documents are loaded in {:.0} ms",
            case.documents.len(),
            begin.elapsed().as_secs_f64() * 1e3
        );
    }
    pdp
}

fn print(name: &str, share: f64, turns: Turns) {
    println!(
        "{name:36} {:>6.0} ns {:>6.0} ns  {:.2} ({:.2} to {:.2})",
        turns.first.median / share,
        turns.second.median,
        turns.ratio.median / share,
        turns.ratio.lower / share,
        turns.ratio.upper / share,
    );
}
