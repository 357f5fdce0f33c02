//! What programs of others may name is kept in `public-api.txt`. A change of it is seen here, and is decided with the
//! next version: what goes or changes its form breaks programs, what comes does not.
//!
//! `UPDATE_PUBLIC_API=1 cargo test -p protocols --test public_api` writes the file anew.
//!
//! The source is read as rustfmt leaves it, so that no compiler of another day is needed. The lint `unreachable_pub`
//! sees to it that what is called `pub` can be reached.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All files of the crate but its tests, in their order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let is_code = |path: &Path| path.is_dir() || path.extension().is_some_and(|end| end == "rs");
    let is_test = |path: &Path| path.file_stem().is_some_and(|stem| stem == "tests");
    let below = paths.into_iter().filter(|path| is_code(path) && !is_test(path));
    below.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// Lines without comments, attributes but for `derive` and `non_exhaustive`, and tests.
fn code(text: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim_start();
        if line == "#[cfg(test)]" {
            match lines.peek() {
                Some(next) if next.starts_with("mod tests {") => break,
                _ => lines.next(),
            };
        } else if bare.starts_with("#[") && !(bare.starts_with("#[derive") || bare == "#[non_exhaustive]") {
            // An attribute of several lines ends as it is indented.
            let indent = &line[..line.len() - bare.len()];
            let mut ended = bare.ends_with(']');
            while !ended {
                ended = lines.next().is_none_or(|next| next.starts_with(&format!("{indent})]")));
            }
        } else if !(bare.is_empty() || bare.starts_with("//")) {
            kept.push(line);
        }
    }
    kept
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines of an item from `start` on to the line that closes it, which is indented as its first.
fn item<'a>(lines: &[&'a str], start: usize) -> Vec<&'a str> {
    let first = lines[start];
    if first.ends_with([';', ',']) || first.ends_with("{}") || (first.contains(" {") && first.ends_with('}'))
    {
        return vec![first];
    }
    let closes =
        |line: &&&str| indent(line) == indent(first) && line.trim_start().starts_with(['}', ')', ']']);
    let mut end = start + 1;
    while end < lines.len() {
        // A signature of several lines goes on where its list of parameters closes.
        if closes(&&lines[end]) && !lines[end].ends_with('{') {
            break;
        }
        if indent(lines[end]) < indent(first)
            || (indent(lines[end]) == indent(first) && lines[end].ends_with(';'))
        {
            break;
        }
        end += 1;
    }
    lines[start..(end + 1).min(lines.len())].to_vec()
}

/// What stands before the body of a function, or before the value of a constant, on one line.
fn signature(lines: &[&str]) -> String {
    let joined: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let joined = joined.join(" ");
    let is_value = joined.contains("const ") || joined.contains("static ");
    let end = if is_value && !joined.contains("fn ") { joined.find(" = ") } else { joined.find(" {") };
    let head = end.map_or(joined.as_str(), |end| &joined[..end]).trim_end_matches(';');
    head.replace("( ", "(").replace(", )", ")").replace(",)", ")")
}

/// The public items of a file.
fn public(text: &str) -> Vec<String> {
    let lines = code(text);
    let mut found = Vec::new();
    let (mut derive, mut at) = (String::new(), 0);
    while at < lines.len() {
        let (line, bare) = (lines[at], lines[at].trim_start());
        let word = bare.strip_prefix("pub ").unwrap_or_default();
        let whole = item(&lines, at);
        let shift = " ".repeat(indent(line));
        let is_block = ["enum ", "trait ", "use "].iter().any(|kind| word.starts_with(kind));
        if bare.starts_with("#[") {
            derive = format!("{shift}{bare}\n");
            at += 1;
            continue;
        }
        if is_block {
            // Variants, and what a trait asks for and gives, are as public as the item.
            let inner = indent(line) + 4;
            found.push(format!("{derive}{shift}{}", whole[0].trim()));
            for (place, line) in whole.iter().enumerate().skip(1) {
                let is_close = indent(line) < inner || line.trim_start().starts_with(['}', ')']);
                if indent(line) == inner && !is_close {
                    let part = item(&whole, place);
                    let is_function = part[0].contains("fn ");
                    let text = if is_function {
                        signature(&part)
                    } else {
                        part.iter().map(|l| l.trim()).collect::<Vec<_>>().join(" ")
                    };
                    found.push(format!("{shift}    {text}"));
                }
            }
            at += whole.len();
        } else if !word.is_empty() || bare.starts_with("impl") {
            found.push(format!("{derive}{shift}{}", signature(&whole[..heads(&whole)])));
            at += 1;
        } else {
            at += 1;
        }
        derive.clear();
    }
    // What an implementation of one's own type has only for itself is nobody's business.
    let mut kept: Vec<String> = Vec::new();
    for (place, text) in found.iter().enumerate() {
        let is_inherent = text.starts_with("impl") && !text.contains(" for ");
        let is_used = found.get(place + 1).is_some_and(|next| next.starts_with(' '));
        kept.extend((!is_inherent || is_used).then(|| text.clone()));
    }
    kept
}

/// How many lines of an item come before its body.
fn heads(lines: &[&str]) -> usize {
    lines
        .iter()
        .position(|line| line.ends_with(['{', ';']) || line.ends_with("{}"))
        .map_or(1, |place| place + 1)
}

/// The public types of a file.
fn types(text: &str) -> Vec<String> {
    let kinds = ["struct ", "enum ", "union ", "type "];
    let word = |line: &str| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let rest = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
        Some(name(rest).to_owned())
    };
    code(text).into_iter().filter_map(word).collect()
}

/// Whether an item is an implementation that says nothing of a public type.
fn is_inward(item: &str, types: &BTreeSet<String>) -> bool {
    let is_implementation = item.trim_start().starts_with("impl") && item.contains(" for ");
    let mut words = item.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    is_implementation && !words.any(|word| word.starts_with('$') || types.contains(word))
}

/// The name that a text begins with.
fn name(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

#[test]
fn the_public_api_is_that_of_the_file() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = top.join("src");
    let mut text = String::from(
        "# What the crate `protocols` lets others name, file by file, as protocols/tests/public_api.rs reads it.\n",
    );
    let files = sources(&source);
    let types: BTreeSet<String> =
        files.iter().flat_map(|path| types(&fs::read_to_string(path).expect("readable"))).collect();
    for path in files {
        let mut items = public(&fs::read_to_string(&path).expect("readable"));
        items.retain(|item| !is_inward(item, &types));
        if !items.is_empty() {
            let name = path.strip_prefix(&source).expect("below").display().to_string().replace('\\', "/");
            text += &format!("\n## {name}\n{}\n", items.join("\n"));
        }
    }
    let kept = top.join("public-api.txt");
    if std::env::var_os("UPDATE_PUBLIC_API").is_some() {
        fs::write(&kept, &text).expect("writable");
    }
    let before = fs::read_to_string(&kept).expect("the file is kept").replace("\r\n", "\n");
    let gone: Vec<&str> = before.lines().filter(|line| !text.lines().any(|other| other == *line)).collect();
    let new: Vec<&str> = text.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert!(
        before == text,
        "the public API is not that of public-api.txt\ngone or changed: {gone:#?}\nnew: {new:#?}\n\
         UPDATE_PUBLIC_API=1 cargo test -p protocols --test public_api writes it anew"
    );
}

#[test]
fn what_is_public_is_seen_and_nothing_else() {
    let text = r#"
//! A file.
use std::fmt;

/// A thing.
#[derive(Debug)]
#[serde(
    default
)]
pub struct Thing {
    /// Its part.
    pub part: u32,
    hidden: u32,
}

pub enum Which {
    One,
    Two {
        value: u32,
    },
}

pub trait Does {
    const NAME: &'static str;
    fn one(&self) -> u32;
    fn two(&self) -> u32 {
        2
    }
}

impl Thing {
    /// Makes it.
    pub fn new(
        part: u32,
        hidden: u32,
    ) -> Self {
        Self { part, hidden }
    }
    fn own(&self) {}
}

impl Which {
    fn own(&self) {}
}

impl Does for Thing {
    fn one(&self) -> u32 {
        1
    }
}

pub(crate) fn here() {}
pub const MOST: u32 = 3;
pub use other::{Name, Other};

#[cfg(test)]
mod tests {
    pub fn test() {}
}
"#;
    let due = [
        "#[derive(Debug)]\npub struct Thing",
        "    pub part: u32,",
        "pub enum Which {",
        "    One,",
        "    Two { value: u32, },",
        "pub trait Does {",
        "    const NAME: &'static str;",
        "    fn one(&self) -> u32",
        "    fn two(&self) -> u32",
        "impl Thing",
        "    pub fn new(part: u32, hidden: u32) -> Self",
        "impl Does for Thing",
        "pub const MOST: u32",
        "pub use other::{Name, Other};",
    ];
    assert_eq!(public(text), due);
}
