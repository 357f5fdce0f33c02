//! JSON that vouches for itself: the last key is the hash of all others.

use super::StoreError;
use super::file;
use crate::schema::SCHEMA_VERSION;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::Path;

/// Key of the hash.
pub(super) const SEAL: &str = "blake3";

/// Reads the sealed JSON file `path`; `None` where there is none.
///
/// # Errors
/// If its text has changed since it was written, if it is of another schema version, or if it cannot be read.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    file::read(path)?.map(|bytes| parsed(path, &bytes)).transpose()
}

/// What sealed JSON says.
pub(crate) fn parsed<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, StoreError> {
    let mut value = parse(path, bytes)?;
    if unsealed(&mut value) != Some(hash(&value)) {
        return Err(changed(path));
    }
    version(path, &value)?;
    decoded(path, value)
}

/// Writes `content` to `path` on one line, whole or not at all. It must state its `schema_version`.
///
/// # Errors
/// If the file system refuses.
pub(crate) fn write(path: &Path, content: &impl Serialize) -> Result<(), StoreError> {
    file::write(path, text(content).as_bytes())
}

/// The content with its seal, as the line that [`write`] writes.
pub(crate) fn text(content: &impl Serialize) -> String {
    format!("{}\n", sealed(content))
}

/// The content as JSON, with its hash as the last key.
pub(super) fn sealed(content: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(content).expect("it has text keys and no failing part");
    let seal = hash(&value);
    value.as_object_mut().expect("a struct is an object").insert(SEAL.to_owned(), Value::String(seal));
    value
}

/// Takes the hash out of the content, if it has one.
pub(super) fn unsealed(value: &mut Value) -> Option<String> {
    let seal = value.as_object_mut()?.shift_remove(SEAL)?;
    // A hash of another type is a wrong one.
    Some(seal.as_str().unwrap_or_default().to_owned())
}

/// The error of content that does not have its hash.
pub(super) fn changed(path: &Path) -> StoreError {
    StoreError::damaged(path, "its text has changed since it was written (BLAKE3)")
}

/// The hash of content without its seal.
pub(super) fn hash(value: &Value) -> String {
    blake3::hash(value.to_string().as_bytes()).to_hex().to_string()
}

/// Any JSON.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Value, StoreError> {
    serde_json::from_slice(bytes).map_err(|e| StoreError::damaged(path, format!("it is no valid JSON ({e})")))
}

/// Refuses another schema version, before the keys are looked at.
pub(super) fn version(path: &Path, value: &Value) -> Result<(), StoreError> {
    match value.get("schema_version").and_then(Value::as_u64) {
        None => Err(StoreError::damaged(path, "it does not state its schema_version")),
        Some(found) if found != u64::from(SCHEMA_VERSION) => {
            Err(StoreError::Schema { path: path.to_owned(), found })
        }
        Some(_) => Ok(()),
    }
}

/// The content that JSON without its seal is.
pub(super) fn decoded<T: DeserializeOwned>(path: &Path, value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|e| StoreError::damaged(path, e.to_string()))
}
