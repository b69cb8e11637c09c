//! `x509`: whether certificates are valid now.
//!
//! As SAPL's documentation has it. Their validity in time is all that is looked at: whether a certificate is to be trusted
//! says neither its signature, which is not verified, nor the chain above it.

use std::sync::Arc;

use super::steps::{constant, steps};
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::function::time::instant::Instant;
use crate::function::x509::certificate::Certificate;
use crate::value::{ErrorKind, Value};

/// The finder of `x509`.
#[derive(Debug)]
pub(super) struct X509;

const NO_CERTIFICATE: ErrorKind = ErrorKind::Attribute("not an X.509 certificate");

impl AttributeFinder for X509 {
    fn library(&self) -> &'static str {
        "x509"
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        let wanted = match call.name() {
            "isCurrentlyValid" => true,
            "isExpired" => false,
            _ => return None,
        };
        if !call.arguments().is_empty() {
            return None;
        }
        let (from, to) = match validity(call.entity()?) {
            Ok(validity) => validity,
            Err(error) => return Some(constant(Value::error(error))),
        };
        Some(steps(call, move |now| {
            let is_valid = from <= now && now < to;
            let next = [from, to].into_iter().find(|&bound| bound > now);
            (Value::from(is_valid == wanted), next.filter(|_| from < to))
        }))
    }
}

/// From when and until when a certificate is valid.
fn validity(certificate: &Value<'_>) -> Result<(Instant, Instant), ErrorKind> {
    let text = certificate.as_text().ok_or(NO_CERTIFICATE)?;
    let certificate = Certificate::parse(text).map_err(|_| NO_CERTIFICATE)?;
    let instant = |seconds| Instant::new(seconds, 0).ok_or(NO_CERTIFICATE);
    Ok((
        instant(certificate.not_before())?,
        instant(certificate.not_after())?,
    ))
}
