use std::borrow::Cow;

use proptest::prelude::*;

use super::normalized;

#[test]
fn every_spelling_has_one_normal_form() {
    let cases = [
        // Nothing to do.
        ("data://customers/segments", "data://customers/segments"),
        ("file:///a/b.txt?q=1#f", "file:///a/b.txt?q=1#f"),
        ("urn:example:A", "urn:example:A"),
        // Case of scheme and host, never of user, path or query.
        ("DATA://Customers/Segments", "data://customers/Segments"),
        (
            "http://User:Pass@Example.ORG:80/P?Q#F",
            "http://User:Pass@example.org:80/P?Q#F",
        ),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]/"),
        // Percent-encodings.
        ("data://x/%7euser/%2fa%c3%a9", "data://x/~user/%2Fa%C3%A9"),
        ("data://%41b/%41", "data://ab/A"),
        ("data://x/a?%7e=%3d#%7E", "data://x/a?~=%3D#~"),
        ("data://x/%2541", "data://x/%2541"),
        ("data://x/%zz%4%", "data://x/%zz%4%"),
        ("data://x/%é1", "data://x/%é1"),
        // Dot segments, the encoded ones too.
        ("data://x/a/./b/../c", "data://x/a/c"),
        ("data://x/a/%2e%2E/b", "data://x/b"),
        ("data://x/../../a", "data://x/a"),
        ("data://x/a/..", "data://x/"),
        ("data://x/a/.", "data://x/a/"),
        ("data://x/..", "data://x/"),
        ("data://x/a//../b", "data://x/a/b"),
        ("data://x/.../..a/b..", "data://x/.../..a/b.."),
        ("data://x?a/../b", "data://x?a/../b"),
        ("mem:a/../b", "mem:/b"),
        ("mem:../a", "mem:a"),
        ("mem:..", "mem:"),
        ("mem:./a", "mem:a"),
        ("mem:/.//a", "mem:/.//a"),
        ("mem:/a/..//b", "mem:/.//b"),
        // No URIs.
        ("", ""),
        ("no scheme", "no scheme"),
        ("1a:/../x", "1a:/../x"),
        (":/../x", ":/../x"),
        ("a b:/../x", "a b:/../x"),
        ("d:%4%41", "d:%4%41"),
        ("d:%%41", "d:%%41"),
        ("d:%4x%41", "d:%4xA"),
    ];
    for (uri, normal) in cases {
        assert_eq!(normalized(uri), normal, "{uri}");
    }
}

#[test]
fn a_normal_uri_is_not_copied() {
    assert!(matches!(normalized("data://customers/a%20b"), Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn any_text_has_a_normal_form_and_that_is_final(text in "\\PC*") {
        let once = normalized(&text).into_owned();
        prop_assert_eq!(normalized(&once), once.as_str());
    }

    #[test]
    fn normalizing_twice_changes_nothing(uri in "[dD]a:(//[aB@:%.]{0,5})?([/.a%2eE]{0,3}/?){0,6}([?][%/.4aA1]{0,5})?") {
        let once = normalized(&uri).into_owned();
        prop_assert_eq!(normalized(&once), once.as_str());
    }
}
