//! `mac`: message authentication codes of HMAC (RFC 2104).
//!
//! The key is the UTF-8 bytes of its text, also where that looks like hexadecimal digits or Base64.

use hmac::digest::{Digest, core_api::BlockSizeUser};
use hmac::{Mac as _, SimpleHmac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use subtle::ConstantTimeEq as _;

use super::arguments::{Outcome, code, text};
use super::encoding::{hex, unhex};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "mac";

const KEYED: &[Parameter] = &[Parameter::text("message"), Parameter::text("key")];

macro_rules! hmac {
    ($name:literal, $hash:ty, $doc:literal) => {
        Function::new(NAME, $name, KEYED, $doc, |arguments| {
            keyed(arguments, code_of::<$hash>).unwrap_or_else(Value::error)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    hmac!(
        "hmacSha256",
        Sha256,
        "the HMAC with SHA-256, in hexadecimal digits"
    ),
    hmac!(
        "hmacSha384",
        Sha384,
        "the HMAC with SHA-384, in hexadecimal digits"
    ),
    hmac!(
        "hmacSha512",
        Sha512,
        "the HMAC with SHA-512, in hexadecimal digits"
    ),
    Function::new(
        NAME,
        "isValidHmac",
        &[
            Parameter::text("message"),
            Parameter::text("expectedMac"),
            Parameter::text("key"),
            Parameter::text("algorithm"),
        ],
        "whether a code in hexadecimal digits is that of the message, by an algorithm such as `HmacSHA256`",
        code!(is_valid),
    ),
    Function::new(
        NAME,
        "timingSafeEquals",
        &[Parameter::text("mac1"), Parameter::text("mac2")],
        "whether two codes in hexadecimal digits are equal, in a time that does not tell where they differ",
        code!(timing_safe_equals),
    ),
];

const NO_KEY: ErrorKind = ErrorKind::Function("the key must not be empty");
const NO_CODE: ErrorKind = ErrorKind::Function("a code must be pairs of hexadecimal digits");

type Code = fn(&[u8], &[u8]) -> Option<Vec<u8>>;

/// The code of a message by a key.
fn code_of<D: Digest + BlockSizeUser>(message: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut mac = SimpleHmac::<D>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().to_vec())
}

fn computed(message: &str, key: &str, code: Code) -> Result<Vec<u8>, ErrorKind> {
    if key.is_empty() {
        return Err(NO_KEY);
    }
    code(message.as_bytes(), key.as_bytes()).ok_or(NO_KEY)
}

fn keyed<'a>(arguments: &[Value<'a>], code: Code) -> Outcome<'a> {
    let code = computed(text(arguments, 0)?, text(arguments, 1)?, code)?;
    Ok(hex(&code).into())
}

fn is_valid<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let code = algorithm(text(arguments, 3)?).ok_or(ErrorKind::Function("unknown algorithm"))?;
    let code = computed(text(arguments, 0)?, text(arguments, 2)?, code)?;
    let expected = unhex(text(arguments, 1)?).ok_or(NO_CODE)?;
    Ok(bool::from(code.ct_eq(&expected)).into())
}

/// The algorithm of a name as Java has them, in any case.
fn algorithm(name: &str) -> Option<Code> {
    Some(match &*name.to_ascii_uppercase() {
        "HMACMD5" => code_of::<Md5>,
        "HMACSHA1" => code_of::<Sha1>,
        "HMACSHA224" => code_of::<Sha224>,
        "HMACSHA256" => code_of::<Sha256>,
        "HMACSHA384" => code_of::<Sha384>,
        "HMACSHA512" => code_of::<Sha512>,
        "HMACSHA512/224" => code_of::<Sha512_224>,
        "HMACSHA512/256" => code_of::<Sha512_256>,
        "HMACSHA3-224" => code_of::<Sha3_224>,
        "HMACSHA3-256" => code_of::<Sha3_256>,
        "HMACSHA3-384" => code_of::<Sha3_384>,
        "HMACSHA3-512" => code_of::<Sha3_512>,
        _ => return None,
    })
}

fn timing_safe_equals<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let code = |index| unhex(text(arguments, index)?).ok_or(NO_CODE);
    Ok(bool::from(code(0)?.ct_eq(&code(1)?)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_valid_by_its_own_algorithm_only() {
        let valid = |algorithm: &'static str| {
            // RFC 4231, test case 2.
            let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
            let arguments = ["what do ya want for nothing?", expected, "Jefe", algorithm];
            is_valid(&arguments.map(Value::from))
        };
        assert_eq!(valid("HmacSHA256"), Ok(true.into()));
        assert_eq!(valid("hmacsha256"), Ok(true.into()));
        for other in ["HmacSHA1", "HmacSHA512", "HmacSHA512/256", "HmacSHA3-256"] {
            assert_eq!(valid(other), Ok(false.into()), "{other}");
        }
        assert!(valid("SHA256").is_err());
    }
}
