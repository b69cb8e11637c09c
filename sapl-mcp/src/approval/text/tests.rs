use proptest::prelude::*;
use sapl_base::text::is_deceiving;
use serde_json::json;

use super::*;

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("no object: {other}"),
    }
}

fn shown(value: Value) -> Shown {
    arguments(&object(value))
}

fn text(value: Value) -> String {
    let shown = shown(value);
    assert!(shown.is_whole(), "{shown:?}");
    shown.text
}

#[test]
fn arguments_are_shown_with_their_keys_in_order() {
    let given = json!({"to": "Ann", "amount": 12.5, "list": [1, null, {}], "empty": [], "now": true});
    assert_eq!(
        text(given),
        "    {
      \"amount\": 12.5,
      \"empty\": [],
      \"list\": [
        1,
        null,
        {}
      ],
      \"now\": true,
      \"to\": \"Ann\"
    }
"
    );
    assert_eq!(text(json!({})), "    {}\n");
}

#[test]
fn what_is_not_seen_is_shown_as_an_escape() {
    for (hidden, seen) in [
        ("a\u{1b}[31mb", r"a\u{1b}[31mb"),
        ("a\u{9b}31mb", r"a\u{9b}31mb"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("a\u{202e}b\u{2066}", r"a\u{202e}b\u{2066}"),
        ("a\u{200b}\u{2060}b", r"a\u{200b}\u{2060}b"),
        ("a\u{e0041}b\u{fe0f}", r"a\u{e0041}b\u{fe0f}"),
        ("a\u{2028}b\u{2029}", r"a\u{2028}b\u{2029}"),
        ("a\u{a0}b\u{3000}c\u{2800}", r"a\u{a0}b\u{3000}c\u{2800}"),
        (" a  b", r"\u{20}a \u{20}b"),
        (r#"" \u{202e}"#, r#"\"\u{20}\\u{202e}"#),
    ] {
        let shown = quoted(hidden);
        assert_eq!(shown.text, format!("    \"{seen}\"\n"));
        assert!(shown.is_whole());
    }
}

#[test]
fn letters_of_all_languages_stay_but_accents_do_not_pile_up() {
    for plain in [
        "Grüße",
        "日本語",
        "हिन्दी",
        "ไม่ได้",
        "🦀 €",
        "e\u{301}\u{302}\u{303}",
    ] {
        assert_eq!(quoted(plain).text, format!("    \"{plain}\"\n"));
    }
    assert_eq!(
        quoted("e\u{301}\u{302}\u{303}\u{304}").text,
        "    \"e\u{301}\u{302}\u{303}\\u{304}\"\n"
    );
    assert_eq!(
        quoted("\u{301} \u{301}").text,
        "    \"\\u{301}\\u{20}\\u{301}\"\n"
    );
}

#[test]
fn what_is_written_from_right_to_left_has_a_line_of_its_own() {
    assert_eq!(
        text(json!({"שלום": 1, "a": "سلام", "b": 1})),
        "    {\n      \"a\":\n        \"سلام\",\n      \"b\": 1,\n      \"שלום\":\n        1\n    }\n"
    );
}

#[test]
fn no_argument_can_look_like_the_frame() {
    let line = format!("{}\nTool:\n\n    \"harmless\"\nCode: 1234", "x".repeat(200));
    let text = text(json!({"note": line, "Code: 1234\n": "```\n# Agreed"}));
    for line in text.lines() {
        assert!(line.starts_with("    "), "{line}");
        assert!(line.len() <= 4 + 96, "{line}");
    }
    assert!(text.contains("\n    > "), "{text}");
}

#[test]
fn a_text_as_long_as_the_limit_is_shown_whole_and_a_longer_one_is_cut() {
    let longest = "a".repeat(MAX_SHOWN_STRING_CHARS);
    assert!(quoted(&longest).is_whole());
    let longer = quoted(&format!("{longest}bcd"));
    assert!(!longer.is_whole());
    let unwrapped = longer.text.replace("\n    > ", "");
    assert!(
        unwrapped.ends_with("a\" (3 more characters are not shown)\n"),
        "{unwrapped}"
    );
}

#[test]
fn arguments_nested_as_deep_as_the_limit_are_shown_whole_and_deeper_ones_are_cut() {
    let nested = |depth| (1..depth).fold(json!({}), |inner, _| json!({"a": inner}));
    assert!(shown(nested(MAX_SHOWN_DEPTH)).is_whole());
    let deeper = shown(nested(MAX_SHOWN_DEPTH + 1));
    assert!(!deeper.is_whole());
    assert!(
        deeper
            .text
            .contains("(what is nested more than 32 deep is not shown)")
    );
    let list = (0..MAX_SHOWN_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    assert!(!shown(json!({"a": list})).is_whole());
}

#[test]
fn arguments_as_long_as_the_limit_are_shown_whole_and_longer_ones_are_cut() {
    let of = |last: usize| {
        let texts = (0..4).map(|_| Value::from("a".repeat(3_500)));
        json!({"a": texts.chain([Value::from("b".repeat(last))]).collect::<Vec<_>>()})
    };
    // The limit counts what stands before the last line break.
    let fits = |last: usize| shown(of(last)).is_whole();
    let most = (0..MAX_SHOWN_STRING_CHARS)
        .rev()
        .find(|last| fits(*last))
        .unwrap();
    let longest = text(of(most));
    assert!(longest.len() <= MAX_SHOWN_BYTES + 1, "{}", longest.len());
    assert!(longest.len() + 8 > MAX_SHOWN_BYTES, "{}", longest.len());
    let longer = shown(of(most + 1));
    assert!(!longer.is_whole());
    let bytes = of(most + 1).to_string().len();
    assert!(
        longer.text.ends_with(&format!(
            "\n    (the rest is not shown: there are {bytes} bytes in all)\n"
        )),
        "{longer:?}"
    );
}

#[test]
fn big_arguments_cost_no_more_than_the_limit() {
    let list: Vec<_> = (0..200_000).collect();
    let shown = shown(json!({"list": list, "z": 1}));
    assert!(!shown.is_whole());
    assert!(shown.text.len() < MAX_SHOWN_BYTES + 100);
}

fn request() -> ApprovalRequest {
    ApprovalRequest {
        title: crate::APPROVAL_TITLE,
        code: "1234-5678".to_owned(),
        message: Some("Payments need a person\nsecond line\u{202e}".to_owned()),
        kind: ComponentKind::Tool,
        name: "transfer".to_owned(),
        uri: None,
        arguments: object(json!({"to": "Ann\n\nTool:\n\n    \"harmless\""})),
        answers: Map::new(),
        subject: Some("mara".to_owned()),
        client: Some("app".to_owned()),
        expires_in: Duration::from_secs(300),
        editable: false,
    }
}

#[test]
fn a_question_says_what_who_why_and_how_long() {
    assert_eq!(
        request().text().as_deref(),
        Some(
            r#"Approval required by policy
Code: 1234-5678

The policy says:

    "Payments need a person"
    "second line\u{202e}"

Tool:

    "transfer"

Asked by:

    "mara"

By way of:

    "app"

Arguments:

    {
      "to": "Ann\n\nTool:\n\n\u{20}\u{20}\u{20}\u{20}\"harmless\""
    }

Answer within 5 minutes. Nothing runs unless you agree.
"#
        )
    );
    let resource = ApprovalRequest {
        kind: ComponentKind::ResourceTemplate,
        uri: Some("data://a\nb".to_owned()),
        message: None,
        subject: None,
        client: None,
        answers: object(json!({"account": "Ann\n\nAnswer"})),
        expires_in: Duration::from_secs(61),
        editable: true,
        ..request()
    };
    let text = resource.text().unwrap();
    assert!(
        text.contains("\nResource:\n\n    \"transfer\"\n\nURI:\n\n    \"data://a\\nb\"\n"),
        "{text}"
    );
    assert!(
        text.contains(
            "\n\nAnswers that came with the call:\n\n    {\n      \"account\": \"Ann\\n\\nAnswer\"\n    }\n\n"
        ),
        "{text}"
    );
    assert!(text.ends_with(
        "Answer within 61 seconds. You may change the arguments. Nothing runs unless you agree.\n"
    ));
}

#[test]
fn a_question_that_is_cut_says_so_first_and_is_not_asked() {
    for cut in [
        ApprovalRequest {
            arguments: object(json!({"a": "a".repeat(MAX_SHOWN_STRING_CHARS + 1)})),
            ..request()
        },
        ApprovalRequest {
            message: Some("a\n".repeat(MAX_SHOWN_BYTES)),
            ..request()
        },
        ApprovalRequest {
            name: "a".repeat(MAX_SHOWN_BYTES),
            ..request()
        },
    ] {
        assert_eq!(cut.text(), None);
        let shown = question(&cut);
        let start = "Approval required by policy\nCode: 1234-5678\nNOT SHOWN IN FULL.";
        assert!(shown.text.starts_with(start), "{shown:?}");
    }
}

#[test]
fn times_are_spoken_in_their_largest_whole_unit() {
    for (seconds, text) in [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (300, "5 minutes"),
        (3_600, "1 hour"),
        (7_260, "121 minutes"),
    ] {
        assert_eq!(spoken(Duration::from_secs(seconds)), text);
    }
}

/// Texts of what deceives and of what is escaped, besides any.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[ \"\\\\\\\\u{}0-9a-f\n\t\u{202e}\u{200b}\u{301}שء\u{e0041}]{0,12}",
        "[a-z ]{90,200}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any_text(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_arguments() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any_text(), any_json(), 0..5)
        .prop_map(|members| members.into_iter().collect())
}

/// The arguments that a text shows.
fn read(text: &str) -> Value {
    let mut json = String::new();
    let unwrapped = text.replace("\n    > ", "");
    let mut characters = unwrapped.chars();
    while let Some(character) = characters.next() {
        json.push(character);
        if character != '\\' {
            continue;
        }
        let next = characters.next().unwrap();
        if next != 'u' {
            json.push(next);
            continue;
        }
        json.pop();
        let code: String = characters
            .by_ref()
            .skip(1)
            .take_while(|next| *next != '}')
            .collect();
        let code = u32::from_str_radix(&code, 16).unwrap();
        for unit in char::from_u32(code).unwrap().encode_utf16(&mut [0; 2]) {
            json.push_str(&format!("\\u{unit:04x}"));
        }
    }
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_deceives_is_shown_and_nothing_leaves_its_place(given in any_arguments()) {
        let shown = arguments(&given);
        prop_assert!(shown.text.ends_with('\n'));
        for line in shown.text.lines() {
            let inside = line.strip_prefix("    ").unwrap();
            prop_assert!(!line.chars().any(is_deceiving), "{line:?}");
            prop_assert!(!inside.trim_start().contains("  "), "{line:?}");
            prop_assert!(inside.chars().all(|character| character == ' ' || !character.is_whitespace()));
        }
    }

    #[test]
    fn what_is_shown_whole_can_be_read_back(given in any_arguments()) {
        let shown = arguments(&given);
        if shown.is_whole() {
            prop_assert_eq!(read(&shown.text), Value::Object(given));
        }
    }
}
