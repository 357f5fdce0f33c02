//! A rule of the catalogue as a value, whatever its type: how the rest of the workspace meets rules.

use super::catalogue::{self, Entry};
use super::work::Stage;
use super::{About, Protocol, Rule, Training, kept};
use crate::laws::Law;
use serde::de::{DeserializeSeed, EnumAccess, Error, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A protocol with its parameters, as a definition gives it: `{ trn = { steps = 3 } }`; what is not given takes its
/// default.
///
/// ```
/// use protocols::Spec;
/// use protocols::protocol::{Hop, HopDiagonal};
/// let spec = Spec::from(Hop { diagonal: HopDiagonal::Literal });
/// assert_eq!(spec.about().name, "hop");
/// assert_eq!(spec.downcast_ref::<Hop>().map(|hop| hop.diagonal), Some(HopDiagonal::Literal));
/// ```
#[derive(Clone)]
pub struct Spec(Arc<dyn Known>);

/// What a [`Rule`] says of itself, without its type.
trait Known: Protocol + erased_serde::Serialize + fmt::Debug {
    fn about(&self) -> &'static About;
    fn left_out(&self) -> &'static [(&'static str, &'static str)];
    fn exempt(&self) -> &'static [Law];
    fn training(&self) -> Option<Training>;
    fn with_training(&self, training: Training) -> Spec;
    fn stages(&self, n: usize, m: usize) -> Vec<Stage>;
    fn work(&self, n: f64, m: f64) -> f64;
    fn bytes(&self, n: u64, m: u64) -> u64;
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<R: Rule> Known for R {
    fn about(&self) -> &'static About {
        R::ABOUT
    }

    fn left_out(&self) -> &'static [(&'static str, &'static str)] {
        R::LEFT_OUT
    }

    fn exempt(&self) -> &'static [Law] {
        R::EXEMPT
    }

    fn training(&self) -> Option<Training> {
        Rule::training(self)
    }

    fn with_training(&self, training: Training) -> Spec {
        let mut rule = self.clone();
        rule.set_training(training);
        rule.into()
    }

    fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        Rule::stages(self, n, m)
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        Rule::work(self, n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        Rule::bytes(self, n, m)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl<R: Rule> From<R> for Spec {
    fn from(rule: R) -> Self {
        Self(Arc::new(rule))
    }
}

impl Spec {
    /// Every protocol with its defaults, in the order of tables and legends.
    pub fn catalogue() -> Vec<Self> {
        catalogue::entries().iter().map(Entry::spec).collect()
    }

    /// The protocol of that name, with its defaults.
    pub fn named(name: &str) -> Option<Self> {
        Entry::named(name).map(|entry| entry.spec())
    }

    /// The names of all protocols, in the order of tables and legends.
    pub fn names() -> Vec<&'static str> {
        catalogue::entries().iter().map(|entry| entry.about.name).collect()
    }

    /// The protocol behind the parameters.
    pub fn protocol(&self) -> &dyn Protocol {
        &*self.0
    }

    /// The rule itself, if it is of that type.
    pub fn downcast_ref<R: Rule>(&self) -> Option<&R> {
        self.0.as_any().downcast_ref()
    }

    /// Whether the other is of the same type, with whatever parameters.
    pub(crate) fn is_same_rule(&self, other: &Self) -> bool {
        self.0.as_any().type_id() == other.0.as_any().type_id()
    }

    /// What the catalogue says of it.
    pub fn about(&self) -> &'static About {
        self.0.about()
    }

    /// Parameters that the serialised form leaves out at their default, each with that default as JSON.
    pub fn left_out(&self) -> &'static [(&'static str, &'static str)] {
        self.0.left_out()
    }

    /// Laws that it breaks by its nature.
    pub fn exempt(&self) -> &'static [Law] {
        self.0.exempt()
    }

    /// How it trains, if it trains an unrolled network.
    pub fn training(&self) -> Option<Training> {
        self.0.training()
    }

    /// The same rule trained otherwise; itself, if it trains nothing.
    pub fn with_training(&self, training: Training) -> Self {
        if self.training().is_some() { self.0.with_training(training) } else { self.clone() }
    }

    /// What a write of `m` messages of `n` units is made of, see [`Rule::stages`].
    pub fn stages(&self, n: usize, m: usize) -> Vec<Stage> {
        self.0.stages(n, m)
    }

    /// Operations of a write, of one epoch where it trains, see [`Rule::work`].
    pub fn work(&self, n: f64, m: f64) -> f64 {
        self.0.work(n, m)
    }

    /// Bytes that a write holds at the same time beside the messages, or fewer, see [`Rule::bytes`].
    pub fn bytes(&self, n: u64, m: u64) -> u64 {
        self.0.bytes(n, m)
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Spec {
    /// The same rule with the same parameters.
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(other.0.as_any())
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The number of a variant is for formats without names, which a catalogue that anyone extends could not be
        // read from.
        serializer.serialize_newtype_variant("Spec", 0, self.about().name, &Parameters(&*self.0))
    }
}

/// The parameters alone.
struct Parameters<'a>(&'a dyn Known);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Names come with the catalogue, and the formats in use do without them.
        deserializer.deserialize_enum("Spec", &[], Tagged)
    }
}

/// Reads a name and then the parameters of that rule.
struct Tagged;

impl<'de> Visitor<'de> for Tagged {
    type Value = Spec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a protocol with a table of parameters")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Spec, A::Error> {
        let (entry, parameters) = tagged.variant_seed(Name)?;
        parameters.newtype_variant_seed(entry)
    }
}

/// Reads the name of a rule.
struct Name;

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
