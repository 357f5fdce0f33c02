//! This module reads values of the command line by the names that definitions give them.

use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};

/// Reads a value by the name that definitions give it.
pub(crate) fn named<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, String> {
    T::deserialize(StrDeserializer::<ValueError>::new(text)).map_err(|error| error.to_string())
}
