//! A file of messages is written as one text, `file(name=x.npy threshold=otsu)`, and read from that, or from a table.
//!
//! Names are spelled with %-escapes, so that a source stays one word of a table.

use super::file::{CONTENT, MessageFile};
use super::threshold::Threshold;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

impl MessageFile {
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
                "queries" => &mut given.queries,
                "targets" => &mut given.targets,
                "content" => &mut given.content,
                _ => return Err(format!("unknown field `{key}`, expected {}", FIELDS.join(", "))),
            };
            if place.replace(value).is_some() {
                return Err(format!(
                    "`{key}` stands twice; a blank or comma within a name is written %20 or %2C"
                ));
            }
        }
        given.file()
    }
}

const FIELDS: [&str; 6] = ["`name`", "`entry`", "`threshold`", "`queries`", "`targets`", "`content`"];

/// The parameters as texts.
#[derive(Default)]
struct Given {
    name: Option<String>,
    entry: Option<String>,
    threshold: Option<String>,
    queries: Option<String>,
    targets: Option<String>,
    content: Option<String>,
}

impl Given {
    fn file(self) -> Result<MessageFile, String> {
        let name = self.name.ok_or("`name`, the path of the file, is missing")?;
        let threshold = self.threshold.as_deref().map(Threshold::read).transpose()?;
        let file = MessageFile::new(&name, self.entry.as_deref(), threshold)?
            .with_queries(self.queries.as_deref(), self.targets.as_deref())?;
        let Some(content) = self.content else { return Ok(file) };
        let wrong = || format!("{content:?} is not {CONTENT}");
        if content.len() != 16 || content.chars().any(|c| !c.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        u64::from_str_radix(&content, 16).map(|content| file.found(content)).map_err(|_| wrong())
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
            queries: Option<String>,
            targets: Option<String>,
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
                let Table { name, entry, threshold, queries, targets, content } =
                    Table::deserialize(MapAccessDeserializer::new(map))?;
                let threshold = threshold.map(|threshold| threshold.to_string());
                Given { name: Some(name), entry, threshold, queries, targets, content }
                    .file()
                    .map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Visit)
    }
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
