use super::*;

#[test]
fn credentials_are_encoded_before_they_are_joined() {
    assert_eq!(form_encoded("aZ09-._*"), "aZ09-._*");
    assert_eq!(form_encoded("a b:c&d=e+f~ü\n"), "a+b%3Ac%26d%3De%2Bf%7E%C3%BC%0A");
    let verifier = Introspection::new("https://idp.example/introspect", "a:b", "c d").unwrap();
    let basic = verifier.authorization.to_str().unwrap();
    assert_eq!(basic, format!("Basic {}", BASE64_STANDARD.encode("a%3Ab:c+d")));
    assert!(!format!("{verifier:?} {:?}", verifier.authorization).contains("YSUz"));
}

#[test]
fn wrong_settings_are_refused() {
    let new = |url, id, secret| Introspection::new(url, id, secret).unwrap_err().to_string();
    assert!(new("http://idp.example", "a", "b").contains("`endpoint`"));
    assert!(new("https://u:hidden@idp.example", "a", "b").contains("`endpoint`"));
    assert!(!new("https://u:hidden@idp.example", "a", "b").contains("hidden"));
    assert!(new("https://idp.example", "", "b").contains("`client_id`"));
    assert!(new("https://idp.example", "a", "").contains("`client_secret`"));
}

#[test]
fn the_memory_is_limited() {
    let with = |seconds| {
        let verifier = Introspection::new("https://idp.example", "a", "b").unwrap();
        verifier
            .with_memory(Duration::from_secs(seconds))
            .memory
            .as_secs()
    };
    assert_eq!((with(0), with(300), with(301)), (0, 300, 300));
}
