//! Messages that are akin give weights that are akin. Here are the laws of permuted units, negated units and
//! reordered messages.
//!
//! The weights for the changed messages, the change taken back, are compared with those for the messages:
//! |W' - W| / |W| over all of W, U and b. A rule that draws random numbers gives each stream weights of its
//! own; then the distance may be two and a half times that between two streams. What a rule does
//! wrong to a unit because of its place shows beyond that, but the less the more chance there is in its
//! weights: those that start at random numbers are hardly bound.

use super::{Held, messages, require};
use crate::patterns::Patterns;
use crate::protocol::Spec;
use crate::seed::Stream;
use crate::weights::Weights;
use faer::MatRef;

/// Units of the messages, and their number.
const SIZE: (usize, usize) = (24, 6);

/// What two streams may differ by, times this, a changed set of messages may differ by too.
const ALLOWANCE: f64 = 2.5;

pub(super) fn units(spec: &Spec) -> Held {
    let mut order: Vec<usize> = (0..SIZE.0).collect();
    Stream::named(3, "laws", &[]).choose(&mut order, SIZE.0);
    let places = Places { order, signs: vec![1; SIZE.0] };
    akin(spec, |messages| places.moved(messages), &places)
}

pub(super) fn gauge(spec: &Spec) -> Held {
    // One unit, as the law says it, and half of them, as it then says too.
    let halves = (0..SIZE.0).map(|i| if i % 2 == 0 { 1 } else { -1 }).collect();
    let mut one = vec![1; SIZE.0];
    one[5] = -1;
    [one, halves].into_iter().try_for_each(|signs| {
        let places = Places { order: (0..SIZE.0).collect(), signs };
        akin(spec, |messages| places.moved(messages), &places)
    })
}

pub(super) fn order(spec: &Spec) -> Held {
    let places = Places { order: (0..SIZE.0).collect(), signs: vec![1; SIZE.0] };
    let reversed = |messages: &Patterns| {
        Patterns::known(messages.n(), messages.rows().rev().flatten().copied().collect())
    };
    akin(spec, reversed, &places)
}

/// Where units go and with what sign: unit i of the changed messages is unit `order[i]`, times `signs[i]`.
struct Places {
    order: Vec<usize>,
    signs: Vec<i8>,
}

impl Places {
    fn moved(&self, messages: &Patterns) -> Patterns {
        let places = || self.order.iter().zip(&self.signs);
        let signs = messages.rows().flat_map(|row| places().map(|(&from, &sign)| sign * row[from]));
        Patterns::known(messages.n(), signs.collect())
    }

    /// The weights of the changed messages, as numbers of the units that they are of; missing parts are 0.
    fn parts(&self, weights: &Weights) -> Vec<f64> {
        let n = weights.n();
        let mut parts = vec![0.0; n * (2 * n + 1)];
        let (w, rest) = parts.split_at_mut(n * n);
        let (u, b) = rest.split_at_mut(n * n);
        let put = |to: &mut [f64], matrix: MatRef<'_, f32>| {
            for (j, column) in matrix.col_iter().enumerate() {
                for (i, &weight) in column.iter().enumerate() {
                    let sign = f64::from(self.signs[i] * self.signs[j]);
                    to[self.order[i] * n + self.order[j]] = sign * f64::from(weight);
                }
            }
        };
        put(w, weights.matrix());
        weights.input().into_iter().for_each(|input| put(u, input));
        for (i, &threshold) in weights.thresholds().unwrap_or_default().iter().enumerate() {
            b[self.order[i]] = f64::from(self.signs[i]) * f64::from(threshold);
        }
        parts
    }
}

/// Demands that messages `changed` give weights that are those of the messages, moved to other places.
fn akin(spec: &Spec, changed: impl Fn(&Patterns) -> Patterns, places: &Places) -> Held {
    let messages = messages(SIZE.0, SIZE.1);
    let here = Places { order: (0..SIZE.0).collect(), signs: vec![1; SIZE.0] };
    let write = |messages: &Patterns, places: &Places, stream: u64| {
        let mut stream = Stream::named(stream, "training", &[]);
        let written = spec.protocol().write(messages, &mut stream).map_err(|error| error.to_string())?;
        Ok::<_, String>(places.parts(&written.weights))
    };
    let first = write(&messages, &here, 3)?;
    let second = write(&messages, &here, 4)?;
    let found = distance(&write(&changed(&messages), places, 5)?, &first);
    let allowed = spec.nature().tolerance.max(ALLOWANCE * distance(&second, &first));
    require(found <= allowed, || format!("weights differ by {found:.1e} of their length, not {allowed:.1e}"))
}

/// |a - b| / |b|, or 0 where nothing differs.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let length = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = length(&mut a.iter().zip(b).map(|(a, b)| a - b));
    if difference == 0.0 { 0.0 } else { difference / length(&mut b.iter().copied()) }
}
