//! This module has records to make tests from: `Recall { flips: 5, ..recall(at) }`.

use super::{Coordinates, Memory, MemoryFigures, Recall, Status};
use protocols::probe::Recovery;
use protocols::reading::Reader;
use protocols::{Corruption, Source};

/// Returns the coordinates of the first trial of a protocol on random messages at N = 64.
pub fn coordinates(cell: &str, protocol: &str, m: u32) -> Coordinates {
    Coordinates {
        cell: cell.into(),
        protocol: protocol.into(),
        parameters: "{}".into(),
        source: Source::Random,
        n: 64,
        m,
        trial: 0,
    }
}

/// Returns what a write reports that trained one epoch, and no probe looked at.
pub fn figures() -> MemoryFigures {
    MemoryFigures {
        iterations: 1,
        evaluations: 1,
        objective: None,
        stop: "epochs".to_owned(),
        rank: None,
        fixed: None,
        wrong_bits: None,
        tied_bits: None,
        margin_min: None,
        margin_mean: None,
        asymmetry: None,
        diagonal_ratio: None,
        strict_minima: None,
        energy_flips: None,
        energy_rises: None,
        correction: None,
        starts: None,
    }
}

/// Returns the record of a cell that succeeded.
pub fn memory(at: Coordinates, figures: MemoryFigures) -> Memory {
    Memory { at, status: Status::Ok, message: String::new(), figures: Some(figures) }
}

/// Returns the record of a cell that failed, or of one whose numbers do not matter.
pub fn without_figures(at: Coordinates, status: Status, message: &str) -> Memory {
    Memory { at, status, message: message.to_owned(), figures: None }
}

/// Returns the record of a hundred queries with 6 bits flipped, read synchronously. None is recovered and no
/// more is known.
pub fn recall(at: Coordinates) -> Recall {
    Recall {
        at,
        dynamics: Reader::Sync,
        flips: Corruption::flips(6),
        checkpoint: 5,
        reads: Recovery { queries: 100, ..Recovery::default() },
        differing: None,
    }
}
