//! An external rule is a program of its own: this is what a definition says of it, and what it is identified by.
//!
//! A batch of T trials of one condition is written in one job, always the trials k T to (k + 1) T - 1, whichever of
//! them a sweep lacks: batched products are not equal to single ones bit by bit, so T is a part of the rule's identity,
//! and results must not hang on how far an earlier sweep came. With T above 1, a sweep whose trials are no multiple of
//! T computes some that it does not use.
//!
//! What the program is, the harness finds out when it loads the definition: `content` is the hash of its files, and
//! `version` the line that it prints. Given in a definition, they must agree with what is found. Limits: a rule of the
//! catalogue that takes another as a parameter cannot take this one, and a write without a sweep is refused.

use protocols::protocol::{About, Law, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use protocols::{Patterns, Stream};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An `External` is a program that writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct External {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The files that it is made of, relative to the definition.
    pub files: Vec<String>,
    /// Trials that are written in one job.
    pub batch: NonZeroU32,
    /// What it is given besides the messages.
    pub parameters: Free,
    /// BLAKE3 of the files, as they were found; empty where nobody has looked.
    pub content: String,
    /// What the program prints when `version` is appended to the command; empty where it prints nothing.
    pub version: String,
    #[serde(skip)]
    place: Place,
    #[serde(skip)]
    writer: Writer,
}

/// Has a program write one message set at once, outside of a sweep.
pub(crate) trait WriteOne: fmt::Debug + Send + Sync {
    /// Writes the messages with a seed, or says why not.
    fn write_one(&self, external: &External, messages: &Patterns, seed: u64) -> Result<Written, String>;
}

/// Who has the program write outside of a sweep, if anybody; no part of what the rule is.
#[derive(Clone, Debug, Default)]
struct Writer(Option<Arc<dyn WriteOne>>);

impl PartialEq for Writer {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where the definition stands, which is no part of what the rule is.
#[derive(Clone, Debug, Default)]
struct Place(Option<PathBuf>);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Says how many trials are written in one job, unless the definition says otherwise.
const BATCH: NonZeroU32 = NonZeroU32::new(50).expect("not 0");

impl Default for External {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            files: Vec::new(),
            batch: BATCH,
            parameters: Free::default(),
            content: String::new(),
            version: String::new(),
            place: Place::default(),
            writer: Writer::default(),
        }
    }
}

/// A `Free` is a table of parameters that mean something to the program alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Free(Map<String, Value>);

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Holds for what TOML writes and JSON cannot: nan, inf, a date.
        fn is_foreign(value: &Value) -> bool {
            match value {
                Value::Null => true,
                Value::Array(items) => items.iter().any(is_foreign),
                Value::Object(table) => {
                    table.iter().any(|(key, value)| key.starts_with('$') || is_foreign(value))
                }
                _ => false,
            }
        }
        let table = Map::deserialize(deserializer)?;
        match table.values().any(is_foreign) {
            true => Err(D::Error::custom("numbers must be finite, and dates be written as texts")),
            false => Ok(Self(table)),
        }
    }
}

impl External {
    /// Returns a program that nobody has looked for yet.
    pub(crate) fn described(
        command: Vec<String>,
        files: Vec<String>,
        batch: NonZeroU32,
        parameters: Free,
    ) -> Self {
        Self { command, files, batch, parameters, ..Self::default() }
    }

    /// Returns the same rule whose files stand in a folder.
    #[must_use]
    pub fn in_folder(&self, folder: &Path) -> Self {
        Self { place: Place(Some(folder.to_owned())), ..self.clone() }
    }

    /// Returns the same rule, identified by what was found of it.
    #[must_use]
    pub fn found(mut self, content: String, version: String) -> Self {
        (self.content, self.version) = (content, version);
        self
    }

    /// Returns the same rule, which `writer` has write one message set at a time; `None` for a sweep alone.
    pub(crate) fn by(&self, writer: Option<Arc<dyn WriteOne>>) -> Self {
        Self { writer: Writer(writer), ..self.clone() }
    }

    /// Returns the folder of its definition, if that is known.
    pub fn folder(&self) -> Option<&Path> {
        self.place.0.as_deref()
    }

    /// Returns the first trial of the batch that a trial belongs to.
    pub fn first(&self, trial: u32) -> u32 {
        trial - trial % self.batch
    }
}

impl Rule for External {
    const ABOUT: &'static About = &About {
        name: "external",
        title: "a program of your own",
        formula: "W is what the program answers",
        source: "README, Add your rule in any language",
        version: 1,
        parameters: &[
            Parameter::new("command", "a list of texts", "the program and its arguments"),
            Parameter::new(
                "files",
                "a list of files, relative to the definition",
                "what the program is made of: when one changes, it is another rule",
            ),
            Parameter::new("batch", "a whole number of at least 1", "trials that are written in one job"),
            Parameter::new(
                "parameters",
                "a table of numbers, texts, truth values, lists and tables",
                "what the program is given besides the messages",
            ),
            Parameter::new(
                "content",
                "64 hexadecimal digits, or nothing",
                "BLAKE3 of the files; filled in by the harness, and refused where it is given and wrong",
            ),
            Parameter::new(
                "version",
                "a line of text, or nothing",
                "what the program prints for `version`; filled in and refused as `content` is",
            ),
        ],
    };

    // Only a sweep has the batch that it is written with, so there is nothing that laws could look at.
    const EXEMPT: &'static [Law] = &[
        Law::Function,
        Law::Returns,
        Law::Stays,
        Law::EdgeCases,
        Law::Single,
        Law::TooMany,
        Law::Units,
        Law::Gauge,
        Law::Order,
        Law::Nature,
        Law::Watch,
    ];

    fn write_messages(
        &self,
        messages: &Patterns,
        stream: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let in_a_sweep =
            "the program writes trials in batches, in `harness sweep`, `verify` and `replay` alone";
        let written = match &self.writer.0 {
            Some(writer) => writer.write_one(self, messages, stream.word()),
            None => Err(in_a_sweep.to_owned()),
        };
        written.map_err(|reason| WriteError::Parameter {
            parameter: "command",
            value: base::shell::command_line(self.command.clone()),
            reason,
        })
    }

    fn nature(&self) -> Nature {
        Nature::default()
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        u64::from(self.batch.get()).saturating_mul(4 * n * n + n * m)
    }
}

/// Returns how a program's write went: it does not tell.
pub(crate) fn report() -> Report {
    Report { stop: Stop::NotTold, ..Report::closed(None) }
}
