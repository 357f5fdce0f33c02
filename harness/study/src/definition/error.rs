//! The errors of definitions say what is wrong, shown at the spot.

use super::document::{Document, Found, KeyPath};
use super::keys::known;
use super::problem::Problem;
use crate::run_name::NoRunName;
use messages::MessagesError;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use worker::SettleError;

/// A `Checked` is what a check gives.
pub(super) type Checked<T> = Result<T, Box<Fault>>;

/// A `DefinitionError` says why a definition cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// Neither a shipped definition nor a path to one.
    #[error(
        "there is no definition `{name}`\nallowed: {} or the path of a .toml file\nremedy: {}",
        shipped.join(", "),
        nearest.map_or("use one of these".to_owned(), |n| format!("did you mean `{n}`?"))
    )]
    Unknown {
        /// The name asked for.
        name: String,
        /// The shipped names.
        shipped: Vec<&'static str>,
        /// The shipped name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A file that cannot be read.
    #[error("cannot read the definition {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file under whose name no results can be kept.
    #[error("the definition {path:?} cannot name a run: {reason}")]
    Name {
        /// The file.
        path: PathBuf,
        /// Why not, what is allowed, and the remedy.
        reason: NoRunName,
    },
    /// A protocol whose program cannot be had.
    #[error("{}: protocol {label:?}: {reason}", path.display())]
    External {
        /// The file.
        path: PathBuf,
        /// The protocol's label.
        label: String,
        /// Why not.
        reason: Box<SettleError>,
    },
    /// A reader whose program cannot be had.
    #[error("{}: reader {name:?}: {reason}", path.display())]
    Reader {
        /// The file.
        path: PathBuf,
        /// The reader's name.
        name: String,
        /// Why not.
        reason: Box<SettleError>,
    },
    /// A file of messages that was there once.
    #[error("{}: its messages: {reason}", path.display())]
    Messages {
        /// The definition.
        path: PathBuf,
        /// What became of them.
        reason: MessagesError,
    },
    /// A file that says something it may not.
    #[error(transparent)]
    Invalid(Box<Invalid>),
}

/// An `Invalid` is an error in the text of a definition. Lines and columns count from 1, columns in
/// characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// The file.
    pub path: PathBuf,
    /// Line of the error.
    pub line: usize,
    /// Column of the error.
    pub column: usize,
    /// The line itself.
    pub source_line: String,
    /// Characters to underline.
    pub width: usize,
    /// The key, such as `grid.n[0]`; empty where the whole file is meant.
    pub key: String,
    /// Its value as written, where it is no table.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// A `Fault` is a problem and the place where it is, before the text is searched for it.
#[derive(Debug)]
pub(super) struct Fault {
    place: KeyPath,
    /// The key, where the error is not in its value.
    span: Option<Range<usize>>,
    problem: Problem,
}

impl Fault {
    /// Returns the fault of a value at `place` that is not allowed.
    pub(super) fn not_allowed(place: KeyPath) -> Box<Self> {
        let (allowed, example) = known(&place).map(|k| (k.allowed, k.example)).unwrap_or_default();
        Self::new(place, Problem::NotAllowed { allowed, example })
    }

    /// Returns the fault of a table at `place` that lacks `key`.
    pub(super) fn missing(place: KeyPath, key: &str) -> Box<Self> {
        let (allowed, example) = known(&place.at(key)).map(|k| (k.allowed, k.example)).unwrap_or_default();
        Self::new(place.at(key), Problem::Missing { key: key.to_owned(), allowed, example })
    }

    /// Returns a problem at a place.
    pub(super) fn new(place: KeyPath, problem: Problem) -> Box<Self> {
        Box::new(Self { place, span: None, problem })
    }

    /// Reads serde's complaint. Its words for names that do not exist or lack are fixed by the crate; tests watch them.
    pub(super) fn from_serde(document: &Document<'_>, error: &toml::de::Error) -> Box<Self> {
        let place = document.place(error.span());
        let message = error.message();
        if let Some(key) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            return Self::missing(place, key);
        }
        let unknown =
            ["unknown field `", "unknown variant `"].iter().find_map(|start| message.strip_prefix(start));
        let Some((name, list)) = unknown.and_then(|rest| rest.rsplit_once("`, expected ")) else {
            return Self::not_allowed(place);
        };
        // Every second piece stands in backticks.
        let problem = Problem::unknown(name, list.split('`').skip(1).step_by(2));
        Box::new(Self { place, span: error.span(), problem })
    }

    /// Shows the problem in the text.
    pub(super) fn shown(self, path: &Path, document: &Document<'_>) -> DefinitionError {
        let Found { span, value } = document.find(&self.place);
        Invalid::at(
            path,
            document.text,
            self.span.unwrap_or(span),
            self.place.to_string(),
            value,
            self.problem,
        )
    }
}

impl Invalid {
    /// Returns the error of a text that is no TOML.
    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> DefinitionError {
        let problem = Problem::Syntax { message: error.message().to_owned() };
        Self::at(path, text, error.span().unwrap_or(0..0), String::new(), None, problem)
    }

    fn at(
        path: &Path,
        text: &str,
        span: Range<usize>,
        key: String,
        value: Option<String>,
        problem: Problem,
    ) -> DefinitionError {
        // Spans are whole characters; were one not, the error would point at the end.
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let source_line = text[line_start..].lines().next().unwrap_or_default().to_owned();
        let column = before[line_start..].chars().count() + 1;
        let marked = text.get(span).and_then(|marked| marked.lines().next()).unwrap_or_default();
        DefinitionError::Invalid(Box::new(Self {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            source_line,
            width: marked.chars().count().max(1),
            key,
            value,
            problem,
        }))
    }
}

impl std::error::Error for Invalid {}

impl Invalid {
    /// Returns the line as it is shown, and how many of its characters stand before the error. Of a long line
    /// that is a window around the error, since a line may hold a megabyte.
    fn window(&self) -> (String, usize) {
        const WINDOW: usize = 160;
        const CUT: &str = "... ";
        let line = printable(&self.source_line);
        let (length, before) = (line.chars().count(), self.column - 1);
        if length <= WINDOW {
            return (line, before);
        }
        let start = before.saturating_sub(WINDOW / 2);
        let head = if start > 0 { CUT } else { "" };
        let tail = if start + WINDOW < length { " ..." } else { "" };
        let seen: String = line.chars().skip(start).take(WINDOW).collect();
        (format!("{head}{seen}{tail}"), before - start + head.len())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let (shown, before) = self.window();
        // Tabs stay, so that the caret stands under its character.
        let indent = shown.chars().take(before).map(|c| if c == '\t' { c } else { ' ' });
        let room = shown.chars().count().saturating_sub(before).max(1);
        let caret: String = indent.chain(std::iter::repeat_n('^', self.width.min(room))).collect();
        writeln!(f, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.problem)?;
        writeln!(f, "{gutter} |\n{number} | {shown}\n{gutter} | {caret}")?;
        if !self.key.is_empty() {
            writeln!(f, "key: {}", self.key)?;
        }
        if let Some(value) = &self.value {
            writeln!(f, "value: {}", shortened(value))?;
        }
        write!(f, "allowed: {}\nremedy: {}", self.problem.allowed(), self.problem.remedy())
    }
}

/// Control characters but tabs could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// Long values are cut: the line above shows them.
fn shortened(value: &str) -> String {
    let cut: String = value.lines().next().unwrap_or_default().chars().take(60).collect();
    if cut.len() < value.len() { printable(&cut) + " ..." } else { printable(&cut) }
}
