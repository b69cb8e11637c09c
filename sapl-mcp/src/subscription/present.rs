//! JSON of a field's value, where `None` and `Err` are no value and `null` is one.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};
use serde_json::Value;

use crate::rule::Failure;

/// The value as JSON. At the top, `None` and `Err` are failures and `Ok` and `Some` are what is in them; further
/// inside they are written as serde does.
pub(crate) fn present<T: Serialize + ?Sized>(value: &T) -> Result<Value, Failure> {
    match value.serialize(Probe) {
        Ok(unwrapped) => unwrapped,
        Err(Present) => {
            serde_json::to_value(value).map_err(|error| Failure::NotJson(error.to_string().into()))
        }
    }
}

/// Looks at the first thing that a value writes, and stops there unless it is an `Option` or a `Result`.
struct Probe;

/// The value is an ordinary one.
#[derive(Debug)]
struct Present;

macro_rules! ordinary {
    ($($method:ident($($type:ty),*) -> $result:ty;)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<$result, Present> {
            Err(Present)
        }
    )*};
}

type Compound = Impossible<Result<Value, Failure>, Present>;

impl Serializer for Probe {
    type Ok = Result<Value, Failure>;
    type Error = Present;
    type SerializeSeq = Compound;
    type SerializeTuple = Compound;
    type SerializeTupleStruct = Compound;
    type SerializeTupleVariant = Compound;
    type SerializeMap = Compound;
    type SerializeStruct = Compound;
    type SerializeStructVariant = Compound;

    fn serialize_none(self) -> Result<Self::Ok, Present> {
        Ok(Err(Failure::Absent))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Present> {
        Ok(present(value))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Present> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Self::Ok, Present> {
        match (name, variant) {
            ("Result", "Ok") => Ok(present(value)),
            ("Result", "Err") => Ok(Err(Failure::Error(None))),
            _ => Err(Present),
        }
    }

    ordinary! {
        serialize_bool(bool) -> Self::Ok;
        serialize_i8(i8) -> Self::Ok;
        serialize_i16(i16) -> Self::Ok;
        serialize_i32(i32) -> Self::Ok;
        serialize_i64(i64) -> Self::Ok;
        serialize_i128(i128) -> Self::Ok;
        serialize_u8(u8) -> Self::Ok;
        serialize_u16(u16) -> Self::Ok;
        serialize_u32(u32) -> Self::Ok;
        serialize_u64(u64) -> Self::Ok;
        serialize_u128(u128) -> Self::Ok;
        serialize_f32(f32) -> Self::Ok;
        serialize_f64(f64) -> Self::Ok;
        serialize_char(char) -> Self::Ok;
        serialize_str(&str) -> Self::Ok;
        serialize_bytes(&[u8]) -> Self::Ok;
        serialize_unit() -> Self::Ok;
        serialize_unit_struct(&'static str) -> Self::Ok;
        serialize_unit_variant(&'static str, u32, &'static str) -> Self::Ok;
        serialize_seq(Option<usize>) -> Compound;
        serialize_tuple(usize) -> Compound;
        serialize_tuple_struct(&'static str, usize) -> Compound;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Compound;
        serialize_map(Option<usize>) -> Compound;
        serialize_struct(&'static str, usize) -> Compound;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Compound;
    }
}

impl ser::Error for Present {
    /// A value that fails by itself says so again when it is written in earnest.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl std::error::Error for Present {}

impl fmt::Display for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an ordinary value")
    }
}
