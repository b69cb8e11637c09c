//! Certificates of RFC 5280.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigInt;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::time::Time;

use super::name;
use crate::function::encoding::base64;
use crate::function::keys::pem::{self, MAX_PEM};
use crate::value::ErrorKind;

const NO_CERTIFICATE: ErrorKind = ErrorKind::Function("not an X.509 certificate");
const NO_NAMES: ErrorKind = ErrorKind::Function("the alternative names of the certificate are invalid");

/// The type of an alternative name that is a host.
pub(super) const DNS: &str = "dNSName";

/// The type of an alternative name that is an IP address.
pub(super) const IP: &str = "iPAddress";

pub(crate) struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

/// An alternative name of a subject.
pub(super) struct AlternativeName {
    pub(super) kind: &'static str,
    pub(super) value: String,
}

impl Certificate {
    /// Reads a certificate in PEM, or in Base64 alone.
    pub(crate) fn parse(text: &str) -> Result<Self, ErrorKind> {
        let der = if text.contains("BEGIN CERTIFICATE") {
            pem::decode(text)?
        } else if text.len() > MAX_PEM {
            return Err(NO_CERTIFICATE);
        } else {
            base64(text).ok_or(NO_CERTIFICATE)?
        };
        let parsed = x509_cert::Certificate::from_der(&der).map_err(|_| NO_CERTIFICATE)?;
        Ok(Self { der, parsed })
    }

    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn version(&self) -> i64 {
        self.parsed.tbs_certificate.version as i64 + 1
    }

    pub(super) fn serial_number(&self) -> String {
        let serial = &self.parsed.tbs_certificate.serial_number;
        BigInt::from_signed_bytes_be(serial.as_bytes()).to_string()
    }

    pub(super) fn subject(&self) -> &Name {
        &self.parsed.tbs_certificate.subject
    }

    pub(super) fn issuer(&self) -> &Name {
        &self.parsed.tbs_certificate.issuer
    }

    /// In seconds from 1970-01-01.
    pub(crate) fn not_before(&self) -> i64 {
        seconds(self.parsed.tbs_certificate.validity.not_before)
    }

    /// In seconds from 1970-01-01.
    pub(crate) fn not_after(&self) -> i64 {
        seconds(self.parsed.tbs_certificate.validity.not_after)
    }

    /// The `SubjectPublicKeyInfo`.
    pub(super) fn public_key(&self) -> Result<Vec<u8>, ErrorKind> {
        let key = &self.parsed.tbs_certificate.subject_public_key_info;
        key.to_der().map_err(|_| NO_CERTIFICATE)
    }

    /// The object identifier of the algorithm of the key.
    pub(super) fn key_algorithm(&self) -> String {
        let key = &self.parsed.tbs_certificate.subject_public_key_info;
        key.algorithm.oid.to_string()
    }

    /// The name of the algorithm of the signature as Java has it, or its object identifier.
    pub(super) fn signature_algorithm(&self) -> String {
        let oid = self.parsed.signature_algorithm.oid.to_string();
        let name = match &*oid {
            "1.2.840.113549.1.1.4" => "MD5withRSA",
            "1.2.840.113549.1.1.5" => "SHA1withRSA",
            "1.2.840.113549.1.1.10" => "RSASSA-PSS",
            "1.2.840.113549.1.1.11" => "SHA256withRSA",
            "1.2.840.113549.1.1.12" => "SHA384withRSA",
            "1.2.840.113549.1.1.13" => "SHA512withRSA",
            "1.2.840.113549.1.1.14" => "SHA224withRSA",
            "1.2.840.10045.4.1" => "SHA1withECDSA",
            "1.2.840.10045.4.3.1" => "SHA224withECDSA",
            "1.2.840.10045.4.3.2" => "SHA256withECDSA",
            "1.2.840.10045.4.3.3" => "SHA384withECDSA",
            "1.2.840.10045.4.3.4" => "SHA512withECDSA",
            "1.3.101.112" => "Ed25519",
            "1.3.101.113" => "Ed448",
            _ => return oid,
        };
        name.to_owned()
    }

    pub(super) fn alternative_names(&self) -> Result<Vec<AlternativeName>, ErrorKind> {
        let names = self.parsed.tbs_certificate.get::<SubjectAltName>();
        match names.map_err(|_| NO_NAMES)? {
            Some((_, names)) => names.0.iter().map(alternative_name).collect(),
            None => Ok(Vec::new()),
        }
    }
}

fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

fn alternative_name(name: &GeneralName) -> Result<AlternativeName, ErrorKind> {
    let encoded = || Ok(STANDARD.encode(name.to_der().map_err(|_| NO_NAMES)?));
    let (kind, value) = match name {
        GeneralName::OtherName(_) => ("otherName", encoded()?),
        GeneralName::Rfc822Name(name) => ("rfc822Name", name.to_string()),
        GeneralName::DnsName(name) => (DNS, name.to_string()),
        GeneralName::DirectoryName(name) => ("directoryName", name::shown(name)?),
        GeneralName::EdiPartyName(_) => ("ediPartyName", encoded()?),
        GeneralName::UniformResourceIdentifier(name) => ("uniformResourceIdentifier", name.to_string()),
        GeneralName::IpAddress(address) => (IP, ip_address(address.as_bytes())?),
        GeneralName::RegisteredId(identifier) => ("registeredID", identifier.to_string()),
    };
    Ok(AlternativeName { kind, value })
}

/// An address as Java writes it: of IPv6 all eight groups.
fn ip_address(bytes: &[u8]) -> Result<String, ErrorKind> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Ok(IpAddr::from(bytes).to_string());
    }
    let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| NO_NAMES)?;
    let groups = std::net::Ipv6Addr::from(bytes).segments();
    Ok(groups.map(|group| format!("{group:x}")).join(":"))
}
