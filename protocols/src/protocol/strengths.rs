//! Messages enter W with strengths, which are changed one at a time until no unit asks for more. Message m has the
//! strength x_i^m in the row of unit i: W_ij = 1/N sum_m x_i^m xi_i^m xi_j^m with a zero diagonal, and with x_i^m +
//! x_j^m in place of x_i^m where W is to be symmetric.
//!
//! Off the diagonal a change d of x_i^m changes the fields of unit i at all messages by d xi_i^m (Q_mm' - xi_i^m
//! xi_i^m') with Q_mm' = xi^m . xi^m'. So rows of a free W are learned from the overlaps alone: M multiply-adds a
//! change and a comparison where there is none. A symmetric W also moves the fields of all other units. It is kept,
//! and the fields of a unit are taken from it when its turn comes: 3 N M multiply-adds a unit and sweep, besides.
//!
//! Strengths and fields are kept times N, so that whole strengths have exact fields below 2^24.

use super::{Watch, WriteError};
use crate::parallel::{by_chunks, matmul, threads};
use crate::patterns::Patterns;
use crate::real::{LANES, total, vectorised};
use crate::symmetric::{column, column_mut};
use crate::weights::Weights;
use faer::{Accum, Mat, MatRef, Par};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A `Symmetry` says which W are searched. The diagonal is zero in either case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symmetry {
    /// Every row for itself.
    #[default]
    Free,
    /// W = W^T.
    Symmetric,
}

/// A `Pull` says how the strength of a message changes in the row of a unit.
pub(super) trait Pull: Sync {
    /// Returns the change of a strength, of a message whose aligned field xi h is `field` and in a row of that
    /// `length`, both times N; 0 where the unit asks for none.
    fn pull(&self, field: f32, length: f32, strength: f32) -> f32;
}

/// `Strengths` holds what was learned.
pub(super) struct Strengths {
    /// W.
    pub(super) weights: Weights,
    /// Strength x_i^m, unit after unit.
    pub(super) strengths: Vec<f32>,
    /// Sweeps over all messages.
    pub(super) sweeps: u64,
    /// Whether no unit asks for more.
    pub(super) settled: bool,
}

/// Learns `messages` from W = 0 in `max_sweeps` sweeps at most.
///
/// # Errors
/// If `watch` breaks or the weights are not finite.
pub(super) fn learn(
    messages: &Patterns,
    symmetry: Symmetry,
    rule: &impl Pull,
    max_sweeps: u32,
    watch: &mut Watch<'_>,
) -> Result<Strengths, WriteError> {
    let lesson = Lesson::of(messages);
    let mut rows = lesson.rows();
    let mut joint = match symmetry {
        Symmetry::Free => None,
        Symmetry::Symmetric => Some(Mat::zeros(messages.n(), messages.n())),
    };
    // Whether a unit's row is not known to be settled.
    let mut pending = vec![true; messages.n()];
    let mut sweeps = 0;
    while pending.contains(&true) && sweeps < u64::from(max_sweeps) {
        if let ControlFlow::Break(reason) = watch(sweeps) {
            return Err(WriteError::Interrupted { iteration: sweeps, reason });
        }
        match &mut joint {
            None => lesson.sweep_each(&mut rows, &mut pending, rule),
            // A unit that is content may be moved by another: all have their turn until none moves.
            Some(w) => {
                let moved = rows.iter_mut().enumerate();
                let moved =
                    moved.filter_map(|(unit, row)| lesson.sweep_jointly(row, unit, w, rule).then_some(()));
                if moved.count() == 0 {
                    pending.fill(false);
                }
            }
        }
        sweeps += 1;
    }
    let strengths: Vec<f32> = rows.into_iter().flat_map(|row| row.strengths).collect();
    let matrix = lesson.scaled(joint.unwrap_or_else(|| lesson.weights(&strengths)));
    Ok(Strengths { weights: Weights::new(matrix)?, strengths, sweeps, settled: !pending.contains(&true) })
}

/// What is learned: the same for all rows.
struct Lesson {
    /// Messages as columns, N x M.
    messages: Mat<f32>,
    /// The signs of a unit at all messages, unit after unit.
    signs: Vec<f32>,
    /// Q, M x M.
    overlaps: Mat<f32>,
}

/// What a unit has learned.
struct Row {
    strengths: Vec<f32>,
    /// Its fields at all messages, times N.
    fields: Vec<f32>,
    /// The squared length of its row, times N^2.
    square: f64,
}

impl Lesson {
    fn of(messages: &Patterns) -> Self {
        let (n, m) = (messages.n(), messages.count());
        let columns = messages.columns::<f32>();
        let mut overlaps = Mat::zeros(m, m);
        matmul(overlaps.as_mut(), Accum::Replace, columns.transpose(), columns.as_ref(), 1.0, threads(n));
        let signs = messages.by_unit().into_iter().map(f32::from).collect();
        Self { messages: columns, signs, overlaps }
    }

    fn n(&self) -> usize {
        self.messages.nrows()
    }

    fn m(&self) -> usize {
        self.messages.ncols()
    }

    fn rows(&self) -> Vec<Row> {
        let row = || Row { strengths: vec![0.0; self.m()], fields: vec![0.0; self.m()], square: 0.0 };
        (0..self.n()).map(|_| row()).collect()
    }

    fn signs(&self, unit: usize) -> &[f32] {
        &self.signs[unit * self.m()..][..self.m()]
    }

    /// Asks a unit for every message in turn, and changes what it asks for; tells whether it did for any.
    fn sweep(&self, row: &mut Row, unit: usize, rule: &impl Pull) -> bool {
        let signs = self.signs(unit);
        let others = (self.n() - 1) as f64;
        let mut moved = false;
        let mut length = row.square.max(0.0).sqrt() as f32;
        for message in 0..self.m() {
            let field = signs[message] * row.fields[message];
            let change = rule.pull(field, length, row.strengths[message]);
            if change != 0.0 {
                moved = true;
                row.strengths[message] += change;
                let step = f64::from(change);
                row.square += step * (2.0 * f64::from(field) + step * others);
                length = row.square.max(0.0).sqrt() as f32;
                let overlaps = column(self.overlaps.as_ref(), message);
                add_message(change * signs[message], overlaps, -change, signs, &mut row.fields);
            }
        }
        moved
    }

    /// Sweeps the rows that are pending, each for itself, and notes which still are.
    fn sweep_each(&self, rows: &mut [Row], pending: &mut [bool], rule: &impl Pull) {
        by_chunks(
            1,
            (0, rows),
            pending,
            threads(self.n()),
            &|first, rows: &mut [Row], pending: &mut [bool]| {
                let units = rows.iter_mut().zip(pending).enumerate().filter(|(_, (_, pending))| **pending);
                for (unit, (row, pending)) in units {
                    *pending = self.sweep_alone(row, first + unit, rule);
                }
            },
        );
    }

    /// Sweeps the row of a unit for which no other matters; tells whether it asks for more. That it does not is
    /// found on fields that are summed afresh, free of the rounding of many changes.
    fn sweep_alone(&self, row: &mut Row, unit: usize, rule: &impl Pull) -> bool {
        if self.sweep(row, unit, rule) {
            return true;
        }
        row.fields.fill(0.0);
        let signs = self.signs(unit);
        for (message, &strength) in row.strengths.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            let overlaps = column(self.overlaps.as_ref(), message);
            add_message(strength * signs[message], overlaps, -strength, signs, &mut row.fields);
        }
        let length = row.square.max(0.0).sqrt() as f32;
        let fields = row.fields.iter().zip(signs).map(|(h, s)| h * s);
        fields.zip(&row.strengths).any(|(field, &x)| rule.pull(field, length, x) != 0.0)
    }

    /// Sweeps the row of a unit of the symmetric `w`, and its column; tells whether anything moved.
    fn sweep_jointly(&self, row: &mut Row, unit: usize, w: &mut Mat<f32>, rule: &impl Pull) -> bool {
        /// Sweeps of a unit's turn: those after the first cost little beside the fields.
        const SWEEPS: u32 = 3;
        let (n, m) = (self.n(), self.m());
        let own = MatRef::from_column_major_slice(column(w.as_ref(), unit), n, 1);
        let fields = faer::MatMut::from_column_major_slice_mut(&mut row.fields, m, 1);
        matmul(fields, Accum::Replace, self.messages.transpose(), own, 1.0, Par::Seq);
        row.square = squares(column(w.as_ref(), unit));
        let before = row.strengths.clone();
        if !self.sweep(row, unit, rule) {
            return false;
        }
        for _ in 1..SWEEPS {
            if !self.sweep(row, unit, rule) {
                break;
            }
        }
        let changes = row.strengths.iter().zip(&before).zip(self.signs(unit));
        let changes: Vec<f32> = changes.map(|((after, before), sign)| (after - before) * sign).collect();
        let mut step = vec![0.0; n];
        let column = faer::MatMut::from_column_major_slice_mut(&mut step, n, 1);
        let changes = MatRef::from_column_major_slice(&changes, m, 1);
        matmul(column, Accum::Replace, self.messages.as_ref(), changes, 1.0, Par::Seq);
        step[unit] = 0.0;
        for (w, step) in column_mut(w.as_mut(), unit).iter_mut().zip(&step) {
            *w += step;
        }
        for (j, step) in step.iter().enumerate() {
            w[(unit, j)] += step;
        }
        true
    }

    /// N W of a free W.
    fn weights(&self, strengths: &[f32]) -> Mat<f32> {
        let (n, m) = (self.n(), self.m());
        let signed: Vec<f32> = strengths.iter().zip(&self.signs).map(|(x, sign)| x * sign).collect();
        let signed = MatRef::from_column_major_slice(&signed, m, n);
        let mut w = Mat::zeros(n, n);
        let (rows, columns) = (signed.transpose(), self.messages.transpose());
        matmul(w.as_mut(), Accum::Replace, rows, columns, 1.0, threads(n));
        (0..n).for_each(|i| w[(i, i)] = 0.0);
        w
    }

    fn scaled(&self, mut w: Mat<f32>) -> Mat<f32> {
        let scale = 1.0 / self.n() as f32;
        w.col_iter_mut().for_each(|column| column.iter_mut().for_each(|w| *w *= scale));
        w
    }
}

/// fields <- fields + a overlaps + b signs.
fn add_message(a: f32, overlaps: &[f32], b: f32, signs: &[f32], fields: &mut [f32]) {
    vectorised(
        #[inline(always)]
        move || {
            for ((h, q), s) in fields.iter_mut().zip(overlaps).zip(signs) {
                *h += a * q + b * s;
            }
        },
    );
}

/// The sum of squares.
fn squares(x: &[f32]) -> f64 {
    vectorised(
        #[inline(always)]
        move || {
            let mut sums = [0.0_f32; LANES];
            for x in x.chunks(LANES) {
                x.iter().zip(&mut sums).for_each(|(x, sum)| *sum += x * x);
            }
            total(sums)
        },
    )
}

/// Returns the smallest stability xi_i^m h_i^m / |w_i| over all units and messages; none where a row is zero.
pub(super) fn least_stability(weights: &Weights, messages: &Patterns) -> Option<f64> {
    let n = messages.n();
    let mut lengths = vec![0.0_f64; n];
    for w in weights.matrix().col_iter() {
        lengths.iter_mut().zip(w.iter()).for_each(|(length, &w)| *length += f64::from(w).powi(2));
    }
    lengths.iter_mut().for_each(|length| *length = length.sqrt());
    let fields = weights.fields(messages);
    let aligned = fields.col_iter().zip(messages.rows()).flat_map(|(fields, message)| {
        let units = fields.iter().zip(message).zip(&lengths);
        units.map(|((&h, &xi), length)| f64::from(h) * f64::from(xi) / length)
    });
    lengths.iter().all(|&length| length > 0.0).then(|| aligned.fold(f64::INFINITY, f64::min))
}
