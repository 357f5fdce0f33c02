//! Where the files of results stood is remembered for the whole process, so that a source stays a name and a hash.

use crate::error::{MessagesError, Trouble};
use protocols::Source;
use protocols::source::MessageFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static PLACES: Mutex<BTreeMap<MessageFile, PathBuf>> = Mutex::new(BTreeMap::new());

/// Says in which folder a file stands. Nothing is read.
pub fn stands_in(file: MessageFile, folder: &Path) {
    PLACES.lock().unwrap_or_else(PoisonError::into_inner).insert(file, folder.to_owned());
}

/// Reads the rows of a source, where it is a file that was not read yet and stands at a known place.
///
/// # Errors
/// If it is not there, or holds something else than the source says.
pub fn need(source: Source) -> Result<(), MessagesError> {
    let Source::File(file) = source else { return Ok(()) };
    if file.rows().is_some() {
        return Ok(());
    }
    let folder = PLACES.lock().unwrap_or_else(PoisonError::into_inner).get(&file).cloned();
    let Some(folder) = folder else {
        let path = PathBuf::from(file.name());
        return Err(MessagesError { path, trouble: Box::new(Trouble::Nowhere) });
    };
    crate::read(file, &folder)?.provide();
    Ok(())
}

/// Tells whether the messages of a source can be drawn: whoever draws a picture of results does without those that
/// cannot. A file that is not there is looked for once.
pub fn at_hand(source: Source) -> bool {
    static GONE: Mutex<BTreeSet<Source>> = Mutex::new(BTreeSet::new());
    let mut gone = GONE.lock().unwrap_or_else(PoisonError::into_inner);
    if gone.contains(&source) {
        return false;
    }
    let found = need(source).is_ok();
    if !found {
        gone.insert(source);
    }
    found
}
