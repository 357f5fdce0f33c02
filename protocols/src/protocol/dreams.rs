//! A memory dreams: from a random state it falls, unit by unit, to a fixed point of its own. What it finds there is
//! unlearned, or weighed against a message.
//!
//! A dream is a sequential descent: after the product of W and the first state, which is found while the last dream's
//! change is made to W, a unit that flips adds its column to the fields. W is kept on the scale on which a change is
//! +-1, where sums of whole numbers have no rounding below 2^24, and fields do not drift.

use crate::real::vectorised;
use crate::seed::Stream;
use crate::symmetric::{column, column_mut};
use faer::Mat;

/// `Chance` is what dreams draw. A [`Stream`] gives it; tests give what was recorded.
pub(super) trait Chance {
    /// Draws one of so many messages.
    fn message(&mut self, count: u32) -> usize;

    /// Draws the state in which a dream begins.
    fn start(&mut self, state: &mut [i8]);

    /// Orders the units for a sweep.
    fn order(&mut self, order: &mut [u32]);
}

impl Chance for Stream {
    fn message(&mut self, count: u32) -> usize {
        self.below(count) as usize
    }

    fn start(&mut self, state: &mut [i8]) {
        self.signs(state);
    }

    fn order(&mut self, order: &mut [u32]) {
        self.choose(order, order.len());
    }
}

/// Sweeps of a dream at most. A symmetric W with zero diagonal settles in far fewer; only rounding could keep it awake.
const MAX_SWEEPS: u32 = 1000;

/// A `Dreamer` is a memory between dreams.
pub(super) struct Dreamer {
    /// W, symmetric with zero diagonal, on the scale of a change.
    matrix: Mat<f32>,
    /// The present state, and its fields.
    state: Vec<f32>,
    fields: Vec<f32>,
    /// The fixed point and the message of the last change.
    found: Vec<f32>,
    message: Vec<f32>,
    signs: Vec<i8>,
    order: Vec<u32>,
}

impl Dreamer {
    /// Makes a memory of a symmetric matrix, whose diagonal becomes 0, about to dream its first dream.
    pub(super) fn new(matrix: Mat<f32>, chance: &mut impl Chance) -> Self {
        let n = matrix.nrows();
        let mut dreamer = Self {
            matrix,
            state: vec![0.0; n],
            fields: vec![0.0; n],
            found: vec![0.0; n],
            message: vec![0.0; n],
            signs: vec![0; n],
            order: (0..n as u32).collect(),
        };
        dreamer.begin(chance, |_, _, _, _| {});
        dreamer
    }

    /// Falls from the start to a fixed point.
    pub(super) fn dream(&mut self, chance: &mut impl Chance) {
        for _ in 0..MAX_SWEEPS {
            if self.is_settled() {
                break;
            }
            chance.order(&mut self.order);
            self.sweep();
        }
    }

    /// Takes the fixed point's x x^T from W, and begins the next dream.
    pub(super) fn unlearn(&mut self, chance: &mut impl Chance) {
        std::mem::swap(&mut self.state, &mut self.found);
        self.begin(
            chance,
            #[inline(always)]
            |j, column, x, _| {
                let x_j = x[j];
                column.iter_mut().zip(x).for_each(|(w, &x)| *w -= x * x_j);
            },
        );
    }

    /// Takes the fixed point's x x^T from W, adds that of a message, and begins the next dream.
    pub(super) fn learn_against(&mut self, message: &[i8], chance: &mut impl Chance) {
        std::mem::swap(&mut self.state, &mut self.found);
        self.message.iter_mut().zip(message).for_each(|(xi, &sign)| *xi = f32::from(sign));
        self.begin(
            chance,
            #[inline(always)]
            |j, column, x, xi| {
                let (x_j, xi_j) = (x[j], xi[j]);
                column.iter_mut().zip(x).zip(xi).for_each(|((w, &x), &xi)| *w += xi * xi_j - x * x_j);
            },
        );
    }

    /// Returns W on another scale.
    pub(super) fn finish(mut self, scale: f32) -> Mat<f32> {
        self.matrix.col_iter_mut().for_each(|column| column.iter_mut().for_each(|w| *w *= scale));
        self.matrix
    }

    fn is_settled(&self) -> bool {
        let (state, fields) = (&self.state, &self.fields);
        vectorised(
            #[inline(always)]
            || state.iter().zip(fields).map(|(&x, &h)| u32::from(x * h < 0.0)).sum::<u32>() == 0,
        )
    }

    fn sweep(&mut self) {
        let Self { matrix, state, fields, order, .. } = self;
        vectorised(
            #[inline(always)]
            || {
                for &unit in &*order {
                    let unit = unit as usize;
                    if state[unit] * fields[unit] < 0.0 {
                        state[unit] = -state[unit];
                        let factor = 2.0 * state[unit];
                        let weights = column(matrix.as_ref(), unit);
                        fields.iter_mut().zip(weights).for_each(|(h, &w)| *h += factor * w);
                    }
                }
            },
        );
    }

    /// Draws the start of a dream and finds its fields, in one pass over W in which every column is changed before, by
    /// what was found and the message. The diagonal stays 0.
    #[inline(always)]
    fn begin(&mut self, chance: &mut impl Chance, change: impl Fn(usize, &mut [f32], &[f32], &[f32])) {
        let Self { matrix, state, fields, found, message, signs, .. } = self;
        chance.start(signs);
        state.iter_mut().zip(&*signs).for_each(|(x, &sign)| *x = f32::from(sign));
        fields.fill(0.0);
        vectorised(
            #[inline(always)]
            || {
                for (j, &sign) in state.iter().enumerate() {
                    let column = column_mut(matrix.as_mut(), j);
                    change(j, column, found, message);
                    column[j] = 0.0;
                    fields.iter_mut().zip(&*column).for_each(|(h, &w)| *h += sign * w);
                }
            },
        );
    }
}

/// Draws that were recorded, with the weights that they led to.
#[cfg(test)]
pub(super) mod recorded {
    use super::{Chance, Mat};
    use crate::patterns::Patterns;
    use serde_json::Value;

    /// By `scripts/golden/local_rules.py`.
    const GOLDEN: &str = include_str!("../../tests/golden/local_rules.json");

    /// What was drawn for one rule.
    #[derive(Clone)]
    pub(in crate::protocol) struct Recorded {
        entry: Value,
        starts: std::vec::IntoIter<Vec<i8>>,
        orders: std::vec::IntoIter<Vec<u32>>,
        messages: std::vec::IntoIter<usize>,
    }

    impl Recorded {
        /// Reads the draws for a rule, and the messages that it wrote.
        pub(in crate::protocol) fn read(rule: &str) -> (Self, Patterns) {
            let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
            let entry = golden[rule].clone();
            let drawn = |key: &str| entry["drawn"][key].clone();
            let rows: Vec<Vec<i8>> = serde_json::from_value(golden["sets"]["few"].clone()).expect("signs");
            let recorded = Self {
                starts: serde_json::from_value::<Vec<_>>(drawn("starts")).expect("signs").into_iter(),
                orders: serde_json::from_value::<Vec<_>>(drawn("orders")).expect("units").into_iter(),
                messages: serde_json::from_value::<Vec<_>>(drawn("messages")).expect("numbers").into_iter(),
                entry,
            };
            (recorded, Patterns::new(rows[0].len(), rows.concat()).expect("signs"))
        }

        /// A parameter of the rule.
        pub(in crate::protocol) fn number(&self, key: &str) -> f64 {
            self.entry[key].as_f64().expect("a number")
        }

        /// Holds weights against those recorded.
        pub(in crate::protocol) fn compare(&self, found: &Mat<f32>) {
            let rows: Vec<Vec<f64>> = serde_json::from_value(self.entry["weights"].clone()).expect("numbers");
            for (i, row) in rows.iter().enumerate() {
                for (j, &expected) in row.iter().enumerate() {
                    let found = f64::from(found[(i, j)]);
                    assert!((found - expected).abs() < 1e-6, "{i}, {j}: {found} against {expected}");
                }
            }
        }

        /// Whether all was drawn, but for the start of a dream that was not dreamt.
        pub(in crate::protocol) fn is_used_up(&self) -> bool {
            self.starts.len() + self.orders.len() + self.messages.len() == 0
        }
    }

    impl Chance for Recorded {
        fn message(&mut self, _: u32) -> usize {
            self.messages.next().expect("it was recorded")
        }

        fn start(&mut self, state: &mut [i8]) {
            // After the last dream one more start is drawn, which nobody dreams from.
            state.copy_from_slice(&self.starts.next().unwrap_or_else(|| vec![1; state.len()]));
        }

        fn order(&mut self, order: &mut [u32]) {
            order.copy_from_slice(&self.orders.next().expect("it was recorded"));
        }
    }
}
