//! Rankings order protocols by the load, and by the noise, at which half of the queries are still recovered.
//!
//! A board ranks the protocols of one run on one task: same source, N and dynamics, and the same noise
//! (`load50`) or the same M (`noise50`). The numbers are those of [`analysis::summary::critical_loads`] and
//! [`noise_radii`] at the level one half of `recovered`, with their bootstrap intervals over message sets. Protocols
//! whose curve is still above one half at the last point of the grid come first, those below it everywhere last; both
//! have no number.

use analysis::summary::{CriticalLoad, noise_radii};
use indexmap::IndexMap;
use protocols::reading::Reader;
use protocols::{CorruptionKind, Source};
use serde::{Serialize, Serializer};
use stats::{Crossing, CrossingInterval};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use study::measure::Measure;
use study::records::Records;

/// Holds the share of the queries at which a protocol counts as still recovering.
const LEVEL: f64 = 0.5;
/// Holds the noise of the board that is shown first, or the nearest to it.
const SHOWN_NOISE: f64 = 0.1;
/// Holds the load of the board that is shown first, or the nearest to it.
const SHOWN_LOAD: f64 = 0.5;

/// A `Kind` says which number ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The load at which half is recovered, at one noise level.
    Load50,
    /// The noise at which half is recovered, at one load.
    Noise50,
}

/// A `Board` is the ranking of the protocols of one run on one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// Which number ranks.
    pub kind: Kind,
    /// Where the messages come from.
    pub source: Source,
    /// Units N.
    pub n: u32,
    /// How memories are read.
    pub dynamics: Reader,
    /// Flipped bits d (`load50`), or messages M (`noise50`).
    pub at: u32,
    /// The protocols, best first.
    pub entries: Vec<Ranked>,
    /// Loads (`load50`) or noise levels (`noise50`) that the curves have at this source and N.
    #[serde(skip)]
    pub points: usize,
}

/// A `Ranked` is a protocol on a board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// Its label.
    pub protocol: String,
    /// Its place; protocols of equal number share it.
    pub rank: usize,
    /// The number; absent beyond the grid.
    #[serde(serialize_with = "briefly")]
    pub value: Option<f64>,
    /// Where it lies if it is beyond the grid: `above` or `below`.
    pub beyond: &'static str,
    /// Lower end of the interval; absent where it is open.
    #[serde(serialize_with = "briefly")]
    pub low: Option<f64>,
    /// Upper end; absent where it is open.
    #[serde(serialize_with = "briefly")]
    pub high: Option<f64>,
    /// Message sets that it rests on.
    pub trials: u32,
}

/// Writes a number with as many digits as a page can use.
fn briefly<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(|x| (x * 1e5).round() / 1e5).serialize(serializer)
}

impl Board {
    /// Returns d/N (`load50`) or M/N (`noise50`).
    pub fn fraction(&self) -> f64 {
        f64::from(self.at) / f64::from(self.n)
    }

    /// Returns how far the board is from the one to show first. Few protocols on a coarse grid, other
    /// messages than random, another noise or load than the usual, a small N, asynchronous reads count
    /// against it, in this order. No number of any protocol does.
    fn distance(&self) -> impl PartialOrd + use<> {
        let usual = match self.kind {
            Kind::Load50 => SHOWN_NOISE,
            Kind::Noise50 => SHOWN_LOAD,
        };
        let off = (self.fraction() - usual).abs();
        let few = -((self.entries.len() * self.points) as i64);
        (
            few,
            self.source != Source::Random,
            (off * 50.0).round() as i64,
            -i64::from(self.n),
            self.dynamics != Reader::Sync,
        )
    }
}

/// Finds the board of `kind` to show first among those of all runs. It gives the run's and the board's index.
/// Each run says whether it is one of tuning, whose numbers are no results: those come last.
pub(super) fn first(runs: &[(bool, &[Board])], kind: Kind) -> Option<(usize, usize)> {
    let all = runs.iter().enumerate().flat_map(|(r, (tuning, boards))| {
        let of_kind = boards.iter().enumerate().filter(|(_, b)| b.kind == kind);
        of_kind.map(move |(b, board)| ((r, b), (tuning, board.distance())))
    });
    all.min_by(|(_, a), (_, b)| a.partial_cmp(b).unwrap_or(Ordering::Equal)).map(|(place, _)| place)
}

/// Holds what the critical loads are of that rank, and at what level.
pub(super) const RANKING: (Measure, f64) = (Measure::Recovered, LEVEL);

/// Returns all boards of a run on which at least two protocols meet. `halves` are its critical loads by [`RANKING`].
pub(super) fn boards(records: &Records, halves: &[CriticalLoad]) -> Vec<Board> {
    type Task = (Kind, Source, u32, Reader, u32);
    let mut tasks: IndexMap<Task, Vec<Ranked>> = IndexMap::new();
    for found in halves {
        // Boards are of flipped bits: other corruptions of as many units are easier or harder.
        let of_flips = found.flips.filter(|flips| flips.kind == CorruptionKind::Flips);
        if let (Some(dynamics), Some(flips)) = (found.dynamics, of_flips) {
            let task = (Kind::Load50, found.source, found.n, dynamics, flips.units);
            tasks.entry(task).or_default().push(entry(found.protocol.clone(), &found.crossing, found.trials));
        }
    }
    for found in noise_radii(records, Measure::Recovered, LEVEL) {
        let task = (Kind::Noise50, found.source, found.n, found.dynamics, found.m);
        tasks.entry(task).or_default().push(entry(found.protocol, &found.crossing, found.trials));
    }
    let mut grids: HashMap<(Source, u32), (HashSet<u32>, HashSet<u32>)> = HashMap::new();
    for recall in records.recalls.iter().filter(|recall| recall.flips.kind == CorruptionKind::Flips) {
        let (loads, noises) = grids.entry((recall.at.source, recall.at.n)).or_default();
        loads.insert(recall.at.m);
        noises.insert(recall.flips.units);
    }
    let points = |kind, place: (Source, u32)| match (kind, grids.get(&place)) {
        (Kind::Load50, Some((loads, _))) => loads.len(),
        (Kind::Noise50, Some((_, noises))) => noises.len(),
        (_, None) => 0,
    };
    let board = |((kind, source, n, dynamics, at), entries): (Task, Vec<Ranked>)| {
        let (entries, points) = (ranked(entries), points(kind, (source, n)));
        Board { kind, source, n, dynamics, at, entries, points }
    };
    let says = |board: &Board| board.entries.len() > 1 && board.entries.iter().any(|e| e.beyond.is_empty());
    tasks.into_iter().map(board).filter(says).collect()
}

fn entry(protocol: String, crossing: &CrossingInterval, trials: u32) -> Ranked {
    let beyond = match crossing.value {
        Crossing::BelowGrid => "below",
        Crossing::At(_) => "",
        Crossing::AboveGrid => "above",
    };
    let (value, low, high) = (crossing.value.load(), crossing.low.load(), crossing.high.load());
    Ranked { protocol, rank: 0, value, beyond, low, high, trials }
}

/// Ranks the best first. Equal numbers share a place and keep the run's order.
fn ranked(mut entries: Vec<Ranked>) -> Vec<Ranked> {
    let position = |e: &Ranked| match e.beyond {
        "above" => f64::INFINITY,
        "below" => f64::NEG_INFINITY,
        _ => e.value.unwrap_or(f64::NEG_INFINITY),
    };
    entries.sort_by(|a, b| position(b).total_cmp(&position(a)));
    for i in 0..entries.len() {
        let same = i > 0 && position(&entries[i]) == position(&entries[i - 1]);
        entries[i].rank = if same { entries[i - 1].rank } else { i + 1 };
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(protocol: &str, value: Option<f64>, beyond: &'static str) -> Ranked {
        Ranked { protocol: protocol.to_owned(), rank: 0, value, beyond, low: None, high: None, trials: 3 }
    }

    #[test]
    fn what_is_beyond_the_grid_comes_first_or_last_and_equals_share_a_place() {
        let entries = vec![
            entry("below", None, "below"),
            entry("half", Some(0.5), ""),
            entry("above", None, "above"),
            entry("more", Some(0.7), ""),
            entry("same", Some(0.7), ""),
        ];
        let brief: Vec<(String, usize)> = ranked(entries).into_iter().map(|e| (e.protocol, e.rank)).collect();
        let due = [("above", 1), ("more", 2), ("same", 2), ("half", 4), ("below", 5)];
        assert_eq!(brief, due.map(|(label, rank)| (label.to_owned(), rank)));
    }

    #[test]
    fn the_board_to_show_first_has_the_most_protocols_and_points_and_the_usual_noise() {
        let board = |protocols: usize, at: u32, n: u32| Board {
            kind: Kind::Load50,
            source: Source::Random,
            n,
            dynamics: Reader::Sync,
            at,
            entries: vec![entry("A", Some(0.1), ""); protocols],
            points: 8,
        };
        let (few, many) = ([board(2, 6, 64)], [board(3, 0, 64), board(3, 6, 64), board(3, 3, 32)]);
        assert_eq!(first(&[(false, &few), (false, &many)], Kind::Load50), Some((1, 1)));
        assert_eq!(first(&[(false, &few), (true, &many)], Kind::Load50), Some((0, 0)), "tuning is no result");
        let coarse = [Board { points: 2, ..board(4, 6, 64) }];
        assert_eq!(first(&[(false, &coarse), (false, &few)], Kind::Load50), Some((1, 0)));
        assert_eq!(first(&[(false, &few), (false, &many)], Kind::Noise50), None);
    }
}
