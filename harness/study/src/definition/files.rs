//! This module joins a definition with the files of messages that it names. They stand beside it, outside its text, and
//! what they hold belongs to the identity of the cells.
//!
//! It is done to what the TOML says, before conditions are made of it, so that a file of too few rows is told where the
//! definition asks for them.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::problem::Problem;
use super::{Condition, Definition, DefinitionError, wire};
use crate::figure::FigureKind;
use indexmap::IndexMap;
use messages::MessagesError;
use protocols::Source;
use protocols::source::MessageFile;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// `MessageFiles` hold what was found of the files of messages of a definition, as the provenance of its results keeps
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageFiles {
    /// The folder of the definition, from which their names go.
    pub folder: PathBuf,
    /// By the source as the definition spells it: BLAKE3 of what the file held.
    pub found: IndexMap<String, String>,
    /// By source, in how many units its own queries differ from their messages in the mean; only of those that have
    /// some.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub distances: IndexMap<String, u32>,
    /// The N of messages that stand in place of the definition's own, where they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<u32>,
}

/// A `Look` says what a definition that is read does about its files.
#[derive(Clone, Copy)]
pub(super) enum Look<'a> {
    /// Nothing: they are no part of its text.
    Away,
    /// It takes them for what was found of them once.
    Back(&'a MessageFiles),
    /// It reads them in this folder.
    At(&'a Path),
    /// It reads this file, in that folder, in place of its own sources.
    Instead(MessageFile, &'a Path),
}

/// A `Seen` is what a look has found.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) files: Option<MessageFiles>,
    /// What should be known of the messages, a line a file.
    pub(super) told: Vec<String>,
}

/// Gives every file that the definition names the content that it has.
pub(super) fn look(file: &mut wire::File, how: Look<'_>) -> Checked<Seen> {
    let mut looking = Looking { how, found: IndexMap::new(), distances: IndexMap::new(), told: Vec::new() };
    let grid = KeyPath::default().at("grid");
    let (folder, instead) = match how {
        Look::Away => return Ok(Seen::default()),
        Look::At(folder) => (folder, None),
        Look::Back(files) => (files.folder.as_path(), files.instead),
        Look::Instead(given, folder) => {
            let found = looking.read(given, folder).map_err(|error| fault(grid.clone(), &error))?;
            (folder, found.rows().map(|rows| rows.n() as u32))
        }
    };
    if let Some(n) = instead {
        let given = match how {
            Look::Instead(given, _) => Some(Source::File(given)),
            Look::Back(files) => files.found.keys().next().and_then(|source| source.parse().ok()),
            Look::Away | Look::At(_) => None,
        };
        if let Some(source) = given {
            put_instead(file, source, n);
        }
    }
    for (place, source) in sources(file) {
        *source = looking.settled(*source, place)?;
    }
    let files = match how {
        Look::Back(files) => files.clone(),
        _ => {
            let Looking { found, distances, .. } = looking;
            MessageFiles { folder: folder.to_owned(), found, distances, instead }
        }
    };
    Ok(Seen { files: Some(files).filter(|files| !files.found.is_empty()), told: looking.told })
}

/// What was found so far.
struct Looking<'a> {
    how: Look<'a>,
    found: IndexMap<String, String>,
    distances: IndexMap<String, u32>,
    told: Vec<String>,
}

impl Looking<'_> {
    /// Returns the source with the content that its file has.
    fn settled(&mut self, source: Source, place: KeyPath) -> Checked<Source> {
        let Source::File(file) = source else { return Ok(source) };
        match self.how {
            Look::Away => Ok(source),
            Look::Back(files) => {
                let Some(file) = files.found.get(spelled(file)).and_then(|hash| identified(file, hash))
                else {
                    return Ok(source);
                };
                messages::stands_in(file, &files.folder);
                if let Some(&units) = files.distances.get(spelled(file)) {
                    file.differ(units);
                }
                Ok(Source::File(file))
            }
            Look::At(folder) | Look::Instead(_, folder) => {
                self.read(file, folder).map(Source::File).map_err(|error| fault(place, &error))
            }
        }
    }

    /// Reads a file, once, and gives its rows to whoever draws them.
    fn read(&mut self, file: MessageFile, folder: &Path) -> Result<MessageFile, MessagesError> {
        let known = self.found.get(spelled(file)).and_then(|hash| identified(file, hash));
        if let Some(known) = known.filter(|known| file.content().is_none_or(|_| file == *known)) {
            return Ok(known);
        }
        let read = messages::read(file, folder)?;
        self.found.insert(spelled(file).to_owned(), read.hash.clone());
        self.told.extend(read.lines());
        let found = read.provide();
        self.distances.extend(found.distance().map(|units| (spelled(file).to_owned(), units)));
        messages::stands_in(found, folder);
        Ok(found)
    }
}

/// The text of a file, whatever it holds.
fn spelled(file: MessageFile) -> &'static str {
    Source::File(file.asked()).name()
}

/// The file with the first digits of a hash.
fn identified(file: MessageFile, hash: &str) -> Option<MessageFile> {
    u64::from_str_radix(hash.get(..16)?, 16).ok().map(|digits| file.found(digits))
}

fn fault(place: KeyPath, error: &MessagesError) -> Box<Fault> {
    Fault::new(place, Problem::Messages { reason: error.to_string() })
}

/// Puts a source of that N in place of those that the definition names. Exclusions and figures of its own sources go,
/// and so do its claims, which are about those.
fn put_instead(file: &mut wire::File, source: Source, n: u32) {
    let empty = |grid: &mut wire::Grid| {
        (grid.sources, grid.n) = (None, None);
        let others = grid
            .exclude
            .take()
            .map(|rules| rules.into_iter().filter(|rule| rule.sources.is_none()).collect());
        grid.exclude = others.filter(|rules: &Vec<_>| !rules.is_empty());
    };
    file.grid.part.iter_mut().for_each(empty);
    empty(&mut file.grid);
    (file.grid.sources, file.grid.n) = (Some(vec![source]), Some(vec![n]));
    file.claim.clear();
    file.figure.retain(|figure| figure.kind != FigureKind::QueriesNeeded);
    for figure in &mut file.figure {
        (figure.source, figure.n) = (None, None);
    }
}

/// Every place where the definition names a source, with it.
fn sources(file: &mut wire::File) -> Vec<(KeyPath, &mut Source)> {
    fn listed<'a>(place: &KeyPath, list: Option<&'a mut Vec<Source>>) -> Vec<(KeyPath, &'a mut Source)> {
        let items = list.into_iter().flatten().enumerate();
        items.map(|(i, source)| (place.at("sources").at(i), source)).collect()
    }
    fn of_grid<'a>(place: &KeyPath, grid: &'a mut wire::Grid) -> Vec<(KeyPath, &'a mut Source)> {
        let mut found = listed(place, grid.sources.as_mut());
        for (i, rule) in grid.exclude.iter_mut().flatten().enumerate() {
            found.extend(listed(&place.at("exclude").at(i), rule.sources.as_mut()));
        }
        for (i, part) in grid.part.iter_mut().enumerate() {
            found.extend(of_grid(&place.at("part").at(i), part));
        }
        found
    }
    let root = KeyPath::default();
    let mut found = of_grid(&root.at("grid"), &mut file.grid);
    for (i, figure) in file.figure.iter_mut().enumerate() {
        found.extend(figure.source.as_mut().map(|source| (root.at("figure").at(i).at("source"), source)));
    }
    for (i, claim) in file.claim.iter_mut().enumerate() {
        for (j, test) in claim.test.iter_mut().enumerate() {
            let place = root.at("claim").at(i).at("test").at(j).at(test.kind());
            found.extend(listed(&place, test.region_mut().and_then(|region| region.sources.as_mut())));
        }
    }
    found
}

/// Says where a trial may draw messages that have fewer queries of their own than it asks for, a line a source.
pub(super) fn few_queries(conditions: &[Condition]) -> Vec<String> {
    let mut few: IndexMap<Source, (u32, u64, u32)> = IndexMap::new();
    for condition in conditions.iter().filter(|condition| condition.queries > 0) {
        let Source::File(file) = condition.source else { continue };
        let Some(pairs) = file.pairs() else { continue };
        let (m, asked) = (condition.m, condition.queries);
        let fewest = pairs.fewest(m as usize);
        if fewest < asked.into() {
            let worst = few.entry(condition.source).or_insert((m, fewest, asked));
            *worst = (*worst).min((m, fewest, asked));
        }
    }
    let line = |(source, (m, fewest, asked)): (Source, (u32, u64, u32))| {
        let name = if let Source::File(file) = source { file.queries() } else { None };
        format!(
            "{}: a trial of m = {m} may read as few as {fewest} queries, where {asked} are asked for: it reads all \
             that its messages have",
            name.unwrap_or_default()
        )
    };
    few.into_iter().map(line).collect()
}

impl Definition {
    /// Returns the same definition, whose files of messages were read and hold what they held.
    pub(super) fn with_messages_read(self, path: &Path) -> Result<Self, DefinitionError> {
        for condition in &self.conditions {
            messages::need(condition.source)
                .map_err(|reason| DefinitionError::Messages { path: path.to_owned(), reason })?;
        }
        Ok(self)
    }
}
