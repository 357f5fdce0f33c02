//! This module says what is in a bundle: its runs, and where all of it comes from.

use super::source::Source;
use serde::Serialize;
use std::collections::BTreeMap;
use store::Manifest;
use store::provenance::Provenance;
use store::runs::Run;

/// A `Bundled` is a run in a bundle.
#[derive(Debug)]
pub(super) struct Bundled {
    /// Its name below the folders of results, figures and definitions.
    pub(super) name: String,
    pub(super) run: Run,
    pub(super) manifest: Manifest,
}

/// A `Whence` says where all of a bundle comes from: its file `provenance.json`.
#[derive(Debug, Serialize)]
pub(super) struct Whence {
    /// What the figures, the verdicts and the report were made by.
    pub(super) program: Program,
    pub(super) sources: Vec<Source>,
    /// The runs of each result, oldest first.
    pub(super) runs: BTreeMap<String, Vec<Provenance>>,
    pub(super) lacks: Vec<String>,
}

/// A `Program` is a program as its build knows it.
#[derive(Debug, Serialize)]
pub(super) struct Program {
    pub(super) version: String,
    pub(super) commit: Option<String>,
    pub(super) dirty: Option<bool>,
    pub(super) diff_hash: Option<String>,
    pub(super) rustc: String,
    pub(super) target: String,
    pub(super) lock_hash: String,
}
