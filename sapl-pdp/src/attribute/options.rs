//! `<name[{…}]>`: how the stream of an attribute is dealt with.

use std::time::Duration;

use crate::value::{Number, Object, Value};

/// The shortest wait before a finder that failed is asked again.
pub const MIN_BACKOFF: Duration = Duration::from_millis(50);

/// How the stream of an attribute is dealt with, as written in brackets behind its name or in the variable
/// [`VARIABLE`](Self::VARIABLE) of `pdp.json`; see SAPL's documentation on attribute finder options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AttributeOptions {
    /// `initialTimeOutMs`: how long the first value may take before the attribute is undefined.
    pub initial_timeout: Duration,
    /// `pollIntervalMs`: when a stream that ended is asked for again.
    pub poll_interval: Duration,
    /// `backoffMs`: how long a finder that panicked rests, twice as long each time.
    pub backoff: Duration,
    /// `retries`: how often in a row it is asked again that soon; afterwards it rests for the poll interval.
    pub retries: u32,
    /// `fresh`: whether the stream is not shared.
    pub fresh: bool,
}

impl AttributeOptions {
    /// The variable of `pdp.json` that holds options for all attributes.
    pub const VARIABLE: &'static str = "attributeFinderOptions";

    /// These options with those that an object names; other members mean nothing.
    pub(crate) fn with(mut self, object: &Value<'_>) -> Result<Self, String> {
        let Value::Object(object) = object else {
            return Err("the options of an attribute must be an object".to_owned());
        };
        if let Some(millis) = whole(object, "initialTimeOutMs", 1)? {
            self.initial_timeout = Duration::from_millis(millis);
        }
        if let Some(millis) = whole(object, "pollIntervalMs", 1)? {
            self.poll_interval = Duration::from_millis(millis);
        }
        let backoff = u64::try_from(MIN_BACKOFF.as_millis()).unwrap_or(u64::MAX);
        if let Some(millis) = whole(object, "backoffMs", backoff)? {
            self.backoff = Duration::from_millis(millis);
        }
        if let Some(retries) = whole(object, "retries", 0)? {
            self.retries = u32::try_from(retries).unwrap_or(u32::MAX);
        }
        match object.get("fresh") {
            None => {}
            Some(Value::Boolean(fresh)) => self.fresh = fresh,
            Some(_) => return Err("the option `fresh` must be a boolean".to_owned()),
        }
        Ok(self)
    }
}

impl Default for AttributeOptions {
    fn default() -> Self {
        Self {
            initial_timeout: Duration::from_secs(3),
            poll_interval: Duration::from_secs(30),
            backoff: Duration::from_secs(1),
            retries: 3,
            fresh: false,
        }
    }
}

fn whole(object: &Object<'_>, name: &str, minimum: u64) -> Result<Option<u64>, String> {
    let Some(value) = object.get(name) else {
        return Ok(None);
    };
    let number = value.as_number().and_then(Number::to_i64);
    match number.and_then(|number| u64::try_from(number).ok()) {
        Some(number) if number >= minimum => Ok(Some(number)),
        _ => Err(format!(
            "the option `{name}` must be a whole number from {minimum}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: &serde_json::Value) -> Result<AttributeOptions, String> {
        AttributeOptions::default().with(&Value::from_json(options))
    }

    #[test]
    fn options_replace_those_before() {
        let options = read(
            &json!({"initialTimeOutMs": 1, "pollIntervalMs": 2.0, "backoffMs": 50, "retries": 0,
            "fresh": true, "other": []}),
        )
        .unwrap();
        let expected = AttributeOptions {
            initial_timeout: Duration::from_millis(1),
            poll_interval: Duration::from_millis(2),
            backoff: MIN_BACKOFF,
            retries: 0,
            fresh: true,
        };
        assert_eq!(options, expected);
        assert_eq!(read(&json!({})), Ok(AttributeOptions::default()));
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for options in [
            json!([]),
            json!({"initialTimeOutMs": 0}),
            json!({"pollIntervalMs": 0}),
            json!({"pollIntervalMs": 1.5}),
            json!({"pollIntervalMs": 1e30}),
            json!({"backoffMs": 49}),
            json!({"retries": -1}),
            json!({"retries": "3"}),
            json!({"fresh": null}),
        ] {
            assert!(read(&options).is_err(), "{options}");
        }
    }
}
