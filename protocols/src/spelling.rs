//! This module spells a name with parameters as a short text, such as `soft(beta=2 lambda=0.1)`.
//!
//! Tables, columns and labels hold that text, and read it back. Parameters that have their default are left out, so
//! the text of a value with all its defaults is the name alone. It has no comma, so that it needs no quotes in CSV.

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor, value};
use serde::forward_to_deserialize_any;
use std::fmt;

/// A parameter as it is spelled.
pub(crate) type Pair = (&'static str, String);

/// Writes a name, and those of its parameters that differ from the default.
pub(crate) fn spell(name: &str, parameters: &[Pair], defaults: &[Pair]) -> String {
    let given: Vec<String> = parameters
        .iter()
        .filter(|pair| !defaults.contains(pair))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if given.is_empty() { name.to_owned() } else { format!("{name}({})", given.join(" ")) }
}

/// Takes a text apart into its name and what stands between the brackets.
pub(crate) fn name_and_parameters(text: &str) -> Option<(&str, &str)> {
    match text.split_once('(') {
        None => Some((text, "")),
        Some((name, rest)) => Some((name, rest.strip_suffix(')').filter(|inner| !inner.trim().is_empty())?)),
    }
}

/// Reads parameters, such as `beta=2 lambda=0.1`, or with commas between them. What is not given takes its default.
pub(crate) fn parameters<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(MapDeserializer::new(pairs(text)?.into_iter()))
        .map_err(|error: value::Error| error.to_string())
}

/// Takes parameters apart into names and values.
pub(crate) fn pairs(text: &str) -> Result<Vec<(&str, Scalar<'_>)>, String> {
    let taken = |pair| match str::split_once(pair, '=') {
        Some((key, value)) => Ok((key.trim(), Scalar(value.trim()))),
        None => Err(format!("`{pair}` is not key=value")),
    };
    text.split([',', ' ']).filter(|pair| !pair.is_empty()).map(taken).collect()
}

/// A number or a word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar<'a>(&'a str);

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> IntoDeserializer<'de> for Scalar<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Scalar<'de> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        if let Ok(whole) = self.0.parse() {
            return visitor.visit_u64(whole);
        }
        match self.0.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            Ok(_) => Err(value::Error::custom(format_args!("{self} is no finite number"))),
            Err(_) => visitor.visit_str(self.0),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        let word: value::StrDeserializer<'_, value::Error> = self.0.into_deserializer();
        word.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        rate: f64,
        count: u32,
        mode: Option<String>,
    }

    #[test]
    fn what_is_spelled_is_read_back() {
        let defaults = [("rate", "0".to_owned()), ("count", "0".to_owned())];
        let given = [("rate", "0.5".to_owned()), ("count", "0".to_owned())];
        assert_eq!(spell("x", &defaults, &defaults), "x");
        assert_eq!(spell("x", &given, &defaults), "x(rate=0.5)");
        assert_eq!(name_and_parameters("x(rate=0.5)"), Some(("x", "rate=0.5")));
        assert_eq!(name_and_parameters("x"), Some(("x", "")));
        assert_eq!(parameters(""), Ok(Sample::default()));
        let all = Sample { rate: 0.5, count: 3, mode: Some("fast".to_owned()) };
        assert_eq!(parameters("rate=0.5, count=3,mode=fast"), Ok(all));
    }

    #[test]
    fn what_is_misspelled_is_refused() {
        for text in ["x(", "x()", "x( )", "x(rate=1"] {
            assert_eq!(name_and_parameters(text), None, "{text}");
        }
        for text in ["rate", "rate=", "rate=inf", "speed=1", "rate=1, rate=2", "count=-1", "= 1"] {
            assert!(parameters::<Sample>(text).is_err(), "{text}");
        }
    }
}
