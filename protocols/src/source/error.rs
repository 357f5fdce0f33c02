//! A source does not have messages of every N, nor any number of them. Errors say what it has.

use super::Source;

/// A `SourceError` says why a source cannot give the messages asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// An N that its messages do not have.
    #[error("{} are {what}, so n must be {}, not {n}", source_kind.about().title, or(allowed))]
    Units {
        /// The source.
        source_kind: Source,
        /// What its messages are.
        what: &'static str,
        /// The N asked for.
        n: usize,
        /// The nearest that there are.
        allowed: Vec<usize>,
        /// Whether all its messages are of that one N.
        only: bool,
    },
    /// More messages than there are.
    #[error("there are {available} distinct {}, but m = {m} were asked for", source_kind.about().title)]
    Count {
        /// The source.
        source_kind: Source,
        /// The N asked for.
        n: usize,
        /// The M asked for.
        m: usize,
        /// How many there are of that N.
        available: usize,
        /// Whether all its messages are of that one N.
        only: bool,
    },
    /// A parameter that does not fit N.
    #[error("{parameter} = {value} does not fit n = {n}: it must be {allowed}")]
    Parameter {
        /// The source.
        source_kind: Source,
        /// The parameter's name.
        parameter: &'static str,
        /// Its value.
        value: usize,
        /// The N asked for.
        n: usize,
        /// What would fit.
        allowed: String,
    },
    /// An N that the messages of a file do not have.
    #[error("the messages of {file} have {units} units, but n = {n}")]
    FileUnits {
        /// The file's name.
        file: &'static str,
        /// The N asked for.
        n: usize,
        /// The N that they have.
        units: usize,
    },
    /// More messages than a file has.
    #[error("{file} has {rows} rows, too few to draw m = {m} of them")]
    FileRows {
        /// The file's name.
        file: &'static str,
        /// The N asked for.
        n: usize,
        /// The M asked for.
        m: usize,
        /// How many there are.
        rows: usize,
    },
    /// Messages without queries of their own, of which a trial may draw no others.
    #[error(
        "{without} messages have no query in {file}, so that a trial may draw m = {m} messages that have none"
    )]
    FileQueries {
        /// The name of the file of queries.
        file: &'static str,
        /// The M asked for.
        m: usize,
        /// How many messages have none.
        without: usize,
    },
    /// A file whose rows nobody has read.
    #[error("the messages of {file} were not read; bring the file back to where its definition names it")]
    Absent {
        /// The file's name.
        file: &'static str,
    },
}

/// A list such as `28 or 36`.
fn or(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ")
}

/// A `Misfit` is a [`SourceError`] before it is known whose.
pub(super) enum Misfit {
    Units { what: &'static str, allowed: Vec<usize>, only: bool },
    Count { available: usize, only: bool },
    Parameter { parameter: &'static str, value: usize, allowed: String },
    FileUnits { file: &'static str, units: usize },
    FileRows { file: &'static str, rows: usize },
    FileQueries { file: &'static str, without: usize },
}

impl Misfit {
    pub(super) fn of(self, source_kind: Source, n: usize, m: usize) -> SourceError {
        match self {
            Self::Units { what, allowed, only } => SourceError::Units { source_kind, what, n, allowed, only },
            Self::Count { available, only } => SourceError::Count { source_kind, n, m, available, only },
            Self::Parameter { parameter, value, allowed } => {
                SourceError::Parameter { source_kind, parameter, value, n, allowed }
            }
            Self::FileUnits { file, units } => SourceError::FileUnits { file, n, units },
            Self::FileRows { file, rows } => SourceError::FileRows { file, n, m, rows },
            Self::FileQueries { file, without } => SourceError::FileQueries { file, m, without },
        }
    }

    /// Demands the one N that bitmaps have, and no more of them than there are.
    pub(super) fn bitmaps(
        what: &'static str,
        (side, available): (usize, usize),
        n: usize,
        m: usize,
    ) -> Result<(), Self> {
        if n != side {
            Err(Self::Units { what, allowed: vec![side], only: true })
        } else if m > available {
            Err(Self::Count { available, only: true })
        } else {
            Ok(())
        }
    }

    /// Demands an N among the values of a growing function of 1, 2, 3 and so on. Returns where it is.
    pub(super) fn among(what: &'static str, n: usize, value: impl Fn(usize) -> usize) -> Result<usize, Self> {
        let above = (1..).find(|&k| value(k) >= n).unwrap_or(1);
        if value(above) == n {
            return Ok(above);
        }
        let allowed = if above == 1 { vec![value(1)] } else { vec![value(above - 1), value(above)] };
        Err(Self::Units { what, allowed, only: false })
    }
}
