//! This module finds where things stand in a definition's text. It goes from a place such as `grid.n[1]` to
//! bytes, and back.

use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A `Step` is one step from a table or list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => write!(f, "[{item}]"),
            Self::Key(key) if is_bare(key) => f.write_str(key),
            Self::Key(key) => write!(f, "{key:?}"),
        }
    }
}

fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A `KeyPath` is a place in a document, from the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyPath(pub(super) Vec<Step>);

impl KeyPath {
    /// Returns the place under this one.
    pub(super) fn at(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    /// Returns the keys on the way, without the items.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        })
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            let dot = i > 0 && matches!(step, Step::Key(_));
            write!(f, "{}{step}", if dot { "." } else { "" })?;
        }
        Ok(())
    }
}

/// A `Document` is a parsed TOML text that knows where everything stands.
pub(super) struct Document<'a> {
    pub(super) text: &'a str,
    pub(super) root: Spanned<DeTable<'a>>,
}

/// A `Found` is what a place is, for an error to show.
pub(super) struct Found {
    /// Bytes of the value, or of the key where the value is a table.
    pub(super) span: Range<usize>,
    /// The value as written, where it is no table.
    pub(super) value: Option<String>,
}

impl<'a> Document<'a> {
    /// Parses TOML.
    ///
    /// # Errors
    /// If it is no TOML.
    pub(super) fn parse(text: &'a str) -> Result<Self, toml::de::Error> {
        Ok(Self { text, root: DeTable::parse(text)? })
    }

    /// Finds what stands at `place`, or at the nearest place above it that is written down.
    pub(super) fn find(&self, place: &KeyPath) -> Found {
        let mut found = Found { span: 0..0, value: None };
        let mut table = Some(self.root.get_ref());
        let mut value: Option<&Spanned<DeValue<'_>>> = None;
        for step in &place.0 {
            let next = match step {
                Step::Key(key) => {
                    table.and_then(|t| t.get_key_value(key.as_str())).map(|(k, v)| (k.span(), v))
                }
                Step::Item(item) => {
                    let items = value.and_then(|v| v.get_ref().as_array());
                    items.and_then(|items| items.get(*item)).map(|v| (v.span(), v))
                }
            };
            let Some((key, inner)) = next else { return Found { value: None, ..found } };
            (table, value) = (inner.get_ref().as_table(), Some(inner));
            found = match inner.get_ref() {
                DeValue::Table(_) => Found { span: key, value: None },
                _ => Found { span: inner.span(), value: self.text.get(inner.span()).map(str::to_owned) },
            };
        }
        found
    }

    /// Returns the innermost place whose key or value spans the start of `span`. It is the root for its own
    /// span, or none.
    pub(super) fn place(&self, span: Option<Range<usize>>) -> KeyPath {
        let mut best = KeyPath::default();
        if let Some(span) = span.filter(|span| *span != self.root.span()) {
            in_table(self.root.get_ref(), span.start, &KeyPath::default(), &mut best);
        }
        best
    }

    /// Returns whether a list stands at `place`.
    pub(super) fn is_list(&self, place: &KeyPath) -> bool {
        self.find(place).value.is_some_and(|value| value.starts_with('['))
    }
}

/// Looks everywhere, because the span of a table under a header is the header only.
fn in_table(table: &DeTable<'_>, at: usize, here: &KeyPath, best: &mut KeyPath) {
    for (key, value) in table {
        let place = here.at(key.get_ref().as_ref());
        if key.span().contains(&at) {
            best.clone_from(&place);
        }
        in_value(value, at, place, best);
    }
}

fn in_value(value: &Spanned<DeValue<'_>>, at: usize, place: KeyPath, best: &mut KeyPath) {
    if value.span().contains(&at) {
        best.clone_from(&place);
    }
    match value.get_ref() {
        DeValue::Table(table) => in_table(table, at, &place, best),
        DeValue::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| in_value(item, at, place.at(i), best));
        }
        _ => {}
    }
}
