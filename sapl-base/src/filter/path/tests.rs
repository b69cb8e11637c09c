mod limits;
mod properties;

use serde_json::{Value, json};

use super::{
    Budget, Path, count_node,
    evaluate::{Step, Walk},
    finish, parse,
    tree::Segment,
};
use crate::constraint::HandlerError;

/// The normalized paths (RFC 9535, section 2.7) of what a path selects; names are not escaped.
fn select(path: &str, value: &Value) -> Result<Vec<String>, HandlerError> {
    select_parsed(&parse::parse(path)?, value)
}

fn select_parsed(segments: &[Segment], value: &Value) -> Result<Vec<String>, HandlerError> {
    let mut budget = Budget::new();
    let mut selected = Vec::new();
    let mut count = 0;
    let walk = Walk::with_trail(value, &mut budget).segments(segments, value, &mut |_, trail| {
        count_node(&mut count)?;
        let step = |step: &Step<'_>| match step {
            Step::Name(name) => format!("['{name}']"),
            Step::Index(index) => format!("[{index}]"),
        };
        selected.push(format!("${}", trail.iter().map(step).collect::<String>()));
        Ok(())
    });
    finish(walk).map(|()| selected)
}

fn ward() -> Value {
    json!({
        "unit": "W3",
        "beds": [
            {"nr": 1, "patient": {"name": "Ada", "tags": ["x", "y"]}, "rate": 0.5},
            {"nr": 2, "patient": null, "rate": 1.0},
            {"nr": 3, "rate": 9007199254740993_u64, "limit": 9007199254740992_u64},
        ],
        "lead": {"name": "Bo", "pattern": "A.*"},
    })
}

#[test]
fn paths_select_what_the_rfc_says() {
    let cases: [(&str, &[&str]); 38] = [
        ("$", &["$"]),
        ("$.unit", &["$['unit']"]),
        ("$['unit']", &["$['unit']"]),
        ("$.missing", &[]),
        ("$.unit.deeper", &[]),
        ("$.beds[1].nr", &["$['beds'][1]['nr']"]),
        ("$.beds[-1].nr", &["$['beds'][2]['nr']"]),
        ("$.beds[3]", &[]),
        ("$.beds[-4]", &[]),
        ("$.lead[0]", &[]),
        (
            "$.beds[ 0 , 2 ] .nr",
            &["$['beds'][0]['nr']", "$['beds'][2]['nr']"],
        ),
        ("$.beds[0,0].nr", &["$['beds'][0]['nr']", "$['beds'][0]['nr']"]),
        ("$.lead.*", &["$['lead']['name']", "$['lead']['pattern']"]),
        ("$.beds[1:].nr", &["$['beds'][1]['nr']", "$['beds'][2]['nr']"]),
        ("$.beds[:-2].nr", &["$['beds'][0]['nr']"]),
        ("$.beds[::2].nr", &["$['beds'][0]['nr']", "$['beds'][2]['nr']"]),
        (
            "$.beds[::-1].nr",
            &["$['beds'][2]['nr']", "$['beds'][1]['nr']", "$['beds'][0]['nr']"],
        ),
        ("$.beds[2:0:-1].nr", &["$['beds'][2]['nr']", "$['beds'][1]['nr']"]),
        ("$.beds[::0]", &[]),
        ("$.beds[5:1]", &[]),
        (
            "$..name",
            &["$['beds'][0]['patient']['name']", "$['lead']['name']"],
        ),
        ("$..tags[1]", &["$['beds'][0]['patient']['tags'][1]"]),
        ("$..[?@ == 'x']", &["$['beds'][0]['patient']['tags'][0]"]),
        (
            "$.beds[?@.patient].nr",
            &["$['beds'][0]['nr']", "$['beds'][1]['nr']"],
        ),
        ("$.beds[?!@.patient].nr", &["$['beds'][2]['nr']"]),
        ("$.beds[?@.patient == null].nr", &["$['beds'][1]['nr']"]),
        (
            "$.beds[?@.nr>1 && (@.nr<3 || @.nr==4)].nr",
            &["$['beds'][1]['nr']"],
        ),
        ("$.beds[?@.rate == 1].nr", &["$['beds'][1]['nr']"]),
        ("$.beds[?@.limit < @.rate].nr", &["$['beds'][2]['nr']"]),
        (
            "$.beds[?@.missing == @.absent && @.nr <= 1].nr",
            &["$['beds'][0]['nr']"],
        ),
        ("$.beds[?@.nr < 'a'].nr", &[]),
        ("$.beds[?length(@.patient.tags) == 2].nr", &["$['beds'][0]['nr']"]),
        ("$.beds[?count(@..*) > 3].nr", &["$['beds'][0]['nr']"]),
        ("$.beds[?value(@..name) == 'Ada'].nr", &["$['beds'][0]['nr']"]),
        ("$.beds[?match(@.patient.name, 'A.')].nr", &[]),
        ("$.beds[?search(@.patient.name, 'd')].nr", &["$['beds'][0]['nr']"]),
        (
            "$.beds[?match(@.patient.name, $.lead.pattern)].nr",
            &["$['beds'][0]['nr']"],
        ),
        ("$.beds[?@[?@[?@[?@ == 'y']]]].nr", &["$['beds'][0]['nr']"]),
    ];
    for (path, expected) in cases {
        assert_eq!(select(path, &ward()).unwrap(), expected, "{path}");
    }
}

#[test]
fn names_are_told_apart_to_the_last_character() {
    let value =
        json!({"a": 1, "a ": 2, "a\u{3000}": 3, "": 4, "\u{e9}": 5, "e\u{301}": 6, "\u{1f511}": 7, "'": 8});
    for (path, expected) in [
        ("$['a ']", "$['a ']"),
        ("$.a\u{3000}", "$['a\u{3000}']"),
        ("$['']", "$['']"),
        ("$.\u{e9}", "$['\u{e9}']"),
        (r#"$["e\u0301"]"#, "$['e\u{301}']"),
        (r"$['\uD83D\uDD11']", "$['\u{1f511}']"),
        (r"$['\'']", "$[''']"),
    ] {
        assert_eq!(select(path, &value).unwrap(), [expected], "{path}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for path in [
        "",
        "a",
        "@",
        "@.a",
        "$.",
        "$..",
        "$.a.",
        "$a",
        " $",
        "$ ",
        "$.a ",
        "$. a",
        "$.. a",
        "$[",
        "$[]",
        "$[a]",
        "$['a'",
        "$['a]",
        "$['a'b]",
        "$[0",
        "$[01]",
        "$[-0]",
        "$[0 1]",
        "$[0,]",
        "$[,0]",
        "$[1.0]",
        "$[1:2:3:4]",
        "$.1a",
        "$.a-b",
        "$.a!",
        "$..[]",
        "$...a",
        "$.[0]",
        "$['\\x']",
        "$['\\\"']",
        "$[\"\\'\"]",
        "$['\n']",
        "$['\\uD83D']",
        "$['\\uDD11']",
        "$['\\uD83D\\u0041']",
        "$['\\u00']",
        "$[?]",
        "$[?@.a",
        "$[?(@.a]",
        "$[?@.a==]",
        "$[?==1]",
        "$[?1]",
        "$[?'a']",
        "$[?true]",
        "$[?@.a=1]",
        "$[?@.a===1]",
        "$[?@.a==1==1]",
        "$[?@.a==b]",
        "$[?@.a==[1]]",
        "$[?@.a=={}]",
        "$[?@.a==01]",
        "$[?@.a==1.]",
        "$[?@.a==.5]",
        "$[?@.a==+1]",
        "$[?@.a==1e999]",
        "$[?@.*==1]",
        "$[?@..a==1]",
        "$[?@.a==@[0:1]]",
        "$[?!@.a==1]",
        "$[?@.a&&]",
        "$[?@.a||]",
        "$[?@.a and @.b]",
        "$[?length(@.a)]",
        "$[?length(@.*)==1]",
        "$[?length()==1]",
        "$[?length(@.a,@.b)==1]",
        "$[?length (@.a)==1]",
        "$[?count(@.a)]",
        "$[?count(1)==1]",
        "$[?value(@.a)]",
        "$[?match(@.a)]",
        "$[?match(@.a,'a')==true]",
        "$[?match(@.a,'a','b')]",
        "$[?match(@.a,'(')]",
        "$[?search(@.a,'a)|(b')]",
        "$[?match(@.a,'a{1000}{1000}')]",
        "$[?in(@.a,$.b)]",
        "$[?unknown(@.a)]",
        "$[?@.a == TRUE]",
    ] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
}

#[test]
fn a_pattern_in_the_value_that_is_invalid_is_an_error() {
    let value = json!({"pattern": "(", "names": ["a"]});
    let error = select("$.names[?match(@, $.pattern)]", &value).unwrap_err();
    assert_eq!(error.message(), "a regular expression is invalid");
}

#[test]
fn a_dot_in_a_pattern_matches_no_line_end() {
    let value = json!(["a", "\r", "\n", "\u{2028}", "."]);
    assert_eq!(
        select("$[?match(@, '.')]", &value).unwrap(),
        ["$[0]", "$[3]", "$[4]"]
    );
    assert_eq!(select("$[?match(@, '[.]')]", &value).unwrap(), ["$[4]"]);
    assert_eq!(select(r"$[?match(@, '\\.')]", &value).unwrap(), ["$[4]"]);
}

#[test]
fn deleting_several_elements_and_nested_nodes_loses_and_spares_nothing_else() {
    let value = json!({"a": [0, 1, 2, 3, [40, 41, 42]], "x": {"x": {"y": 1}, "y": 2}, "z": 3});
    for (path, expected) in [
        (
            "$.a[0,2,4]",
            json!({"a": [1, 3], "x": {"x": {"y": 1}, "y": 2}, "z": 3}),
        ),
        (
            "$.a[-1,0,0]",
            json!({"a": [1, 2, 3], "x": {"x": {"y": 1}, "y": 2}, "z": 3}),
        ),
        (
            "$.a..[0]",
            json!({"a": [1, 2, 3, [41, 42]], "x": {"x": {"y": 1}, "y": 2}, "z": 3}),
        ),
        (
            "$..[4,2]",
            json!({"a": [0, 1, 3], "x": {"x": {"y": 1}, "y": 2}, "z": 3}),
        ),
        ("$..x", json!({"a": [0, 1, 2, 3, [40, 41, 42]], "z": 3})),
        (
            "$..y",
            json!({"a": [0, 1, 2, 3, [40, 41, 42]], "x": {"x": {}}, "z": 3}),
        ),
        ("$.*", json!({})),
        (
            "$.a[1]",
            json!({"a": [0, 2, 3, [40, 41, 42]], "x": {"x": {"y": 1}, "y": 2}, "z": 3}),
        ),
        ("$.nothing", value.clone()),
        ("$.z[0]", value.clone()),
    ] {
        let mut changed = value.clone();
        Path::parse(path)
            .unwrap()
            .delete(&mut changed, &mut Budget::new())
            .unwrap();
        assert_eq!(changed, expected, "{path}");
    }
}

#[test]
fn the_value_as_a_whole_is_not_deleted() {
    for path in ["$", "$[?@.a]", "$..a"] {
        let mut value = json!({"a": {"a": 1}});
        let outcome = Path::parse(path).unwrap().delete(&mut value, &mut Budget::new());
        assert_eq!(outcome.is_err(), path == "$", "{path}");
    }
}

#[test]
fn nodes_within_nodes_are_changed_first_and_each_once() {
    let mut value = json!({"x": {"x": {"n": 1}}});
    let mut seen = Vec::new();
    let path = Path::parse("$..['x', 'x']").unwrap();
    let outcome = path.change(&mut value, &mut Budget::new(), |node| {
        seen.push(node.clone());
        *node = json!("gone");
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(seen, [json!({"n": 1}), json!({"x": "gone"})]);
    assert_eq!(value, json!({"x": "gone"}));
}
