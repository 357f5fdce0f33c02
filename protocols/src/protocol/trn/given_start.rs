//! Definitions give the start of a training here: by its name, or a rule with its parameters.
//!
//! `"margin"` is the rule with its defaults, `{ margin = { l2 = 0.1 } }` says more. Both are one value, which is
//! written in the shorter form.

use super::Start;
use crate::protocol::{Margin, Mcf};
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A `Name` is what a start goes by.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Name {
    Hop,
    Mpf,
    Margin,
    Mcf,
    Zero,
    Random,
}

impl From<Name> for Start {
    fn from(name: Name) -> Self {
        match name {
            Name::Hop => Self::Hop,
            Name::Mpf => Self::Mpf,
            Name::Margin => Self::Margin(Margin::default()),
            Name::Mcf => Self::Mcf(Mcf::default()),
            Name::Zero => Self::Zero,
            Name::Random => Self::Random,
        }
    }
}

impl Serialize for Start {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Formats without names are not in use.
        let plain = |name| (0, name);
        let (index, name) = match self {
            Self::Hop => plain("hop"),
            Self::Mpf => plain("mpf"),
            Self::Margin(rule) if *rule == Margin::default() => plain("margin"),
            Self::Mcf(rule) if *rule == Mcf::default() => plain("mcf"),
            Self::Margin(rule) => return serializer.serialize_newtype_variant("Start", 0, "margin", rule),
            Self::Mcf(rule) => return serializer.serialize_newtype_variant("Start", 0, "mcf", rule),
            Self::Zero => plain("zero"),
            Self::Random => plain("random"),
        };
        serializer.serialize_unit_variant("Start", index, name)
    }
}

impl<'de> Deserialize<'de> for Start {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Given)
    }
}

struct Given;

impl<'de> Visitor<'de> for Given {
    type Value = Start;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a start, or a table of a rule with its parameters")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Start, E> {
        Name::deserialize(name.into_deserializer()).map(Start::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Start, A::Error> {
        let Some(name) = table.next_key::<Name>()? else {
            return Err(A::Error::custom("the table is empty; give a rule, as { margin = {} }"));
        };
        let start = match name {
            Name::Margin => Start::Margin(table.next_value()?),
            Name::Mcf => Start::Mcf(table.next_value()?),
            _ => return Err(A::Error::custom("of starts, `margin` and `mcf` alone take parameters")),
        };
        match table.next_key::<Name>()? {
            None => Ok(start),
            Some(_) => Err(A::Error::custom("a start is one rule, and here are two")),
        }
    }
}
