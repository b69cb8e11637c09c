//! The patterns for names of properties, which are not matched by the patterns of policies.

use regex_automata::nfa::thompson::NFA;
use serde_json::Value as Json;

/// How many states the patterns of all `patternProperties` have, at each of which a byte of a name may have to be looked at.
/// A pattern that does not compile has none: the schema is refused.
pub(super) fn states(schema: &Json) -> u64 {
    match schema {
        Json::Array(elements) => elements.iter().map(states).sum(),
        Json::Object(members) => members
            .iter()
            .map(|(keyword, value)| match value {
                Json::Object(patterns) if keyword == "patternProperties" => {
                    patterns.keys().map(|pattern| states_of(pattern)).sum::<u64>() + states(value)
                }
                value => states(value),
            })
            .sum(),
        _ => 0,
    }
}

fn states_of(pattern: &str) -> u64 {
    let automaton = NFA::compiler()
        .configure(NFA::config().nfa_size_limit(Some(MAX_SIZE)))
        .build(pattern);
    automaton.map_or(0, |automaton| automaton.states().len() as u64)
}

/// Larger patterns are refused.
const MAX_SIZE: usize = 2 << 20;

/// The bytes of all names of properties.
pub(super) fn length(json: &Json) -> u64 {
    match json {
        Json::Array(elements) => elements.iter().map(length).sum(),
        Json::Object(members) => members
            .iter()
            .map(|(name, member)| name.len() as u64 + length(member))
            .sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pattern::MAX_EFFORT;
    use crate::schema::Schema;

    #[test]
    fn patterns_for_names_end_at_the_most_work() {
        let schema = json!({"items": {"patternProperties": {"^[ab]*a[ab]{90}$": {}}}});
        let states = states(&schema);
        let longest = usize::try_from(MAX_EFFORT / states).unwrap();
        let schema = Schema::new(schema, Vec::new()).unwrap();
        let named = |length: usize| json!([{("x".repeat(length)): 1}]);
        assert_eq!(super::length(&named(longest)), longest as u64);
        assert_eq!(schema.is_valid(&named(longest)), Ok(true));
        assert!(schema.is_valid(&named(longest + 1)).is_err());
    }
}
