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
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{Corruption, Source, Spec};
use std::path::Path;
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
    ("messages", include_str!("../../../definitions/messages.toml")),
    ("settle-64", include_str!("../../../definitions/settle-64.toml")),
    ("settle-64-again", include_str!("../../../definitions/settle-64-again.toml")),
    ("settle-128", include_str!("../../../definitions/settle-128.toml")),
    ("settle-128-again", include_str!("../../../definitions/settle-128-again.toml")),
    ("settle-256", include_str!("../../../definitions/settle-256.toml")),
    ("settle-256-again", include_str!("../../../definitions/settle-256-again.toml")),
];

impl Definition {
    /// Returns names and texts of the definitions that come with the program. The default stands first.
    pub fn shipped() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    /// Reads a shipped definition by name, or a file by path. A path is anything that ends in `.toml` or
    /// holds a `/`.
    ///
    /// # Errors
    /// If there is no such definition, or the file cannot be read, names no run, or has a wrong text.
    pub fn load(name_or_path: &str) -> Result<Self, DefinitionError> {
        if let Some((name, text)) = SHIPPED.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(name, &Path::new("harness/definitions").join(format!("{name}.toml")), text);
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
        Self::parse(name.as_ref(), path, &text)?.settled(path)
    }

    /// Reads `text`; `path` is where errors say it stands. The name is taken as it is: stored runs keep it. What is
    /// outside the text, such as the programs that it names, is not looked at.
    ///
    /// # Errors
    /// If the text is no TOML or not a definition.
    pub fn parse(name: &str, path: &Path, text: &str) -> Result<Self, DefinitionError> {
        let document = Document::parse(text).map_err(|error| Invalid::syntax(path, text, &error))?;
        check::definition(name, &document).map_err(|fault: Box<Fault>| fault.shown(path, &document))
    }

    /// Runs `trials` message sets of every condition, whatever the grid says.
    pub fn override_trials(&mut self, trials: u32) {
        self.conditions.iter_mut().for_each(|condition| condition.trials = trials);
    }
}
