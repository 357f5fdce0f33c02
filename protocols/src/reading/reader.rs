//! A reader turns a memory and a query into a message. This is the list of the readers, with their parameters.
//!
//! What a protocol is to writing, a reader is to reading: named, with parameters, and any protocol may be paired with
//! any reader. Definitions give a reader as its name or as a table, `"soft"` or `{ soft = { beta = 2 } }`; tables,
//! columns and labels spell it as a text, `soft(beta=2)`, where a parameter at its default is left out. Defaults never
//! change, since stored results are named by that text.

use super::about::ReaderAbout;
use super::dense::Dense;
use super::held::Held;
use super::program::ReaderProgram;
use super::soft::Soft;
use crate::spelling::{Pair, name_and_parameters, parameters, spell};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

/// A `Reader` is a way to read a memory, with its parameters.
///
/// | reader | formula |
/// |---|---|
/// | `sync` | `x <- sign(W x + U p + b)`, all units at once |
/// | `async` | the same, one unit after another in random order |
/// | `held` | `x <- sign(W x + U p + b + c abs(w_i) x0)`, x0 the query: see [`Held`] |
/// | `soft` | `s <- a s + (1 - a) tanh(beta (W s + b + lambda x0))`, rows of W of length 1: see [`Soft`] |
/// | `nearest` | the message that agrees with the query in most units; a ceiling, as it keeps the messages |
/// | `dense` | `s <- sum_m p_m xi^m, p = softmax(beta xi^m s / sqrt N)`; a ceiling too: see [`Dense`] |
///
/// ```
/// use protocols::protocol::Mpf;
/// use protocols::reading::{Reader, Settings, Store, read_with_checkpoints};
/// use protocols::{Patterns, Protocol, Queries, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let queries = Queries::exact(&messages, 4, 6, &mut stream);
/// let weights = Mpf::default().write(&messages, &mut stream)?.weights;
/// let store = Store { weights: &weights, messages: &messages };
/// // At a low load every reader finds the way back.
/// for reader in Reader::catalogue() {
///     let settings = Settings { reader, max_steps: 50 };
///     let reads = read_with_checkpoints(store, (&queries).into(), settings, &[], &mut stream);
///     assert!(reads.states.rows().zip(&queries.message).all(|(state, &m)| state == messages.row(m as usize)));
/// }
/// // Tables and definitions spell a reader as a text.
/// assert_eq!("soft(beta=2)".parse::<Reader>()?.name(), "soft(beta=2)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reader {
    /// All units at once; a step is one update of all.
    Sync,
    /// One unit after another, in a fresh random order every sweep; a step is a sweep.
    Async,
    /// The field of the query is kept.
    Held(Held),
    /// Graded states that are damped.
    Soft(Soft),
    /// The message nearest to the query.
    Nearest,
    /// A dense associative memory of the messages.
    Dense(Dense),
    /// A program of its own, which is in no catalogue.
    External(ReaderProgram),
}

impl Reader {
    /// The name of readers that are programs.
    pub const PROGRAM: &'static str = ReaderProgram::ABOUT.name;

    /// Lists every reader with its defaults, in the order of tables and legends.
    pub fn catalogue() -> [Self; 6] {
        [
            Self::Sync,
            Self::Async,
            Self::Held(Held::default()),
            Self::Soft(Soft::default()),
            Self::Nearest,
            Self::Dense(Dense::default()),
        ]
    }

    /// Lists the names of the readers.
    pub fn names() -> [&'static str; 6] {
        Self::catalogue().map(|reader| reader.about().name)
    }

    /// Returns what the list of readers says of it.
    pub fn about(self) -> &'static ReaderAbout {
        match self {
            Self::Sync => &SYNC,
            Self::Async => &ASYNC,
            Self::Held(_) => &Held::ABOUT,
            Self::Soft(_) => &Soft::ABOUT,
            Self::Nearest => &super::nearest::ABOUT,
            Self::Dense(_) => &Dense::ABOUT,
            Self::External(_) => &ReaderProgram::ABOUT,
        }
    }

    /// Returns the text that names it with its parameters, such as `soft(beta=2)`.
    pub fn name(self) -> &'static str {
        /// Texts of readers with parameters. A program meets few, and each is kept for as long as it runs.
        static KNOWN: Mutex<Option<HashMap<Reader, &'static str>>> = Mutex::new(None);
        if self == self.plain() {
            return self.about().name;
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().entry(self).or_insert_with(|| {
            let text = spell(self.about().name, &self.pairs(), &self.plain().pairs());
            Box::leak(text.into_boxed_str())
        })
    }

    /// Tells whether it needs the messages themselves, and no weights.
    pub fn keeps_messages(self) -> bool {
        matches!(self, Self::Nearest | Self::Dense(_) | Self::External(_))
    }

    /// Tells whether it is a program of its own, which nothing in this crate runs.
    pub fn is_program(self) -> bool {
        matches!(self, Self::External(_))
    }

    /// Returns whether its updates come in a random order.
    pub fn is_random(self) -> bool {
        match self {
            Self::Async => true,
            Self::Held(held) => held.order == super::held::UpdateOrder::Async,
            _ => false,
        }
    }

    /// Returns the steps that a read takes at most, where the reader has a number of its own.
    pub fn own_steps(self) -> Option<u32> {
        match self {
            Self::Sync | Self::Async | Self::Held(_) => None,
            Self::Soft(soft) => Some(soft.steps.get()),
            Self::Nearest | Self::External(_) => Some(1),
            Self::Dense(dense) => Some(dense.steps.get()),
        }
    }

    /// The same reader with its defaults.
    fn plain(self) -> Self {
        match self {
            Self::Held(_) => Self::Held(Held::default()),
            Self::Soft(_) => Self::Soft(Soft::default()),
            Self::Dense(_) => Self::Dense(Dense::default()),
            Self::External(_) => Self::External(ReaderProgram::NONE),
            Self::Sync | Self::Async | Self::Nearest => self,
        }
    }

    /// Lists its parameters with their values, in order; without those that are not set.
    pub fn parameters(self) -> Vec<(&'static str, String)> {
        self.pairs()
    }

    fn pairs(self) -> Vec<Pair> {
        match self {
            Self::Held(held) => held.pairs(),
            Self::Soft(soft) => soft.pairs(),
            Self::Dense(dense) => dense.pairs(),
            Self::External(program) => program.pairs(),
            Self::Sync | Self::Async | Self::Nearest => Vec::new(),
        }
    }
}

const SYNC: ReaderAbout = ReaderAbout {
    name: "sync",
    title: "synchronous",
    formula: "x <- sign(W x + U p + b), all units at once; a field of 0 keeps the unit's state",
    cost: "N^2 multiply-adds a distinct state met",
    ends: "at a fixed point, in a cycle, or after max_steps",
    source: "Little 1974, doi 10.1016/0025-5564(74)90031-5",
    parameters: &[],
};

const ASYNC: ReaderAbout = ReaderAbout {
    name: "async",
    title: "asynchronous",
    formula: "x_i <- sign(W x + U p + b)_i, unit after unit in a fresh random order every sweep",
    cost: "N^2 multiply-adds, and N a flip",
    ends: "at a fixed point, or after max_steps sweeps",
    source: "Hopfield 1982, doi 10.1073/pnas.79.8.2554",
    parameters: &[],
};

/// A `ReaderError` says why a text names no reader.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    /// No reader has the name.
    #[error("unknown variant `{name}`, expected one of {}", backticked())]
    Unknown {
        /// The name.
        name: String,
    },
    /// The parameters are wrong.
    #[error("{0}")]
    Parameters(String),
}

fn backticked() -> String {
    Reader::names().map(|name| format!("`{name}`")).join(", ")
}

impl FromStr for Reader {
    type Err = ReaderError;

    fn from_str(text: &str) -> Result<Self, ReaderError> {
        let unknown = || ReaderError::Unknown { name: text.to_owned() };
        let (name, inner) = name_and_parameters(text).ok_or_else(unknown)?;
        let none = |reader: Self| match inner {
            "" => Ok(reader),
            _ => Err(ReaderError::Parameters(format!("`{name}` has no parameters"))),
        };
        match name {
            "sync" => none(Self::Sync),
            "async" => none(Self::Async),
            "nearest" => none(Self::Nearest),
            "held" => parameters(inner).map(Self::Held).map_err(ReaderError::Parameters),
            "soft" => parameters(inner).map(Self::Soft).map_err(ReaderError::Parameters),
            "external" => ReaderProgram::spelled(inner).map(Self::External).ok_or_else(|| {
                let needed = "`external` has a name, as in external(name=dense)";
                ReaderError::Parameters(needed.to_owned())
            }),
            "dense" => parameters(inner).map(Self::Dense).map_err(ReaderError::Parameters),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Reader {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A reader as a table of one entry. `P` is what a program is there.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase", rename = "reader")]
enum Tagged<P> {
    Sync {},
    Async {},
    Held(Held),
    Soft(Soft),
    Nearest {},
    Dense(Dense),
    External(P),
}

/// A `ReaderOr` is a reader as a definition gives it: its text, or a table. The table `external` holds a `P`, which
/// says what a program is.
#[derive(Clone, Debug, PartialEq)]
pub enum ReaderOr<P> {
    /// A reader that is known by its text.
    Known(Reader),
    /// A program.
    Program(P),
}

impl<'de, P: Deserialize<'de>> Deserialize<'de> for ReaderOr<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<P>(PhantomData<P>);

        impl<'de, P: Deserialize<'de>> Visitor<'de> for Visit<P> {
            type Value = ReaderOr<P>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reader: its name, or a table of its parameters under its name")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ReaderOr<P>, E> {
                text.parse().map(ReaderOr::Known).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReaderOr<P>, A::Error> {
                Ok(ReaderOr::Known(match Tagged::deserialize(MapAccessDeserializer::new(map))? {
                    Tagged::Sync {} => Reader::Sync,
                    Tagged::Async {} => Reader::Async,
                    Tagged::Held(held) => Reader::Held(held),
                    Tagged::Soft(soft) => Reader::Soft(soft),
                    Tagged::Nearest {} => Reader::Nearest,
                    Tagged::Dense(dense) => Reader::Dense(dense),
                    Tagged::External(program) => return Ok(ReaderOr::Program(program)),
                }))
            }
        }

        deserializer.deserialize_any(Visit(PhantomData))
    }
}

/// Nothing: where readers are referred to, a program is named and not described.
enum Nowhere {}

impl<'de> Deserialize<'de> for Nowhere {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(
            "a program is described in `[read]`, and named here, as in \"external(name=dense)\"",
        ))
    }
}

impl<'de> Deserialize<'de> for Reader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match ReaderOr::<Nowhere>::deserialize(deserializer)? {
            ReaderOr::Known(reader) => Ok(reader),
            ReaderOr::Program(nowhere) => match nowhere {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_is_read_back_from_its_text() {
        let others =
            ["held(c=0.1, order=async)", "soft(beta=2, lambda=0)", "soft(from=0.5)", "dense(beta=0.25)"];
        let others =
            others.map(|text| text.parse::<Reader>().unwrap_or_else(|error| panic!("{text}: {error}")));
        for reader in Reader::catalogue().into_iter().chain(others) {
            assert_eq!(reader.name().parse(), Ok(reader), "{reader}");
            let json = serde_json::to_string(&reader).unwrap();
            assert_eq!(serde_json::from_str::<Reader>(&json).unwrap(), reader);
        }
        for reader in Reader::catalogue() {
            assert_eq!(reader.name(), reader.about().name);
        }
        assert_eq!(others[1].name(), "soft(beta=2 lambda=0)");
    }

    #[test]
    fn a_table_gives_a_reader_as_a_text_does() {
        #[derive(Deserialize)]
        struct Sample {
            readers: Vec<Reader>,
        }
        let text = r#"readers = ["sync", { soft = { beta = 2 } }, "soft(beta=2)", { nearest = {} }]"#;
        let readers = toml::from_str::<Sample>(text).unwrap().readers;
        assert_eq!(readers[1], readers[2]);
        assert_eq!((readers[0], readers[3]), (Reader::Sync, Reader::Nearest));
    }

    #[test]
    fn a_program_is_a_name_and_an_identity() {
        for text in
            ["external(name=dense id=0123456789ab)", "external(name=1e5 id=12)", "external(name=a-b_c.py)"]
        {
            let reader = text.parse::<Reader>().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(reader.is_program() && reader.name() == text, "{reader}");
            assert_eq!(serde_json::from_str::<Reader>(&format!("\"{text}\"")).unwrap(), reader);
        }
        for text in
            ["external", "external()", "external(name=)", "external(name=a b)", "external(name=a id=xyz)"]
        {
            assert!(text.parse::<Reader>().is_err(), "{text}");
        }
        let described = serde_json::from_str::<Reader>(r#"{"external": {"name": "a"}}"#).unwrap_err();
        assert!(described.to_string().contains("described in `[read]`"), "{described}");
    }

    #[test]
    fn errors_name_the_choices() {
        let said = |text: &str| text.parse::<Reader>().unwrap_err().to_string();
        assert!(said("both").contains("`both`, expected one of `sync`, `async`, `held`"), "{}", said("both"));
        assert!(said("soft(gain=1)").contains("`gain`"), "{}", said("soft(gain=1)"));
        for text in
            ["sync(x=1)", "soft(beta=0)", "soft(damping=1)", "held(order=both)", "soft(steps=0)", "soft(", ""]
        {
            assert!(text.parse::<Reader>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_texts_of_stored_results_keep_their_meaning() {
        let soft = Soft::default();
        let numbers = (soft.beta.get(), soft.damping.get(), soft.lambda.get(), soft.steps.get(), soft.from);
        assert_eq!(numbers, (3.0, 0.5, 0.1, 60, None));
        let (held, dense) = (Held::default(), Dense::default());
        assert_eq!((held.c.get(), held.order), (0.3, super::super::held::UpdateOrder::Sync));
        assert_eq!((dense.beta.get(), dense.steps.get()), (1.0, 1));
    }
}
