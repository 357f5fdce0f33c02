//! This module simulates how a sweep in shards would go on workers that nobody has. It is a model, with no
//! clock and no numbers of cells.
//!
//! A worker takes the first shard that nobody has taken, and then the next. Cells take other times than
//! expected, and machines are not equally fast. What schedulers and networks do is no part of it, but for the
//! seconds before a shard's first cell.

use protocols::Stream;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// A `Spread` says how uneven the world is. It holds standard deviations of the logarithm of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Of the cells of one condition.
    pub cells: f64,
    /// Of machines.
    pub machines: f64,
}

impl Spread {
    /// Lets every cell take what is expected, on every machine.
    pub const NONE: Self = Self { cells: 0.0, machines: 0.0 };
    /// Takes cells as in the reference run `map`, the widest of them. Their spread is over trials of a
    /// condition, weighted by the time that conditions take. Machines so that nineteen of twenty are within a
    /// factor of 1.5 of the middle: the machine of the reference runs varies by as much with its other
    /// tenants.
    pub const USUAL: Self = Self { cells: 0.17, machines: 0.2 };
}

/// A `Fleet` says which workers there are.
#[derive(Clone, Copy, Debug)]
pub struct Fleet {
    /// Processes of one thread.
    pub workers: usize,
    /// Seconds before the first cell of a shard.
    pub start_seconds: f64,
    /// How uneven they and their cells are.
    pub spread: Spread,
}

/// A `Course` says how a simulated sweep went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Course {
    /// Wall seconds until the last worker ended.
    pub seconds: f64,
    /// The same if cells could be divided at will: what all have to do over what all can do, and the longest
    /// cell at least.
    pub ideal_seconds: f64,
    /// Parts that the shards wrote.
    pub parts: u64,
}

/// Computes the course of cells of these seconds. Each has its shard, from 0, in so many shards that are
/// begun in their order. `wait` is the time after which a shard puts on disk what is finished, and `most` the
/// cells after which it does. The same arguments give the same course.
pub fn course(
    seconds: &[f64],
    shard_of: &[usize],
    shards: usize,
    fleet: Fleet,
    (wait, most): (Duration, usize),
) -> Course {
    let mut stream = Stream::named(1, "simulation", &[]);
    // The mean of these factors is 1.
    let mut factor = |sigma: f64| (sigma * stream.normal() - sigma * sigma / 2.0).exp();
    let speeds: Vec<f64> = (0..fleet.workers).map(|_| factor(fleet.spread.machines)).collect();
    let mut lengths = vec![(0.0, 0_usize); shards];
    let (mut total, mut longest) = (0.0, 0.0_f64);
    for (&expected, &shard) in seconds.iter().zip(shard_of) {
        let true_seconds = expected * factor(fleet.spread.cells);
        lengths[shard].0 += true_seconds;
        lengths[shard].1 += 1;
        total += true_seconds;
        longest = longest.max(true_seconds);
    }
    let ideal_seconds = longest.max(total / speeds.iter().sum::<f64>());
    let mut course = Course { ideal_seconds, ..Course::default() };
    // Nonnegative floats are ordered as their bits are.
    let mut free: BinaryHeap<Reverse<(u64, usize)>> = (0..fleet.workers).map(|i| Reverse((0, i))).collect();
    for (length, cells) in lengths.into_iter().filter(|(_, cells)| *cells > 0) {
        let Some(Reverse((since, worker))) = free.pop() else { break };
        let took = fleet.start_seconds + length / speeds[worker];
        let until = f64::from_bits(since) + took;
        course.seconds = course.seconds.max(until);
        let by_time = (took / wait.as_secs_f64()) as usize + 1;
        course.parts += by_time.max(cells.div_ceil(most)).min(cells) as u64;
        free.push(Reverse((until.to_bits(), worker)));
    }
    course
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::wall_seconds;
    use crate::shards::Job;
    use crate::shards::assign::assign;

    const FLUSH: (Duration, usize) = (Duration::from_secs(60), 2000);

    /// Most cells short, the long ones at the end, as plans have them.
    fn costs(count: usize) -> Vec<f64> {
        (0..count).map(|i| 1e-2 * 1e4_f64.powf((i as f64 / count as f64).powi(3))).collect()
    }

    fn even(workers: usize) -> Fleet {
        Fleet { workers, start_seconds: 0.0, spread: Spread::NONE }
    }

    #[test]
    fn without_spread_it_is_the_schedule_of_its_shards() {
        let costs = costs(3000);
        let shard_of: Vec<usize> = (0..costs.len()).collect();
        let mut longest_first = costs.clone();
        longest_first.sort_by(|a, b| b.total_cmp(a));
        let course = course(&longest_first, &shard_of, costs.len(), even(7), FLUSH);
        assert!((course.seconds - wall_seconds(&costs, 7)).abs() < 1e-9 * course.seconds);
        let total: f64 = costs.iter().sum();
        assert!((course.ideal_seconds - total / 7.0).abs() < 1e-9 * total);
    }

    #[test]
    fn longest_first_is_near_the_ideal_and_slices_are_far_from_it() {
        let costs = costs(4000);
        let (workers, shards) = (16, 256);
        let jobs: Vec<Job> = costs.iter().map(|&seconds| Job { seconds, bytes: 0 }).collect();
        let (shard_of, _) = assign(&jobs, shards, 1);
        let fleet = Fleet { spread: Spread::USUAL, ..even(workers) };
        let ratio = |shard_of: &[usize], shards| {
            let course = course(&costs, shard_of, shards, fleet, FLUSH);
            course.seconds / course.ideal_seconds
        };
        let slices: Vec<usize> = (0..costs.len()).map(|i| i * workers / costs.len()).collect();
        let (longest_first, slices) = (ratio(&shard_of, shards), ratio(&slices, workers));
        assert!(longest_first < 1.2, "{longest_first}");
        assert!(slices > 3.0, "{slices}");
    }

    #[test]
    fn parts_follow_the_minute_and_the_block() {
        let parts = |seconds: &[f64]| course(seconds, &vec![0; seconds.len()], 1, even(1), FLUSH).parts;
        assert_eq!(parts(&[1.0; 10]), 1);
        assert_eq!(parts(&[10.0; 19]), 4, "after one, two and three minutes, and at the end");
        assert_eq!(parts(&[1e-3; 4001]), 3);
        assert_eq!(parts(&[1e4]), 1, "no part without a cell");
    }

    #[test]
    fn starts_are_paid_for_every_shard() {
        let fleet = Fleet { start_seconds: 2.0, ..even(1) };
        assert!((course(&[1.0, 1.0, 1.0], &[0, 1, 2], 3, fleet, FLUSH).seconds - 9.0).abs() < 1e-12);
    }
}
