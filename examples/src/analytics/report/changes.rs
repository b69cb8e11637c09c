//! What the policies changed, beyond a yes or no.

use serde_json::Value;

use crate::analytics::{
    Matrix, Outcome, Request, Row,
    expected::{masked_card, plain_card},
};

/// One line for each thing that a policy changed: an argument, a list, fields of a result.
pub fn changes(matrix: &Matrix) -> Vec<String> {
    matrix
        .cells()
        .filter(|(row, _, outcome)| **outcome != row.untouched)
        .filter_map(|(row, user, outcome)| Some(format!("{user}, {}", change(row, outcome)?)))
        .collect()
}

fn change(row: &Row, outcome: &Outcome) -> Option<String> {
    match (outcome, &row.untouched) {
        (Outcome::Limit(limit), _) => {
            let (tool, sent) = limit_sent(row)?;
            Some(format!("{tool}: limit {sent} → {limit}, as the tool saw it"))
        }
        (Outcome::Masked, _) => Some(format!("{}: {}", row.name, masked_fields())),
        (Outcome::Items(left), Outcome::Items(all)) | (Outcome::Listed(left), Outcome::Listed(all)) => {
            let without: Vec<&str> = all
                .iter()
                .filter(|name| !left.contains(name))
                .map(String::as_str)
                .collect();
            Some(format!(
                "{}: {} → {}, without {}",
                row.name,
                all.len(),
                left.len(),
                without.join(", ")
            ))
        }
        _ => None,
    }
}

fn limit_sent(row: &Row) -> Option<(&str, String)> {
    let Request::Tool { name, arguments } = &row.request else {
        return None;
    };
    Some((
        name,
        arguments
            .get("limit")
            .map_or_else(|| "absent".to_owned(), Value::to_string),
    ))
}

/// How the fields of the masked card differ from those of the plain one.
fn masked_fields() -> String {
    let (plain, masked) = (plain_card(), masked_card());
    let fields = plain.as_object().into_iter().flatten();
    let changed = fields.filter_map(|(field, before)| match masked.get(field) {
        None => Some(format!("{field} deleted")),
        Some(after) if after != before => Some(format!("{field} {} → {}", before.as_str()?, after.as_str()?)),
        Some(_) => None,
    });
    changed.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_the_policies_change_is_told_and_nothing_else() {
        let lines = changes(&Matrix::expected());
        assert!(lines.contains(&"mara, query_customer_data: limit 100 → 5, as the tool saw it".to_owned()));
        assert!(
            lines.contains(&"mara, query_customer_data: limit absent → 5, as the tool saw it".to_owned())
        );
        assert!(lines.contains(&"mara, list_data_exports: 3 → 2, without EXP-002".to_owned()));
        assert!(
            lines
                .iter()
                .any(|line| line.contains("ssn 123-45-6789 → ███████6789")),
            "{lines:#?}"
        );
        assert!(
            lines
                .iter()
                .any(|line| line == "mara, tools/list: 8 → 7, without purge_dataset"),
            "{lines:#?}"
        );
        assert!(lines.iter().all(|line| !line.starts_with("diana")), "{lines:#?}");
    }
}
