//! Messages of one's own are rows of a file. A trial draws its M of them without replacement, in random order. A second
//! file may hold queries of them, and a third says which row each belongs to.
//!
//! What stands here is what a file is called, how its values become signs, and what it held: `content`, the first 16
//! hexadecimal digits of its hash. So results say which messages they are of, and a file that changes is another
//! source. Nothing is opened here. Whoever reads the file gives its rows by [`MessageFile::provide`], once a
//! process; results are read without them, and drawing messages that nobody gave is an error.
//!
//! Names are spelled with %-escapes, so that a source stays one word of a table. Domain: N is the file's number of
//! units, M at most its rows. Limit: rows that stand twice in the file may be drawn twice.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout};
use super::pairs::Pairs;
use super::threshold::{THRESHOLD, Threshold};
use crate::described::Parameter;
use crate::noise::Queries;
use crate::patterns::Patterns;
use crate::seed::Stream;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// A `MessageFile` is a file whose rows are messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageFile {
    name: &'static str,
    further: &'static Further,
    threshold: Option<Threshold>,
    content: Option<u64>,
}

/// Names that few files have, apart from the file so that it stays small.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Further {
    /// Empty where the file has one array, or all columns count.
    entry: &'static str,
    /// Empty where it has no queries of its own.
    queries: &'static str,
    /// Empty where query q belongs to message q.
    targets: &'static str,
}

static FURTHER: Mutex<BTreeSet<&'static Further>> = Mutex::new(BTreeSet::new());

impl Further {
    /// Returns the only ones of these names.
    fn of(entry: &str, queries: &str, targets: &str) -> &'static Self {
        let [entry, queries, targets] = [entry, queries, targets].map(kept);
        let wanted = Self { entry, queries, targets };
        let mut known = FURTHER.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(further) = known.get(&wanted) {
            return further;
        }
        let further: &'static Self = Box::leak(Box::new(wanted));
        known.insert(further);
        further
    }
}

/// Names live as long as the program, as the texts of sources do.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The rows of the files that were read.
static ROWS: Mutex<BTreeMap<MessageFile, Arc<Patterns>>> = Mutex::new(BTreeMap::new());

/// The queries of those of them that have some.
static PAIRS: Mutex<BTreeMap<MessageFile, Arc<Pairs>>> = Mutex::new(BTreeMap::new());

/// The mean distance of these queries from their messages. It is known also where results are read without the files.
static DISTANCES: Mutex<BTreeMap<MessageFile, u32>> = Mutex::new(BTreeMap::new());

fn kept(text: &str) -> &'static str {
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(text) {
        return known;
    }
    let name = text.to_owned().leak();
    names.insert(name);
    name
}

impl MessageFile {
    /// Names a file that nobody has looked at. `entry` is the array of an npz file, or the column of a table, where it
    /// has several.
    ///
    /// # Errors
    /// If the name is empty or has control characters.
    pub fn new(name: &str, entry: Option<&str>, threshold: Option<Threshold>) -> Result<Self, String> {
        let entry = entry.unwrap_or_default();
        if name.trim().is_empty() || name.chars().chain(entry.chars()).any(char::is_control) {
            return Err(format!("{name:?} is no name of a file"));
        }
        Ok(Self { name: kept(name), further: Further::of(entry, "", ""), threshold, content: None })
    }

    /// Returns the same file with queries of its messages: the file that holds them, and the one that says which row
    /// each belongs to. Without that one, query q belongs to message q.
    ///
    /// # Errors
    /// If a name is empty or has control characters, or there are targets and no queries.
    pub fn with_queries(self, queries: Option<&str>, targets: Option<&str>) -> Result<Self, String> {
        for name in [queries, targets].into_iter().flatten() {
            if name.trim().is_empty() || name.chars().any(char::is_control) {
                return Err(format!("{name:?} is no name of a file"));
            }
        }
        if queries.is_none() && targets.is_some() {
            return Err(
                "`targets` says which message each query belongs to, and there are no `queries`".into()
            );
        }
        let [queries, targets] = [queries, targets].map(Option::unwrap_or_default);
        Ok(Self { further: Further::of(self.further.entry, queries, targets), ..self })
    }

    /// Returns its path, relative to the definition.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns the array or column that is taken of it, if one is named.
    pub fn entry(self) -> Option<&'static str> {
        Some(self.further.entry).filter(|entry| !entry.is_empty())
    }

    /// Returns what divides its values, where that is said.
    pub fn threshold(self) -> Option<Threshold> {
        self.threshold
    }

    /// Returns the file of its queries, relative to the definition, if it has some.
    pub fn queries(self) -> Option<&'static str> {
        Some(self.further.queries).filter(|name| !name.is_empty())
    }

    /// Returns the file that says which message each of its queries belongs to, relative to the definition.
    pub fn targets(self) -> Option<&'static str> {
        Some(self.further.targets).filter(|name| !name.is_empty())
    }

    /// Returns the first 64 bits of the hash of what it holds, its queries included; none where nobody has looked.
    pub fn content(self) -> Option<u64> {
        self.content
    }

    /// Returns the same file, identified by what was found in it.
    #[must_use]
    pub fn found(self, content: u64) -> Self {
        Self { content: Some(content), ..self }
    }

    /// Returns the same file, whatever it holds.
    #[must_use]
    pub fn asked(self) -> Self {
        Self { content: None, ..self }
    }

    /// Gives its rows to all draws of this process.
    pub fn provide(self, rows: Patterns) {
        ROWS.lock().unwrap_or_else(PoisonError::into_inner).insert(self, Arc::new(rows));
    }

    /// Gives its queries to all draws of this process.
    pub fn provide_queries(self, pairs: Pairs) {
        self.differ(pairs.mean_distance());
        PAIRS.lock().unwrap_or_else(PoisonError::into_inner).insert(self, Arc::new(pairs));
    }

    /// Says in how many units its queries differ from their messages, in the mean.
    pub fn differ(self, units: u32) {
        DISTANCES.lock().unwrap_or_else(PoisonError::into_inner).insert(self, units);
    }

    /// Returns in how many units its queries differ from their messages, in the mean, if anyone has said so.
    pub fn distance(self) -> Option<u32> {
        DISTANCES.lock().unwrap_or_else(PoisonError::into_inner).get(&self).copied()
    }

    /// Returns its queries, if they were given.
    pub fn pairs(self) -> Option<Arc<Pairs>> {
        PAIRS.lock().unwrap_or_else(PoisonError::into_inner).get(&self).cloned()
    }

    /// Returns the rows that a trial draws, in their order.
    fn drawn(self, rows: usize, m: usize, stream: &mut Stream) -> Vec<u32> {
        let mut order: Vec<u32> = (0..rows as u32).collect();
        stream.choose(&mut order, m);
        order.truncate(m);
        order
    }

    /// Takes at most `count` of the queries whose messages are among the `m` that `messages` draws, by `stream`. `None`
    /// where nobody has given them.
    pub(super) fn taken(
        self,
        m: usize,
        count: usize,
        messages: &mut Stream,
        stream: &mut Stream,
    ) -> Option<Queries> {
        let (rows, pairs) = (self.rows()?, self.pairs()?);
        Some(pairs.taken(&self.drawn(rows.count(), m, messages), count, stream))
    }

    /// Returns its rows, if they were given.
    pub fn rows(self) -> Option<Arc<Patterns>> {
        ROWS.lock().unwrap_or_else(PoisonError::into_inner).get(&self).cloned()
    }
}

/// Spells a text as one word: what is no letter, digit or one of `. _ - / +` becomes %XX, byte by byte.
fn escaped(text: &str) -> String {
    let mut word = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"._-/+".contains(&byte) {
            word.push(byte.into());
        } else {
            write!(word, "%{byte:02X}").expect("text can be written to");
        }
    }
    word
}

/// What stands for the content, in words.
pub(super) const CONTENT: &str = "16 hexadecimal digits";

static ABOUT: SourceAbout = SourceAbout {
    name: "file",
    title: "messages of a file",
    formula: "M of the file's rows, drawn without replacement",
    units: "the file's number of units",
    source: "a file of your own: npy, npz, csv, IDX, PNG, PBM, PGM, a folder of pictures, Parquet",
    parameters: &[
        Parameter::new("name", "a path, relative to the definition", "the file, or a folder of pictures"),
        Parameter::new(
            "entry",
            "the name of an array or a column",
            "which array of an npz file, or which column of lists of a Parquet file",
        ),
        Parameter::new(
            "threshold",
            THRESHOLD,
            "values above it are +1, others -1; needed where there are more than two kinds of values",
        ),
        Parameter::new(
            "queries",
            "a path, relative to the definition",
            "a file of queries as they are read, instead of messages with noise; its rows have the units of a message",
        ),
        Parameter::new(
            "targets",
            "a path, relative to the definition",
            "a file with the row of its message for every query, from 0; without it query q belongs to message q",
        ),
        Parameter::new(
            "content",
            CONTENT,
            "the first digits of BLAKE3 of the file, or of the hashes of all its files; filled in by the harness, and \
             refused where it is given and wrong",
        ),
    ],
};

impl Kind for MessageFile {
    fn about(&self) -> &'static SourceAbout {
        &ABOUT
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("name", escaped(self.name))];
        parameters.extend(self.entry().map(|entry| ("entry", escaped(entry))));
        parameters.extend(self.threshold.map(|threshold| ("threshold", threshold.to_string())));
        parameters.extend(self.queries().map(|name| ("queries", escaped(name))));
        parameters.extend(self.targets().map(|name| ("targets", escaped(name))));
        parameters.extend(self.content.map(|content| ("content", format!("{content:016x}"))));
        parameters
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        match self.rows() {
            Some(rows) if rows.n() != n => Err(Misfit::FileUnits { file: self.name, units: rows.n() }),
            Some(rows) if rows.count() < m => Err(Misfit::FileRows { file: self.name, rows: rows.count() }),
            // Without the file nobody knows.
            _ => match self.pairs() {
                Some(pairs) if pairs.without() >= m => {
                    Err(Misfit::FileQueries { file: self.further.queries, without: pairs.without() })
                }
                _ => Ok(()),
            },
        }
    }

    fn draw(&self, _: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let rows = self.rows().expect("whoever draws has asked for the rows");
        let drawn = self.drawn(rows.count(), m, stream);
        drawn.into_iter().flat_map(|row| rows.row(row as usize)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, SourceError};
    use serde::Deserialize;
    use std::collections::HashSet;

    fn file(text: &str) -> MessageFile {
        match text.parse() {
            Ok(Source::File(file)) => file,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_file_is_spelled_as_one_word_and_read_back() {
        let named = MessageFile::new("my dir/b,(2)=50%.npy", Some("é"), Some(Threshold::Otsu)).unwrap();
        let source = Source::File(named.found(0x0123_4567_89ab_cdef));
        let text = "file(name=my%20dir/b%2C%282%29%3D50%25.npy entry=%C3%A9 threshold=otsu content=0123456789abcdef)";
        assert_eq!(source.to_string(), text);
        assert_eq!(text.parse(), Ok(source));
        assert_eq!(source.name(), text);
        assert_eq!(serde_json::from_str::<Source>(&serde_json::to_string(&source).unwrap()).unwrap(), source);
        // As people type it.
        assert_eq!(file("file(x.npy)"), file("file(name=\"x.npy\")"));
        assert_eq!(file("file(x.npy, threshold=127.5)").threshold().unwrap().to_string(), "127.5");
        assert_eq!(file("file(x.npy content=0000000000000010)").content(), Some(16));
    }

    #[test]
    fn a_table_says_the_same() {
        let table = |text: &str| {
            #[derive(Deserialize)]
            struct Table {
                x: Source,
            }
            toml::from_str::<Table>(text)
                .map(|table| table.x.to_string())
                .map_err(|error| error.message().to_owned())
        };
        assert_eq!(table("x = { file = 'a b.npy' }").as_deref(), Ok("file(name=a%20b.npy)"));
        let whole = "x = { file = { name = 'a', entry = 'b', threshold = 3, content = '00000000000000ff' } }";
        assert_eq!(table(whole).as_deref(), Ok("file(name=a entry=b threshold=3 content=00000000000000ff)"));
        for wrong in [
            "x = { file = {} }",
            "x = { file = '' }",
            "x = { file = 3 }",
            "x = { file = { name = 'a', threshold = 'high' } }",
            "x = { file = { name = 'a', threshold = nan } }",
            "x = { file = { name = 'a', content = 'ff' } }",
            "x = { file = { name = 'a', colour = 'b' } }",
        ] {
            assert!(table(wrong).is_err(), "{wrong}");
        }
        for wrong in ["file", "file()", "file(name=)", "file(name=a name=b)", "file(a%2)", "file(name=a b=c)"]
        {
            assert!(wrong.parse::<Source>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_are_drawn_without_replacement_once_they_are_given() {
        let source = file("file(rows.npy content=00000000000000aa)");
        let draw =
            |m: usize, seed: u64| Source::File(source).draw(8, m, &mut Stream::named(seed, "test", &[]));
        assert!(matches!(draw(3, 1), Err(SourceError::Absent { .. })));
        assert_eq!(Source::File(source).check(9, 100), Ok(()), "nobody has looked");
        let rows = (0..40).flat_map(|row: u32| (0..8).map(move |i| if row >> i & 1 == 1 { 1 } else { -1 }));
        source.provide(Patterns::new(8, rows.collect()).unwrap());
        let drawn = draw(40, 1).unwrap();
        assert_eq!(drawn.rows().collect::<HashSet<_>>().len(), 40);
        assert_eq!(draw(7, 2), draw(7, 2));
        assert_ne!(draw(7, 2), draw(7, 3));
        let told = |n, m| Source::File(source).check(n, m).unwrap_err().to_string();
        assert_eq!(told(9, 3), "the messages of rows.npy have 8 units, but n = 9");
        assert_eq!(told(8, 41), "rows.npy has 40 rows, too few to draw m = 41 of them");
        // Another content is another file.
        assert!(source.found(1).rows().is_none());
    }
}
