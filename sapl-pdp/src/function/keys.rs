//! `keys`: public keys in PEM and as JWK.

use super::arguments::{Outcome, code, object, text};
use super::{Function, Parameter, x509};
use crate::value::{ErrorKind, Object, Text, Value};

pub(crate) use public::PublicKey;

pub(super) mod pem;
mod public;

const NAME: &str = "keys";

const KEY: &[Parameter] = &[Parameter::text("keyPem")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "algorithmFromKey",
        KEY,
        "the algorithm of the key: RSA, EC or EdDSA",
        code!(algorithm),
    ),
    Function::new(
        NAME,
        "curveFromKey",
        KEY,
        "the elliptic curve of the key, as in `secp256r1`",
        code!(curve),
    ),
    Function::new(
        NAME,
        "jwkFromPublicKey",
        &[Parameter::text("publicKeyPem")],
        "the key as a JWK",
        code!(to_jwk),
    ),
    Function::new(
        NAME,
        "publicKeyFromCertificate",
        &[Parameter::text("certPem")],
        "the key of a certificate, in PEM",
        code!(from_certificate),
    ),
    Function::new(
        NAME,
        "publicKeyFromJwk",
        &[Parameter::object("jwk")],
        "the key of a JWK, in PEM",
        code!(from_jwk),
    ),
    Function::new(
        NAME,
        "publicKeyFromPem",
        KEY,
        "the algorithm, the format, the size and the curve of the key",
        code!(described),
    ),
    Function::new(NAME, "sizeFromKey", KEY, "how many bits the key has", code!(size)),
];

fn key(arguments: &[Value<'_>]) -> Result<PublicKey, ErrorKind> {
    PublicKey::from_pem(text(arguments, 0)?)
}

fn algorithm<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(key(arguments)?.algorithm().into())
}

fn curve<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    match key(arguments)?.curve() {
        Some(curve) => Ok(curve.into()),
        None => Err(ErrorKind::Function("the key is of no elliptic curve")),
    }
}

fn size<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(key(arguments)?.size().into())
}

fn described<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let key = key(arguments)?;
    let mut members = vec![
        (Text::from("algorithm"), Value::from(key.algorithm())),
        ("format".into(), "X.509".into()),
        ("size".into(), key.size().into()),
    ];
    members.extend(key.curve().map(|curve| (Text::from("curve"), Value::from(curve))));
    Ok(members.into_iter().collect::<Object<'a>>().into())
}

fn to_jwk<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(key(arguments)?.to_jwk().into())
}

fn from_jwk<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(PublicKey::from_jwk(object(arguments, 0)?)?.to_pem()?.into())
}

fn from_certificate<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let key = x509::public_key_der(text(arguments, 0)?)?;
    Ok(pem::encode("PUBLIC KEY", &key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_its_jwk() {
        // The example key of RFC 8037, appendix A.2.
        let jwk = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        });
        let pem = from_jwk(&[Value::from_json(&jwk)]).unwrap();
        assert_eq!(to_jwk(&[pem]), Ok(Value::from_json(&jwk)));
    }

    #[test]
    fn a_point_beside_its_curve_is_no_key() {
        let jwk = serde_json::json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"});
        assert!(from_jwk(&[Value::from_json(&jwk)]).is_err());
    }

    #[test]
    fn keys_of_rsa_end_at_their_limit() {
        let size = |bits: usize| {
            let modulus = vec![0xff; bits / 8];
            let modulus = super::super::encoding::base64_url_unpadded(&modulus);
            let jwk = serde_json::json!({"kty": "RSA", "n": modulus, "e": "AQAB"});
            from_jwk(&[Value::from_json(&jwk)]).is_ok()
        };
        assert!(size(public::MAX_RSA_BITS));
        assert!(!size(public::MAX_RSA_BITS + 8));
    }
}
