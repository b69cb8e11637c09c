use super::*;

#[test]
fn queries_are_read_up_to_the_limit() {
    let query = |length: usize| format!("{{{}a}}", " ".repeat(length - 3));
    let is_valid = |length: usize| {
        let analysis = analyze_query(&[query(length).into()]).ok();
        analysis.and_then(|analysis| analysis.as_object()?.get("valid"))
    };
    assert_eq!(is_valid(MAX_QUERY), Some(true.into()));
    assert_eq!(is_valid(MAX_QUERY + 1), Some(false.into()));
}

#[test]
fn weights_are_counted_without_their_fractions() {
    let parsed = serde_json::json!({"fields": ["a", 5, "b"], "depth": "x"});
    let weights = serde_json::json!({"a": 2.9, "b": "x"});
    let counted = complexity(&[Value::from_json(&parsed), Value::from_json(&weights)]);
    assert_eq!(counted, Ok(5_i64.into()));
}

const SCHEMA: &str = "
    type Query {
        user(id: Int): User, need(id: Int!, b: Boolean = true): User, pets: [Pet!]!,
        search(filter: Filter, kind: Kind): [User], n: Int f(x: Float s: String l: [Int]): String
    }
    type Mutation { del(id: Int!): Boolean } type Subscription { tick: Int, tock: Int }
    type User { id: ID name: String friends: [User] kind: Kind } type Pet { name: String! }
    enum Kind { A B } input Filter { name: String!, age: Int, sub: Filter, tags: [String] }
    directive @d(a: Int!) on FIELD";

/// The errors of a query on a schema, without their beginnings.
fn problems_on(query: &str, schema: &str) -> Result<Vec<String>, ErrorKind> {
    let found = validate_query(&[query.to_owned().into(), schema.to_owned().into()])?;
    let errors = found.as_object().and_then(|found| found.get("errors"));
    let is_valid = found.as_object().and_then(|found| found.get("valid"));
    assert_eq!(is_valid, Some(errors.is_none().into()), "{query}");
    let errors = errors
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flat_map(|errors| {
            errors.iter().map(|error| match error {
                Value::Text(text) => text.replace("Validation error (", "("),
                other => other.to_string(),
            })
        });
    Ok(errors.collect())
}

fn problems(query: &str) -> Vec<String> {
    problems_on(query, SCHEMA).unwrap_or_default()
}

#[test]
fn what_fits_the_schema_is_valid() {
    for query in [
        "{ user { name friends { id kind } } }",
        "{ f(x: 1, l: 1) a: f(l: [1, null]) }",
        "{ search(kind: A, filter: {name: \"x\", tags: \"y\"}) { name } }",
        "query Q($a: Int = 1, $b: Boolean!) { need(id: $a) @include(if: $b) { name } }",
        "query($l: [Int!]!, $i: Int) { f(l: $l) x: f(l: [$i]) }",
        "query($a: Int) { ...F } fragment F on Query { user(id: $a) { ... on User { name } ... { id } } }",
        "{ __typename __schema { types { name fields(includeDeprecated: true) { name } } } __type(name: \"User\") { kind } }",
        "mutation { del(id: 1) } ",
        "subscription { tick ...F } fragment F on Subscription { tick }",
        "{ n @d(a: 1) } ",
        "query A { n } query B { n }",
    ] {
        assert!(problems(query).is_empty(), "{query}: {:?}", problems(query));
    }
}

#[test]
fn what_does_not_fit_is_told() {
    for (query, problem) in [
        (
            "{ al: user { nope } }",
            "(FieldUndefined@[user/nope]) : Field 'nope' in type 'User' is undefined",
        ),
        (
            "{ user }",
            "(SubselectionRequired@[user]) : Subselection required for type 'User' of field 'user'",
        ),
        (
            "{ n { x } }",
            "(SubselectionNotAllowed@[n]) : Subselection not allowed on leaf type 'Int' of field 'n'",
        ),
        (
            "{ user(foo: 1) { name } }",
            "(UnknownArgument@[user]) : Unknown field argument 'foo'",
        ),
        (
            "{ need { name } }",
            "(MissingFieldArgument@[need]) : Missing field argument 'id'",
        ),
        (
            "{ user(id: 1, id: 2) { name } }",
            "(DuplicateArgumentNames@[user]) : There can be only one argument named 'id'",
        ),
        ("{ ...F }", "(UndefinedFragment) : Undefined fragment 'F'"),
        (
            "{ n } fragment F on Query { n }",
            "(UnusedFragment) : Unused fragment 'F'",
        ),
        (
            "{ ...F } fragment F on Nope { n }",
            "(UnknownType@[F]) : Unknown type 'Nope'",
        ),
        (
            "{ ...F } fragment F on Query { ...F }",
            "(FragmentCycle@[F]) : Fragment cycles not allowed",
        ),
        (
            "{ ... on Int { n } }",
            "(InlineFragmentTypeConditionInvalid) : Inline fragment type condition is invalid, must be on Object/Interface/Union",
        ),
        (
            "{ user { ...F } } fragment F on Query { n }",
            "(InvalidFragmentType@[user]) : Fragment 'F' cannot be spread here as objects of type 'User' can never be of type 'Query'",
        ),
        ("query($a: Int) { n }", "(UnusedVariable) : Unused variable 'a'"),
        (
            "{ ...F } fragment F on Query { user(id: $a) { id } }",
            "(UndefinedVariable@[F/user]) : Undefined variable 'a'",
        ),
        (
            "query($a: Int) { need(id: $a) { id } }",
            "(VariableTypeMismatch@[need]) : Variable 'a' of type 'Int' used in position expecting type 'Int!'",
        ),
        (
            "query($a: Int = \"x\") { user(id: $a) { id } }",
            "(BadValueForDefaultArg) : Bad default value 'StringValue{value='x'}' for type 'Int'",
        ),
        ("{ n @nope }", "(UnknownDirective@[n]) : Unknown directive 'nope'"),
        (
            "{ n @skip }",
            "(MissingDirectiveArgument@[n]) : Missing directive argument 'if'",
        ),
        (
            "query @d(a: 1) { n }",
            "(MisplacedDirective) : Directive 'd' not allowed here",
        ),
        (
            "{ n } { n }",
            "(LoneAnonymousOperationViolation) : Anonymous operation with other operations",
        ),
        (
            "query A { n } query A { n }",
            "(DuplicateOperationName) : There can be only one operation named 'A'",
        ),
        (
            "{ user { friends { a: name } } user { friends { a: id } } }",
            "(FieldsConflict) : 'user/friends/a' : returns different types 'String' and 'ID'",
        ),
        (
            "{ a: user { name } a: need(id: 1) { name } }",
            "(FieldsConflict) : 'a' : 'user' and 'need' are different fields",
        ),
        (
            "{ a: f(s: \"x\") a: f }",
            "(FieldsConflict) : 'a' : fields have different arguments",
        ),
        (
            "subscription S { tick tock }",
            "(SubscriptionMultipleRootFields) : Subscription operation 'S' must have exactly one root field",
        ),
        (
            "{ n } scalar X",
            "(NonExecutableDefinition) : Type 'X' definition is not executable",
        ),
        (
            "{ f(l: [1, \"a\"]) }",
            "(WrongType@[f]) : argument 'l[1]' with value 'StringValue{value='a'}' is not a valid 'Int' - Expected an AST type of 'IntValue' but it was a 'StringValue'",
        ),
        (
            "{ search(filter: {}) { id } }",
            "(WrongType@[search]) : argument 'filter' with value 'ObjectValue{objectFields=[]}' is missing required fields '[name]'",
        ),
    ] {
        assert_eq!(problems(query), [problem], "{query}");
    }
}

#[test]
fn schemas_that_make_no_sense_are_refused() {
    for (schema, problem) in [
        ("type broken", "A schema MUST have a 'query' operation defined"),
        (
            "type Query { a: Nope }",
            "The field type 'Nope' is not present when resolving type 'Query' [@1:1]",
        ),
        (
            "type Query { a: Int } type Query { b: Int }",
            "'Query' type [@1:23] tried to redefine existing 'Query' type [@1:1]",
        ),
        (
            "type Query { a: Int } interface N { b: Int }",
            "There is no type resolver defined for interface / union 'N' type",
        ),
        (
            "type Query { a: Int } scalar Date",
            "There is no scalar implementation for the named  'Date' scalar type",
        ),
        (
            "type Query { a: Int @nope }",
            "'a' [@1:14] tried to use an undeclared directive 'nope'",
        ),
        (
            "type Query { a Int }",
            "[@1:12] The schema definition text contains a non schema definition language (SDL) element 'OperationDefinition'",
        ),
    ] {
        let expected = format!("Schema parsing failed: errors=[{problem}]");
        assert_eq!(problems_on("{ a }", schema), Ok(vec![expected]), "{schema}");
    }
    for schema in [
        "type Query { }",
        "enum Query { A }",
        "type Query { a: I } input I { b: Int }",
        "type Query { __a: Int }",
    ] {
        assert!(problems_on("{ a }", schema).is_err(), "{schema}");
    }
}

#[test]
fn errors_are_told_up_to_their_limit() {
    let query =
        |count: usize| (0..count).fold("{ n".to_owned(), |query, number| format!("{query} x{number}")) + "}";
    assert_eq!(
        problems(&query(validation::MAX_ERRORS - 1)).len(),
        validation::MAX_ERRORS - 1
    );
    assert_eq!(
        problems(&query(validation::MAX_ERRORS + 1)).len(),
        validation::MAX_ERRORS
    );
}

#[test]
fn members_of_types_have_a_limit() {
    let schema = |count: usize| {
        let fields = (0..count).fold(String::new(), |fields, number| format!("{fields} a{number}: Int"));
        format!("type Query {{ {fields} }}")
    };
    assert_eq!(problems_on("{ a0 }", &schema(MAX_MEMBERS)), Ok(vec![]));
    assert_eq!(problems_on("{ a0 }", &schema(MAX_MEMBERS + 1)), Err(TOO_WIDE));
}

#[test]
fn fragments_that_multiply_are_an_error() {
    let mut query = String::from("{ user { ...F0 } } ");
    for number in 0..40 {
        let next = number + 1;
        query += &format!(
            "fragment F{number} on User {{ a: friends {{ ...F{next} }} b: friends {{ ...F{next} }} }} "
        );
    }
    query += "fragment F40 on User { id }";
    assert_eq!(problems_on(&query, SCHEMA), Err(validation::TOO_MUCH));
    // A long chain is no danger for the stack.
    let chain: String = (0..5_000)
        .map(|number| {
            format!(
                "fragment F{number} on User {{ friends {{ ...F{} }} }} ",
                number + 1
            )
        })
        .collect();
    let found = problems_on(
        &format!("{{ user {{ ...F0 }} }} {chain} fragment F5000 on User {{ id }}"),
        SCHEMA,
    );
    assert!(found.is_err());
}

#[test]
fn arguments_of_fields_of_one_name_are_compared_up_to_a_limit() {
    let query = |count: usize| {
        let arguments: String = (0..count).map(|number| format!("a{number}: 1 ")).collect();
        format!("{{ f({arguments}) f({arguments}) }}")
    };
    assert!(problems_on(&query(500), SCHEMA).is_ok());
    assert_eq!(problems_on(&query(512), SCHEMA), Err(validation::TOO_MUCH));
}

#[test]
fn places_on_one_long_line_are_counted_once() {
    let types: String = (0..20_000)
        .map(|number| format!("type T{number} {{ é: Int }} "))
        .collect();
    let parsed = definitions::parse(&format!("\n{types}")).map_err(drop);
    assert!(parsed.is_err(), "a name in other letters");
    let types = types.replace('é', "a");
    let text = format!("# é\n{types}");
    let parsed = definitions::parse(&text).unwrap();
    let last = parsed.types.last().unwrap();
    let before = types.rfind("type").unwrap();
    assert_eq!((last.place.line, last.place.column), (2, before + 1));
    assert_eq!(parsed.types.first().unwrap().place.column, 1);
}
