//! This module says how long cells take side by side.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Computes the wall time of jobs of these seconds on `threads` threads. Each thread takes the longest job
/// left: the rule that a sweep follows (LPT; Graham 1969: at most 4/3 of the best). A job is never split, so
/// it is at least as long as the longest.
pub fn wall_seconds(seconds: &[f64], threads: usize) -> f64 {
    let mut jobs: Vec<f64> = seconds.to_vec();
    jobs.sort_by(|a, b| b.total_cmp(a));
    let mut threads: BinaryHeap<Reverse<Busy>> = (0..threads.max(1)).map(|_| Reverse(Busy(0.0))).collect();
    for job in jobs {
        let Some(Reverse(Busy(until))) = threads.pop() else { break };
        threads.push(Reverse(Busy(until + job)));
    }
    threads.into_iter().map(|Reverse(Busy(until))| until).fold(0.0, f64::max)
}

/// Says how long a thread is busy, in order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Busy(f64);

impl Eq for Busy {}

impl PartialOrd for Busy {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Busy {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
