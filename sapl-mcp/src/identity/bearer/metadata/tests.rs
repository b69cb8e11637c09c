use super::*;

fn document(resource: &ProtectedResource) -> Value {
    serde_json::from_slice(&resource.document).unwrap()
}

#[test]
fn the_document_says_what_is_configured_and_no_more() {
    let mut resource = ProtectedResource::new("https://analytics.example/mcp").unwrap();
    assert_eq!(
        document(&resource),
        json!({"resource": "https://analytics.example/mcp", "bearer_methods_supported": ["header"]})
    );
    resource
        .add_authorization_server("https://idp.example/realms/a")
        .unwrap();
    resource
        .add_authorization_server("https://idp.example/realms/b")
        .unwrap();
    resource.add_scopes(["mcp:read", "mcp:write"]).unwrap();
    assert_eq!(
        document(&resource),
        json!({
            "resource": "https://analytics.example/mcp",
            "bearer_methods_supported": ["header"],
            "authorization_servers": ["https://idp.example/realms/a", "https://idp.example/realms/b"],
            "scopes_supported": ["mcp:read", "mcp:write"],
        })
    );
}

#[test]
fn the_well_known_part_goes_between_host_and_path() {
    for (resource, url) in [
        (
            "https://a.example",
            "https://a.example/.well-known/oauth-protected-resource",
        ),
        (
            "https://a.example/",
            "https://a.example/.well-known/oauth-protected-resource",
        ),
        (
            "https://a.example:8443/mcp",
            "https://a.example:8443/.well-known/oauth-protected-resource/mcp",
        ),
        (
            "http://127.0.0.1:80/t/1/mcp",
            "http://127.0.0.1:80/.well-known/oauth-protected-resource/t/1/mcp",
        ),
        (
            "https://a.example/mcp/",
            "https://a.example/.well-known/oauth-protected-resource/mcp/",
        ),
    ] {
        assert_eq!(ProtectedResource::new(resource).unwrap().metadata_url(), url);
    }
}

#[test]
fn both_paths_and_no_other_are_the_document() {
    let resource = ProtectedResource::new("https://a.example/mcp").unwrap();
    let asked = |method: Method, path: &str| {
        resource
            .document_for(&Request::builder().method(method).uri(path).body(()).unwrap())
            .is_some()
    };
    assert!(asked(Method::GET, "/.well-known/oauth-protected-resource"));
    assert!(asked(Method::GET, "/.well-known/oauth-protected-resource/mcp"));
    assert!(asked(
        Method::HEAD,
        "/.well-known/oauth-protected-resource/mcp?x=1"
    ));
    assert!(!asked(Method::POST, "/.well-known/oauth-protected-resource/mcp"));
    for path in [
        "/",
        "/mcp",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
    ] {
        assert!(!asked(Method::GET, path), "{path}");
    }
    for path in [
        "/.well-known/oauth-protected-resourcemcp",
        "/.well-known/oauth-protected-resource/other",
        "/x/mcp",
    ] {
        assert!(!asked(Method::GET, path), "{path}");
    }
}

#[test]
fn a_resource_that_is_no_absolute_uri_is_refused() {
    for resource in [
        "",
        "mcp",
        "/mcp",
        "analytics.example/mcp",
        "https://",
        "https://a.example/mcp#part",
        "https://a.example/mcp?tenant=1",
        "https://user:pass@a.example/mcp",
        "https://a.example/m cp",
        "https://a.example/\"mcp",
        "https://a.example/mcp\r\nx: y",
        "https://a.example/ü",
        "ftp://a.example/mcp",
        "urn:example:mcp",
        "http://a.example/mcp",
        "http://127.0.0.1.a.example/mcp",
        "http://localhost.a.example/mcp",
        "http://10.0.0.1/mcp",
    ] {
        let error = ProtectedResource::new(resource).unwrap_err();
        assert!(
            matches!(
                &error,
                IdentityConfigError::Uri {
                    setting: "resource",
                    ..
                }
            ),
            "{resource}: {error}"
        );
    }
    for resource in [
        "http://localhost:3000/mcp",
        "http://127.0.0.1:1/mcp",
        "http://[::1]:3000/mcp",
        "HTTPS://A.example",
    ] {
        assert!(ProtectedResource::new(resource).is_ok(), "{resource}");
    }
}

#[test]
fn a_password_in_a_uri_is_not_repeated() {
    for resource in [
        "https://user:hunter2@a.example/mcp",
        "http://user:hunter2@a.example/mcp",
        "https://user:hunter2@a.example/mcp#part",
        "user:hunter2@a.example",
    ] {
        let error = ProtectedResource::new(resource).unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn wrong_servers_and_scopes_are_refused() {
    let mut resource = ProtectedResource::new("https://a.example/mcp").unwrap();
    assert!(resource.add_authorization_server("idp.example").is_err());
    assert!(
        resource
            .add_authorization_server("https://idp.example/#x")
            .is_err()
    );
    for scope in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
        let error = resource.add_scopes([scope]).unwrap_err();
        assert_eq!(
            error,
            IdentityConfigError::Scope {
                value: scope.to_owned()
            }
        );
    }
}
