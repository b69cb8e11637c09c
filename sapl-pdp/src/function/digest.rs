//! `digest`: hashes of texts, in small hexadecimal digits of their UTF-8 bytes.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_384, Sha3_512};

use super::arguments::{Outcome, text};
use super::encoding::hex;
use super::{Function, Parameter};
use crate::value::Value;

const NAME: &str = "digest";

const DATA: &[Parameter] = &[Parameter::text("data")];

macro_rules! digest {
    ($name:literal, $hash:ty, $doc:literal) => {
        Function::new(NAME, $name, DATA, $doc, |arguments| {
            digest::<$hash>(arguments).unwrap_or_else(Value::error)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    digest!("md5", Md5, "the MD5 hash, which is broken: for checksums only"),
    digest!(
        "sha1",
        Sha1,
        "the SHA-1 hash, which is broken: for checksums only"
    ),
    digest!("sha256", Sha256, "the SHA-256 hash"),
    digest!("sha384", Sha384, "the SHA-384 hash"),
    digest!("sha3_256", Sha3_256, "the SHA3-256 hash"),
    digest!("sha3_384", Sha3_384, "the SHA3-384 hash"),
    digest!("sha3_512", Sha3_512, "the SHA3-512 hash"),
    digest!("sha512", Sha512, "the SHA-512 hash"),
];

fn digest<'a, D: Digest>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(hex(&D::digest(text(arguments, 0)?.as_bytes())).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_text_has_the_hashes_of_the_standards() {
        for (name, beginning) in [
            ("md5", "d41d8cd98f00b204"),
            ("sha1", "da39a3ee5e6b4b0d"),
            ("sha256", "e3b0c44298fc1c14"),
            ("sha384", "38b060a751ac9638"),
            ("sha3_256", "a7ffc6f8bf1ed766"),
            ("sha3_384", "0c63a75b845e4f7d"),
            ("sha3_512", "a69f73cca23a9ac5"),
            ("sha512", "cf83e1357eefb8bd"),
        ] {
            let function = FUNCTIONS.iter().find(|function| function.name() == name);
            let hash = function.map(|function| function.call(&["".into()]));
            let hash = hash.as_ref().and_then(Value::as_text);
            assert!(hash.is_some_and(|hash| hash.starts_with(beginning)), "{name}");
        }
    }
}
