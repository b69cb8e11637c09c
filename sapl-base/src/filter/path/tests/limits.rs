use serde_json::{Value, json};

use super::select;
use crate::filter::path::{
    Budget, MAX_DEPTH, MAX_PATH_BYTES, MAX_PATH_NESTING, MAX_SELECTED_NODES, MAX_STEPS, Path, parse,
};

#[test]
fn a_path_may_have_its_most_bytes_and_not_one_more() {
    let path = |bytes: usize| format!("$.{}", "a".repeat(bytes - 2));
    assert!(Path::parse(&path(MAX_PATH_BYTES)).is_ok());
    assert!(Path::parse(&path(MAX_PATH_BYTES + 1)).is_err());
}

#[test]
fn a_path_may_nest_so_deep_and_not_one_level_deeper() {
    let filters = |depth: usize| format!("${}{}", "[?@".repeat(depth), "]".repeat(depth));
    let parentheses = |depth: usize| format!("$[?{}@{}]", "(".repeat(depth - 1), ")".repeat(depth - 1));
    let functions =
        |depth: usize| format!("$[?{}@{}==1]", "length(".repeat(depth - 1), ")".repeat(depth - 1));
    for path in [filters, parentheses, functions] {
        let deepest = path(MAX_PATH_NESTING);
        assert!(Path::parse(&deepest).is_ok(), "{deepest}");
        assert!(Path::parse(&path(MAX_PATH_NESTING + 1)).is_err());
        assert!(Path::parse(&path(MAX_PATH_BYTES / 9)).is_err());
        // What is nested must also be walkable.
        assert!(select(&deepest, &json!([[[["a"]]], {"b": 1}])).is_ok());
    }
}

#[test]
fn an_index_may_be_as_great_as_a_double_holds_exactly() {
    for path in [
        "$[9007199254740991]",
        "$[-9007199254740991]",
        "$[9007199254740991::-9007199254740991]",
    ] {
        assert!(select(path, &json!([1])).is_ok(), "{path}");
    }
    for path in [
        "$[9007199254740992]",
        "$[-9007199254740992]",
        "$[::9007199254740992]",
        "$[99999999999999999999]",
    ] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
}

#[test]
fn a_path_may_select_ten_thousand_nodes_and_not_one_more() {
    assert_eq!(MAX_SELECTED_NODES, 10_000);
    let path = Path::parse("$[*]").unwrap();
    for (nodes, fits) in [(MAX_SELECTED_NODES, true), (MAX_SELECTED_NODES + 1, false)] {
        let mut value = Value::from(vec![1; nodes]);
        assert_eq!(path.all(&value, &mut Budget::new(), |_| true).is_ok(), fits);
        assert_eq!(path.all(&value, &mut Budget::new(), |_| false).is_ok(), fits);
        assert_eq!(
            path.change(&mut value, &mut Budget::new(), |_| Ok(())).is_ok(),
            fits
        );
        assert_eq!(path.delete(&mut value, &mut Budget::new()).is_ok(), fits);
        assert_eq!(value == json!([]), fits);
    }
}

#[test]
fn a_path_may_take_so_many_steps_and_not_one_more() {
    // One step for the selector and one for each child.
    let path = Path::parse("$[?@.a]").unwrap();
    let value = Value::from(vec![1; 1000]);
    let mut budget = Budget::new();
    path.all(&value, &mut budget, |_| true).unwrap();
    let cost = MAX_STEPS - budget.steps_left();
    budget.spend(budget.steps_left() - cost).unwrap();
    assert!(path.all(&value, &mut budget, |_| true).is_ok());
    assert_eq!(budget.steps_left(), 0);

    let mut budget = Budget::new();
    budget.spend(MAX_STEPS - cost + 1).unwrap();
    let error = path.all(&value, &mut budget, |_| true).unwrap_err();
    assert!(error.message().contains("steps"), "{error:?}");
}

#[test]
fn paths_that_multiply_what_they_select_end() {
    let mut nested = json!(1);
    for _ in 0..100 {
        nested = json!([nested, 2]);
    }
    for (path, limit) in [
        ("$[0,0]".to_owned() + &"[0,0]".repeat(90), "nodes"),
        ("$[?@".to_owned() + &"[0,0]".repeat(90) + "[9]]", "steps"),
        ("$..*..*..*..*..*..*".to_owned(), "nodes"),
        ("$[?count($..*..*..*..*..*..*) == 1]".to_owned(), "steps"),
        (
            "$..[?$..[?$..[?$..[?$..[?$..[?count($..*) == 3]]]]]]".to_owned(),
            "steps",
        ),
    ] {
        let error = select(&path, &nested).unwrap_err();
        assert!(error.message().contains(limit), "{path}: {error:?}");
    }
}

#[test]
fn a_path_may_go_so_deep_and_not_one_level_deeper() {
    let nested = |depth: usize| (1..depth).fold(json!([]), |value, _| json!([value]));
    assert!(select("$..*", &nested(MAX_DEPTH)).is_ok());
    assert!(select("$..*", &nested(MAX_DEPTH + 1)).is_ok());
    let error = select("$..*", &nested(MAX_DEPTH + 2)).unwrap_err();
    assert!(error.message().contains("deeper"), "{error:?}");

    // Queries in filters start again at the root, on the same stack.
    let path = format!(
        "${}{}",
        "..[?$".repeat(MAX_PATH_NESTING),
        "]".repeat(MAX_PATH_NESTING)
    );
    assert!(parse::parse(&path).is_ok());
    let _ = select(&path, &nested(MAX_DEPTH));
    let _ = select(&path.replace("[?$", "[?!$"), &nested(MAX_DEPTH));
}
