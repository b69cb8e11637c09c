use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{
    AuthorizationDecision,
    constraint::{ConstraintEnforcementService, EnforcementPoint, Output},
};

/// What becomes of `value` under the constraint as an obligation; the error says whether it was found in the
/// constraint itself or only when it ran.
fn enforce(constraint: &Value, value: Value) -> Result<Output, String> {
    let decision = AuthorizationDecision::permit().with_obligation(constraint.clone());
    let service = ConstraintEnforcementService::default();
    let mut bundle = service
        .resolve(&decision, EnforcementPoint::PostEnforce)
        .map_err(|error| format!("resolve: {error}"))?;
    bundle.output(value).map_err(|error| format!("run: {error}"))
}

fn actions(actions: Value) -> Value {
    json!({"type": "filterJsonContent", "actions": actions})
}

fn conditions(conditions: Value) -> Value {
    json!({"type": "jsonContentFilterPredicate", "conditions": conditions})
}

fn holds(condition: Value, element: &Value) -> bool {
    enforce(&conditions(json!([condition])), json!([element]))
        .unwrap()
        .value
        == json!([element])
}

#[test]
fn actions_are_applied_in_order_to_each_node() {
    let constraint = actions(json!([
        {"type": "blacken", "path": "$.cards[*]", "replacement": "X", "discloseRight": 2},
        {"type": "replace", "path": "$.cards[0]", "replacement": {"hidden": true}},
        {"type": "delete", "path": "$.cards[1]"},
        {"type": "replace", "path": "$.missing", "replacement": 1},
        {"type": "delete", "path": "$.missing.deeper"},
    ]));
    let output = enforce(&constraint, json!({"cards": ["4111", "5222", "6333"], "n": 1})).unwrap();
    assert_eq!(output.value, json!({"cards": [{"hidden": true}, "XX33"], "n": 1}));
    assert!(output.changed);
}

#[test]
fn on_a_list_the_paths_start_at_each_element() {
    let constraint = actions(json!([{"type": "delete", "path": "$.a"}]));
    let output = enforce(&constraint, json!([{"a": 1, "b": 2}, {"b": 3}])).unwrap();
    assert_eq!(output.value, json!([{"b": 2}, {"b": 3}]));
    assert!(!enforce(&constraint, json!([])).unwrap().changed);
    assert!(!enforce(&constraint, json!({"b": 1})).unwrap().changed);
}

#[test]
fn a_blackened_text_is_masked_by_blocks_unless_the_policy_says_otherwise() {
    let constraint = actions(json!([{"type": "blacken", "path": "$.t"}]));
    assert_eq!(
        enforce(&constraint, json!({"t": "h\u{e9}\u{1f511}"}))
            .unwrap()
            .value,
        json!({"t": "\u{2588}\u{2588}\u{2588}"})
    );
    let constraint = actions(json!([
        {"type": "blacken", "path": "$.t", "replacement": "-", "discloseLeft": 1, "discloseRight": 1.0, "length": 2}
    ]));
    assert_eq!(
        enforce(&constraint, json!({"t": "secret"})).unwrap().value,
        json!({"t": "s--t"})
    );
}

#[test]
fn only_elements_that_meet_the_conditions_are_changed() {
    let constraint = json!({
        "type": "filterJsonContent",
        "conditions": [{"path": "$.level", "type": ">=", "value": 2}, {"path": "$.open", "type": "==", "value": false}],
        "actions": [{"type": "delete", "path": "$.text"}],
    });
    let value = json!([
        {"level": 1, "open": false, "text": "a"},
        {"level": 2, "open": false, "text": "b"},
        {"level": 3, "open": true, "text": "c"},
        {"text": "d"},
    ]);
    let output = enforce(&constraint, value).unwrap();
    assert_eq!(
        output.value,
        json!([
            {"level": 1, "open": false, "text": "a"},
            {"level": 2, "open": false},
            {"level": 3, "open": true, "text": "c"},
            {"text": "d"},
        ])
    );
}

#[test]
fn conditions_compare_by_type() {
    let element = json!({"n": 5, "f": 5.0, "t": "abc", "b": true, "z": null, "a": [1, 2], "o": {"x": 1.0}, "many": [1, 2, 3]});
    for (path, operator, value, expected) in [
        ("$.n", "==", json!(5.0), true),
        ("$.f", "==", json!(5), true),
        ("$.n", "==", json!("5"), false),
        ("$.n", "!=", json!("5"), true),
        ("$.n", "!=", json!(5), false),
        ("$.n", ">=", json!(5), true),
        ("$.n", ">", json!(5), false),
        ("$.n", "<=", json!(5.0), true),
        ("$.n", "<", json!(5.5), true),
        ("$.t", "<", json!(9), false),
        ("$.t", ">", json!(9), false),
        ("$.t", "<", json!("abd"), true),
        ("$.b", "==", json!(true), true),
        ("$.z", "==", json!(null), true),
        ("$.a", "==", json!([1.0, 2]), true),
        ("$.o", "==", json!({"x": 1}), true),
        ("$.t", "=~", json!("a.c"), true),
        ("$.t", "=~", json!("b"), false),
        ("$.n", "=~", json!("5"), false),
        ("$.missing", "==", json!(null), false),
        ("$.missing", "!=", json!(1), false),
        ("$.missing", "<", json!(1), false),
        ("$.many[*]", ">", json!(0), true),
        ("$.many[*]", ">", json!(1), false),
        ("$.many[*]", "!=", json!(2), false),
        ("$.many[7:]", "!=", json!(2), false),
    ] {
        let condition = json!({"path": path, "type": operator, "value": value});
        assert_eq!(holds(condition.clone(), &element), expected, "{condition}");
    }
}

#[test]
fn a_predicate_drops_elements_and_makes_a_single_value_null() {
    let constraint = conditions(json!([{"path": "$.a", "type": "==", "value": 1}]));
    let output = enforce(&constraint, json!([{"a": 1}, {"a": 2}, {"a": 1.0}])).unwrap();
    assert_eq!(output.value, json!([{"a": 1}, {"a": 1.0}]));
    assert_eq!(enforce(&constraint, json!({"a": 2})).unwrap().value, Value::Null);
    assert!(!enforce(&constraint, json!({"a": 1})).unwrap().changed);
    assert_eq!(
        enforce(&conditions(json!([])), json!([{}])).unwrap().value,
        json!([{}])
    );
}

#[test]
fn what_is_no_object_and_no_list_of_objects_is_a_failure() {
    for constraint in [actions(json!([])), conditions(json!([]))] {
        for value in [
            json!(null),
            json!("{}"),
            json!(1),
            json!([{}, 1]),
            json!([[]]),
            json!([null]),
        ] {
            let error = enforce(&constraint, value).unwrap_err();
            assert!(
                error.starts_with("run: ") && error.contains("neither an object"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_constraint_that_is_not_as_it_should_be_fails_when_it_is_resolved() {
    let action = |action: Value| actions(json!([action]));
    let condition = |condition: Value| conditions(json!([condition]));
    for constraint in [
        json!({"type": "filterJsonContent"}),
        json!({"type": "filterJsonContent", "actions": {}}),
        json!({"type": "filterJsonContent", "actions": null}),
        json!({"type": "filterJsonContent", "actions": [], "conditions": 1}),
        json!({"type": "filterJsonContent", "actions": [], "conditions": [{"path": "$.a", "type": "==="}]}),
        json!({"type": "jsonContentFilterPredicate"}),
        action(json!("delete")),
        action(json!({"path": "$.a"})),
        action(json!({"type": "delete"})),
        action(json!({"type": "Delete", "path": "$.a"})),
        action(json!({"type": 1, "path": "$.a"})),
        action(json!({"type": "delete", "path": "a"})),
        action(json!({"type": "delete", "path": 1})),
        action(json!({"type": "delete", "path": "$.a[?match(@.b, '(')]"})),
        action(json!({"type": "replace", "path": "$.a"})),
        action(json!({"type": "blacken", "path": "$.a", "replacement": 1})),
        action(json!({"type": "blacken", "path": "$.a", "replacement": null})),
        action(json!({"type": "blacken", "path": "$.a", "discloseLeft": "1"})),
        action(json!({"type": "blacken", "path": "$.a", "discloseRight": -1})),
        action(json!({"type": "blacken", "path": "$.a", "length": 1.5})),
        action(json!({"type": "blacken", "path": "$.a", "length": null})),
        action(json!({"type": "blacken", "path": "$.a", "discloseleft": 1})),
        condition(json!({"path": "$.a", "value": 1})),
        condition(json!({"path": "$.a", "type": "=="})),
        condition(json!({"type": "==", "value": 1})),
        condition(json!({"path": "$.a", "type": "<>", "value": 1})),
        condition(json!({"path": "$[", "type": "==", "value": 1})),
        condition(json!({"path": "$.a", "type": "<", "value": true})),
        condition(json!({"path": "$.a", "type": ">=", "value": [1]})),
        condition(json!({"path": "$.a", "type": "=~", "value": 1})),
        condition(json!({"path": "$.a", "type": "=~", "value": "("})),
        condition(json!({"path": "$.a", "type": "==", "value": 1, "not": true})),
    ] {
        let error = enforce(&constraint, json!({})).unwrap_err();
        assert!(error.starts_with("resolve: "), "{constraint}: {error}");
    }
}

#[test]
fn an_action_that_cannot_be_done_fails_and_changes_nothing_as_advice() {
    for (action, value) in [
        (json!({"type": "blacken", "path": "$.a"}), json!({"a": 1})),
        (
            json!({"type": "blacken", "path": "$..x"}),
            json!({"x": {"x": "text"}}),
        ),
        (json!({"type": "blacken", "path": "$"}), json!({})),
        (json!({"type": "delete", "path": "$"}), json!({})),
        (
            json!({"type": "blacken", "path": "$.a", "length": 1_000_001}),
            json!({"a": "b"}),
        ),
        (
            json!({"type": "delete", "path": "$.a[*]"}),
            json!({"a": vec![1; 10_001]}),
        ),
    ] {
        let first = json!({"type": "replace", "path": "$.first", "replacement": "changed"});
        let constraint = actions(json!([first, action]));
        let mut value = value;
        value["first"] = json!("unchanged");
        let error = enforce(&constraint, value.clone()).unwrap_err();
        assert!(error.starts_with("run: "), "{error}");

        let decision = AuthorizationDecision::permit().with_advice(constraint);
        let service = ConstraintEnforcementService::default();
        let mut bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
        assert_eq!(
            bundle.output(value.clone()).unwrap(),
            Output {
                value,
                changed: false
            }
        );
    }
}

#[test]
fn messages_hold_nothing_of_the_value_and_of_the_constraint_only_places() {
    let constraint = actions(json!([{"type": "blacken", "path": "$.secretName"}]));
    let error = enforce(&constraint, json!({"secretName": 4711})).unwrap_err();
    assert_eq!(
        error,
        "run: obligation 0 (`filterJsonContent`): only a text can be blackened"
    );
    let constraint =
        actions(json!([{"type": "delete", "path": "$.a"}, {"type": "delete", "path": "$.a[secret]"}]));
    let error = enforce(&constraint, json!({})).unwrap_err();
    assert_eq!(
        error,
        "resolve: obligation 0 (`filterJsonContent`): `actions[1]` failed: a path is malformed: expected a selector \
         at byte 4"
    );
}

#[test]
fn without_the_built_in_filters_nobody_is_responsible() {
    let service = ConstraintEnforcementService::builder()
        .without_builtin_filters()
        .build();
    for constraint in [actions(json!([])), conditions(json!([]))] {
        let decision = AuthorizationDecision::permit().with_obligation(constraint);
        assert!(service.resolve(&decision, EnforcementPoint::PreEnforce).is_err());
        assert!(!service.claims(&decision, EnforcementPoint::PreEnforce));
    }
}

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ]
}

fn elements() -> impl Strategy<Value = Value> {
    let inner = prop_oneof![scalars(), vec(scalars(), 0..3).prop_map(Value::from)];
    vec((select(vec!["a", "b", "c"]), inner), 0..4).prop_map(|members| {
        Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    })
}

proptest! {
    #[test]
    fn no_constraint_and_no_value_makes_a_filter_panic(
        kind in select(vec!["blacken", "delete", "replace", "=="]),
        operator in select(vec!["==", "!=", "<", ">", "<=", ">=", "=~"]),
        path in select(vec!["$.a", "$..*", "$.b[*]", "$", "$.c[?@ > 1]", "$[?match(@, $.a)]"]),
        option in scalars(),
        value in prop_oneof![elements(), vec(elements(), 0..4).prop_map(Value::from), scalars()],
    ) {
        let option = [("replacement", &option), ("length", &option), ("discloseLeft", &option)];
        for (name, option) in option {
            let constraint = json!({
                "type": "filterJsonContent",
                "actions": [{"type": kind, "path": path, name: option}],
                "conditions": [{"type": operator, "path": path, "value": option}],
            });
            if let Err(error) = enforce(&constraint, value.clone()) {
                prop_assert!(!error.contains("panicked"), "{error}");
            }
        }
    }

    #[test]
    fn each_condition_and_its_negation_part_the_elements_that_have_the_node(
        elements in vec(elements(), 0..6),
        operand in scalars(),
    ) {
        let kept = |operator: &str| {
            let constraint = conditions(json!([{"path": "$.a", "type": operator, "value": operand}]));
            enforce(&constraint, Value::from(elements.clone())).unwrap().value.as_array().unwrap().len()
        };
        let with_node = elements.iter().filter(|element| element.get("a").is_some()).count();
        prop_assert_eq!(kept("==") + kept("!="), with_node);
        if operand.is_number() {
            let like = elements.iter().filter(|element| element.get("a").is_some_and(Value::is_number)).count();
            prop_assert_eq!(kept("<") + kept(">="), like);
            prop_assert_eq!(kept(">") + kept("<="), like);
        }
    }
}
