//! The name that was probably meant.

/// The candidate nearest to `name`, where it is near enough to be a slip of the pen: a third of its letters wrong at most.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let letters = name.chars().count();
    let most = (letters / 3).max(1);
    let near = candidates.into_iter().filter(|c| c.chars().count().abs_diff(letters) <= most);
    let (distance, nearest) = near.map(|c| (edits(&name, &c.to_lowercase()), c)).min_by_key(|&(d, _)| d)?;
    (distance <= most).then_some(nearest)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment, after
/// Damerau 1964).
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Row i holds the edits from the first i letters of a to the beginnings of b.
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substituted = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = substituted.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_other_words_are_not() {
        assert_eq!(nearest("nois", ["noise", "n", "load"]), Some("noise"));
        assert_eq!(nearest("laod", ["noise", "n", "load"]), Some("load"));
        assert_eq!(nearest("Capacty", ["quick", "capacity"]), Some("capacity"));
        assert_eq!(nearest("colour", ["noise", "n", "load"]), None);
        assert_eq!(nearest("kitten", []), None);
        assert_eq!((edits("kitten", "sitting"), edits("", "abc"), edits("abc", "")), (3, 3, 3));
    }
}
