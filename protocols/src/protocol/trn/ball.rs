//! This module walks the states within a Hamming distance of a message, as sets of flipped units.

/// Counts the sets of at most `radius` of `n` units. Their number is sum_{d <= radius} C(n, d); `None` beyond
/// 2^64.
pub(super) fn size(n: usize, radius: usize) -> Option<u64> {
    let (mut sets, mut total) = (1_u128, 1_u128);
    for d in 1..=radius.min(n) {
        // C(n, d) = C(n, d - 1) (n - d + 1) / d divides evenly.
        sets = sets.checked_mul((n - d + 1) as u128)? / d as u128;
        total = total.checked_add(sets)?;
    }
    total.try_into().ok()
}

/// `Sets` is a walk through all sets of units up to a size. Smaller ones come first, those of one size in
/// lexicographic order.
pub(super) struct Sets {
    n: usize,
    set: Vec<u32>,
}

impl Sets {
    /// Makes the walk for `n` units. It begins with the empty set.
    pub(super) fn new(n: usize) -> Self {
        Self { n, set: Vec::new() }
    }

    /// Returns the present set, ascending.
    pub(super) fn set(&self) -> &[u32] {
        &self.set
    }

    /// Goes on to the next set.
    ///
    /// # Panics
    /// If the present one has all units.
    pub(super) fn advance(&mut self) {
        let (n, size) = (self.n, self.set.len());
        // The last unit that can move on does, and those after it follow closely.
        let Some(at) = (0..size).rev().find(|&i| (self.set[i] as usize) < n - size + i) else {
            assert!(size < n, "the set of all {n} units is the last");
            self.set.clear();
            self.set.extend(0..=size as u32);
            return;
        };
        let first = self.set[at] + 1;
        self.set[at..].iter_mut().zip(first..).for_each(|(unit, next)| *unit = next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_set_comes_once_and_smaller_ones_first() {
        for n in 1..8_usize {
            let mut sets = Sets::new(n);
            let mut masks = Vec::new();
            for step in 0..1 << n {
                if step > 0 {
                    sets.advance();
                }
                assert!(sets.set().is_sorted());
                masks.push(sets.set().iter().map(|unit| 1_u32 << unit).sum::<u32>());
            }
            assert!(masks.is_sorted_by_key(|mask| mask.count_ones()));
            for radius in 0..=n + 1 {
                let near = masks.iter().filter(|mask| mask.count_ones() as usize <= radius).count();
                assert_eq!(size(n, radius), Some(near as u64));
            }
            assert_eq!(masks.into_iter().collect::<HashSet<u32>>(), (0..1 << n).collect());
        }
    }

    #[test]
    fn sizes_beyond_the_machine_are_told() {
        // 1 + 64 + 2016 + 41664, and sum_{d <= 32} C(64, d) = (2^64 + C(64, 32))/2.
        assert_eq!(size(64, 3), Some(43_745));
        assert_eq!(size(64, 32), Some(10_139_684_107_326_071_075));
        assert_eq!(size(10_000, 5_000), None);
    }
}
