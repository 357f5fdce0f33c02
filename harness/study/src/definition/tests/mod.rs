//! These tests check definitions that work, every kind of error, and bytes that mean nothing.

mod bytes;
mod errors;
mod fuzz;
mod grids;
mod meaning;
mod misfits;
mod readers;
mod reference;
mod sequential;
mod sources;

use super::{Definition, DefinitionError};
use std::path::Path;

/// A small definition that is right.
const BASE: &str = r#"question = "Why?"
analysis = "Because."
[protocols]
HOP = { hop = {} }
TRN = { trn = { steps = 3 } }
[grid]
n = [64]
load = [0.1, 0.5]
noise = [0.0, 0.1]
trials = 2
queries = 10
[read]
max_steps = 50
[[figure]]
name = "recovery"
kind = "load"
"#;

/// Breaks lines of more than 116 characters at blanks, so that what errors say fits a snapshot in a page.
fn folded(text: &str) -> String {
    const MOST: usize = 116;
    let mut folded = String::new();
    for line in text.lines() {
        let mut rest = line.to_owned();
        while let Some((end, _)) = rest.char_indices().nth(MOST) {
            let Some(blank) = rest[..end].rfind(' ').filter(|at| !rest[..*at].trim().is_empty()) else {
                break;
            };
            folded += &format!("{}\n", &rest[..blank]);
            rest = format!("{:8}{}", "", &rest[blank + 1..]);
        }
        folded += &format!("{rest}\n");
    }
    folded
}

fn parse(text: &str) -> Result<Definition, DefinitionError> {
    Definition::parse("base", Path::new("base.toml"), text)
}

/// The base with `from` replaced by `to`.
fn edited(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "the base has no {from}");
    BASE.replacen(from, to, 1)
}
