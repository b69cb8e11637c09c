//! Telling a `Result` by how it is written.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

/// Whether the value is a `Result`. It is written as `{"Ok": …}`, in which no path of a constraint finds what it is about.
pub(super) fn is_result<T: Serialize + ?Sized>(value: &T) -> bool {
    matches!(value.serialize(Probe), Err(Found::Result))
}

/// Looks at the first thing that a value writes, and stops there unless another value is all that it holds.
struct Probe;

/// What it is.
#[derive(Debug)]
enum Found {
    Result,
    Other,
}

macro_rules! others {
    ($($method:ident($($type:ty),*) -> $result:ty;)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<$result, Found> {
            Err(Found::Other)
        }
    )*};
}

type Compound = Impossible<(), Found>;

impl Serializer for Probe {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Compound;
    type SerializeTuple = Compound;
    type SerializeTupleStruct = Compound;
    type SerializeTupleVariant = Compound;
    type SerializeMap = Compound;
    type SerializeStruct = Compound;
    type SerializeStructVariant = Compound;

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<(), Found> {
        Err(match (name, variant) {
            ("Result", "Ok" | "Err") => Found::Result,
            _ => Found::Other,
        })
    }

    others! {
        serialize_none() -> ();
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_i128(i128) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_u128(u128) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Compound;
        serialize_tuple(usize) -> Compound;
        serialize_tuple_struct(&'static str, usize) -> Compound;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Compound;
        serialize_map(Option<usize>) -> Compound;
        serialize_struct(&'static str, usize) -> Compound;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Compound;
    }
}

impl ser::Error for Found {
    /// A value that fails by itself says so again when it is written in earnest.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }
}

impl std::error::Error for Found {}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Result => "a result",
            Self::Other => "something else",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_is_told_from_what_only_looks_like_one() {
        #[derive(Serialize)]
        struct Wrapped(Result<u8, String>);
        assert!(is_result(&Ok::<_, String>(json!({"a": 1}))));
        assert!(is_result(&Err::<u8, _>("no")));
        assert!(is_result(&Some(Ok::<u8, u8>(1))));
        assert!(is_result(&Box::new(Wrapped(Ok(1)))));
        assert!(!is_result(&json!({"Ok": 1})));
        assert!(!is_result(&Vec::from([Ok::<u8, u8>(1)])));
        assert!(!is_result(&None::<Result<u8, u8>>));
        assert!(!is_result("Ok"));
        assert!(!is_result(&()));
    }
}
