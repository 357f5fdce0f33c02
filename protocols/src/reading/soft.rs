//! The soft reader lets graded states relax under damping and takes their signs at the end.
//!
//! s <- a s + (1 - a) tanh(beta (W s + b + lambda x0)), from s = x0 for a number of steps. x0 is the query, with 0 for
//! units that it does not know; the rows of W are scaled to length 1 without the diagonal, and thresholds and input
//! couplings with them, so that one gain beta fits every protocol. The diagonal is left out, unless it is to be kept.
//! A row of zeros gives a field of lambda x0 alone. With `from` the gain rises from there to beta in equal ratios from
//! step to step: an annealed read.
//!
//! Cost: N^2 multiply-adds and N tanh a query and step. Limits: the state is f32. A unit whose state ends at exactly 0
//! has the sign that it had in the query. Sources: Hopfield 1984, doi 10.1073/pnas.81.10.3088 (graded response);
//! Marcus, Westervelt 1989, doi 10.1103/PhysRevA.40.501 (iterated maps); Waugh, Marcus, Westervelt 1990,
//! doi 10.1103/PhysRevLett.64.1986 (annealing of the gain); the held query as in `held`.

use super::about::ReaderAbout;
use super::fields;
use super::{Cues, End, Log};
use crate::aligned::Aligned;
use crate::described::Parameter;
use crate::parallel::{matmul, threads};
use crate::protocol::parameter::{Fraction, NonNegative, Positive, allowed};
use crate::real::{tanh_f32, vectorised};
use crate::spelling::Pair;
use crate::symmetric::column_mut;
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
    let mut scaled = Scaled::new(soft, weights);
    let n = weights.n();
    let count = match scaled.layout {
        Layout::Small(_) => (BATCH / (3 * n)).max(1).next_multiple_of(tiles::QUERIES),
        Layout::Large(_) => LARGE_BATCH,
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
    layout: Layout,
}

enum Layout {
    Small(Panels),
    Large(Mat<f32>),
}

/// Up to here tiles are faster than a library's product, as for plain reads.
const UNITS_FOR_PANELS: usize = 256;

impl<'a> Scaled<'a> {
    fn new(soft: Soft, weights: &'a Weights) -> Self {
        let n = weights.n();
        let inverse = |length: f64| if length > 0.0 { (1.0 / length) as f32 } else { 0.0 };
        let scale: Vec<f32> = weights.row_lengths().into_iter().map(inverse).collect();
        let mut matrix = weights.matrix().to_owned();
        for j in 0..n {
            let column = column_mut(matrix.as_mut(), j);
            column.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
            if soft.diagonal == SoftDiagonal::Zero {
                column[j] = 0.0;
            }
        }
        let layout = if n <= UNITS_FOR_PANELS {
            let mut panels = Panels::zeros(n);
            panels.set_columns((0..n).map(|j| crate::symmetric::column(matrix.as_ref(), j)));
            Layout::Small(panels)
        } else {
            Layout::Large(matrix)
        };
        Self { weights, scale, layout }
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

    fn relax(&mut self, soft: Soft, cues: Cues<'_>, checkpoints: &[u32], log: &mut Log) {
        let (n, count) = (self.weights.n(), cues.count());
        let (length, room) = match &self.layout {
            Layout::Small(_) => (tiles::padded(n), count.next_multiple_of(tiles::QUERIES)),
            Layout::Large(_) => (n, count),
        };
        let drive = self.drive(soft, cues, length, room);
        let mut batch = Batch::new(cues, length, room, drive);
        batch.keep(0, checkpoints, log);
        for step in 0..soft.steps.get() {
            let active = batch.active;
            self.product(&batch.states, &mut batch.fields, n, active);
            batch.advance(soft, step);
            batch.keep(step + 1, checkpoints, log);
            // A state that did not move by a bit will not move again, if the gain stays as it is.
            if soft.from.is_none() {
                batch.retire();
            }
        }
        for later in checkpoints.iter().filter(|&&wanted| wanted > soft.steps.get()) {
            batch.keep(*later, checkpoints, log);
        }
        for q in 0..count {
            let ties = batch.state(q).iter().filter(|&&s| s == 0.0).count() as u64;
            let signs: Vec<i8> = batch.signs(q).collect();
            log.push(&signs, End::Stopped, batch.turned[q], ties);
        }
    }

    fn product(&self, states: &[f32], fields: &mut [f32], n: usize, count: usize) {
        match &self.layout {
            Layout::Small(panels) => {
                let numbers = tiles::padded(n) * count.next_multiple_of(tiles::QUERIES);
                panels.product(&states[..numbers], &mut fields[..numbers], count, |_, _, _| {});
            }
            Layout::Large(matrix) => matmul(
                MatMut::from_column_major_slice_mut(&mut fields[..n * count], n, count),
                Accum::Replace,
                matrix.as_ref(),
                MatRef::from_column_major_slice(&states[..n * count], n, count),
                1.0,
                threads(n),
            ),
        }
    }
}

/// The states of a batch of queries. Those that still move stand before those that rest.
struct Batch<'a> {
    cues: Cues<'a>,
    /// Numbers of a state, with what it is filled up with.
    length: usize,
    states: Aligned<f32>,
    fields: Aligned<f32>,
    drive: Aligned<f32>,
    /// States that still move.
    active: usize,
    /// The query whose state stands at each place, and where the state of each query stands.
    queries: Vec<usize>,
    places: Vec<usize>,
    /// Whether the state at each place moved in the last step.
    moved: Vec<bool>,
    /// For each query, the last step in which a unit changed its sign.
    turned: Vec<u32>,
}

impl<'a> Batch<'a> {
    fn new(cues: Cues<'a>, length: usize, room: usize, drive: Aligned<f32>) -> Self {
        let count = cues.count();
        let mut states: Aligned<f32> = Aligned::zeros(length * room);
        for (q, state) in states.chunks_exact_mut(length).take(count).enumerate() {
            state.iter_mut().zip(cues.values(q)).for_each(|(s, x)| *s = x);
        }
        Self {
            cues,
            length,
            states,
            fields: Aligned::zeros(length * room),
            drive,
            active: count,
            queries: (0..count).collect(),
            places: (0..count).collect(),
            moved: vec![true; count],
            turned: vec![0; count],
        }
    }

    /// The state of a query.
    fn state(&self, query: usize) -> &[f32] {
        &self.states[self.places[query] * self.length..][..self.cues.n()]
    }

    /// The signs of a query's state; where it is 0, those of the query.
    fn signs(&self, query: usize) -> impl Iterator<Item = i8> {
        let states = self.state(query).iter().zip(self.cues.row(query));
        states.map(|(&s, &x)| if s == 0.0 { x } else { s.signum() as i8 })
    }

    /// Keeps the signs for every checkpoint at that step.
    fn keep(&self, step: u32, checkpoints: &[u32], log: &mut Log) {
        for (&wanted, kept) in checkpoints.iter().zip(&mut log.checkpoints) {
            if wanted == step {
                (0..self.places.len()).for_each(|q| kept.extend(self.signs(q)));
            }
        }
    }

    /// Takes one step with the fields at hand.
    fn advance(&mut self, soft: Soft, step: u32) {
        let (gain, damping) = (soft.gain(step), soft.damping.get() as f32);
        let Self { length, active, queries, turned, .. } = self;
        let fields = self.fields.chunks_exact(*length).zip(self.drive.chunks_exact(*length));
        let batch = fields.zip(self.states.chunks_exact_mut(*length)).take(*active);
        let notes = queries.iter().zip(&mut self.moved);
        vectorised(
            #[inline(always)]
            move || {
                for (((fields, drive), states), (query, moved)) in batch.zip(notes) {
                    let (mut turns, mut moves) = (0_u32, 0_u32);
                    for ((&h, &d), s) in fields.iter().zip(drive).zip(states) {
                        let next = damping.mul_add(*s, (1.0 - damping) * tanh_f32(gain * (h + d)));
                        turns += u32::from((next > 0.0) != (*s > 0.0));
                        moves += u32::from(next != *s);
                        *s = next;
                    }
                    if turns > 0 {
                        turned[*query] = step + 1;
                    }
                    *moved = moves > 0;
                }
            },
        );
    }

    /// Puts the states that did not move behind those that did.
    fn retire(&mut self) {
        for place in (0..self.active).rev() {
            if !self.moved[place] {
                self.active -= 1;
                self.swap(place, self.active);
            }
        }
    }

    fn swap(&mut self, place: usize, other: usize) {
        if place == other {
            return;
        }
        for numbers in [&mut self.states, &mut self.drive] {
            let (before, after) = numbers.split_at_mut(other * self.length);
            before[place * self.length..][..self.length].swap_with_slice(&mut after[..self.length]);
        }
        self.queries.swap(place, other);
        self.moved.swap(place, other);
        self.places[self.queries[place]] = place;
        self.places[self.queries[other]] = other;
    }
}
