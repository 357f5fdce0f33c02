//! Messages of one's own are rows of a file. A trial draws its M of them without replacement, in random order.
//!
//! What stands here is what a file is called, how its values become signs, and what it held: `content`, the first 16
//! hexadecimal digits of its hash. So results say which messages they are of, and a file that changes is another
//! source. Nothing is opened here. Whoever reads the file gives its rows by [`MessageFile::provide`], once a
//! process; results are read without them, and drawing messages that nobody gave is an error.
//!
//! Names are spelled with %-escapes, so that a source stays one word of a table. Domain: N is the file's number of
//! units, M at most its rows. Limit: rows that stand twice in the file may be drawn twice.

use super::error::Misfit;
use super::kind::{Kind, SourceAbout, choose};
use crate::checked::checked;
use crate::described::Parameter;
use crate::patterns::Patterns;
use crate::seed::Stream;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

checked!(
    /// A `Level` is the value up to which a number becomes -1.
    Level, "a finite number", |x| x.is_finite()
);

/// A `MessageFile` is a file whose rows are messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageFile {
    name: &'static str,
    /// Empty where the file has one array, or all columns count.
    entry: &'static str,
    threshold: Option<Threshold>,
    content: Option<u64>,
}

/// A `Threshold` says which values become +1: those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Threshold {
    /// That of Otsu 1979, of all values of the file together.
    Otsu,
    /// A value that is given.
    At(Level),
}

/// Names live as long as the program, as the texts of sources do.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The rows of the files that were read.
static ROWS: Mutex<BTreeMap<MessageFile, Arc<Patterns>>> = Mutex::new(BTreeMap::new());

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
        Ok(Self { name: kept(name), entry: kept(entry), threshold, content: None })
    }

    /// Returns its path, relative to the definition.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns the array or column that is taken of it, if one is named.
    pub fn entry(self) -> Option<&'static str> {
        Some(self.entry).filter(|entry| !entry.is_empty())
    }

    /// Returns what divides its values, where that is said.
    pub fn threshold(self) -> Option<Threshold> {
        self.threshold
    }

    /// Returns the first 64 bits of the hash of what it holds; none where nobody has looked.
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

    /// Returns its rows, if they were given.
    pub fn rows(self) -> Option<Arc<Patterns>> {
        ROWS.lock().unwrap_or_else(PoisonError::into_inner).get(&self).cloned()
    }

    /// Reads what stands between the brackets of a text, `name=x.npy threshold=otsu`.
    pub(super) fn spelled(inside: &str) -> Result<Self, String> {
        let mut given = Given::default();
        for pair in inside.split([',', ' ']).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or(("name", pair));
            let value = plain(value.trim_matches('"'))
                .ok_or_else(|| format!("{value:?} has a % that no two hexadecimal digits follow"))?;
            let place = match key {
                "name" => &mut given.name,
                "entry" => &mut given.entry,
                "threshold" => &mut given.threshold,
                "content" => &mut given.content,
                _ => return Err(format!("unknown field `{key}`, expected {}", FIELDS.join(", "))),
            };
            if place.replace(value).is_some() {
                return Err(format!("`{key}` stands twice"));
            }
        }
        given.file()
    }
}

const FIELDS: [&str; 4] = ["`name`", "`entry`", "`threshold`", "`content`"];

/// The parameters as texts.
#[derive(Default)]
struct Given {
    name: Option<String>,
    entry: Option<String>,
    threshold: Option<String>,
    content: Option<String>,
}

impl Given {
    fn file(self) -> Result<MessageFile, String> {
        let name = self.name.ok_or("`name`, the path of the file, is missing")?;
        let threshold = self.threshold.as_deref().map(Threshold::read).transpose()?;
        let file = MessageFile::new(&name, self.entry.as_deref(), threshold)?;
        let Some(content) = self.content else { return Ok(file) };
        let wrong = || format!("{content:?} is not {CONTENT}");
        if content.len() != 16 || content.chars().any(|c| !c.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        u64::from_str_radix(&content, 16).map(|content| file.found(content)).map_err(|_| wrong())
    }
}

const THRESHOLD: &str = "otsu or a finite number";
const CONTENT: &str = "16 hexadecimal digits";

impl Threshold {
    fn read(text: &str) -> Result<Self, String> {
        if text == "otsu" {
            return Ok(Self::Otsu);
        }
        let number = text.parse::<f64>().ok().and_then(|number| Level::try_from(number).ok());
        number.map(Self::At).ok_or_else(|| format!("{text:?} is not {THRESHOLD}"))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Otsu => f.write_str("otsu"),
            Self::At(level) => write!(f, "{level}"),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl Visitor<'_> for Visit {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(THRESHOLD)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Threshold, E> {
                Threshold::read(text).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Threshold, E> {
                self.visit_f64(number as f64)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Threshold, E> {
                self.visit_f64(number as f64)
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Threshold, E> {
                Level::try_from(number).map(Threshold::At).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

/// Reads a name alone, or a table.
impl<'de> Deserialize<'de> for MessageFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            name: String,
            entry: Option<String>,
            threshold: Option<Threshold>,
            content: Option<String>,
        }
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = MessageFile;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "the path of a file, or a table such as { name = \"x.png\", threshold = \"otsu\" }",
                )
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<MessageFile, E> {
                MessageFile::new(name, None, None).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MessageFile, A::Error> {
                let Table { name, entry, threshold, content } =
                    Table::deserialize(MapAccessDeserializer::new(map))?;
                let threshold = threshold.map(|threshold| threshold.to_string());
                Given { name: Some(name), entry, threshold, content }.file().map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Visit)
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

/// Takes %XX back; none where that is no text.
fn plain(word: &str) -> Option<String> {
    let mut parts = word.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

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
            "content",
            CONTENT,
            "the first digits of BLAKE3 of the file; filled in by the harness, and refused where it is given and wrong",
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
        parameters.extend(self.content.map(|content| ("content", format!("{content:016x}"))));
        parameters
    }

    fn check(&self, n: usize, m: usize) -> Result<(), Misfit> {
        match self.rows() {
            Some(rows) if rows.n() != n => Err(Misfit::FileUnits { file: self.name, units: rows.n() }),
            Some(rows) if rows.count() < m => Err(Misfit::FileRows { file: self.name, rows: rows.count() }),
            // Without the file nobody knows.
            _ => Ok(()),
        }
    }

    fn draw(&self, _: usize, m: usize, stream: &mut Stream) -> Vec<i8> {
        let rows = self.rows().expect("whoever draws has asked for the rows");
        choose(rows.rows().collect(), m, stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, SourceError};
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
