//! The identity of a planned cell is a short text, kept where it stands: a plan may have a million of them.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A `CellId` identifies a cell of a plan, by 16 hexadecimal digits. See [`crate::plan::Cell::identity`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellId([u8; Self::DIGITS]);

impl CellId {
    /// So many digits it has.
    pub const DIGITS: usize = 16;

    /// Returns the first digits of a hash.
    pub(crate) fn of(hash: &blake3::Hash) -> Self {
        let digits = hash.to_hex();
        Self(std::array::from_fn(|i| digits.as_bytes()[i]))
    }

    /// Reads an id. None where a text has another length or other signs than an id.
    pub fn read(text: &str) -> Option<Self> {
        let is_digit = |digit: &u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit);
        let digits: [u8; Self::DIGITS] = text.as_bytes().try_into().ok()?;
        digits.iter().all(is_digit).then_some(Self(digits))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are text")
    }
}

impl Deref for CellId {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for CellId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Digits are ordered and hashed as their text is.
impl Borrow<str> for CellId {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for CellId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    #[test]
    fn an_id_is_found_by_its_text() {
        let texts = ["00ff00ff00ff00ff", "0123456789abcdef", "fedcba9876543210"];
        let ids = texts.map(|text| CellId::read(text).unwrap());
        assert!(texts.iter().all(|text| ids.iter().copied().collect::<HashSet<_>>().contains(*text)));
        assert!(texts.iter().all(|text| ids.iter().copied().collect::<BTreeSet<_>>().contains(*text)));
        assert_eq!(ids.map(|id| id.to_string()), texts);
        assert_eq!(&CellId::of(&blake3::hash(b""))[..], "af1349b9f5f9a1a6", "the hash of nothing, by b3sum");
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"] {
            assert_eq!(CellId::read(text), None, "{text}");
        }
    }
}
