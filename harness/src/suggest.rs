//! "Did you mean": the name nearest to a mistyped one.

/// The name nearest to `given`, if it is near: no more than a third of its letters (at least 1) are inserted, deleted,
/// or replaced.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (given.chars().count() / 3).max(1);
    let distances = names.into_iter().map(|name| (distance(given, name), name));
    distances
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// " (did you mean `name`?)", or nothing.
pub fn hint<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    nearest(given, names).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

/// Levenshtein's distance, in letters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_distances() {
        for (a, b, expected) in [("", "", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("", "abc", 3)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["steps", "queries", "learning_rate"];
        assert_eq!(nearest("step", names), Some("steps"));
        assert_eq!(nearest("learning-rate", names), Some("learning_rate"));
        assert_eq!(nearest("gain", names), None);
        assert_eq!(nearest("", names), None);
    }
}
