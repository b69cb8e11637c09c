//! Tokens, as an identity provider would sign them.

use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, EncodingKey, Header, errors::Error};
use sapl_mcp::{IdentityConfigError, JwtVerifier};
use serde_json::{Value, json};

use super::User;

/// Who signs the tokens.
pub const ISSUER: &str = "https://idp.example.test";

/// Whom they are for: this server, whatever its port.
pub const AUDIENCE: &str = "sapl-mcp-demo";

/// How long a token of the demo is good: a day.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The key that signs the demo's tokens. It is PUBLIC: everybody who has this source can sign a token with it, for
/// whom they like. It guards nothing and must not be used for anything else.
const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgALcY84v3bRnRWifG
Or1v27YsAbDaoMbMPrF2wM4lTAahRANCAATBi6obMkngExXbwoa1hZ+HZRDbLCia
PvJWZJSHk0+9sNcpji6i+KfPRJWRmRAlzHtDr9tMXaCpkN/5/C3E3V9+
-----END PRIVATE KEY-----
";

/// The other half of the demo's key, which a server checks tokens with.
pub const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwYuqGzJJ4BMV28KGtYWfh2UQ2ywo
mj7yVmSUh5NPvbDXKY4uovinz0SVkZkQJcx7Q6/bTF2gqZDf+fwtxN1ffg==
-----END PUBLIC KEY-----
";

/// A token (ES256) for `user`, good from `now` on for [`LIFETIME`].
///
/// # Errors
/// `now` is before 1970, or signing failed.
pub fn mint(user: User, now: SystemTime) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let issued_at = now.duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    Ok(sign(&claims(user, issued_at))?)
}

/// What a token for `user` claims that is issued at this second since 1970.
pub fn claims(user: User, issued_at: u64) -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": format!("{user}-id"),
        "preferred_username": user.name(),
        "realm_access": {"roles": [user.role()]},
        "iat": issued_at,
        "exp": issued_at.saturating_add(LIFETIME.as_secs()),
    })
}

/// What the server checks tokens with.
pub(super) fn verifier() -> Result<JwtVerifier, IdentityConfigError> {
    JwtVerifier::es256(PUBLIC_KEY, ISSUER, AUDIENCE)
}

fn sign(claims: &Value) -> Result<String, Error> {
    let key = EncodingKey::from_ec_pem(PRIVATE_KEY.as_bytes())?;
    jsonwebtoken::encode(&Header::new(Algorithm::ES256), claims, &key)
}

#[cfg(test)]
mod tests {
    use sapl_mcp::TokenVerifier as _;

    use super::*;

    #[tokio::test]
    async fn a_token_says_who_its_user_is_and_is_good_for_a_day() {
        let now = SystemTime::now();
        let token = mint(User::Felix, now).unwrap();
        let identity = verifier().unwrap().verify(&token).await.unwrap();
        assert_eq!(identity.claims()["preferred_username"], "felix");
        assert_eq!(identity.claims()["realm_access"], json!({"roles": ["ENGINEER"]}));

        let at = |age: u64| {
            verifier()
                .unwrap()
                .with_clock(move || now + Duration::from_secs(age))
        };
        let day = LIFETIME.as_secs();
        assert!(at(day - 1).verify(&token).await.is_ok());
        assert!(at(day + 60).verify(&token).await.is_err());
    }
}
