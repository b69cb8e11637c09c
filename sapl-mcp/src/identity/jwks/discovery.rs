//! What an issuer says about itself: [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414) and OpenID Connect Discovery.

use http::Uri;
use serde_json::Value;

/// What is needed of an issuer's metadata.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) jwks_uri: String,
}

impl Metadata {
    /// Reads the metadata of `issuer`, which it must name in the very same characters (RFC 8414 §3.3).
    pub(super) fn read(document: &[u8], issuer: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_slice(document).map_err(|_| "it is not JSON")?;
        if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(format!("its `issuer` is not {issuer:?}"));
        }
        let jwks_uri = document.get("jwks_uri").and_then(Value::as_str);
        let jwks_uri = jwks_uri.ok_or("it has no `jwks_uri`")?.to_owned();
        Ok(Self { jwks_uri })
    }
}

/// Where the metadata of an issuer may be, in the order in which clients of MCP look too: with the well-known part between
/// host and path for RFC 8414 and for OpenID Connect, then behind the path for OpenID Connect.
pub(super) fn metadata_urls(issuer: &Uri) -> Vec<Uri> {
    let path = issuer.path().strip_suffix('/').unwrap_or(issuer.path());
    let mut paths = vec![
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        paths.push(format!("{path}/.well-known/openid-configuration"));
    }
    let url = |path: String| {
        let mut parts = issuer.clone().into_parts();
        parts.path_and_query = Some(path.parse().ok()?);
        Uri::from_parts(parts).ok()
    };
    paths.into_iter().filter_map(url).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_is_looked_for_in_all_well_known_places() {
        let urls = |issuer: &str| {
            let urls = metadata_urls(&issuer.parse().unwrap());
            urls.iter().map(Uri::to_string).collect::<Vec<_>>()
        };
        for root in ["https://idp.example", "https://idp.example/"] {
            assert_eq!(
                urls(root),
                [
                    "https://idp.example/.well-known/oauth-authorization-server",
                    "https://idp.example/.well-known/openid-configuration",
                ]
            );
        }
        assert_eq!(
            urls("https://idp.example:8443/realms/a"),
            [
                "https://idp.example:8443/.well-known/oauth-authorization-server/realms/a",
                "https://idp.example:8443/.well-known/openid-configuration/realms/a",
                "https://idp.example:8443/realms/a/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn the_issuer_must_be_ours_to_the_letter() {
        let read = |document: Value| {
            Metadata::read(document.to_string().as_bytes(), "https://idp.example").map(|data| data.jwks_uri)
        };
        let good = json!({"issuer": "https://idp.example", "jwks_uri": "https://idp.example/keys", "x": 1});
        assert_eq!(read(good).unwrap(), "https://idp.example/keys");
        for issuer in [
            json!("https://idp.example/"),
            json!("https://IDP.example"),
            json!("https://evil.example"),
            json!(["https://idp.example"]),
            json!(null),
        ] {
            let document = json!({"issuer": issuer, "jwks_uri": "https://idp.example/keys"});
            assert!(read(document).unwrap_err().contains("`issuer`"), "{issuer}");
        }
        for document in [
            json!({"jwks_uri": "https://idp.example/keys"}),
            json!({"issuer": "https://idp.example"}),
            json!({"issuer": "https://idp.example", "jwks_uri": 1}),
            json!([]),
            json!("https://idp.example"),
        ] {
            assert!(read(document.clone()).is_err(), "{document}");
        }
        assert!(Metadata::read(b"{", "https://idp.example").is_err());
    }
}
