use std::collections::BTreeSet;

use jsonpath_rust::JsonPath;
use proptest::{collection::vec, prelude::*, sample::select as one_of};
use serde_json::{Map, Value, json};

use super::{select, select_parsed};
use crate::filter::path::{Budget, Form, Path, parse};

/// Values with few names, so that paths hit.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4_i64).prop_map(Value::from),
        one_of(vec!["a", "b", ""]).prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((one_of(vec!["a", "b", "c"]), inner), 0..4).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn singular_segments() -> impl Strategy<Value = String> {
    let segment = one_of(vec![".a", ".b", "['c']", "[0]", "[1]", "[-1]", "[-2]"]);
    vec(segment, 0..5).prop_map(|segments| segments.concat())
}

fn segments() -> impl Strategy<Value = String> {
    let segment = one_of(vec![
        ".a",
        ".b",
        "['c']",
        "[0]",
        "[-1]",
        ".*",
        "[*]",
        "..a",
        "..*",
        "..[0]",
        "['a','b']",
        "[0,-1]",
        "[1:]",
        "[:-1]",
        "[::-1]",
        "[::2]",
        "[?@.a]",
        "[?@.a==1]",
        "[?@>0]",
        "[?!@.b]",
        "[?@.a==$.a]",
        "[?@=='a'||@==1]",
        "[?length(@)>1]",
        "[?count(@.*)==2]",
        "[?match(@,'a|b')]",
    ]);
    vec(segment, 0..4).prop_map(|segments| segments.concat())
}

/// Numbers its leaves, so that each can be told from all others.
fn number_leaves(value: &mut Value, next: &mut u64) {
    match value {
        Value::Array(array) => array.iter_mut().for_each(|value| number_leaves(value, next)),
        Value::Object(object) => object.values_mut().for_each(|value| number_leaves(value, next)),
        leaf => {
            *leaf = json!(*next);
            *next += 1;
        }
    }
}

fn leaves(value: &Value, into: &mut BTreeSet<u64>) {
    match value {
        Value::Array(array) => array.iter().for_each(|value| leaves(value, into)),
        Value::Object(object) => object.values().for_each(|value| leaves(value, into)),
        leaf => {
            into.insert(leaf.as_u64().unwrap());
        }
    }
}

proptest! {
    #[test]
    fn reading_never_panics(path in any::<String>()) {
        let _ = Path::parse(&path);
        let _ = Path::parse(&format!("${path}"));
    }

    #[test]
    fn reading_and_walking_what_looks_like_a_path_never_panics(
        tokens in vec(one_of(vec![
            "$", "@", ".", "..", "[", "]", "?", "(", ")", "*", "a", "'a'", "\"b\"", "0", "-1", ":", ",", " ", "!",
            "==", "<", "&&", "||", "length(", "count(", "match(", "value(", "true", "1.5", "\\", "'", "\u{e9}",
        ]), 0..16),
        value in values(),
    ) {
        let path = format!("${}", tokens.concat());
        if parse::parse(&path).is_ok() {
            let _ = select(&path, &value);
        }
    }

    #[test]
    fn another_implementation_selects_the_same(path in segments(), value in values()) {
        let path = format!("${path}");
        let mut ours = select(&path, &value).unwrap();
        let mut theirs = value.query_only_path(&path).unwrap();
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn the_short_way_of_names_and_indices_agrees_with_the_general_one(
        path in singular_segments(),
        value in values(),
    ) {
        let path = format!("${path}");
        let short = Path::parse(&path).unwrap();
        prop_assert!(matches!(short.0, Form::Singular(_)));
        let general = Path(Form::General(parse::parse(&path).unwrap()));

        let all = |path: &Path| {
            let mut seen = Vec::new();
            let all = path.all(&value, &mut Budget::new(), |node| { seen.push(node.clone()); true }).unwrap();
            (all, seen)
        };
        prop_assert_eq!(all(&short), all(&general));

        let changed = |path: &Path| {
            let mut value = value.clone();
            path.change(&mut value, &mut Budget::new(), |node| { *node = json!("!"); Ok(()) }).unwrap();
            value
        };
        prop_assert_eq!(changed(&short), changed(&general));

        let deleted = |path: &Path| {
            let mut value = value.clone();
            path.delete(&mut value, &mut Budget::new()).ok().map(|()| value)
        };
        prop_assert_eq!(deleted(&short), deleted(&general));
    }

    #[test]
    fn delete_removes_the_selected_leaves_and_no_other(path in segments(), mut value in values()) {
        let path = format!("${path}");
        number_leaves(&mut value, &mut 0);
        let mut expected = BTreeSet::new();
        leaves(&value, &mut expected);
        for selected in value.query_only_path(&path).unwrap() {
            let mut below = BTreeSet::new();
            leaves(value.query(&selected).unwrap()[0], &mut below);
            expected = &expected - &below;
        }
        if Path::parse(&path).unwrap().delete(&mut value, &mut Budget::new()).is_ok() {
            let mut left = BTreeSet::new();
            leaves(&value, &mut left);
            prop_assert_eq!(left, expected);
        }
    }

    #[test]
    fn nothing_is_selected_after_delete_by_names(
        names in vec(one_of(vec![".a", "..b", ".*", "..*", "['c','a']", "[?@.a]", "..[?@=='a']"]), 1..4),
        mut value in values(),
    ) {
        let path = format!("${}", names.concat());
        Path::parse(&path).unwrap().delete(&mut value, &mut Budget::new()).unwrap();
        let left = select_parsed(&parse::parse(&path).unwrap(), &value).unwrap();
        prop_assert!(left.is_empty(), "{path} still selects {left:?} in {value}");
    }
}
