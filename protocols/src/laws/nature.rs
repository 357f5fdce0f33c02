//! What a rule declares of its weights is held against the weights that it writes.

use super::{Held, messages, require, stream, write};
use crate::patterns::Patterns;
use crate::protocol::{Nature, Spec};
use crate::weights::Weights;

pub(super) fn declared(spec: &Spec) -> Held {
    let Nature { symmetric, zero_diagonal, local, incremental, tolerance } = spec.nature();
    require((0.0..1.0).contains(&tolerance), || format!("a tolerance of {tolerance} is none"))?;
    let messages = messages(24, 6);
    let weights = write(spec, &messages)?.weights;
    require(!symmetric || weights.is_symmetric(), || "W is not symmetric".to_owned())?;
    let diagonal = (0..24).all(|i| weights.matrix()[(i, i)] == 0.0);
    require(!zero_diagonal || diagonal, || "the diagonal is not 0".to_owned())?;
    if local {
        hangs_on_two_units(spec, &messages, &weights)?;
    }
    if incremental { adds_a_message(spec, &messages, &weights) } else { Ok(()) }
}

/// The weights between the first half of the units stay when the other half changes.
fn hangs_on_two_units(spec: &Spec, messages: &Patterns, weights: &Weights) -> Held {
    let (n, half) = (messages.n(), messages.n() / 2);
    let others = super::messages(n + 1, messages.count());
    let rows = messages.rows().zip(others.rows());
    let changed = rows.flat_map(|(row, other)| row[..half].iter().chain(&other[half..n])).copied().collect();
    let changed = write(spec, &Patterns::known(n, changed))?.weights;
    let apart = largest(weights, &changed, half);
    let allowed = allowed(spec, weights);
    require(apart <= allowed, || {
        format!("a weight changes by {apart:e} with the units that it is not between")
    })
}

/// The weights of all messages but the last, and the last: the weights of all.
fn adds_a_message(spec: &Spec, messages: &Patterns, weights: &Weights) -> Held {
    let last = messages.count() - 1;
    let before = spec.protocol().write(&messages.slice(0, last), &mut stream());
    let before = before.map_err(|error| error.to_string())?.weights;
    let added = spec.add(&before, messages.row(last)).ok_or("it adds no message")?;
    let apart = largest(weights, &added, messages.n());
    let allowed = allowed(spec, weights);
    require(apart <= allowed, || format!("a weight differs by {apart:e} from that which is written anew"))
}

/// What a weight may differ by.
fn allowed(spec: &Spec, weights: &Weights) -> f64 {
    let columns = weights.matrix().col_iter();
    let largest = columns.flat_map(|column| column.iter()).fold(0.0_f32, |most, w| most.max(w.abs()));
    spec.nature().tolerance * f64::from(largest)
}

/// The largest difference of two weights between the first `n` units.
fn largest(a: &Weights, b: &Weights, n: usize) -> f64 {
    let (a, b) = (a.matrix(), b.matrix());
    let pairs = (0..n).flat_map(|j| (0..n).map(move |i| (i, j)));
    pairs.map(|at| f64::from(a[at] - b[at]).abs()).fold(0.0, f64::max)
}
