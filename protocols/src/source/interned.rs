//! The text of a source lives as long as the program, so that sources stay small and are passed by value.
//!
//! A program meets few sources, those of its definitions and records; each keeps one text.

use super::Source;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

static NAMES: Mutex<BTreeMap<Source, &'static str>> = Mutex::new(BTreeMap::new());

/// Returns the text of a source.
pub(super) fn name(source: Source) -> &'static str {
    if source.parameters().is_empty() {
        return source.about().name;
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    names.entry(source).or_insert_with(|| source.to_string().leak())
}
