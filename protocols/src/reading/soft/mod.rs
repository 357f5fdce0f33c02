//! The soft reader lets graded states relax under damping and takes their signs at the end.
//!
//! s <- a s + (1 - a) tanh(beta (W s + b + lambda x0)), from s = x0 for a number of steps. x0 is the query, with 0 for
//! units that it does not know; the rows of W are scaled to length 1 without the diagonal, and thresholds and input
//! couplings with them, so that one gain beta fits every protocol. The diagonal is left out, unless it is to be kept.
//! A row of zeros gives a field of lambda x0 alone. With `from` the gain rises from there to beta in equal ratios from
//! step to step: an annealed read.
//!
//! Cost: N^2 multiply-adds and N tanh a query and step, until the state is sure to keep its signs ([`trap`]) or does
//! not move by a bit. Limits: the state is f32. A unit whose state ends at exactly 0 has the sign that it had in the
//! query. Sources: Hopfield 1984, doi 10.1073/pnas.81.10.3088 (graded response);
//! Marcus, Westervelt 1989, doi 10.1103/PhysRevA.40.501 (iterated maps); Waugh, Marcus, Westervelt 1990,
//! doi 10.1103/PhysRevLett.64.1986 (annealing of the gain); the held query as in `held`.

mod batch;
#[cfg(test)]
mod tests;
mod trap;

use self::batch::{Batch, Step};
use self::trap::Trap;
use super::about::ReaderAbout;
use super::fields;
use super::{Cues, Log};
use crate::aligned::Aligned;
use crate::described::Parameter;
use crate::parallel::{matmul, threads};
use crate::protocol::parameter::{Fraction, NonNegative, Positive, allowed};
use crate::spelling::Pair;
use crate::symmetric::{column, column_mut};
use crate::tiles::{self, Panels};
use crate::weights::Weights;
use faer::{Accum, Mat, MatMut, MatRef};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// `Soft` has the parameters of the soft reader.
///
/// ```
/// use protocols::protocol::Mpf;
/// use protocols::reading::{Reader, Settings, read};
/// use protocols::{Patterns, Protocol, Queries, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let queries = Queries::exact(&messages, 4, 6, &mut stream); // one of each message, with four wrong signs
/// let weights = Mpf::default().write(&messages, &mut stream)?.weights;
/// let settings = Settings { reader: "soft".parse()?, max_steps: 50 };
/// let reads = read(&weights, &queries.states, settings, &mut stream);
/// assert!(reads.states.rows().zip(&queries.message).all(|(state, &m)| state == messages.row(m as usize)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Soft {
    /// The gain at the end.
    pub beta: Positive,
    /// The share of the present state that is kept a step.
    pub damping: Fraction,
    /// Weight of the query.
    pub lambda: NonNegative,
    /// Steps of a read.
    pub steps: NonZeroU32,
    /// The gain at the start, where it is annealed.
    pub from: Option<Positive>,
    /// What is done with the diagonal of W.
    pub diagonal: SoftDiagonal,
}

/// A `SoftDiagonal` says what the soft reader does with the diagonal of W.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SoftDiagonal {
    /// It is left out.
    Zero,
    /// It is scaled like the rest of its row.
    Kept,
}

impl Default for Soft {
    fn default() -> Self {
        Self {
            beta: allowed(3.0),
            damping: allowed(0.5),
            lambda: allowed(0.1),
            steps: NonZeroU32::new(60).expect("60 is not 0"),
            from: None,
            diagonal: SoftDiagonal::Zero,
        }
    }
}

impl Soft {
    pub(super) const ABOUT: ReaderAbout = ReaderAbout {
        name: "soft",
        title: "soft",
        formula: "s <- a s + (1 - a) tanh(beta (W s + b + lambda x0)), rows of W of length 1; sign(s) at the end",
        cost: "N^2 multiply-adds and N tanh a step",
        ends: "after its steps",
        source: "Hopfield 1984; Marcus, Westervelt 1989; annealed: Waugh, Marcus, Westervelt 1990",
        parameters: &[
            Parameter::new("beta", Positive::ALLOWED, "the gain, at the end where it is annealed"),
            Parameter::new("damping", Fraction::ALLOWED, "a: share of the present state that is kept a step"),
            Parameter::new(
                "lambda",
                NonNegative::ALLOWED,
                "weight of the query, which is kept through the read",
            ),
            Parameter::new("steps", "a whole number of at least 1", "steps of a read"),
            Parameter::new(
                "from",
                Positive::ALLOWED,
                "the gain at the start; without it the gain is constant",
            ),
            Parameter::new("diagonal", "zero | kept", "whether W_ii takes part"),
        ],
    };

    pub(super) fn pairs(self) -> Vec<Pair> {
        let diagonal = match self.diagonal {
            SoftDiagonal::Zero => "zero",
            SoftDiagonal::Kept => "kept",
        };
        let mut pairs = vec![
            ("beta", self.beta.get().to_string()),
            ("damping", self.damping.get().to_string()),
            ("lambda", self.lambda.get().to_string()),
            ("steps", self.steps.to_string()),
        ];
        pairs.extend(self.from.map(|from| ("from", from.get().to_string())));
        pairs.push(("diagonal", diagonal.to_owned()));
        pairs
    }

    /// The gain of a step, counted from 0.
    fn gain(self, step: u32) -> f32 {
        let (beta, last) = (self.beta.get(), self.steps.get() - 1);
        let gain = match self.from.map(Positive::get) {
            Some(from) if last > 0 => from * (beta / from).powf(f64::from(step) / f64::from(last)),
            _ => beta,
        };
        gain as f32
    }
}

/// Numbers of a batch that stay in the second cache: states, fields and drives.
const BATCH: usize = 1 << 17;

/// Queries of a batch where W itself is larger than that: a library's product passes over W once a batch.
const LARGE_BATCH: usize = 512;

/// Reads all queries into `log`.
pub(super) fn read(soft: Soft, weights: &Weights, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
    let scaled = Scaled::new(soft, weights);
    let count = match scaled.panels {
        Some(_) => (BATCH / (3 * weights.n())).max(1).next_multiple_of(tiles::QUERIES),
        None => LARGE_BATCH,
    };
    for start in (0..cues.count()).step_by(count) {
        let part = cues.slice(start, count.min(cues.count() - start));
        scaled.relax(soft, part, checkpoints, log);
    }
}

/// The memory with rows of length 1.
struct Scaled<'a> {
    weights: &'a Weights,
    /// By what rows are scaled.
    scale: Vec<f32>,
    /// The length of the longest row, which is more than 1 where the diagonal is kept.
    longest: f64,
    matrix: Mat<f32>,
    /// The matrix once more, where it is small.
    panels: Option<Panels>,
}

/// Up to here tiles are faster than a library's product, as for plain reads.
const UNITS_FOR_PANELS: usize = 256;

impl<'a> Scaled<'a> {
    fn new(soft: Soft, weights: &'a Weights) -> Self {
        let n = weights.n();
        let inverse = |length: f64| if length > 0.0 { (1.0 / length) as f32 } else { 0.0 };
        let scale: Vec<f32> = weights.row_lengths().into_iter().map(inverse).collect();
        let mut matrix = weights.matrix().to_owned();
        let mut squares = vec![0.0_f64; n];
        for j in 0..n {
            let weights = column_mut(matrix.as_mut(), j);
            weights.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
            if soft.diagonal == SoftDiagonal::Zero {
                weights[j] = 0.0;
            }
            let weights = weights.iter().map(|&weight| f64::from(weight));
            squares.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight * weight);
        }
        let longest = squares.into_iter().fold(0.0, f64::max).sqrt();
        let panels = (n <= UNITS_FOR_PANELS).then(|| {
            let mut panels = Panels::zeros(n);
            panels.set_columns((0..n).map(|j| column(matrix.as_ref(), j)));
            panels
        });
        Self { weights, scale, longest, matrix, panels }
    }

    /// What does not change during a read: (U p + b) as W is scaled, and lambda x0. Side by side, `length` each.
    fn drive(&self, soft: Soft, cues: Cues<'_>, length: usize, room: usize) -> Aligned<f32> {
        let n = self.weights.n();
        let mut drive = Aligned::zeros(length * room);
        let own = fields::drive(self.weights, cues, None);
        let lambda = soft.lambda.get() as f32;
        for (q, to) in drive.chunks_exact_mut(length).take(cues.count()).enumerate() {
            let fields = own[q * n..][..n].iter().zip(&self.scale);
            let states = cues.values(q);
            to.iter_mut()
                .zip(fields)
                .zip(states)
                .for_each(|((to, (h, scale)), x)| *to = h * scale + lambda * x);
        }
        drive
    }

    fn relax(&self, soft: Soft, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
        let (n, count) = (self.weights.n(), cues.count());
        let (length, room) = match self.panels {
            Some(_) => (tiles::padded(n), count.next_multiple_of(tiles::QUERIES)),
            None => (n, count),
        };
        let drive = self.drive(soft, cues, length, room);
        let mut batch = Batch::new(cues, length, room, drive);
        batch.keep(0, checkpoints, log);
        let (damping, last) = (soft.damping.get() as f32, soft.gain(soft.steps.get() - 1));
        for step in 0..soft.steps.get() {
            if batch.active() > 0 {
                // The product with a single vector adds in another order: the last state is not left alone.
                let together = batch.active().max(2).min(count);
                self.product(batch.fields_of_states(), n, together);
                let now =
                    Step { number: step + 1, gain: soft.gain(step), damping, anneals: soft.from.is_some() };
                batch.advance(now, &Trap::new(self.matrix.as_ref(), self.longest, [now.gain, last], damping));
                batch.retire();
            }
            batch.keep(step + 1, checkpoints, log);
        }
        for later in checkpoints.iter().filter(|&&wanted| wanted > soft.steps.get()) {
            batch.keep(*later, checkpoints, log);
        }
        batch.end(log);
    }

    /// Computes W s of the first `count` states.
    fn product(&self, (fields, states): (&mut [f32], &[f32]), n: usize, count: usize) {
        if let Some(panels) = &self.panels {
            let numbers = tiles::padded(n) * count.next_multiple_of(tiles::QUERIES);
            panels.product(&states[..numbers], &mut fields[..numbers], count, |_, _, _| {});
        } else {
            matmul(
                MatMut::from_column_major_slice_mut(&mut fields[..n * count], n, count),
                Accum::Replace,
                self.matrix.as_ref(),
                MatRef::from_column_major_slice(&states[..n * count], n, count),
                1.0,
                threads(n),
            );
        }
    }
}
