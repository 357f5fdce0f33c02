//! An npz file is a zip archive of npy files (`numpy.savez`).

use super::MOST_VALUES;
use crate::error::Trouble;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes that an array may unpack to, whatever the archive says.
const MOST_BYTES: u64 = MOST_VALUES as u64 * 8 + 65_536;

/// Returns the npy file of an array, with its name.
pub(super) fn array(bytes: &[u8], entry: Option<&str>) -> Result<(String, Vec<u8>), Trouble> {
    let damaged = |reason: String| Trouble::Damaged { format: "an npz file (a zip archive)", reason };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let files: Vec<String> = archive.file_names().map(str::to_owned).collect();
    let array = |file: &String| file.strip_suffix(".npy").map(str::to_owned);
    let mut names: Vec<String> = files.iter().filter_map(array).collect();
    names.sort_unstable();
    let name = match (entry, &names[..]) {
        (Some(entry), names) if names.iter().any(|name| name == entry) => entry.to_owned(),
        (Some(entry), _) => return Err(Trouble::NoEntry { entry: entry.to_owned(), names }),
        (None, [only]) => only.clone(),
        (None, []) => return Err(damaged("it holds no array".to_owned())),
        (None, _) => return Err(Trouble::Several { names }),
    };
    let file = archive.by_name(&format!("{name}.npy")).map_err(|error| damaged(error.to_string()))?;
    let mut unpacked = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut unpacked).map_err(|error| damaged(error.to_string()))?;
    if unpacked.len() as u64 > MOST_BYTES {
        return Err(Trouble::Large { most: MOST_BYTES });
    }
    Ok((name, unpacked))
}
