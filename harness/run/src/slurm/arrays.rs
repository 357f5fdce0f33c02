//! This module says which shards are submitted together. Those of one array have the same limits.

use super::Request;
use crate::shards::ShardShare;
use std::collections::BTreeMap;

/// An `Array` holds the shards of one job array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// Their numbers; task i of the array computes the i-th.
    pub shards: Vec<u32>,
    /// Time limit, minutes.
    pub minutes: u64,
    /// Memory, MiB.
    pub memory_mib: u64,
    /// How many of them run at once, at most.
    pub at_once: Option<u32>,
    /// The array that must have ended before this one begins, counted from 0.
    pub after: Option<usize>,
}

/// Holds the time limits, minutes. They are few, so that there are few arrays.
const LIMITS: [u64; 10] = [10, 30, 60, 120, 240, 480, 960, 1440, 2880, 10080];

/// Computes the limit for a shard that is expected to take so many seconds. Nodes may be slower than the
/// machine that was measured, and costs are expectations. At the limit a shard keeps what is finished and is
/// queued again.
fn minutes(seconds: f64) -> u64 {
    let due = 5.0 + 3.0 * seconds / 60.0;
    LIMITS.into_iter().find(|&limit| limit as f64 >= due).unwrap_or(LIMITS[LIMITS.len() - 1])
}

/// Makes the arrays for the shards of these numbers, from 1. None has more than `most` tasks; those of the
/// longest shards come first.
pub fn arrays(shares: &[ShardShare], numbers: &[u32], most: usize, request: &Request) -> Vec<Array> {
    let mut classes: BTreeMap<(u64, u64), Vec<u32>> = BTreeMap::new();
    for &number in numbers {
        let share = &shares[number as usize - 1];
        classes.entry((minutes(share.wall_seconds), share.memory_mib)).or_default().push(number);
    }
    let mut arrays: Vec<Array> = Vec::new();
    for ((minutes, memory_mib), shards) in classes.into_iter().rev() {
        for shards in shards.chunks(most.max(1)) {
            arrays.push(Array { shards: shards.to_vec(), minutes, memory_mib, at_once: None, after: None });
        }
    }
    if let Some(at_once) = request.max_parallel {
        throttle(&mut arrays, at_once.get());
    }
    arrays
}

/// Divides how many may run at once among arrays by their sizes, as Slurm bounds each array by itself. Where
/// there are more arrays than tasks may run, each has one, and those beyond wait for others to end.
fn throttle(arrays: &mut [Array], at_once: u32) {
    let lanes = arrays.len().min(at_once as usize);
    let mut later = lanes as u64;
    let mut free = u64::from(at_once);
    let mut tasks: u64 = arrays.iter().map(|array| array.shards.len() as u64).sum();
    for (i, array) in arrays.iter_mut().enumerate() {
        if i >= lanes {
            (array.at_once, array.after) = (Some(1), Some(i - lanes));
            continue;
        }
        let size = array.shards.len() as u64;
        later -= 1;
        // One is kept for each array that is still to come.
        let share = (free * size / tasks).clamp(1, size.min(free - later));
        array.at_once = Some(share as u32);
        (free, tasks) = (free - share, tasks - size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::num::NonZeroU32;

    fn share(wall_seconds: f64, memory_mib: u64) -> ShardShare {
        ShardShare { cells: 1, cpu_seconds: wall_seconds, wall_seconds, memory_mib }
    }

    #[test]
    fn shards_of_one_array_have_the_same_limits_and_the_longest_go_first() {
        let shares =
            [share(7200.0, 512), share(60.0, 4096), share(50.0, 512), share(40.0, 512), share(30.0, 512)];
        let arrays = arrays(&shares, &[1, 2, 3, 4, 5], 1000, &Request::default());
        let seen: Vec<_> = arrays.iter().map(|a| (a.shards.clone(), a.minutes, a.memory_mib)).collect();
        assert_eq!(seen, [(vec![1], 480, 512), (vec![2], 10, 4096), (vec![3, 4, 5], 10, 512)]);
        assert!(minutes(1e9) == 10_080 && minutes(0.0) == 10);
    }

    #[test]
    fn arrays_are_no_larger_than_the_cluster_takes() {
        let shares = vec![share(1.0, 512); 2500];
        let numbers: Vec<u32> = (1..=2500).collect();
        let arrays = arrays(&shares, &numbers, 1001, &Request::default());
        assert_eq!(arrays.iter().map(|array| array.shards.len()).collect::<Vec<_>>(), [1001, 1001, 498]);
        assert_eq!(arrays.into_iter().flat_map(|array| array.shards).collect::<Vec<_>>(), numbers);
    }

    #[test]
    fn no_more_run_at_once_than_may() {
        let mut shares = vec![share(1.0, 512); 30];
        shares.extend([share(1.0, 1024), share(1.0, 2048)]);
        let numbers: Vec<u32> = (1..=32).collect();
        for (largest, arrays_due) in [(1000, 3), (10, 5)] {
            for most in [1, 2, 3, 4, 5, 8, 31, 32, 100] {
                let request = Request { max_parallel: NonZeroU32::new(most), ..Request::default() };
                let arrays = arrays(&shares, &numbers, largest, &request);
                assert_eq!(arrays.len(), arrays_due);
                // Those that wait for none may run side by side; each of the others follows one of them.
                let first = arrays.iter().filter(|array| array.after.is_none());
                let at_once: u32 = first.map(|array| array.at_once.unwrap()).sum();
                assert_eq!(at_once, most.min(32));
                let waiting: Vec<(usize, &Array)> =
                    arrays.iter().enumerate().filter(|(_, array)| array.after.is_some()).collect();
                let followed: BTreeSet<usize> = waiting.iter().filter_map(|(_, array)| array.after).collect();
                assert_eq!(followed.len(), waiting.len(), "no two follow the same one");
                assert!(waiting.iter().all(|(i, array)| array.after < Some(*i) && array.at_once == Some(1)));
            }
        }
    }
}
