//! A reader may be a program of its own. Here it is a name and an identity; what it is, and how it is asked, its
//! caller knows.
//!
//! It is spelled `external(name=dense id=3f2a1b4c5d6e)`: a name of letters, digits, `.`, `_` and `-`, and hexadecimal
//! digits that stand for all that can change its answers. A definition refers to the only reader of a name without
//! them, as `external(name=dense)`. Nothing in this crate runs a program: such a reader leaves queries as they are.

use super::about::ReaderAbout;
use super::{Cues, End, Log};
use crate::described::Parameter;
use crate::spelling::Pair;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// A `ReaderProgram` names a reader that is a program of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReaderProgram {
    name: &'static str,
    id: &'static str,
}

impl ReaderProgram {
    pub(super) const ABOUT: ReaderAbout = ReaderAbout {
        name: "external",
        title: "a program of your own",
        formula: "the states are what the program answers",
        cost: "as the program",
        ends: "when the program answers",
        source: "README, Add your rule in any language",
        parameters: &[
            Parameter::new(
                "name",
                "letters, digits, . _ and -, at most 40",
                "the name in tables and figures",
            ),
            Parameter::new(
                "id",
                "hexadecimal digits",
                "stands for its files, its version and its parameters",
            ),
        ],
    };

    /// The program without a name, which a text leaves out.
    pub(super) const NONE: Self = Self { name: "", id: "" };

    /// Names a program. `None` where its name or identity has other characters than are allowed.
    pub fn new(name: &str, id: &str) -> Option<Self> {
        let is_name = (1..=40).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
        let is_id = id.len() <= 64 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
        (is_name && is_id).then(|| Self { name: kept(name), id: kept(id) })
    }

    /// Returns its name.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns what identifies it; empty where a definition refers to it by its name.
    pub fn id(self) -> &'static str {
        self.id
    }

    pub(super) fn pairs(self) -> Vec<Pair> {
        vec![("name", self.name.to_owned()), ("id", self.id.to_owned())]
    }

    /// Reads what stands between the brackets.
    pub(super) fn spelled(inner: &str) -> Option<Self> {
        let mut words = inner.split([',', ' ']).filter(|word| !word.is_empty());
        let name = words.next()?.strip_prefix("name=")?;
        let id = words.next().map_or(Some(""), |word| word.strip_prefix("id="))?;
        Self::new(name, id).filter(|_| words.next().is_none())
    }
}

/// Keeps a text for as long as the program runs; it meets few.
fn kept(text: &str) -> &'static str {
    static KNOWN: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    known.get(text).copied().unwrap_or_else(|| {
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        known.insert(text);
        text
    })
}

/// Leaves all queries as they are.
pub(super) fn read(cues: Cues<'_>, log: &mut Log) {
    for query in cues.rows() {
        log.checkpoints.iter_mut().for_each(|kept| kept.extend_from_slice(query));
        log.push(query, End::Unsettled, 0, 0);
    }
}
