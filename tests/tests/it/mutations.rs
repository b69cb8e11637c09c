//! Policies that say something else: each change of the demo's policies changes the cells of its matrix that it
//! should, and no others.

mod change;

use sapl_mcp_examples::analytics::{Outcome, Row, User};

use change::{Changed, changed};

/// All rows of the tool that takes a limit.
const CUSTOMER_QUERIES: &str = "query_customer_data";

fn items(ids: &[&str]) -> Outcome {
    Outcome::Items(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn listed(names: &[&str]) -> Outcome {
    Outcome::Listed(names.iter().map(|name| (*name).to_owned()).collect())
}

/// Whether the row is of this component.
fn is(row: &Row, component: &str) -> bool {
    row.name == component || row.name.starts_with(&format!("{component} ("))
}

/// Whether a refusal of the row's component looks like an unknown name.
fn is_stealth(row: &Row) -> bool {
    row.expected.contains(&Outcome::NotFound)
}

/// What becomes of a cell when it is refused; a list then has what is open alone.
fn refused(row: &Row) -> Outcome {
    match &row.expected[User::Sam as usize] {
        Outcome::Listed(open) => Outcome::Listed(open.clone()),
        _ if is_stealth(row) => Outcome::NotFound,
        _ => Outcome::Denied,
    }
}

/// What becomes of a cell when nothing is refused any more.
fn never_refused(row: &Row, before: &Outcome) -> Outcome {
    match before {
        Outcome::Denied | Outcome::NotFound | Outcome::Listed(_) => row.untouched.clone(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn nothing_changes_without_a_change() {
    changed(Changed::policies(|text| format!("{text}\n")))
        .await
        .is(|_, _, before| before.clone());
}

#[tokio::test]
async fn a_role_is_swapped() {
    let mutation = Changed::policies(|text| text.replacen("\"ENGINEER\" in roles", "\"INTERN\" in roles", 1));
    changed(mutation)
        .await
        .is(|row, user, before| match (row.name, user) {
            ("list_data_exports", User::Felix) => Outcome::Denied,
            (
                "run_model"
                | "manage_pipelines"
                | "data://models/catalog"
                | "data://models/churn-predictor-v3",
                _,
            ) => {
                if user == User::Sam {
                    Outcome::Ok
                } else {
                    Outcome::Denied
                }
            }
            _ => before.clone(),
        });
}

#[tokio::test]
async fn a_tag_is_changed() {
    let mutation = Changed::policies(|text| text.replacen("\"pii\" in tags", "\"personal\" in tags", 1));
    let tools = [
        "customer_card",
        "export_csv",
        "list_data_exports",
        "manage_pipelines",
        "purge_dataset",
        "query_public_data",
        "run_model",
    ];
    changed(mutation)
        .await
        .is(|row, user, before| match (row.name, user) {
            // For an analyst other policies, which go by name or action, decide about these.
            (name, User::Diana) if is(row, CUSTOMER_QUERIES) || name == "customer_card" => refused(row),
            ("data://customers/segments" | "data://customers/high_value/names", _) => Outcome::NotFound,
            ("generate_report", _) => Outcome::Denied,
            ("tools/list", User::Diana) => listed(&tools),
            ("resources/list", User::Mara) => listed(&["data://models/catalog", "data://public/summary"]),
            ("resources/list", User::Diana) => listed(&[
                "data://audit/log",
                "data://models/catalog",
                "data://public/summary",
            ]),
            ("resources/templates/list", _) => listed(&["data://models/{model_id}"]),
            _ => before.clone(),
        });
}

#[tokio::test]
async fn an_obligation_is_removed() {
    let mutation = Changed::policies(|text| {
        text.replacen(
            "obligation { \"type\": \"limitResults\", \"maxLimit\": 5 }\n",
            "",
            1,
        )
    });
    changed(mutation).await.is(|row, user, before| match user {
        User::Mara if is(row, CUSTOMER_QUERIES) => row.untouched.clone(),
        _ => before.clone(),
    });
}

#[tokio::test]
async fn the_maximum_of_an_obligation_is_changed() {
    let mutation = Changed::policies(|text| text.replacen("\"maxLimit\": 5", "\"maxLimit\": 3", 1));
    changed(mutation).await.is(|row, user, before| match user {
        User::Mara if is(row, CUSTOMER_QUERIES) => Outcome::Limit(3),
        _ => before.clone(),
    });
}

#[tokio::test]
async fn the_levels_of_an_obligation_are_changed() {
    let mutation = Changed::policies(|text| text.replacen("[\"public\", \"internal\"]", "[\"internal\"]", 1));
    changed(mutation)
        .await
        .is(|row, user, before| match (row.name, user) {
            ("list_data_exports", User::Mara) => items(&["EXP-003"]),
            _ => before.clone(),
        });
}

#[tokio::test]
async fn the_algorithm_of_the_set_is_another() {
    let mutation =
        Changed::policies(|text| text.replacen("\nfirst or abstain\n", "\npriority deny or abstain\n", 1));
    // What refuses everything else now refuses everything.
    changed(mutation).await.is(|row, _, _| refused(row));
}

#[tokio::test]
async fn two_policies_change_places() {
    let mutation = Changed::policies(|text| {
        let card = policy(text, "analysts see customer cards without the secrets");
        let personal = policy(text, "personal data is for analysts and compliance");
        let (hole, without) = ("policy-goes-here", text.replacen(&card, "policy-goes-here", 1));
        without.replacen(&personal, &card, 1).replacen(hole, &personal, 1)
    });
    changed(mutation)
        .await
        .is(|row, user, before| match (row.name, user) {
            ("customer_card", User::Mara) => Outcome::Plain,
            _ => before.clone(),
        });
}

#[tokio::test]
async fn permit_stands_for_deny() {
    let mutation = Changed::policies(|text| text.replacen("\ndeny\n", "\npermit\n", 1));
    changed(mutation)
        .await
        .is(|row, _, before| never_refused(row, before));
}

#[tokio::test]
async fn a_condition_is_negated() {
    let mutation = Changed::policies(|text| text.replacen("\n  isIntern;", "\n  !isIntern;", 1));
    changed(mutation)
        .await
        .is(|row, user, before| match (row.name, user) {
            ("list_data_exports", User::Felix | User::Diana) => items(&["EXP-001"]),
            ("list_data_exports", User::Sam) => Outcome::Denied,
            _ => before.clone(),
        });
}

#[tokio::test]
async fn the_default_is_permit_and_nothing_is_there_to_refuse() {
    let mutation = Changed::policies(without_catch_all).configuration(|text| {
        text.replacen(
            "\"defaultDecision\": \"DENY\"",
            "\"defaultDecision\": \"PERMIT\"",
            1,
        )
    });
    changed(mutation)
        .await
        .is(|row, _, before| never_refused(row, before));
}

#[tokio::test]
async fn the_default_alone_refuses_what_the_last_policy_did() {
    changed(Changed::policies(without_catch_all))
        .await
        .is(|_, _, before| before.clone());
}

/// The text of a policy, up to the next one.
fn policy(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("policy \"{name}\"")).unwrap();
    let (body, _) = rest.split_once("\npolicy \"").unwrap_or((rest, ""));
    format!("policy \"{name}\"{body}")
}

fn without_catch_all(text: &str) -> String {
    text.replacen(&policy(text, "everything else is refused, and noted"), "", 1)
}
