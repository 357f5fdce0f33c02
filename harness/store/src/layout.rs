//! This module says where everything lies in a folder of results. It holds the two moves that keep the folder
//! whole.
//!
//! FORMAT.md shows the folder as a picture.

use crate::error::StoreError;
use crate::file;
use std::fs;
use std::path::Path;
use study::schema::Table;

/// Holds the manifest's file name.
pub(super) const MANIFEST: &str = "manifest.json";
/// Names the folder of the parts written since the tables were.
pub(super) const PARTS: &str = "parts";
/// Names the folder of the parts whose cells a plan no longer named.
pub(super) const ATTIC: &str = "attic";
/// Names the folder of the shards. It has a folder for each, and in that one for every attempt at it.
pub(super) const SHARDS: &str = "shards";
/// Names the folder of tables on their way into place. A manifest in it says that they are complete.
pub(super) const STAGED: &str = "staged";
/// Names the file in which an attempt says how it stands.
pub(super) const ATTEMPT: &str = "attempt.json";
/// Names the folder of files that were damaged when the tables were consolidated.
const DAMAGED: &str = "damaged";

/// Moves staged tables into place, the manifest last. Without a manifest they are incomplete and dropped.
pub(super) fn promote(root: &Path) -> Result<(), StoreError> {
    let staged = root.join(STAGED);
    if staged.join(MANIFEST).exists() {
        for table in Table::ALL {
            file::rename(&staged.join(table.file()), &root.join(table.file()))?;
        }
        file::sync_folder(root)?;
        file::rename(&staged.join(MANIFEST), &root.join(MANIFEST))?;
        file::sync_folder(root)?;
    }
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(StoreError::io("remove", &staged))?;
    }
    Ok(())
}

/// Moves a damaged file, or what has its name, where nobody reads it and nobody overwrites it.
pub(super) fn set_aside(root: &Path, path: &Path) -> Result<(), StoreError> {
    let folder = root.join(DAMAGED);
    file::create_folder(&folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = (0..)
        .map(|number| folder.join(if number == 0 { name.to_string() } else { format!("{name}.{number}") }));
    let free =
        free.into_iter().find(|place| fs::symlink_metadata(place).is_err()).expect("some number is free");
    file::rename(path, &free)
}
