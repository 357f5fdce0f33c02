//! Errors keep their place in the text while a rule is read through a trait object.
//!
//! A rule of the catalogue is read by a function that knows nothing of the format, through erased serde, which makes
//! every error a plain message: the spans by which TOML shows the very value that is wrong would be lost. So between
//! the format and the rule, level by level, the format's own error waits here, and takes the message's place as soon
//! as the format is reached again.

use erased_serde::Deserializer as Erased;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::cell::Cell;
use std::fmt;

/// Returns what `read` makes of a deserialiser of any type. An error is of that type, and stands where it was
/// found.
pub(super) fn read<'de, D: Deserializer<'de>, T>(
    inner: D,
    read: impl FnOnce(&mut dyn Erased<'de>) -> Result<T, erased_serde::Error>,
) -> Result<T, D::Error> {
    restored(|kept| read(&mut <dyn Erased<'_>>::erase(Keeping { inner, kept })))
}

/// The format's error that waits while its message passes through code that does not know the format.
type Kept<E> = Cell<Option<E>>;

/// Runs code that does not know the format; where it fails because the format did, the format's own error comes out.
fn restored<T, E: Error, M: fmt::Display>(run: impl FnOnce(&Kept<E>) -> Result<T, M>) -> Result<T, E> {
    let kept = Cell::new(None);
    run(&kept).map_err(|message| kept.take().unwrap_or_else(|| E::custom(message)))
}

/// Puts the format's error by, and gives its message.
fn keep<T, E: Error>(kept: &Kept<E>, result: Result<T, E>) -> Result<T, Message> {
    result.map_err(|error| {
        let message = Message(error.to_string());
        kept.set(Some(error));
        message
    })
}

/// An error on its way.
#[derive(Debug)]
struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Message {}

impl Error for Message {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// A deserialiser of the format, or what gives its items: seen from the rule.
struct Keeping<'k, T, E> {
    inner: T,
    kept: &'k Kept<E>,
}

/// A visitor or a seed of the rule: seen from the format.
struct Through<T>(T);

macro_rules! deserialise {
    ($($method:ident($($argument:ident: $kind:ty),*))+) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $kind,)* visitor: V) -> Result<V::Value, Message> {
            keep(self.kept, self.inner.$method($($argument,)* Through(visitor)))
        }
    )+};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Keeping<'_, D, D::Error> {
    type Error = Message;

    deserialise! {
        deserialize_any() deserialize_bool()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize) deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($($kind:ty)?))+) => {$(visit!(@ $method $($kind)?);)+};
    (@ $method:ident $kind:ty) => {
        fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    };
    (@ $method:ident) => {
        fn $method<E: Error>(self) -> Result<V::Value, E> {
            self.0.$method()
        }
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Through<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool(bool)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
        visit_f32(f32) visit_f64(f64) visit_char(char)
        visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
        visit_none() visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        restored(|kept| self.0.visit_some(Keeping { inner, kept }))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        restored(|kept| self.0.visit_newtype_struct(Keeping { inner, kept }))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        restored(|kept| self.0.visit_seq(Keeping { inner, kept }))
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        restored(|kept| self.0.visit_map(Keeping { inner, kept }))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        restored(|kept| self.0.visit_enum(Keeping { inner, kept }))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Through<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        restored(|kept| self.0.deserialize(Keeping { inner, kept }))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Keeping<'_, A, A::Error> {
    type Error = Message;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Message> {
        keep(self.kept, self.inner.next_element_seed(Through(seed)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Keeping<'_, A, A::Error> {
    type Error = Message;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Message> {
        keep(self.kept, self.inner.next_key_seed(Through(seed)))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Message> {
        keep(self.kept, self.inner.next_value_seed(Through(seed)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'k, A: EnumAccess<'de>> EnumAccess<'de> for Keeping<'k, A, A::Error> {
    type Error = Message;
    type Variant = Keeping<'k, A::Variant, A::Error>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Message> {
        let kept = self.kept;
        let (value, inner) = keep(kept, self.inner.variant_seed(Through(seed)))?;
        Ok((value, Keeping { inner, kept }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Keeping<'_, A, A::Error> {
    type Error = Message;

    fn unit_variant(self) -> Result<(), Message> {
        keep(self.kept, self.inner.unit_variant())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Message> {
        keep(self.kept, self.inner.newtype_variant_seed(Through(seed)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Message> {
        keep(self.kept, self.inner.tuple_variant(len, Through(visitor)))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Message> {
        keep(self.kept, self.inner.struct_variant(fields, Through(visitor)))
    }
}
