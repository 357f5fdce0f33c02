//! This module lays out the picture of the first screen: a ranking as dots with their intervals on one scale. The page
//! draws it without any script.

use super::ranking::{Board, Ranked};
use serde::Serialize;

/// How many protocols are drawn at most, the best first.
const MOST: usize = 12;
/// Height of a row, and where the scale begins and ends.
const ROW: usize = 23;
const LEFT: f64 = 158.0;
const RIGHT: f64 = 404.0;
const TOP: usize = 8;

/// A `Picture` is a ranking laid out on a sheet 420 units wide.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    height: usize,
    foot: usize,
    rows: Vec<PictureRow>,
    ticks: Vec<Tick>,
    /// How many protocols have no row.
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct PictureRow {
    protocol: String,
    y: usize,
    /// Where number and interval stand; absent where there is none.
    dot: Option<String>,
    low: Option<String>,
    high: Option<String>,
    words: String,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    text: String,
}

impl Picture {
    /// Lays the ranking out, its best protocol at the top.
    pub(super) fn of(board: &Board) -> Self {
        let shown = &board.entries[..board.entries.len().min(MOST)];
        let ends = shown.iter().flat_map(|e| [e.value, e.low, e.high]).flatten();
        let most = (ends.fold(0.0, f64::max) * 1.05).max(1e-3);
        let at = |x: f64| format!("{:.1}", LEFT + (RIGHT - LEFT) * (x / most).min(1.0));
        let row = |(i, e): (usize, &Ranked)| {
            let end = |x: Option<f64>, open: f64| (e.beyond != "below").then(|| at(x.unwrap_or(open)));
            PictureRow {
                protocol: e.protocol.clone(),
                y: TOP + ROW * i + ROW / 2,
                dot: e.value.map(at),
                low: end(e.low, 0.0),
                high: end(e.high, most),
                words: words(e),
            }
        };
        let step =
            [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0].into_iter().find(|step| most / step < 5.5).unwrap_or(2.0);
        let tick = |i: i32| Tick { x: at(f64::from(i) * step), text: short(f64::from(i) * step) };
        let foot = TOP + ROW * shown.len();
        Self {
            height: foot + 38,
            foot,
            rows: shown.iter().enumerate().map(row).collect(),
            ticks: (0..=(most / step) as i32).map(tick).collect(),
            left_out: board.entries.len() - shown.len(),
        }
    }
}

fn short(x: f64) -> String {
    format!("{x:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn words(entry: &Ranked) -> String {
    let end = |x: Option<f64>| x.map_or("open".to_owned(), |x| format!("{x:.3}"));
    let value = match entry.value {
        Some(value) => format!("{value:.3}"),
        None => format!("{} the grid", entry.beyond),
    };
    format!("{}: {value} [{} {}]", entry.protocol, end(entry.low), end(entry.high))
}

#[cfg(test)]
mod tests {
    use super::super::ranking::Kind;
    use super::*;
    use protocols::Source;
    use protocols::reading::Reader;

    #[test]
    fn the_best_stands_at_the_top_and_ends_lie_on_one_scale() {
        let entry = |protocol: &str, value: Option<f64>, beyond: &'static str| Ranked {
            protocol: protocol.to_owned(),
            rank: 1,
            value,
            beyond,
            low: value.map(|x| x / 2.0),
            high: None,
            trials: 3,
        };
        let board = Board {
            kind: Kind::Load50,
            source: Source::Random,
            n: 64,
            dynamics: Reader::Sync,
            at: 6,
            entries: vec![entry("A", Some(0.4), ""), entry("B", None, "below")],
            points: 8,
        };
        let picture = Picture::of(&board);
        let a = &picture.rows[0];
        // 0.4 of 0.42 and its half, on a scale of 246 units from 158; an open end is that of the scale.
        assert_eq!(
            (a.dot.as_deref(), a.low.as_deref(), a.high.as_deref()),
            (Some("392.3"), Some("275.1"), Some("404.0"))
        );
        assert_eq!(a.words, "A: 0.400 [0.200 open]");
        assert!(picture.rows[1].dot.is_none() && picture.rows[1].low.is_none());
        assert_eq!(picture.ticks.last().unwrap().text, "0.4");
    }
}
