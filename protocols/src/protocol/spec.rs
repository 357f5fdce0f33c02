//! Definitions and the command line read a [`Spec`] here: rules go by their names.

use super::catalogue::{self, Entry};
use super::kept;
use super::rule::Spec;
use serde::de::{DeserializeSeed, EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

impl Spec {
    /// Lists every protocol with its defaults, in the order of tables and legends.
    pub fn catalogue() -> Vec<Self> {
        catalogue::entries().iter().map(Entry::spec).collect()
    }

    /// Finds the protocol of that name, with its defaults.
    pub fn named(name: &str) -> Option<Self> {
        Entry::named(name).map(|entry| entry.spec())
    }

    /// Lists the names of all protocols, in the order of tables and legends.
    pub fn names() -> Vec<&'static str> {
        catalogue::entries().iter().map(|entry| entry.about.name).collect()
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Names come with the catalogue, and the formats in use do without them.
        deserializer.deserialize_enum("Spec", &[], Tagged(None))
    }
}

impl Spec {
    /// Reads any rule but that of the name `refused`, for a reason. It is refused at its name, before its parameters
    /// are looked at: rules within rules without end would else use up the stack.
    pub(super) fn deserialize_but<'de, D: Deserializer<'de>>(
        deserializer: D,
        refused: &'static str,
        reason: &'static str,
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("Spec", &[], Tagged(Some(Refused { name: refused, reason })))
    }
}

/// A rule that may not stand somewhere.
#[derive(Clone, Copy)]
struct Refused {
    name: &'static str,
    reason: &'static str,
}

/// Reads a name and then the parameters of that rule.
struct Tagged(Option<Refused>);

impl<'de> Visitor<'de> for Tagged {
    type Value = Spec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a protocol with a table of parameters")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Spec, A::Error> {
        let (entry, parameters) = tagged.variant_seed(Name(self.0))?;
        parameters.newtype_variant_seed(entry)
    }
}

/// Reads the name of a rule.
struct Name(Option<Refused>);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Entry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a protocol")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Entry, E> {
        if let Some(refused) = self.0.filter(|refused| refused.name == name) {
            return Err(E::custom(refused.reason));
        }
        Entry::named(name).ok_or_else(|| {
            // In the words of serde, which takes only names that are known when the program is compiled.
            let names: Vec<String> = Spec::names().iter().map(|name| format!("`{name}`")).collect();
            E::custom(format_args!("unknown variant `{name}`, expected one of {}", names.join(", ")))
        })
    }
}

impl<'de> DeserializeSeed<'de> for Entry {
    type Value = Spec;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Spec, D::Error> {
        kept::read(deserializer, self.read)
    }
}
