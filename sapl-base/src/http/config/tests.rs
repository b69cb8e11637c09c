use super::*;
use crate::http::oauth::ClientCredentials;

fn refusal(config: PdpConfig) -> String {
    config.check().unwrap_err().to_string()
}

#[test]
fn nothing_given_is_the_node_on_this_machine_over_tls() {
    let prepared = PdpConfig::default().prepare().unwrap();
    assert_eq!(
        prepared.endpoints.decide_once.to_string(),
        "https://localhost:8443/api/pdp/decide-once"
    );
    assert_eq!(prepared.timeout, Duration::from_secs(5));
    assert!(matches!(prepared.authenticator, Authenticator::None));
}

#[test]
fn the_endpoints_lie_below_a_path_prefix_with_or_without_its_slash() {
    for base in ["https://h/a/b", "https://h/a/b/", "https://h/a/b//"] {
        let prepared = PdpConfig::new(base).prepare().unwrap();
        assert_eq!(
            prepared.endpoints.multi_decide_all_once.to_string(),
            "https://h/a/b/api/pdp/multi-decide-all-once"
        );
    }
    let prepared = PdpConfig::new("https://[::1]:8443/").prepare().unwrap();
    assert_eq!(
        prepared.endpoints.decide.to_string(),
        "https://[::1]:8443/api/pdp/decide"
    );
}

#[test]
fn a_wrong_address_is_refused_by_name_and_not_repeated() {
    for (base, reason) in [
        ("", "it is empty"),
        ("pdp.example", "it is no absolute URL"),
        ("http://localhost", "it is http://"),
        ("http://127.0.0.1:1", "it is http://"),
        ("https://u:hunter2@h", "it holds a user name"),
        ("https://h?key=hunter2", "it has a query"),
        ("https://h/#hunter2", "it has a fragment"),
        ("https://h:0", "its port"),
        ("ws://h", "its scheme"),
    ] {
        let config = PdpConfig::new(base);
        assert!(!format!("{config:?}").contains("hunter2"));
        let refusal = refusal(config);
        assert!(
            refusal.starts_with(&format!("`base_url` can't be used: {reason}")),
            "{refusal}"
        );
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}

#[test]
fn cleartext_is_talked_when_allowed() {
    let config = PdpConfig::new("http://localhost:8080").allow_insecure_connections(true);
    assert!(config.check().is_ok());
}

#[test]
fn one_way_to_authenticate_is_enough() {
    let oauth = || ClientCredentials::new("https://id.example/token", "id", "secret");
    for (config, message) in [
        (
            PdpConfig::default().token("t").username("u").password("p"),
            "`username` can't be used: `token` is given as well",
        ),
        (
            PdpConfig::default().token("t").client_credentials(oauth()),
            "`client_credentials` can't be used: `token` is given as well",
        ),
        (
            PdpConfig::default().username("u").client_credentials(oauth()),
            "`client_credentials` can't be used: `username` is given as well",
        ),
        (
            PdpConfig::default().username("u"),
            "`password` can't be used: it is missing although `username`",
        ),
        (
            PdpConfig::default().password("p"),
            "`username` can't be used: it is missing although `password`",
        ),
        (
            PdpConfig::default().token("t").password("p"),
            "`username` can't be used: it is missing although `password`",
        ),
    ] {
        let refusal = refusal(config);
        assert!(refusal.starts_with(message), "{refusal}");
    }
}

#[test]
fn credentials_that_a_header_can_not_carry_are_refused() {
    for token in [
        "",
        " ",
        "a b",
        "a\n",
        "a\r\nX: y",
        "Bearer abc",
        "ä",
        "=",
        "a=b",
        "a\0",
    ] {
        let refusal = refusal(PdpConfig::default().token(token));
        assert!(refusal.starts_with("`token` can't be used: it is "), "{refusal}");
    }
    for token in ["sapl_7f3a_c2VjcmV0", "a.b-c~d+e/f==", "0"] {
        assert!(PdpConfig::default().token(token).check().is_ok(), "{token}");
    }
    for username in ["", "a:b", "a\n", "\u{7f}"] {
        let refusal = refusal(PdpConfig::default().username(username).password("p"));
        assert!(refusal.starts_with("`username` can't be used"), "{refusal}");
    }
    for password in ["", "a\n", "\0"] {
        let refusal = refusal(PdpConfig::default().username("u").password(password));
        assert!(refusal.starts_with("`password` can't be used"), "{refusal}");
    }
    let odd = PdpConfig::default().username("müller").password("pass:wörd ü");
    assert!(odd.check().is_ok());
}

#[test]
fn a_time_out_is_more_than_nothing_and_at_most_five_minutes() {
    let with = |timeout| PdpConfig::default().timeout(timeout);
    let tick = Duration::from_nanos(1);
    assert!(with(tick).check().is_ok());
    assert!(with(PdpConfig::MAX_TIMEOUT).check().is_ok());
    assert!(refusal(with(Duration::ZERO)).starts_with("`timeout`"));
    assert!(refusal(with(PdpConfig::MAX_TIMEOUT + tick)).starts_with("`timeout`"));
}

#[test]
fn wrong_client_credentials_are_refused_by_name() {
    let with = |credentials| refusal(PdpConfig::default().client_credentials(credentials));
    for (url, id, secret, field) in [
        ("http://id.example/token", "id", "s", "token_endpoint"),
        ("https://id.example/token#x", "id", "s", "token_endpoint"),
        ("", "id", "s", "token_endpoint"),
        ("https://id.example/token", "", "s", "client_id"),
        ("https://id.example/token", "id", "", "client_secret"),
    ] {
        let refusal = with(ClientCredentials::new(url, id, secret));
        let start = format!("`client_credentials.{field}` can't be used");
        assert!(refusal.starts_with(&start), "{refusal}");
    }
    let plain = ClientCredentials::new("http://id.example/token", "id", "s");
    let config = PdpConfig::default()
        .allow_insecure_connections(true)
        .client_credentials(plain);
    assert!(config.check().is_ok());
}

#[test]
fn certificates_that_can_not_be_read_are_refused() {
    let with = |tls| refusal(PdpConfig::default().tls(tls));
    for (tls, message) in [
        (
            TlsSettings::default().private_ca_pem(""),
            "`tls` can't be used: the private certificate authority can't be used: there is no certificate",
        ),
        (
            TlsSettings::default()
                .private_ca_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            "`tls` can't be used: the private certificate authority can't be used",
        ),
        (
            TlsSettings::default().private_ca_file("/no/such/file"),
            "`tls` can't be used: the private certificate authority can't be used: `/no/such/file`",
        ),
        (
            TlsSettings::default().client_certificate_pem("", "hunter2"),
            "`tls` can't be used: the client certificate can't be used",
        ),
    ] {
        let refusal = with(tls);
        assert!(refusal.starts_with(message), "{refusal}");
        assert!(!refusal.contains("hunter2"));
    }
}

#[test]
fn nothing_secret_is_printed() {
    let config = PdpConfig::default()
        .token("hunter2")
        .password("hunter2")
        .client_credentials(ClientCredentials::new("https://x:hunter2@h", "id", "hunter2"))
        .tls(TlsSettings::default().client_certificate_pem("hunter2", "hunter2"));
    let printed = format!("{config:?}");
    assert!(!printed.contains("hunter2"), "{printed}");
}
