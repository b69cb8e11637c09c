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
