//! `x509`: what certificates say.
//!
//! Nothing here tells whether a certificate is to be trusted: neither its signature nor the chain above it is verified.

use std::net::IpAddr;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

use super::arguments::{Outcome, code, text};
use super::encoding::{hex, unhex};
use super::keys::PublicKey;
use super::{Function, Parameter, time};
use crate::value::{Array, ErrorKind, Object, Text, Value};

use certificate::{AlternativeName, Certificate};

pub(crate) mod certificate;
mod name;

const NAME: &str = "x509";

const CERTIFICATE: &[Parameter] = &[Parameter::text("certificatePem")];

/// A function that gives a part of a certificate.
macro_rules! part {
    ($name:literal, $doc:literal, $part:expr) => {
        Function::new(NAME, $name, CERTIFICATE, $doc, |arguments| {
            let part: fn(&Certificate) -> Result<_, ErrorKind> = $part;
            let part = certificate(arguments).and_then(|certificate| part(&certificate));
            part.map_or_else(Value::error, Value::from)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    part!(
        "extractCommonName",
        "the common name of the subject",
        |certificate| {
            let name = name::common_name(certificate.subject());
            name.ok_or(ErrorKind::Function("the subject has no common name"))
        }
    ),
    Function::new(
        NAME,
        "extractFingerprint",
        &[Parameter::text("certificatePem"), Parameter::text("algorithm")],
        "the hash of the certificate in hexadecimal digits, by an algorithm such as `SHA-256`",
        code!(fingerprint),
    ),
    part!(
        "extractIssuerDn",
        "the distinguished name of the issuer",
        |certificate| { name::shown(certificate.issuer()) }
    ),
    part!(
        "extractNotAfter",
        "until when the certificate is valid",
        |certificate| { timestamp(certificate.not_after()) }
    ),
    part!(
        "extractNotBefore",
        "from when the certificate is valid",
        |certificate| { timestamp(certificate.not_before()) }
    ),
    part!(
        "extractSerialNumber",
        "the serial number, in decimal digits",
        |certificate| { Ok(certificate.serial_number()) }
    ),
    Function::new(
        NAME,
        "extractSubjectAltNames",
        CERTIFICATE,
        "the alternative names of the subject, each with its type and value",
        code!(alternative_names),
    ),
    part!(
        "extractSubjectDn",
        "the distinguished name of the subject",
        |certificate| { name::shown(certificate.subject()) }
    ),
    Function::new(
        NAME,
        "hasDnsName",
        &[Parameter::text("certificatePem"), Parameter::text("dnsName")],
        "whether the certificate is for a host; `*` in it stands for one label",
        code!(has_dns_name),
    ),
    Function::new(
        NAME,
        "hasIpAddress",
        &[Parameter::text("certificatePem"), Parameter::text("ipAddress")],
        "whether the certificate is for an IP address",
        code!(has_ip_address),
    ),
    Function::new(
        NAME,
        "isValidAt",
        &[Parameter::text("certificatePem"), Parameter::text("isoTimestamp")],
        "whether a time is between those from and until when the certificate is valid",
        code!(is_valid_at),
    ),
    Function::new(
        NAME,
        "matchesFingerprint",
        &[
            Parameter::text("certificatePem"),
            Parameter::text("expectedFingerprint"),
            Parameter::text("algorithm"),
        ],
        "whether the hash of the certificate is that one, by an algorithm such as `SHA-256`",
        code!(matches_fingerprint),
    ),
    Function::new(
        NAME,
        "parseCertificate",
        CERTIFICATE,
        "what the certificate says of itself, its subject and its key",
        code!(parse),
    ),
];

/// The `SubjectPublicKeyInfo` of a certificate.
pub(super) fn public_key_der(text: &str) -> Result<Vec<u8>, ErrorKind> {
    Certificate::parse(text)?.public_key()
}

fn certificate(arguments: &[Value<'_>]) -> Result<Certificate, ErrorKind> {
    Certificate::parse(text(arguments, 0)?)
}

fn timestamp(seconds: i64) -> Result<String, ErrorKind> {
    time::timestamp(seconds).ok_or(ErrorKind::NumberOutOfRange)
}

fn object<'a, const N: usize>(members: [(&'static str, Value<'a>); N]) -> Value<'a> {
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Object(members.collect::<Object<'a>>())
}

fn parse<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let certificate = certificate(arguments)?;
    let key = PublicKey::from_der(&certificate.public_key()?);
    let algorithm = match key {
        Ok(key) => key.algorithm().into(),
        Err(_) => certificate.key_algorithm().into(),
    };
    Ok(object([
        ("version", certificate.version().into()),
        ("serialNumber", certificate.serial_number().into()),
        ("subject", name::shown(certificate.subject())?.into()),
        ("issuer", name::shown(certificate.issuer())?.into()),
        ("notBefore", timestamp(certificate.not_before())?.into()),
        ("notAfter", timestamp(certificate.not_after())?.into()),
        ("signatureAlgorithm", certificate.signature_algorithm().into()),
        (
            "publicKey",
            object([("algorithm", algorithm), ("format", "X.509".into())]),
        ),
    ]))
}

fn alternative_names<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let names = certificate(arguments)?.alternative_names()?;
    let names = names
        .into_iter()
        .map(|AlternativeName { kind, value }| object([("type", kind.into()), ("value", value.into())]));
    Ok(names.collect::<Array<'a>>().into())
}

fn has_dns_name<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let wanted = text(arguments, 1)?.to_lowercase();
    let names = certificate(arguments)?.alternative_names()?;
    let has = names
        .iter()
        .any(|name| name.kind == certificate::DNS && is_for_host(&name.value.to_lowercase(), &wanted));
    Ok(has.into())
}

/// Whether a name of a certificate is that of a host. As in RFC 9525 a `*` is the whole first label and stands for one
/// label; it is not taken where only one label is behind it.
fn is_for_host(name: &str, host: &str) -> bool {
    if name == host {
        return true;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((_, host_domain))) => {
            let labels = domain.split('.').filter(|label| !label.is_empty());
            !domain.contains('*') && labels.count() > 1 && domain == host_domain
        }
        _ => false,
    }
}

fn has_ip_address<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let names = certificate(arguments)?.alternative_names()?;
    let address = |text: &str| text.parse().ok().map(|address: IpAddr| address.to_canonical());
    let Some(wanted) = address(text(arguments, 1)?) else {
        return Ok(false.into());
    };
    let has = names
        .iter()
        .any(|name| name.kind == certificate::IP && address(&name.value) == Some(wanted));
    Ok(has.into())
}

fn is_valid_at<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    const SECOND: i128 = 1_000_000_000;
    let certificate = certificate(arguments)?;
    let time = time::nanos(text(arguments, 1)?).ok_or(ErrorKind::Function("not a timestamp"))?;
    let first = i128::from(certificate.not_before()) * SECOND;
    let last = i128::from(certificate.not_after()) * SECOND;
    Ok((first <= time && time <= last).into())
}

fn fingerprint<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(hex(&hashed(arguments, 1)?).into())
}

fn matches_fingerprint<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let hash = hashed(arguments, 2)?;
    let expected = text(arguments, 1)?;
    let is_plain = expected.bytes().all(|digit| digit.is_ascii_hexdigit());
    Ok((is_plain && unhex(expected) == Some(hash)).into())
}

/// The hash of the certificate by the algorithm of a name as Java has them, in any case.
fn hashed(arguments: &[Value<'_>], algorithm: usize) -> Result<Vec<u8>, ErrorKind> {
    fn hash<D: Digest>(bytes: &[u8]) -> Vec<u8> {
        D::digest(bytes).to_vec()
    }
    let certificate = certificate(arguments)?;
    let hash = match &*text(arguments, algorithm)?.to_ascii_uppercase() {
        "MD5" => hash::<Md5>,
        "SHA" | "SHA1" | "SHA-1" => hash::<Sha1>,
        "SHA224" | "SHA-224" => hash::<Sha224>,
        "SHA256" | "SHA-256" => hash::<Sha256>,
        "SHA384" | "SHA-384" => hash::<Sha384>,
        "SHA512" | "SHA-512" => hash::<Sha512>,
        "SHA512/224" | "SHA-512/224" => hash::<Sha512_224>,
        "SHA512/256" | "SHA-512/256" => hash::<Sha512_256>,
        "SHA3-224" => hash::<Sha3_224>,
        "SHA3-256" => hash::<Sha3_256>,
        "SHA3-384" => hash::<Sha3_384>,
        "SHA3-512" => hash::<Sha3_512>,
        _ => return Err(ErrorKind::Function("unknown algorithm")),
    };
    Ok(hash(certificate.der()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_one_label_below_two() {
        for (name, host, expected) in [
            ("a.example", "a.example", true),
            ("*.a.example", "b.a.example", true),
            ("*.a.example", "*.a.example", true),
            ("*.a.example", "a.example", false),
            ("*.a.example", "c.b.a.example", false),
            ("*.example", "a.example", false),
            ("b*.a.example", "b1.a.example", false),
            ("*.*.example", "b.a.example", false),
            ("*.a.example", "b.a.example.", false),
        ] {
            assert_eq!(is_for_host(name, host), expected, "{name} {host}");
        }
    }
}
