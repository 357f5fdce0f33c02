//! This module checks values that must be among those of the grid.

use super::document::KeyPath;
use super::error::{Checked, Fault};
use super::problem::Problem;

/// Checks that a value to which a figure or rule is restricted is one that is run.
pub(super) fn one_of<T: PartialEq + ToString>(
    place: &KeyPath,
    value: Option<T>,
    run: impl Iterator<Item = T>,
) -> Checked<()> {
    let Some(value) = value else { return Ok(()) };
    let mut allowed: Vec<String> = Vec::new();
    for candidate in run {
        if candidate == value {
            return Ok(());
        }
        let name = candidate.to_string();
        if !allowed.contains(&name) {
            allowed.push(name);
        }
    }
    Err(Fault::new(place.clone(), Problem::NotInGrid { allowed }))
}
