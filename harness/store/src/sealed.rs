//! Sealed JSON vouches for itself: the last key is the hash of all others.

use super::StoreError;
use super::file;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use study::schema::SCHEMA_VERSION;

/// Holds the key of the hash.
pub(super) const SEAL: &str = "blake3";

/// Reads the sealed JSON file `path`; `None` where there is none.
///
/// # Errors
/// If its text has changed since it was written, if it is of another schema version, or if it cannot be read.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    file::read(path)?.map(|bytes| parsed(path, &bytes)).transpose()
}

/// Parses what sealed JSON says.
pub fn parsed<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, StoreError> {
    if let Some(content) = as_written(bytes) {
        // Plans have as many ids as there are cells: they are not taken apart into values first.
        let Head { schema_version } = decoded_text(path, &content)?;
        version(path, schema_version)?;
        return decoded_text(path, &content);
    }
    let mut value = parse(path, bytes)?;
    if unsealed(&mut value) != Some(hash(&value)) {
        return Err(changed(path));
    }
    version_of(path, &value)?;
    decoded(path, value)
}

/// A `Head` holds what is looked at before all else.
#[derive(Deserialize)]
struct Head {
    schema_version: Option<u64>,
}

/// Returns the content without its seal, if the text is byte for byte what [`write`] writes.
fn as_written(bytes: &[u8]) -> Option<Vec<u8>> {
    /// Counts `,"blake3":"`, 64 digits, `"}` and the end of the line.
    const TAIL: usize = SEAL.len() + 5 + 64 + 3;
    let (content, tail) = bytes.split_at(bytes.len().checked_sub(TAIL)?);
    let seal = tail.strip_prefix(format!(",\"{SEAL}\":\"").as_bytes())?.strip_suffix(b"\"}\n")?;
    let content = [content, b"}"].concat();
    (blake3::hash(&content).to_hex().as_bytes() == seal).then_some(content)
}

fn decoded_text<T: DeserializeOwned>(path: &Path, content: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(content).map_err(|e| StoreError::damaged(path, e.to_string()))
}

/// Writes `content` to `path` on one line, whole or not at all. It must state its `schema_version`.
///
/// # Errors
/// If the file system refuses.
pub fn write(path: &Path, content: &impl Serialize) -> Result<(), StoreError> {
    file::write(path, text(content).as_bytes())
}

/// Returns the content with its seal, as the line that [`write()`] writes.
pub fn text(content: &impl Serialize) -> String {
    format!("{}\n", sealed(content))
}

/// Returns the content as JSON, with its hash as the last key.
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

/// Makes the error of content that does not have its hash.
pub(super) fn changed(path: &Path) -> StoreError {
    StoreError::damaged(path, "its text has changed since it was written (BLAKE3)")
}

/// Returns the hash of content without its seal.
pub(super) fn hash(value: &Value) -> String {
    blake3::hash(value.to_string().as_bytes()).to_hex().to_string()
}

/// Parses any JSON.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Value, StoreError> {
    serde_json::from_slice(bytes).map_err(|e| StoreError::damaged(path, format!("it is no valid JSON ({e})")))
}

/// Refuses another schema version, before the keys are looked at.
pub(super) fn version_of(path: &Path, value: &Value) -> Result<(), StoreError> {
    version(path, value.get("schema_version").and_then(Value::as_u64))
}

fn version(path: &Path, found: Option<u64>) -> Result<(), StoreError> {
    match found {
        None => Err(StoreError::damaged(path, "it does not state its schema_version")),
        Some(found) if found != u64::from(SCHEMA_VERSION) => {
            Err(StoreError::Schema { path: path.to_owned(), found })
        }
        Some(_) => Ok(()),
    }
}

/// Decodes the content that JSON without its seal is.
pub(super) fn decoded<T: DeserializeOwned>(path: &Path, value: Value) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|e| StoreError::damaged(path, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_as_it_was_written_and_the_same_in_another_form_are_read_alike() {
        let content = json!({ "schema_version": SCHEMA_VERSION, "text": "a \"quoted\", ,\"blake3\":\" \
         one", "list": [1, 2] });
        let text = text(&content);
        assert_eq!(as_written(text.as_bytes()), Some(content.to_string().into_bytes()));
        let pretty = serde_json::to_vec_pretty(&sealed(&content)).unwrap();
        assert_eq!(as_written(&pretty), None);
        for bytes in [text.as_bytes(), &pretty] {
            assert_eq!(parsed::<Value>(Path::new("x"), bytes).unwrap(), content);
        }
        let changed = text.replace("[1,2]", "[1,3]");
        assert_eq!(as_written(changed.as_bytes()), None);
        assert!(parsed::<Value>(Path::new("x"), changed.as_bytes()).unwrap_err().is_damage());
        let other = json!({ "schema_version": 0, "list": [] });
        let error = parsed::<Value>(Path::new("x"), super::text(&other).as_bytes()).unwrap_err();
        assert!(matches!(error, StoreError::Schema { found: 0, .. }), "{error}");
        let none = parsed::<Value>(Path::new("x"), super::text(&json!({ "list": [] })).as_bytes());
        assert!(none.unwrap_err().to_string().contains("schema_version"));
    }
}
