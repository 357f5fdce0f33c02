//! What a plan says of the rows that a folder may keep: which cells there are, and what their protocols are called.

use std::collections::{HashMap, HashSet};
use study::record::SharedText;

/// Holds the ids of all planned cells.
pub(super) type Planned<'a> = HashSet<&'a str>;

/// Says what the plan calls the protocols of cells, by their ids.
pub(super) type Labels = HashMap<String, SharedText>;

/// Returns the ids of a plan, to be looked up.
pub(super) fn planned(plan: &[String]) -> Planned<'_> {
    plan.iter().map(String::as_str).collect()
}
