//! This module finds the name nearest to a mistyped one, for "did you mean".

use strsim::osa_distance;

/// Returns the name nearest to `given`, if it is near. Near means that no more than a third of its letters
/// (at least 1) are inserted, deleted, replaced, or swapped with their neighbour.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (given.chars().count() / 3).max(1);
    let distances = names.into_iter().map(|name| (osa_distance(given, name), name));
    distances
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Returns " (did you mean `name`?)", or nothing.
pub fn hint<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, names).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["steps", "queries", "learning_rate"];
        assert_eq!(nearest("step", names), Some("steps"));
        assert_eq!(nearest("learning-rate", names), Some("learning_rate"));
        assert_eq!(nearest("gain", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn swapped_letters_are_one_slip() {
        // In a name of three letters two replacements would be too many.
        assert_eq!(nearest("hpo", ["hop", "pse", "mpf", "trn"]), Some("hop"));
        assert_eq!(nearest("trails", ["trials", "sources"]), Some("trials"));
        assert_eq!(nearest("ohp", ["hop"]), Some("hop"));
        assert_eq!(nearest("poh", ["hop"]), None, "letters that are not neighbours");
    }
}
