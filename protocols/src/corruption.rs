//! A corruption is what a query has lost of its message: so many units, and how.

use crate::noise::{NoiseDraw, Queries};
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A `Corruption` says how many units of a query are corrupted, and how. It is what tests vary as the noise level d/N.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Corruption {
    /// How.
    pub kind: CorruptionKind,
    /// The number of units d.
    pub units: u32,
}

/// A `CorruptionKind` says how units of a query are corrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CorruptionKind {
    /// Exactly d units are flipped, chosen without replacement.
    #[default]
    Flips,
    /// Every unit is flipped with probability d/N.
    Bernoulli,
    /// Exactly d units are unknown, chosen without replacement. They are 0 in the query.
    Erasure,
    /// d neighbouring units are flipped, from a random unit on and around the end.
    Block,
    /// d neighbouring units are unknown: a part that is covered.
    Occlusion,
    /// d units are those of another message, chosen without replacement. About half of them are wrong.
    Mixture,
    /// Queries come from a file of one's own, and differ from their messages in d units in the mean. No definition asks
    /// for them by this name: a source has them.
    Own,
}

impl CorruptionKind {
    /// This is the list of all kinds, in the order of tables.
    pub const ALL: [Self; 7] =
        [Self::Flips, Self::Bernoulli, Self::Erasure, Self::Block, Self::Occlusion, Self::Mixture, Self::Own];

    /// Returns the name used in definitions and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flips => "flips",
            Self::Bernoulli => "bernoulli",
            Self::Erasure => "erasure",
            Self::Block => "block",
            Self::Occlusion => "occlusion",
            Self::Mixture => "mixture",
            Self::Own => "own",
        }
    }

    /// Returns what becomes of the d units of a query, in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Flips => "d units flipped, chosen without replacement",
            Self::Bernoulli => "every unit flipped with probability d/N",
            Self::Erasure => "d units unknown, chosen without replacement",
            Self::Block => "d neighbouring units flipped",
            Self::Occlusion => "d neighbouring units unknown",
            Self::Mixture => "d units taken from another message, chosen without replacement",
            Self::Own => {
                "queries of a file of one's own, `queries` of a source; d units differ in the mean of all"
            }
        }
    }

    /// Returns the unit that d counts, in the plural.
    pub fn counted(self) -> &'static str {
        match self {
            Self::Flips => "flips",
            Self::Bernoulli => "flips expected",
            Self::Erasure => "units erased",
            Self::Block => "flips in a block",
            Self::Occlusion => "units covered",
            Self::Mixture => "units of another message",
            Self::Own => "units differing in the mean",
        }
    }
}

impl Corruption {
    /// Makes a corruption by exactly `units` flips.
    pub const fn flips(units: u32) -> Self {
        Self { kind: CorruptionKind::Flips, units }
    }

    /// Says it in words, such as `6 flips`.
    pub fn words(self) -> String {
        format!("{} {}", self.units, self.kind.counted())
    }
}

impl From<Corruption> for f64 {
    /// The number of units d.
    fn from(corruption: Corruption) -> f64 {
        corruption.units.into()
    }
}

/// The number of flips alone, or what is done before the number: `6`, `erasure 6`.
impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            CorruptionKind::Flips => self.units.fmt(f),
            kind => f.pad(&format!("{} {}", kind.name(), self.units)),
        }
    }
}

/// A `CorruptionError` says why a text is no corruption.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no corruption; a number of flips is one, or a number after bernoulli, erasure, block, occlusion, \
     mixture or own, such as `erasure 6`"
)]
pub struct CorruptionError {
    text: String,
}

impl FromStr for Corruption {
    type Err = CorruptionError;

    fn from_str(text: &str) -> Result<Self, CorruptionError> {
        let (name, units) = text.rsplit_once(' ').unwrap_or(("flips", text));
        let kind = CorruptionKind::ALL.into_iter().find(|kind| kind.name() == name);
        let units = units.parse().ok();
        let found = kind.zip(units).map(|(kind, units)| Self { kind, units });
        found.ok_or_else(|| CorruptionError { text: text.to_owned() })
    }
}

impl Serialize for Corruption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind {
            CorruptionKind::Flips => serializer.serialize_u32(self.units),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Corruption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;

        impl Visitor<'_> for Visit {
            type Value = Corruption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of flips, or another corruption such as \"erasure 6\"")
            }

            fn visit_u64<E: Error>(self, units: u64) -> Result<Corruption, E> {
                let refused = || E::invalid_value(Unexpected::Unsigned(units), &self);
                u32::try_from(units).map(Corruption::flips).map_err(|_| refused())
            }

            fn visit_i64<E: Error>(self, units: i64) -> Result<Corruption, E> {
                let refused = || E::invalid_value(Unexpected::Signed(units), &self);
                u32::try_from(units).map(Corruption::flips).map_err(|_| refused())
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Corruption, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Visit)
    }
}

impl Queries {
    /// Makes `count` queries that are corrupted alike. Query q comes from message q mod M, so that every message gets
    /// its share.
    ///
    /// # Panics
    /// If there is no message, fewer units than are to be corrupted, or queries are of one's own.
    pub fn corrupted(messages: &Patterns, corruption: Corruption, count: usize, stream: &mut Stream) -> Self {
        let (n, units) = (messages.n(), corruption.units as usize);
        assert!(units <= n, "{units} of {n} bits cannot be corrupted");
        match corruption.kind {
            CorruptionKind::Flips => Self::exact(messages, units, count, stream),
            CorruptionKind::Bernoulli => {
                Self::drawn(messages, NoiseDraw::Bernoulli, units as f64 / n as f64, count, stream)
            }
            CorruptionKind::Erasure => {
                let order: Vec<u32> = (0..n as u32).collect();
                erased(messages, count, stream, |stream| {
                    let mut chosen = order.clone();
                    stream.choose(&mut chosen, units);
                    chosen.truncate(units);
                    chosen
                })
            }
            CorruptionKind::Block => {
                Self::flipped(messages, count, |list| list.extend(block(n, units, stream)))
            }
            CorruptionKind::Occlusion => erased(messages, count, stream, |stream| block(n, units, stream)),
            CorruptionKind::Mixture => mixed(messages, units, count, stream),
            CorruptionKind::Own => panic!("queries of one's own come from their source"),
        }
    }
}

/// Neighbouring units, from a random one on.
fn block(n: usize, units: usize, stream: &mut Stream) -> Vec<u32> {
    let first = stream.below(n as u32);
    (0..units as u32).map(|k| (first + k) % n as u32).collect()
}

/// Queries that do not know those units that `units` gives for each. Their signs are a coin's.
fn erased(
    messages: &Patterns,
    count: usize,
    stream: &mut Stream,
    mut units: impl FnMut(&mut Stream) -> Vec<u32>,
) -> Queries {
    let n = messages.n();
    let mut queries = Queries::exact(messages, 0, count, &mut stream.child("messages"));
    let mut unknown = vec![false; n * count];
    let mut signs = queries.states.signs().to_vec();
    let mut coins = vec![0; n];
    for (unknown, signs) in unknown.chunks_exact_mut(n).zip(signs.chunks_exact_mut(n)) {
        let units = units(stream);
        stream.signs(&mut coins);
        for unit in units {
            unknown[unit as usize] = true;
            signs[unit as usize] = coins[unit as usize];
        }
    }
    queries.states = Patterns::known(n, signs);
    queries.unknown = Some(unknown);
    queries
}

/// Queries of which some units are another message's. A message alone is mixed with its own negative.
fn mixed(messages: &Patterns, units: usize, count: usize, stream: &mut Stream) -> Queries {
    let (n, m) = (messages.n(), messages.count());
    let mut queries = Queries::exact(messages, 0, count, &mut stream.child("messages"));
    let mut signs = queries.states.signs().to_vec();
    let mut order: Vec<u32> = (0..n as u32).collect();
    for (signs, &own) in signs.chunks_exact_mut(n).zip(&queries.message) {
        let other = if m > 1 { (own as usize + 1 + stream.below(m as u32 - 1) as usize) % m } else { 0 };
        stream.choose(&mut order, units);
        for &unit in &order[..units] {
            let sign = messages.row(other)[unit as usize];
            signs[unit as usize] = if m > 1 { sign } else { -sign };
        }
    }
    queries.states = Patterns::known(n, signs);
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(kind: CorruptionKind, units: u32, count: usize) -> (Patterns, Queries) {
        let mut stream = Stream::named(4, "test", &[]);
        let messages = Patterns::random(40, 5, &mut stream);
        let queries = Queries::corrupted(&messages, Corruption { kind, units }, count, &mut stream);
        assert!(queries.message.iter().enumerate().all(|(q, &m)| m as usize == q % 5));
        (messages, queries)
    }

    /// The units in which each query differs from its message.
    fn differing(messages: &Patterns, queries: &Queries) -> Vec<Vec<usize>> {
        let pairs = queries.states.rows().zip(&queries.message);
        let units =
            |(q, &m): (&[i8], &u32)| (0..q.len()).filter(|&i| q[i] != messages.row(m as usize)[i]).collect();
        pairs.map(units).collect()
    }

    #[test]
    fn flips_are_those_of_exact_queries() {
        let mut stream = Stream::named(4, "test", &[]);
        let messages = Patterns::random(40, 5, &mut stream);
        let exact = Queries::exact(&messages, 7, 20, &mut stream.clone());
        let corrupted = Queries::corrupted(&messages, Corruption::flips(7), 20, &mut stream);
        assert_eq!(exact.states, corrupted.states);
        assert_eq!(corrupted.unknown, None);
    }

    #[test]
    fn erased_units_are_as_many_as_asked_for_and_fall_like_coins() {
        for kind in [CorruptionKind::Erasure, CorruptionKind::Occlusion] {
            let (messages, queries) = queries(kind, 10, 4000);
            let unknown = queries.unknown.as_ref().unwrap();
            let differing = differing(&messages, &queries);
            let mut wrong = 0;
            for (unknown, differing) in unknown.chunks_exact(40).zip(&differing) {
                assert_eq!(unknown.iter().filter(|&&unknown| unknown).count(), 10);
                assert!(differing.iter().all(|&unit| unknown[unit]));
                wrong += differing.len();
            }
            // Binomial(40 000, 1/2) has a deviation of 100; six deviations.
            assert!((19_400..=20_600).contains(&wrong), "{wrong}");
            let hits = (0..40).map(|unit| unknown.iter().skip(unit).step_by(40).filter(|&&x| x).count());
            // Binomial(4000, 1/4) has a deviation of 27.4; six deviations.
            assert!(hits.clone().all(|h| (835..=1165).contains(&h)), "{:?}", hits.collect::<Vec<_>>());
        }
    }

    #[test]
    fn blocks_are_of_neighbours() {
        let (messages, queries) = queries(CorruptionKind::Block, 9, 500);
        for units in differing(&messages, &queries) {
            assert_eq!(units.len(), 9);
            let breaks = units.iter().filter(|&&unit| !units.contains(&((unit + 1) % 40))).count();
            assert_eq!(breaks, 1, "{units:?}");
        }
    }

    #[test]
    fn a_mixture_has_units_of_two_messages() {
        let (messages, queries) = queries(CorruptionKind::Mixture, 20, 500);
        let differing = differing(&messages, &queries);
        assert!(differing.iter().all(|units| units.len() <= 20));
        let own = |q: usize| messages.row(queries.message[q] as usize);
        for (q, query) in queries.states.rows().enumerate() {
            let fits = |other: &[i8]| (0..40).all(|i| query[i] == own(q)[i] || query[i] == other[i]);
            assert!(messages.rows().any(|other| other != own(q) && fits(other)), "query {q}");
        }
        // About half of the units chosen differ: 20 of 40 in expectation a quarter of all.
        let wrong: usize = differing.iter().map(Vec::len).sum();
        assert!((4000..=6000).contains(&wrong), "{wrong}");
    }

    #[test]
    fn bernoulli_flips_have_their_mean() {
        let (messages, queries) = queries(CorruptionKind::Bernoulli, 8, 4000);
        let flips: usize = differing(&messages, &queries).iter().map(Vec::len).sum();
        // Binomial(160 000, 1/5) has a deviation of 160; six deviations.
        assert!((31_040..=32_960).contains(&flips), "{flips}");
    }

    #[test]
    fn a_corruption_is_read_back_from_its_text() {
        for kind in CorruptionKind::ALL {
            let corruption = Corruption { kind, units: 6 };
            assert_eq!(corruption.to_string().parse(), Ok(corruption));
            let json = serde_json::to_string(&corruption).unwrap();
            assert_eq!(serde_json::from_str::<Corruption>(&json).unwrap(), corruption);
        }
        assert_eq!(Corruption::flips(6).to_string(), "6");
        for text in ["", "six", "noise 6", "erasure", "erasure -1", "-1", "1.5"] {
            assert!(text.parse::<Corruption>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_those_of_serde() {
        for kind in CorruptionKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
