//! This module draws all figures of a run.

use anyhow::Error;
use figure::{Drawn, FileNames};
use report::drawing::Artist;
use study::definition::Definition;
use study::records::Records;

/// Draws the pages of all figures of a definition from the records of the run `name`, and says why what is missing
/// cannot be drawn. Where two would be the same file there are no pages.
pub(crate) fn pages(name: &str, definition: &Definition, records: &Records) -> (Vec<Drawn>, Vec<Error>) {
    let artist = Artist::new(name, definition, records);
    let (mut pages, mut failures) = (Vec::new(), Vec::new());
    let (mut names, mut clash) = (FileNames::default(), None);
    for spec in &definition.figures {
        match artist.draw(spec) {
            Ok(drawn) => {
                clash = clash.or(names.take(&spec.name, &drawn).err());
                pages.extend(drawn);
            }
            Err(error) => failures.push(error),
        }
    }
    if let Some(clash) = clash {
        failures.push(Error::new(clash).context("no figure is written"));
        pages.clear();
    }
    (pages, failures)
}
