//! The call that method-invocation handlers may change.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// A component that is about to run, with its arguments.
///
/// Its name can't be changed. Where the arguments are read-only (the variables of a resource template), a handler
/// that tries to change one has failed, whatever it returns.
#[derive(Clone, Debug)]
pub struct MethodInvocation {
    name: Cow<'static, str>,
    arguments: Map<String, Value>,
    read_only: bool,
    changed: bool,
    refused: bool,
}

impl MethodInvocation {
    /// A call of `name` whose arguments may be changed.
    pub fn new(name: impl Into<Cow<'static, str>>, arguments: Map<String, Value>) -> Self {
        Self {
            name: name.into(),
            arguments,
            read_only: false,
            changed: false,
            refused: false,
        }
    }

    /// A call of `name` whose arguments may be looked at.
    pub fn read_only(name: impl Into<Cow<'static, str>>, arguments: Map<String, Value>) -> Self {
        Self {
            read_only: true,
            ..Self::new(name, arguments)
        }
    }

    /// The component's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All arguments.
    pub const fn arguments(&self) -> &Map<String, Value> {
        &self.arguments
    }

    /// One argument.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name)
    }

    /// Whether the arguments can't be changed.
    pub const fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether some argument is not what it was.
    pub const fn is_changed(&self) -> bool {
        self.changed
    }

    /// The arguments, for the component.
    pub fn into_arguments(self) -> Map<String, Value> {
        self.arguments
    }

    /// Sets an argument.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        if self.arguments.get(&name) != Some(&value) && self.may_change() {
            self.arguments.insert(name, value);
        }
    }

    /// Removes an argument. One that is not there is no change.
    pub fn remove(&mut self, name: &str) {
        if self.arguments.contains_key(name) && self.may_change() {
            self.arguments.remove(name);
        }
    }

    /// Sets an argument to `max` unless it is a number from 0 to `max`.
    ///
    /// With a maximum of 5, the values 0, 3.5, 5 and 5.0 stay, while an absent argument, `null`, 100, `"100"`, -1,
    /// 5.5 and every other value become 5: neither a default of the component nor an odd value escapes the cap.
    pub fn cap(&mut self, name: &str, max: u64) {
        if !self.argument(name).is_some_and(|value| is_within(value, max)) {
            self.set(name, max);
        }
    }

    /// Whether a handler tried to change a read-only argument since the last time this was asked.
    pub(super) const fn take_refused(&mut self) -> bool {
        std::mem::replace(&mut self.refused, false)
    }

    const fn may_change(&mut self) -> bool {
        if self.read_only {
            self.refused = true;
        } else {
            self.changed = true;
        }
        !self.read_only
    }
}

/// Whether `value` is a number from 0 to `max`, compared exactly although one may be a float.
fn is_within(value: &Value, max: u64) -> bool {
    let Value::Number(number) = value else {
        return false;
    };
    if let Some(integer) = number.as_u64() {
        return integer <= max;
    }
    // 2^64, the first float above all of u64.
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    number.as_f64().is_some_and(|float| {
        let whole = float.trunc();
        (0.0..BEYOND).contains(&float) && {
            let integer = whole as u64;
            integer < max || (integer == max && whole == float)
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn capped(value: Option<Value>, max: u64) -> Value {
        let arguments = value
            .map(|value| ("limit".to_owned(), value))
            .into_iter()
            .collect();
        let mut call = MethodInvocation::new("query", arguments);
        let before = call.argument("limit").cloned();
        call.cap("limit", max);
        let after = call.argument("limit").cloned();
        assert_eq!(call.is_changed(), before != after);
        after.unwrap()
    }

    #[test]
    fn a_number_from_zero_to_the_cap_stays() {
        for value in [
            json!(0),
            json!(0.0),
            json!(1),
            json!(3.5),
            json!(5),
            json!(5.0),
            json!(4.999),
        ] {
            assert_eq!(capped(Some(value.clone()), 5), value);
        }
        assert_eq!(capped(Some(json!(u64::MAX)), u64::MAX), json!(u64::MAX));
        assert_eq!(capped(Some(json!(0)), 0), json!(0));
    }

    #[test]
    fn everything_else_becomes_the_cap() {
        assert_eq!(capped(None, 5), json!(5));
        for value in [
            json!(null),
            json!(6),
            json!(100),
            json!(u64::MAX),
            json!(-1),
            json!(-0.5),
            json!(5.5),
            json!(5.000001),
            json!(1e300),
            json!("100"),
            json!("3"),
            json!(true),
            json!([]),
            json!([3]),
            json!({}),
            json!({"limit": 3}),
        ] {
            assert_eq!(capped(Some(value.clone()), 5), json!(5), "{value}");
        }
        assert_eq!(capped(Some(json!(1)), 0), json!(0));
        // Exactly 2^53 + 1, which a double does not hold.
        assert_eq!(
            capped(Some(json!(9_007_199_254_740_994.0)), 9_007_199_254_740_993),
            json!(9_007_199_254_740_993_u64)
        );
        assert_eq!(
            capped(Some(json!(18_446_744_073_709_551_616.0)), u64::MAX),
            json!(u64::MAX)
        );
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let arguments: Map<String, Value> = [("a".to_owned(), json!(1))].into_iter().collect();
        let mut call = MethodInvocation::read_only("query", arguments.clone());
        call.set("a", 1);
        call.remove("b");
        call.cap("a", 1);
        assert!(!call.take_refused() && !call.is_changed());
        call.set("a", 2);
        assert!(call.take_refused() && !call.take_refused());
        call.remove("a");
        assert!(call.take_refused());
        call.cap("a", 0);
        assert!(call.take_refused() && !call.is_changed());
        assert_eq!(call.arguments(), &arguments);
        assert_eq!(call.name(), "query");
    }

    #[test]
    fn arguments_are_set_and_removed() {
        let mut call = MethodInvocation::new("query", Map::new());
        call.set("a", "x");
        call.set("b", vec![1, 2]);
        call.remove("a");
        assert!(call.is_changed() && !call.is_read_only());
        assert_eq!(Value::Object(call.into_arguments()), json!({"b": [1, 2]}));
    }
}
