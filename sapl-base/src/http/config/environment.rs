//! The configuration from environment variables.

use std::{
    env::{self, VarError},
    time::Duration,
};

use super::{PdpConfig, PdpConfigError, PdpConfigProblem};
use crate::http::TlsSettings;

const URL: &str = "SAPL_PDP_URL";
const TOKEN: &str = "SAPL_PDP_TOKEN";
const USERNAME: &str = "SAPL_PDP_USERNAME";
const PASSWORD: &str = "SAPL_PDP_PASSWORD";
const TIMEOUT: &str = "SAPL_PDP_TIMEOUT";
const ALLOW_INSECURE: &str = "SAPL_PDP_ALLOW_INSECURE";
const CA: &str = "SAPL_PDP_CA";

impl PdpConfig {
    /// The configuration that the environment gives:
    ///
    /// | variable | |
    /// |---|---|
    /// | `SAPL_PDP_URL` | the base URL |
    /// | `SAPL_PDP_TOKEN` | an API key or another bearer token |
    /// | `SAPL_PDP_USERNAME`, `SAPL_PDP_PASSWORD` | Basic authentication |
    /// | `SAPL_PDP_TIMEOUT` | seconds, such as `5` or `2.5` |
    /// | `SAPL_PDP_ALLOW_INSECURE` | `true` or `false` (`1`, `0`): whether `http://` will do |
    /// | `SAPL_PDP_CA` | the PEM file of a private certificate authority |
    ///
    /// A variable that is not set leaves the default. One that is set to nothing is an error, since a secret that
    /// was not filled in must not become a request without one.
    ///
    /// # Errors
    /// As [`check`](Self::check); the error names the variable.
    pub fn from_env() -> Result<Self, PdpConfigError> {
        Self::from_variables(env::var)
    }

    fn from_variables(
        read: impl Fn(&'static str) -> Result<String, VarError>,
    ) -> Result<Self, PdpConfigError> {
        let read = |name| match read(name) {
            Ok(value) if value.is_empty() => Err(PdpConfigError::new(name, PdpConfigProblem::Empty)),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => Err(PdpConfigError::new(name, PdpConfigProblem::NoUnicode)),
        };
        let mut config = Self::default();
        if let Some(url) = read(URL)? {
            config.base_url = url;
        }
        if let Some(token) = read(TOKEN)? {
            config = config.token(token);
        }
        if let Some(username) = read(USERNAME)? {
            config = config.username(username);
        }
        if let Some(password) = read(PASSWORD)? {
            config = config.password(password);
        }
        if let Some(seconds) = read(TIMEOUT)? {
            config.timeout =
                parse_seconds(&seconds).map_err(|problem| PdpConfigError::new(TIMEOUT, problem))?;
        }
        if let Some(allow) = read(ALLOW_INSECURE)? {
            config.allow_insecure_connections =
                parse_boolean(&allow).map_err(|problem| PdpConfigError::new(ALLOW_INSECURE, problem))?;
        }
        if let Some(path) = read(CA)? {
            config.tls = TlsSettings::default().private_ca_file(path);
        }
        config.check().map_err(|error| error.renamed(variable))?;
        Ok(config)
    }
}

fn parse_seconds(text: &str) -> Result<Duration, PdpConfigProblem> {
    let seconds: f64 = text.parse().map_err(|_| PdpConfigProblem::NoSeconds)?;
    if seconds.is_nan() {
        return Err(PdpConfigProblem::NoSeconds);
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| PdpConfigProblem::Timeout)
}

fn parse_boolean(text: &str) -> Result<bool, PdpConfigProblem> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(PdpConfigProblem::NoBoolean),
    }
}

fn variable(field: &'static str) -> &'static str {
    match field {
        "base_url" => URL,
        "token" => TOKEN,
        "username" => USERNAME,
        "password" => PASSWORD,
        "timeout" => TIMEOUT,
        "tls" => CA,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn from(variables: &[(&str, &str)]) -> Result<PdpConfig, String> {
        PdpConfig::from_variables(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
                .ok_or(VarError::NotPresent)
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        let config = from(&[]).unwrap();
        assert_eq!(format!("{config:?}"), format!("{:?}", PdpConfig::default()));
    }

    #[test]
    fn every_variable_reaches_its_setting() {
        let config = from(&[
            (URL, "http://pdp.example"),
            (TOKEN, "sapl_1_a"),
            (TIMEOUT, "2.5"),
            (ALLOW_INSECURE, "true"),
        ])
        .unwrap();
        assert_eq!(config.base_url, "http://pdp.example");
        assert_eq!(config.timeout, Duration::from_millis(2500));
        assert!(config.allow_insecure_connections);
        assert_eq!(config.token, Some(Secret::new("sapl_1_a".to_owned())));
        let config = from(&[(USERNAME, "u"), (PASSWORD, "p")]).unwrap();
        assert_eq!(config.username.as_deref(), Some("u"));
        assert_eq!(config.password, Some(Secret::new("p".to_owned())));
    }

    #[test]
    fn an_error_names_the_variable_and_no_secret() {
        for (variables, start) in [
            (
                &[(URL, "localhost")][..],
                "`SAPL_PDP_URL` can't be used: it is no absolute URL",
            ),
            (
                &[(URL, "http://localhost")],
                "`SAPL_PDP_URL` can't be used: it is http://",
            ),
            (&[(URL, "")], "`SAPL_PDP_URL` can't be used: it is empty"),
            (&[(TOKEN, "")], "`SAPL_PDP_TOKEN` can't be used: it is empty"),
            (
                &[(TOKEN, "hunter2\n")],
                "`SAPL_PDP_TOKEN` can't be used: it is no bearer token",
            ),
            (
                &[(USERNAME, "u")],
                "`SAPL_PDP_PASSWORD` can't be used: it is missing although `SAPL_PDP_USERNAME`",
            ),
            (
                &[(PASSWORD, "hunter2")],
                "`SAPL_PDP_USERNAME` can't be used: it is missing",
            ),
            (
                &[(TOKEN, "hunter2"), (USERNAME, "u"), (PASSWORD, "p")],
                "`SAPL_PDP_USERNAME` can't be used: `SAPL_PDP_TOKEN` is given as well",
            ),
            (
                &[(TIMEOUT, "soon")],
                "`SAPL_PDP_TIMEOUT` can't be used: it is no number",
            ),
            (
                &[(TIMEOUT, "NaN")],
                "`SAPL_PDP_TIMEOUT` can't be used: it is no number",
            ),
            (
                &[(TIMEOUT, "-1")],
                "`SAPL_PDP_TIMEOUT` can't be used: it has to be",
            ),
            (
                &[(TIMEOUT, "0")],
                "`SAPL_PDP_TIMEOUT` can't be used: it has to be",
            ),
            (
                &[(TIMEOUT, "301")],
                "`SAPL_PDP_TIMEOUT` can't be used: it has to be",
            ),
            (
                &[(TIMEOUT, "inf")],
                "`SAPL_PDP_TIMEOUT` can't be used: it has to be",
            ),
            (
                &[(ALLOW_INSECURE, "yes")],
                "`SAPL_PDP_ALLOW_INSECURE` can't be used: it is none of",
            ),
            (
                &[(CA, "/no/such/file")],
                "`SAPL_PDP_CA` can't be used: the private certificate authority",
            ),
        ] {
            let error = from(variables).unwrap_err();
            assert!(error.starts_with(start), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_variable_that_is_no_text_is_refused() {
        let error = PdpConfig::from_variables(|_| Err(VarError::NotUnicode("x".into()))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`SAPL_PDP_URL` can't be used: it is no Unicode text"
        );
    }
}
