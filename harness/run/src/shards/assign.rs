//! This module says which shard computes which cells. The longest job goes first, each to the shard that has
//! least (LPT; Graham 1969).
//!
//! Cells that need much memory keep to shards of their own, so that a scheduler can give most shards little.
//! Shards are numbered by the time that they are expected to take, the longest first: a runner that starts
//! them in the order of their numbers follows the same rule once more, and so its last shards are short.

use crate::cost::{memory, wall_seconds};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A `Job` says what a cell is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Job {
    /// CPU seconds.
    pub seconds: f64,
    /// Bytes that it is sure to need ([`needs`](crate::needs::needs)).
    pub bytes: u64,
}

/// A `Load` says what a shard is expected to take.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Cells.
    pub cells: usize,
    /// CPU seconds of all of them.
    pub cpu_seconds: f64,
    /// Wall time on the threads planned for.
    pub wall_seconds: f64,
    /// Memory, MiB: a power of two.
    pub memory_mib: u64,
}

/// Holds the least memory that shards are told apart by, MiB.
const LEAST_MIB: u64 = 512;

/// Returns the shard of every job, from 0. It also returns what each of the `shards` is expected to take on
/// so many threads.
pub(crate) fn assign(jobs: &[Job], shards: usize, threads: usize) -> (Vec<usize>, Vec<Load>) {
    let mut classes: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (i, job) in jobs.iter().enumerate() {
        // As many cells like it may run at once.
        classes.entry(memory_mib(vec![job.bytes; threads], threads)).or_default().push(i);
    }
    // Too few shards to keep memory apart: all of them are given what the hungriest cell needs.
    if classes.len() > shards {
        let all = (0..jobs.len()).collect();
        classes = BTreeMap::from([(0, all)]);
    }
    let classes: Vec<Vec<usize>> = classes.into_values().collect();
    let counts = counts(jobs, &classes, shards);
    let mut members: Vec<Vec<usize>> = Vec::with_capacity(shards);
    for (class, count) in classes.iter().zip(counts) {
        members.extend(longest_first(jobs, class, count));
    }
    members.resize_with(shards, Vec::new);
    let mut loaded: Vec<(Load, Vec<usize>)> =
        members.into_iter().map(|members| (load(jobs, &members, threads), members)).collect();
    loaded.sort_by(|(a, _), (b, _)| b.wall_seconds.total_cmp(&a.wall_seconds));
    let mut of_job = vec![0; jobs.len()];
    for (shard, (_, members)) in loaded.iter().enumerate() {
        members.iter().for_each(|&job| of_job[job] = shard);
    }
    (of_job, loaded.into_iter().map(|(load, _)| load).collect())
}

/// Computes how many shards each class is worth. It goes by the class's share of the time, at least one, and
/// no more than it has jobs.
fn counts(jobs: &[Job], classes: &[Vec<usize>], shards: usize) -> Vec<usize> {
    let seconds: Vec<f64> =
        classes.iter().map(|class| class.iter().map(|&i| jobs[i].seconds).sum()).collect();
    let mut counts: Vec<usize> = classes.iter().map(|class| class.len().min(1)).collect();
    for _ in counts.iter().sum::<usize>()..shards {
        // The next shard goes where shards are longest.
        let length = |i: &usize| seconds[*i] / counts[*i] as f64;
        let open = (0..classes.len()).filter(|&i| counts[i] < classes[i].len());
        let Some(longest) = open.max_by(|a, b| length(a).total_cmp(&length(b))) else { break };
        counts[longest] += 1;
    }
    counts
}

/// Divides the jobs of a class into so many shards.
fn longest_first(jobs: &[Job], class: &[usize], shards: usize) -> Vec<Vec<usize>> {
    let mut order = class.to_vec();
    // Stable, so that equal jobs keep their order and the same jobs have the same shards.
    order.sort_by(|&a, &b| jobs[b].seconds.total_cmp(&jobs[a].seconds));
    let mut members = vec![Vec::new(); shards];
    // Nonnegative floats are ordered as their bits are.
    let mut least: BinaryHeap<Reverse<(u64, usize)>> = (0..shards).map(|shard| Reverse((0, shard))).collect();
    for job in order {
        let Some(Reverse((load, shard))) = least.pop() else { break };
        members[shard].push(job);
        least.push(Reverse(((f64::from_bits(load) + jobs[job].seconds.max(0.0)).to_bits(), shard)));
    }
    members
}

fn load(jobs: &[Job], members: &[usize], threads: usize) -> Load {
    let seconds: Vec<f64> = members.iter().map(|&i| jobs[i].seconds).collect();
    let bytes = members.iter().map(|&i| jobs[i].bytes).collect();
    Load {
        cells: members.len(),
        cpu_seconds: seconds.iter().sum(),
        wall_seconds: wall_seconds(&seconds, threads),
        memory_mib: memory_mib(bytes, threads),
    }
}

/// Computes the memory for cells of these needs on so many threads, the next power of two of MiB.
fn memory_mib(needs: Vec<u64>, threads: usize) -> u64 {
    let mib = memory(needs, threads) / f64::from(1 << 20);
    (mib.ceil() as u64).next_power_of_two().max(LEAST_MIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocols::Stream;

    fn jobs(seconds: &[f64]) -> Vec<Job> {
        seconds.iter().map(|&seconds| Job { seconds, bytes: 1 << 20 }).collect()
    }

    /// Costs as sweeps have them: over three decades, most of them small.
    fn skewed(count: usize) -> Vec<f64> {
        let mut stream = Stream::named(1, "costs", &[]);
        (0..count).map(|_| 10_f64.powf(3.0 * stream.unit().powi(2) - 2.0)).collect()
    }

    #[test]
    fn every_job_has_one_shard_and_loads_add_up() {
        for (count, shards) in [(0, 3), (1, 4), (7, 3), (500, 16), (5, 5)] {
            let jobs = jobs(&skewed(count));
            let (of_job, loads) = assign(&jobs, shards, 1);
            assert_eq!((of_job.len(), loads.len()), (count, shards));
            for (shard, load) in loads.iter().enumerate() {
                let members: Vec<&Job> =
                    jobs.iter().zip(&of_job).filter(|(_, s)| **s == shard).map(|(j, _)| j).collect();
                assert_eq!(members.len(), load.cells);
                let seconds: f64 = members.iter().map(|job| job.seconds).sum();
                assert!((seconds - load.wall_seconds).abs() < 1e-9 * seconds.max(1.0));
            }
            assert!(loads.is_sorted_by(|a, b| a.wall_seconds >= b.wall_seconds), "the longest are first");
        }
    }

    /// Graham's bound for the rule: no more than 4/3 - 1/(3 m) of the best schedule, which is at least the
    /// mean and the longest job.
    #[test]
    fn shards_are_as_even_as_the_rule_promises() {
        for shards in [2, 7, 48] {
            let seconds = skewed(600);
            let (_, loads) = assign(&jobs(&seconds), shards, 1);
            let mean = seconds.iter().sum::<f64>() / shards as f64;
            let longest = seconds.iter().copied().fold(0.0, f64::max);
            let bound = (4.0 / 3.0 - 1.0 / (3.0 * shards as f64)) * mean.max(longest);
            assert!(loads[0].wall_seconds <= bound, "{} above {bound}", loads[0].wall_seconds);
        }
    }

    #[test]
    fn hungry_cells_keep_to_themselves_where_there_are_shards_enough() {
        let mut jobs = jobs(&[1.0; 90]);
        jobs.extend([Job { seconds: 5.0, bytes: 1 << 30 }; 2]);
        let (of_job, loads) = assign(&jobs, 10, 1);
        let hungry: Vec<usize> = of_job[90..].to_vec();
        assert!(of_job[..90].iter().all(|shard| !hungry.contains(shard)));
        for (shard, load) in loads.iter().enumerate() {
            assert_eq!(load.memory_mib, if hungry.contains(&shard) { 4096 } else { LEAST_MIB });
        }
        let (_, loads) = assign(&jobs, 1, 1);
        assert_eq!(loads[0].memory_mib, 4096);
    }

    #[test]
    fn the_same_jobs_have_the_same_shards() {
        let jobs = jobs(&[1.0, 2.0, 1.0, 2.0, 3.0, 1.0]);
        assert_eq!(assign(&jobs, 3, 2), assign(&jobs, 3, 2));
    }
}
