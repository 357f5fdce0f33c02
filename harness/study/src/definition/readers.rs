//! This module joins the readers of a definition with the programs that some of them are.
//!
//! A program is described in `[read]` alone. Elsewhere it goes by its name, `external(name=dense)`, which is joined
//! here with the identity that tables know it by. That changes when the program is looked for: see `external`.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::wire::File;
use crate::claim::{ClaimSpec, Test};
use crate::figure::FigureSpec;
use protocols::reading::{Reader, ReaderOr};
use worker::ExternalReader;

/// Returns a reader as it is told from the others: programs by their names.
pub(super) fn shown(reader: &ReaderOr<ExternalReader>) -> String {
    match reader {
        ReaderOr::Known(reader) => reader.name().to_owned(),
        ReaderOr::Program(program) => format!("external(name={})", program.name()),
    }
}

/// No program of the list is merely named.
pub(super) fn described(list: Option<&Vec<ReaderOr<ExternalReader>>>) -> Checked<()> {
    let is_named = |reader: &ReaderOr<_>| matches!(reader, ReaderOr::Known(Reader::External(_)));
    match list.and_then(|list| list.iter().position(is_named)) {
        Some(i) => Err(Fault::not_allowed(KeyPath::default().at("read").at("dynamics").at(i))),
        None => Ok(()),
    }
}

/// Returns all readers, and the programs among them.
pub(super) fn divided(list: Vec<ReaderOr<ExternalReader>>) -> (Vec<Reader>, Vec<ExternalReader>) {
    let mut programs = Vec::new();
    let mut reader = |reader| match reader {
        ReaderOr::Known(reader) => reader,
        ReaderOr::Program(program) => {
            let reader = ExternalReader::reader(&program);
            programs.push(program);
            reader
        }
    };
    (list.into_iter().map(&mut reader).collect(), programs)
}

/// Gives programs that the file refers to by name the identity that they have among `readers`.
pub(super) fn name(file: &mut File, readers: &[Reader]) {
    let named = |reader: &mut Reader| {
        let Reader::External(program) = *reader else { return };
        let is_meant = |known: &&Reader| match known {
            Reader::External(known) => program.id().is_empty() && known.name() == program.name(),
            _ => false,
        };
        *reader = readers.iter().find(is_meant).copied().unwrap_or(*reader);
    };
    if let Some(reader) = file.sequential.as_mut().and_then(|rule| rule.dynamics.as_mut()) {
        named(reader);
    }
    references(&mut file.figure, &mut file.claim).for_each(named);
}

/// Returns the readers that figures and claims refer to.
pub(super) fn references<'a>(
    figures: &'a mut [FigureSpec],
    claims: &'a mut [ClaimSpec],
) -> impl Iterator<Item = &'a mut Reader> {
    let of_figures = figures.iter_mut().filter_map(|figure| figure.dynamics.as_mut());
    let regions = claims.iter_mut().flat_map(|claim| claim.test.iter_mut().filter_map(Test::region_mut));
    of_figures.chain(regions.filter_map(|region| region.dynamics.as_mut()).flatten())
}
