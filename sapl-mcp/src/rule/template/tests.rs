use proptest::prelude::*;

use super::{MAX_TEMPLATE_BYTES, Match, TemplateErrorKind, UriTemplate};

fn template(text: &str) -> UriTemplate {
    UriTemplate::parse(text).unwrap()
}

fn matched(text: &str, uri: &str) -> Match {
    template(text).matches(uri)
}

fn yes(variables: &[(&str, &str)]) -> Match {
    Match::Yes(
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

#[test]
fn a_variable_takes_one_segment() {
    let segment = "data://customers/{segment}/{field}";
    assert_eq!(
        matched(segment, "data://customers/retail/email"),
        yes(&[("segment", "retail"), ("field", "email")])
    );
    for other in [
        "data://customers/retail",
        "data://customers/retail/",
        "data://customers//email",
        "data://customers/retail/email/x",
        "data://customers/retail/email?x",
        "data://customers/retail/email#x",
        "data://customers/retail?email",
        "data://customer/retail/email",
        "xdata://customers/retail/email",
        "",
    ] {
        assert_eq!(matched(segment, other), Match::No, "{other}");
    }
}

#[test]
fn literals_stand_around_and_between_variables() {
    assert_eq!(matched("a:{x}", "a:b"), yes(&[("x", "b")]));
    assert_eq!(matched("{x}:b", "a:b"), yes(&[("x", "a")]));
    assert_eq!(matched("a:b", "a:b"), yes(&[]));
    assert_eq!(matched("a:{x}.txt", "a:.txt"), Match::No);
    assert_eq!(matched("a:ab{x}ba", "a:aba"), Match::No);
    assert_eq!(
        matched("a://q?id={id}&x={x}#{f}", "a://q?id=1&x=2#3"),
        yes(&[("id", "1"), ("x", "2"), ("f", "3")])
    );
}

#[test]
fn an_earlier_variable_takes_as_much_as_it_can() {
    assert_eq!(
        matched("a:{name}.{ext}", "a:a.b.c"),
        yes(&[("name", "a.b"), ("ext", "c")])
    );
    assert_eq!(
        matched("a:{x}--{y}", "a:1----2"),
        yes(&[("x", "1--"), ("y", "2")])
    );
    assert_eq!(
        matched("a:{x}-{y}-{z}", "a:1-2-3-4"),
        yes(&[("x", "1-2"), ("y", "3"), ("z", "4")])
    );
    assert_eq!(matched("a:{x}-{y}", "a:1--"), yes(&[("x", "1"), ("y", "-")]));
    assert_eq!(matched("a:{x}-{y}", "a:--é"), yes(&[("x", "-"), ("y", "é")]));
    assert_eq!(matched("a:{x}-{y}", "a:1-"), Match::No);
}

#[test]
fn variables_are_decoded_once() {
    assert_eq!(matched("a:{x}", "a:%41%20%c3%A9"), yes(&[("x", "A é")]));
    assert_eq!(matched("a:{x}", "a:%2541"), yes(&[("x", "%41")]));
    assert_eq!(matched("a:{x}", "a:%3F%23"), yes(&[("x", "?#")]));
}

#[test]
fn variables_that_must_not_be_used_are_refused() {
    for value in [
        "%2F", "a%2fb", "%2", "%", "%zz", "%+1", "%C3", "%ff", "%00", "%0A", "%7f", "a\u{1}", "%é",
    ] {
        assert_eq!(matched("a:{x}", &format!("a:{value}")), Match::Refused, "{value}");
    }
}

#[test]
fn another_spelling_of_the_literals_matches_too() {
    let spelled = "DATA://Customers/%7eall/{id}";
    assert_eq!(matched(spelled, "data://customers/~all/1"), yes(&[("id", "1")]));
    assert_eq!(matched(spelled, "DATA://Customers/%7eall/1"), yes(&[("id", "1")]));
    assert_eq!(matched(spelled, "data://customers/~ALL/1"), Match::No);
    assert_eq!(matched("data://{Host}/x", "data://A/x"), yes(&[("Host", "A")]));
    assert_eq!(
        matched("data://x/{id}/../y", "data://x/1/../y"),
        yes(&[("id", "1")])
    );
}

#[test]
fn what_is_not_level_one_is_an_error_with_its_place() {
    let long = "a".repeat(MAX_TEMPLATE_BYTES + 1);
    let cases = [
        ("a:{+x}", TemplateErrorKind::Unsupported('+'), 3),
        ("a:{#x}", TemplateErrorKind::Unsupported('#'), 3),
        ("a:{/x}", TemplateErrorKind::Unsupported('/'), 3),
        ("a:{.x}", TemplateErrorKind::Unsupported('.'), 3),
        ("a:{;x}", TemplateErrorKind::Unsupported(';'), 3),
        ("a:{?x}", TemplateErrorKind::Unsupported('?'), 3),
        ("a:{&x}", TemplateErrorKind::Unsupported('&'), 3),
        ("a:{x*}", TemplateErrorKind::Unsupported('*'), 4),
        ("a:{x:3}", TemplateErrorKind::Unsupported(':'), 4),
        ("a:{x,y}", TemplateErrorKind::Unsupported(','), 4),
        ("a:{x..y}", TemplateErrorKind::Unsupported('.'), 5),
        ("a:{x.}", TemplateErrorKind::Unsupported('.'), 4),
        ("a:{é}", TemplateErrorKind::Unsupported('é'), 3),
        ("a:{{x}}", TemplateErrorKind::Unsupported('{'), 3),
        ("a:{}", TemplateErrorKind::NoName, 2),
        ("a:{x", TemplateErrorKind::Unclosed, 2),
        ("a:x}", TemplateErrorKind::Unopened, 3),
        ("a:{x}}", TemplateErrorKind::Unopened, 5),
        ("a:{x}/{x}", TemplateErrorKind::DuplicateName, 6),
        ("a:{x}{y}", TemplateErrorKind::Adjacent, 5),
        ("{x}{y}", TemplateErrorKind::Adjacent, 3),
        ("a:\u{0}{y}", TemplateErrorKind::ControlCharacter, 2),
        (long.as_str(), TemplateErrorKind::TooLong, MAX_TEMPLATE_BYTES),
    ];
    for (text, kind, position) in cases {
        let error = UriTemplate::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
    assert!(UriTemplate::parse(&"a".repeat(MAX_TEMPLATE_BYTES)).is_ok());
    let error = UriTemplate::parse("a:{x*}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`*` in an expression is not supported, only `{name}` is (at byte 4)"
    );
}

#[test]
fn literal_characters_are_counted() {
    assert_eq!(template("data://é/{x}.{y_1.z}").literal_len(), 10);
    assert_eq!(template("{x}").literal_len(), 0);
}

#[test]
fn templates_overlap_when_a_uri_matches_both() {
    let cases = [
        ("a:{x}", "a:{y}", true),
        ("a:{x}", "a:b", true),
        ("a:b", "a:b", true),
        ("a:b", "a:c", false),
        ("a:{x}/b", "a:c/{y}", true),
        ("a:{x}/b", "a:c/{y}/d", false),
        ("a:{x}?b", "a:{x}/b", false),
        ("a:b{x}", "a:{x}c", true),
        ("a:b{x}", "a:c{x}", false),
        ("a:{x}.txt", "a:{x}.pdf", false),
        ("a:{x}b", "a:b", false),
        ("a:{x}b{y}", "a:{x}c{y}", true),
        ("a:b{x}b", "a:bb", false),
        ("a:b{x}b", "a:bab", true),
        ("A:b{x}", "a:b{x}", true),
        ("a://H/{x}", "a://h/{x}", true),
    ];
    for (one, other, overlap) in cases {
        assert_eq!(
            template(one).overlaps(&template(other)),
            overlap,
            "{one} and {other}"
        );
        assert_eq!(
            template(other).overlaps(&template(one)),
            overlap,
            "{other} and {one}"
        );
    }
}

/// A value as the expansion of a level 1 expression writes it (RFC 6570, section 3.2.2).
fn expanded(value: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}

proptest! {
    #[test]
    fn matching_an_expansion_gives_the_variables_back(one in "[^/\\p{Cc}]{1,8}", other in "[^/\\p{Cc}]{1,8}") {
        let uri = format!("data://x/{}/a?b={}", expanded(&one), expanded(&other));
        prop_assert_eq!(
            matched("data://x/{one}/a?b={other}", &uri),
            yes(&[("one", &one), ("other", &other)])
        );
    }

    #[test]
    fn matching_is_what_the_regular_expression_says(
        parts in proptest::collection::vec("[ab/]{1,3}", 1..4),
        uri in "[ab/?]{0,12}",
    ) {
        let names = ["{p}", "{q}", "{r}", "{s}"];
        let text: String = names.iter().zip(&parts).map(|(name, part)| format!("{name}{part}")).collect();
        let groups: String = parts.iter().map(|part| format!("([^/?#]+){part}")).collect();
        let expected = regex::Regex::new(&format!("^{groups}$")).unwrap().captures(&uri).map(|found| {
            found.iter().skip(1).map(|group| group.unwrap().as_str().to_owned()).collect::<Vec<_>>()
        });
        let actual = match matched(&text, &uri) {
            Match::Yes(variables) => Some(variables.into_iter().map(|(_, value)| value).collect()),
            Match::No => None,
            Match::Refused => panic!("nothing is encoded"),
        };
        prop_assert_eq!(actual, expected);
    }

    #[test]
    fn templates_that_match_one_uri_overlap(
        one in "([ab]|[{]x[}]a){1,4}", other in "(b|a|[{]y[}]b){1,4}", uri in "[ab]{1,6}",
    ) {
        if let (Ok(one), Ok(other)) = (UriTemplate::parse(&one), UriTemplate::parse(&other)) {
            let both = one.matches(&uri) != Match::No && other.matches(&uri) != Match::No;
            prop_assert!(!both || one.overlaps(&other));
        }
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,40}|[{}a/%.:]{0,12}", uri in "\\PC{0,40}|[a/%.:2f]{0,12}") {
        if let Ok(template) = UriTemplate::parse(&text) {
            let _ = template.matches(&uri);
            prop_assert!(template.overlaps(&template));
        }
    }
}
