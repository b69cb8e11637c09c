//! Distinguished names as RFC 2253 writes them: the last part first.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{BmpString, Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::{Encode as _, Tag, Tagged as _};
use x509_cert::name::Name;

use crate::function::encoding::hex;
use crate::value::ErrorKind;

const COMMON_NAME: &str = "2.5.4.3";

/// The attributes that have a name; others go by their object identifier.
const KEYWORDS: &[(&str, &str)] = &[
    (COMMON_NAME, "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// The text of a name.
pub(super) fn shown(name: &Name) -> Result<String, ErrorKind> {
    let mut parts = Vec::new();
    for part in name.0.iter().rev() {
        let attributes: Result<Vec<_>, _> = part.0.iter().map(attribute).collect();
        parts.push(attributes?.join("+"));
    }
    Ok(parts.join(","))
}

/// The common name, of several the last.
pub(super) fn common_name(name: &Name) -> Option<String> {
    let mut attributes = name.0.iter().rev().flat_map(|part| part.0.iter());
    attributes
        .find(|attribute| attribute.oid.to_string() == COMMON_NAME)
        .and_then(text)
}

fn attribute(attribute: &AttributeTypeAndValue) -> Result<String, ErrorKind> {
    let oid = attribute.oid.to_string();
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == oid);
    match keyword.and_then(|(_, keyword)| Some((keyword, text(attribute)?))) {
        Some((keyword, text)) => Ok(format!("{keyword}={}", escaped(&text))),
        None => {
            let der = attribute
                .value
                .to_der()
                .map_err(|_| ErrorKind::Function("a name in the certificate is invalid"))?;
            let keyword = keyword.map_or(&*oid, |(_, keyword)| keyword);
            Ok(format!("{keyword}=#{}", hex(&der)))
        }
    }
}

/// The text of an attribute that is one.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    Some(match value.tag() {
        Tag::Utf8String => value.decode_as::<Utf8StringRef<'_>>().ok()?.as_str().to_owned(),
        Tag::PrintableString => value
            .decode_as::<PrintableStringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        Tag::Ia5String => value.decode_as::<Ia5StringRef<'_>>().ok()?.as_str().to_owned(),
        Tag::TeletexString => value
            .decode_as::<TeletexStringRef<'_>>()
            .ok()?
            .as_str()
            .to_owned(),
        Tag::BmpString => value.decode_as::<BmpString>().ok()?.to_string(),
        _ => return None,
    })
}

/// The text with a backslash where a character has a meaning, and around blanks at the ends.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let last = text.trim_end_matches(' ').len();
    let mut is_leading = true;
    for (offset, character) in text.char_indices() {
        let is_leading_blank = is_leading && character == ' ';
        is_leading &= character == ' ';
        let is_special = ",=+<>#;\"\\".contains(character);
        if character == '\0' {
            escaped.push_str("\\00");
            continue;
        }
        if is_special || is_leading_blank || offset >= last {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(escaped("Müller & Co"), "Müller & Co");
        assert_eq!(escaped("a,b+c=\"d\"#"), "a\\,b\\+c\\=\\\"d\\\"\\#");
        assert_eq!(escaped("  a b  "), "\\ \\ a b\\ \\ ");
        assert_eq!(escaped(" "), "\\ ");
        assert_eq!(escaped("a\0b"), "a\\00b");
    }
}
