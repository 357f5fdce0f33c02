//! The catalogue lists every writing rule once: those of this crate, and those that a program of your own registers.

use super::{
    About, Daydreaming, Diagonal, DiederichOpper, Dreaming, EquilibriumPropagation, Hop, LargestStability,
    Margin, Mcf, Mpf, OptimalNoise, Perceptron, Pse, PseudoLikelihood, Ridge, Rule, Spec, Storkey, Trn,
    TrnLiteral, TrnSoft, Unlearning,
};
use serde::de::{Deserialize, Deserializer, Error, Visitor, value};
use serde::forward_to_deserialize_any;
use std::sync::{PoisonError, RwLock};

/// The rules of this crate, in the order of tables and legends.
const BUILT_IN: [Entry; 20] = [
    Entry::of::<Hop>(),
    Entry::of::<Pse>(),
    Entry::of::<Mpf>(),
    Entry::of::<Margin>(),
    Entry::of::<Mcf>(),
    Entry::of::<Ridge>(),
    Entry::of::<Dreaming>(),
    Entry::of::<Storkey>(),
    Entry::of::<DiederichOpper>(),
    Entry::of::<PseudoLikelihood>(),
    Entry::of::<Unlearning>(),
    Entry::of::<Daydreaming>(),
    Entry::of::<LargestStability>(),
    Entry::of::<Perceptron>(),
    Entry::of::<OptimalNoise>(),
    Entry::of::<EquilibriumPropagation>(),
    Entry::of::<Trn>(),
    Entry::of::<TrnLiteral>(),
    Entry::of::<TrnSoft>(),
    Entry::of::<Diagonal>(),
];

/// Rules that were registered, in that order.
static REGISTERED: RwLock<Vec<Entry>> = RwLock::new(Vec::new());

/// Adds a rule to the catalogue, after those that are there. From then on definitions, the command line,
/// tables and figures know it, so a program registers its rules before it does anything else.
///
/// # Errors
/// If the name is taken or not allowed, or [`Rule::ABOUT`] does not list the parameters that the type has.
pub fn register<R: Rule>() -> Result<(), RegisterError> {
    let entry = Entry::of::<R>();
    let name = entry.about.name;
    if !is_name(name) {
        return Err(RegisterError::Name { name });
    }
    let known = fields::<R>().ok_or(RegisterError::NoTable { name })?;
    let stated: Vec<&'static str> = entry.about.parameters.iter().map(|parameter| parameter.name).collect();
    if stated != known {
        return Err(RegisterError::Parameters { name, stated, known });
    }
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    if BUILT_IN.iter().chain(&*registered).any(|other| other.about.name == name) {
        return Err(RegisterError::Taken { name });
    }
    registered.push(entry);
    Ok(())
}

/// A `RegisterError` says why a rule cannot be added to the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// A name that could not stand in a definition or on the command line.
    #[error(
        "a rule cannot be called `{name}`: lower-case letters, digits and hyphens are allowed, a letter first"
    )]
    Name {
        /// The name.
        name: &'static str,
    },
    /// Another rule has the name.
    #[error("there is a rule `{name}` already; give this one another name")]
    Taken {
        /// The name.
        name: &'static str,
    },
    /// A type that is no table in a definition.
    #[error(
        "the parameters of `{name}` are no table; make the type a struct with a named field for each, or with {{}}"
    )]
    NoTable {
        /// The rule's name.
        name: &'static str,
    },
    /// A description that does not list the parameters.
    #[error(
        "the description of `{name}` lists the parameters {stated:?}, but its type has {known:?}; list these in order"
    )]
    Parameters {
        /// The rule's name.
        name: &'static str,
        /// What the description lists.
        stated: Vec<&'static str>,
        /// What the type has.
        known: &'static [&'static str],
    },
}

/// Tells whether a rule may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// An `Entry` is a rule in the catalogue. It holds what can be had of a rule without a value of its type.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) about: &'static About,
    /// Reads its parameters.
    pub(super) read: fn(&mut dyn erased_serde::Deserializer<'_>) -> Result<Spec, erased_serde::Error>,
    default: fn() -> Spec,
}

impl Entry {
    const fn of<R: Rule>() -> Self {
        Self {
            about: R::ABOUT,
            read: |parameters| R::deserialize(parameters).map(Spec::from),
            default: || R::default().into(),
        }
    }

    /// Finds the rule of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        entries().into_iter().find(|entry| entry.about.name == name)
    }

    /// Returns the rule with its defaults.
    pub(super) fn spec(&self) -> Spec {
        (self.default)()
    }
}

/// Returns all rules, in the order of tables and legends.
pub(super) fn entries() -> Vec<Entry> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    BUILT_IN.iter().chain(&*registered).copied().collect()
}

/// The names of the fields of a struct, as its implementation of serde knows them.
fn fields<'de, T: Deserialize<'de>>() -> Option<&'static [&'static str]> {
    /// Takes note of what is asked for, and gives nothing.
    struct Asked<'a>(&'a mut Option<&'static [&'static str]>);

    impl<'de> Deserializer<'de> for Asked<'_> {
        type Error = value::Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, value::Error> {
            Err(value::Error::custom("there is nothing to read"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, value::Error> {
            *self.0 = Some(fields);
            self.deserialize_any(visitor)
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            visitor: V,
        ) -> Result<V::Value, value::Error> {
            visitor.visit_newtype_struct(self)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut asked = None;
    let _ = T::deserialize(Asked(&mut asked));
    asked
}
