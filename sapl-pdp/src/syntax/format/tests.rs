use super::*;

#[track_caller]
fn becomes(source: &str, expected: &str) {
    let text = format(source).unwrap();
    assert_eq!(text, expected);
    assert_eq!(format(&text).as_deref(), Ok(expected), "formatted again");
}

#[test]
fn a_set_has_each_of_its_parts_on_a_line() {
    becomes(
        "import a.b as c import d.e set \"s\" first or abstain, errors propagate. for  subject.x
         var a=1;var b = 2;

         var c=3; policy \"p\" permit x;y; obligation{a:1}advice{}transform[ ] policy \"q\" deny",
        "import a.b as c
import d.e

set \"s\"
first or abstain, errors propagate.
for subject.x

var a = 1;
var b = 2;

var c = 3;

policy \"p\"
permit
  x;
  y;
obligation { a: 1 }
advice {}
transform []

policy \"q\"
deny
",
    );
}

#[test]
fn tokens_stand_as_they_are_usually_written() {
    becomes(
        "subject enforced schema {} policy \"p\" permit
         - 1+ - x * ! ( a ) [ - 1 : : 2 ] . b [ ? ( @ > 1 ) ] [ ( # ) ] [\"k\" ,\"l\"] .. [ 1 ] .. x . < a . b ( 1 ) [ { } ] > ;
         a |- { each @ . x : filter . f , @ : filter . g ( ) } ; |< a . b > ; x :: { a : @ } ; x has any y ; x any  in y ;
         var v = f.g(1,2) schema {} , {} ;",
        "subject enforced schema {}

policy \"p\"
permit
  -1 + -x * !(a)[-1: :2].b[?(@ > 1)][(#)][\"k\", \"l\"]..[1]..x.<a.b(1)[{}]>;
  a |- { each @.x: filter.f, @: filter.g() };
  |<a.b>;
  x :: { a: @ };
  x has any y;
  x any in y;
  var v = f.g(1, 2) schema {}, {};
",
    );
}

#[test]
fn long_lines_are_broken_outside_first() {
    let (a, b, c) = ("a".repeat(50), "b".repeat(50), "c".repeat(50));
    becomes(
        &format!("policy \"p\" permit {a} == 1 && ({b} || {c}); x in [\"{a}\", \"{b}\", \"{c}\"]; {a}({b}.f, {c}) + 1;")
            .replace(&format!("{a}({b}.f, {c})"), &format!("f.{a}({b}.f, {c})")),
        &format!(
            "policy \"p\"
permit
  {a} == 1
    && ({b} || {c});
  x in [
    \"{a}\",
    \"{b}\",
    \"{c}\"
  ];
  f.{a}(
    {b}.f,
    {c}
  )
    + 1;
"
        ),
    );
}

#[test]
fn a_line_of_the_greatest_width_stays() {
    let line = |width: usize| format!("policy \"p\"\npermit\n  a == {};\n", "b".repeat(width - 8));
    becomes(&line(MAX_WIDTH), &line(MAX_WIDTH));
    let broken = format!(
        "policy \"p\"\npermit\n  a\n    == {};\n",
        "b".repeat(MAX_WIDTH - 7)
    );
    becomes(&line(MAX_WIDTH + 1), &broken);
}

#[test]
fn arrays_and_objects_on_several_lines_stay_so() {
    let text = "policy \"p\"
permit
obligation {
  \"type\": \"x\",
  \"list\": [
    1,
    2
  ],
  \"other\": [3, 4]
}
";
    becomes(text, text);
}

#[test]
fn comments_stay_where_they_are() {
    let text = "// first

/* second */ import a.b // third
// fourth
import c.d /* fifth */

// sixth

/*
 * seventh
 */
policy \"p\" // eighth
/* ninth */ permit
  // tenth
  a // eleventh
    && b;

  c; // twelfth
  /* thirteenth */ d(e /* fourteenth */, /* fifteenth */ f);
  [
    1, // sixteenth
    // seventeenth
    2
    // eighteenth
  ];
// nineteenth
obligation {} // twentieth

// end
"
    .replace("d(e", "d.d(e");
    becomes(&text, &text);
}

#[test]
fn comments_before_separators_come_behind_them() {
    becomes(
        "policy \"p\" permit [1 // one
          , 2 /* two */ // too
        ] // three
        ; // four",
        "policy \"p\"
permit
  [
    1, // one
    2 /* two */ // too
  ]; // three
// four
",
    );
}

#[test]
fn blank_lines_stay_between_statements_and_nowhere_else() {
    becomes(
        "\n\npolicy \"p\"\n\npermit\n\n\n  a;\n\n\n\n  b\n\n;\n\nobligation\n\n{}\n\nobligation {\n\n  a: 1\n\n}\n\n",
        "policy \"p\"\npermit\n  a;\n\n  b;\nobligation {}\nobligation {\n  a: 1\n}\n",
    );
}

#[test]
fn line_ends_of_other_systems_become_ours() {
    becomes(
        "// a\r\npolicy \"p\" /* b\r\n c */\r\npermit // d \r  x;\r\r  y;\r\n",
        "// a\npolicy \"p\" /* b\n c */\npermit // d\n  x;\n\n  y;\n",
    );
}

#[test]
fn indentation_ends_somewhere() {
    let depth = 60;
    let text = format!(
        "policy \"p\" permit {}{};",
        "[\n".repeat(depth),
        "]".repeat(depth)
    );
    let text = format(&text).unwrap();
    let deepest = text
        .lines()
        .map(|line| line.len() - line.trim_start().len())
        .max();
    assert_eq!(deepest, Some(MAX_INDENT));
    assert_eq!(format(&text), Ok(text));
}

#[test]
fn what_does_not_parse_is_refused() {
    assert_eq!(format("policy \"p\" allow").unwrap_err().column(), 12);
}

#[test]
fn a_document_that_would_grow_too_large_is_refused() {
    let elements = MAX_DOCUMENT_BYTES / 4;
    let source = format!("policy \"p\" permit [\n{}1];", "1,".repeat(elements));
    assert!(format(&source).unwrap_err().message().contains("larger"));
}
