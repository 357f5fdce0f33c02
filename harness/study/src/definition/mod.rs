//! A definition says in one TOML what a sweep is. It has the question of the sweep, its protocols, its grid,
//! its figures and its interpretation.
//!
//! A text becomes wire types (`wire`), each value legal by itself, and these become a [`Definition`] in one conversion
//! (`check`) that refuses what does not fit together. Every error says where it is, what is allowed and what to do.

mod axes;
mod check;
mod claims;
mod conditions;
mod document;
mod error;
mod exclusion;
mod external;
mod figures;
mod files;
mod formula;
mod keys;
mod membership;
mod problem;
mod readers;
mod section;
mod sequential;
#[cfg(test)]
mod tests;
mod variants;
mod wire;
mod zip;

pub use error::{DefinitionError, Invalid};
pub use external::Programs;
pub use files::MessageFiles;
pub use formula::FormulaError;
pub use problem::Problem;

use crate::budget::Budget;
use crate::claim::ClaimSpec;
use crate::figure::FigureSpec;
use crate::measure::Probe;
use crate::purpose::Purpose;
use crate::run_name::RunName;
use crate::stopping::StoppingRule;
use base::suggest::nearest;
use document::Document;
use error::Fault;
use files::Look;
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::source::MessageFile;
use protocols::{Corruption, Source, Spec};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use worker::ExternalReader;

/// A `Condition` is one protocol on message sets of one size from one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The protocol, by its position in [`Definition::protocols`].
    pub protocol: usize,
    /// Where messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// Messages M.
    pub m: u32,
    /// How the queries are corrupted, mostly numbers of flipped bits d: distinct and ascending; none where no probe
    /// reads queries.
    pub flips: Arc<[Corruption]>,
    /// Queries a trial and number of flips, spread round-robin over the messages; 0 where no probe reads queries.
    pub queries: u32,
    /// Message sets.
    pub trials: u32,
}

/// Says how memories are read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadSettings {
    /// The readers, ascending.
    pub dynamics: Vec<Reader>,
    /// What those of them are that are programs.
    pub programs: Vec<ExternalReader>,
    /// Steps after which a read ends unsettled.
    pub max_steps: u32,
    /// Steps L after which recovery is reported for protocols without steps of their own.
    pub checkpoint: u32,
}

/// A `Definition` is a checked definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Its name: results go to `results/<name>/`.
    pub name: String,
    /// The text it was read from.
    pub text: String,
    /// What the sweep is to answer.
    pub question: String,
    /// What its numbers can and cannot show.
    pub analysis: String,
    /// Root seed of all streams.
    pub seed: u64,
    /// What the streams are for.
    pub stream: Purpose,
    /// What is measured, ascending.
    pub probes: Vec<Probe>,
    /// Protocols by label, every variant of `k` and `steps` for itself.
    pub protocols: IndexMap<String, Spec>,
    /// What is run, in the order of tables: each protocol, source, N and M once.
    pub conditions: Vec<Condition>,
    /// How memories are read.
    pub reads: ReadSettings,
    /// What a cell may cost; it changes no number.
    pub budget: Budget,
    /// When trials are enough; where it is absent, every condition runs all of its trials.
    pub sequential: Option<StoppingRule>,
    /// Figures to draw.
    pub figures: Vec<FigureSpec>,
    /// Claims that it is to decide.
    pub claims: Vec<ClaimSpec>,
    /// What was found of its files of messages; `None` where it names none, or nobody has looked.
    pub files: Option<MessageFiles>,
    /// What should be known of the messages that were read with it, a line a file.
    pub told: Vec<String>,
}

/// Name and text of the shipped definitions.
const SHIPPED: &[(&str, &str)] = &[
    ("quick", include_str!("../../../definitions/quick.toml")),
    ("capacity", include_str!("../../../definitions/capacity.toml")),
    ("noise", include_str!("../../../definitions/noise.toml")),
    ("cost", include_str!("../../../definitions/cost.toml")),
    ("map", include_str!("../../../definitions/map.toml")),
    ("properties", include_str!("../../../definitions/properties.toml")),
    ("queries", include_str!("../../../definitions/queries.toml")),
    ("training-noise", include_str!("../../../definitions/training-noise.toml")),
    ("period", include_str!("../../../definitions/period.toml")),
    ("baselines-ablation", include_str!("../../../definitions/baselines-ablation.toml")),
    ("trn-ablation", include_str!("../../../definitions/trn-ablation.toml")),
    ("fresh", include_str!("../../../definitions/fresh.toml")),
    ("field", include_str!("../../../definitions/field.toml")),
    ("field-best", include_str!("../../../definitions/field-best.toml")),
    ("quality", include_str!("../../../definitions/quality.toml")),
    ("messages", include_str!("../../../definitions/messages.toml")),
    ("settle-64", include_str!("../../../definitions/settle-64.toml")),
    ("settle-64-again", include_str!("../../../definitions/settle-64-again.toml")),
    ("settle-128", include_str!("../../../definitions/settle-128.toml")),
    ("settle-128-again", include_str!("../../../definitions/settle-128-again.toml")),
    ("settle-256", include_str!("../../../definitions/settle-256.toml")),
    ("settle-256-again", include_str!("../../../definitions/settle-256-again.toml")),
    ("settle-512", include_str!("../../../definitions/settle-512.toml")),
    ("settle-512-again", include_str!("../../../definitions/settle-512-again.toml")),
];

impl Definition {
    /// Returns names and texts of the definitions that come with the program. The default stands first.
    pub fn shipped() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    /// Reads a shipped definition by name, or a file by path. A path is anything that ends in `.toml` or
    /// holds a `/`. The files and programs that it names are read and asked.
    ///
    /// # Errors
    /// If there is no such definition, or the file cannot be read, names no run, or has a wrong text; or if what it
    /// names is not there, or is another than it says.
    pub fn load(name_or_path: &str) -> Result<Self, DefinitionError> {
        let Text { name, path, text } = Text::of(name_or_path)?;
        let folder = folder_of(&path);
        Self::read(&name, &path, &text, Look::At(&folder))?.settled(&path)
    }

    /// Reads a definition as [`Definition::load`] does, with the messages of a file in place of its sources and of
    /// its N. It is named after both.
    ///
    /// # Errors
    /// As for [`Definition::load`], or if the file cannot be read as messages.
    pub fn load_with(name_or_path: &str, given: MessageFile, folder: &Path) -> Result<Self, DefinitionError> {
        let Text { name, path, text } = Text::of(name_or_path)?;
        let stem = Path::new(given.name()).file_stem().unwrap_or_default().to_string_lossy();
        let stem = stem.replace(|c: char| !(c.is_ascii_alphanumeric() || c == '_'), "-");
        let name = RunName::new(&format!("{name}-{stem}"))
            .map_err(|reason| DefinitionError::Name { path: path.clone(), reason })?;
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Self::read(name.as_ref(), &path, &text, Look::Instead(given, &folder))?.settled(&path)
    }

    /// Reads `text`; `path` is where errors say it stands. The name is taken as it is: stored runs keep it. What is
    /// outside the text, such as the programs and files that it names, is not looked at.
    ///
    /// # Errors
    /// If the text is no TOML or not a definition.
    pub fn parse(name: &str, path: &Path, text: &str) -> Result<Self, DefinitionError> {
        Self::read(name, path, text, Look::Away)
    }

    /// Reads `text` as [`Definition::parse`] does, and takes its files for what was found of them once.
    ///
    /// # Errors
    /// As for [`Definition::parse`].
    pub fn parse_found(
        name: &str,
        path: &Path,
        text: &str,
        files: Option<&MessageFiles>,
    ) -> Result<Self, DefinitionError> {
        Self::read(name, path, text, files.map_or(Look::Away, Look::Back))
    }

    fn read(name: &str, path: &Path, text: &str, look: Look<'_>) -> Result<Self, DefinitionError> {
        let document = Document::parse(text).map_err(|error| Invalid::syntax(path, text, &error))?;
        check::definition(name, &document, look).map_err(|fault: Box<Fault>| fault.shown(path, &document))
    }

    /// Takes the figures of the shipped definition of its name, if that asks for the same protocols, read alike, from
    /// the same streams: a figure that was mended since the sweep is drawn from what is stored.
    pub fn with_shipped_figures(mut self) -> Self {
        let shipped = SHIPPED.iter().find(|(name, _)| *name == self.name);
        let shipped = shipped.and_then(|(name, text)| Self::parse(name, Path::new(name), text).ok());
        let is_same = |other: &Self| {
            (&other.protocols, &other.reads, other.seed, other.stream)
                == (&self.protocols, &self.reads, self.seed, self.stream)
        };
        if let Some(shipped) = shipped.filter(is_same) {
            self.figures = shipped.figures;
        }
        self
    }

    /// Runs `trials` message sets of every condition, whatever the grid says.
    pub fn override_trials(&mut self, trials: u32) {
        self.conditions.iter_mut().for_each(|condition| condition.trials = trials);
    }
}

/// The text of a definition that is asked for, with its name and where errors say that it stands.
struct Text {
    name: String,
    path: PathBuf,
    text: String,
}

impl Text {
    fn of(name_or_path: &str) -> Result<Self, DefinitionError> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == name_or_path) {
            let path = Path::new("harness/definitions").join(format!("{name}.toml"));
            return Ok(Self { name: (*name).to_owned(), path, text: (*text).to_owned() });
        }
        let path = Path::new(name_or_path);
        let is_path = path.extension().is_some_and(|e| e == "toml") || path.components().count() > 1;
        if !is_path {
            let shipped: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
            let nearest = nearest(name_or_path, shipped.iter().copied());
            return Err(DefinitionError::Unknown { name: name_or_path.to_owned(), shipped, nearest });
        }
        let unreadable = |reason: String| DefinitionError::Unreadable { path: path.to_owned(), reason };
        // What is no file may be results of that path, so the name is looked at last.
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name =
            RunName::new(&stem).map_err(|reason| DefinitionError::Name { path: path.to_owned(), reason })?;
        Ok(Self { name: name.as_ref().to_owned(), path: path.to_owned(), text })
    }
}

/// The folder of a definition. The working folder may be another when its files are read again.
fn folder_of(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.parent().unwrap_or(Path::new("")).to_owned()
}
