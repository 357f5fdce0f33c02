//! This module makes names into parts of anchors, so that every place of the page has an address.

/// Returns a name as part of an anchor: letters, digits and hyphens.
pub(super) fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}
