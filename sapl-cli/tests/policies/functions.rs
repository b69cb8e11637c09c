//! `sapl functions`.

use serde_json::Value as Json;

use crate::common::run;

#[test]
fn functions_are_listed_by_library_and_name() {
    let (code, all, _) = run(&["functions"], "");
    assert_eq!(code, Some(0));
    assert!(all.contains("\nstring: ") && all.contains("  math.abs("), "{all}");
    let (_, library, _) = run(&["functions", "string"], "");
    assert!(library.starts_with("string: texts\n") && all.contains(&library));
    let (_, one, _) = run(&["functions", "string.length"], "");
    assert_eq!(one.lines().count(), 4, "{one}");
    let (_, table, _) = run(&["functions", "--format", "json", "string.length"], "");
    let table: Json = serde_json::from_str(&table).unwrap();
    assert_eq!(table[0]["functions"][0]["name"], "length");
    assert_eq!(table[0]["functions"][0]["parameters"][0]["kinds"], "a text");
    for (unknown, hint) in [
        ("strin", "; did you mean `string`?"),
        ("string.lenght", "; did you mean `string.length`?"),
        ("unlikeAnything", ""),
    ] {
        let (code, _, errors) = run(&["functions", unknown], "");
        assert_eq!(code, Some(1));
        assert_eq!(
            errors,
            format!("error: no library or function `{unknown}`{hint}\n")
        );
    }
}
