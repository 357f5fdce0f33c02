//! DIEDERICH-OPPER writes by going over the messages until every margin is at least 1 (variant I) or equal to 1
//! (variant II). At each message every unit changes its own weights, W_ij += 1/N c_i xi_i xi_j with
//!
//! c_i = 1 where xi_i h_i < 1, else 0 (I: a perceptron of margin 1), c_i = 1 - xi_i h_i (II: the delta rule).
//!
//! Both are local and take one message at a time; what I ends with depends on their order. From W = 0, I ends wherever
//! there is an answer. II then tends to the answer of least norm: with the diagonal kept that is PSE, the projector P;
//! with zero diagonal W_ij = P_ij / (1 - P_ii), which is not symmetric and exists for independent messages that leave
//! every P_ii < 1. Otherwise it ends by the number of sweeps.
//!
//! Method: W = 1/N G Xi^T, where G_im is the sum of xi_i^m c_i so far, so that N h = G (Xi^T Xi) costs N M
//! multiply-adds a message and not N^2. Blocks of messages are one product; inside a block each message adds its own
//! share to those after it. In variant I all of it are whole numbers and exact below 2^24.
//!
//! Cost: N M^2 multiply-adds a sweep, N^2 M at the end. Sweeps of II are as many as those of Gauss and Seidel on the
//! overlaps, so about as their condition, ((1 + sqrt load)/(1 - sqrt load))^2. Source: Diederich and Opper 1987, Phys.
//! Rev. Lett. 58, 949. Its number of sweeps is open; the limits here are this study's.

use super::parameter::{NonNegative, allowed};
use super::pse::PseDiagonal;
use super::work::F32;
use super::{About, Law, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::real::{LANES, total, vectorised};
use crate::seed::Stream;
use crate::symmetric::{column, column_mut};
use crate::weights::Weights;
use faer::{Accum, Mat};
use serde::{Deserialize, Serialize};
use std::ops::{ControlFlow, Range};

/// DIEDERICH-OPPER writes by going over the messages until their margins are 1.
///
/// Rule: `W_ij += 1/N c_i xi_i xi_j, c_i = [xi_i h_i < 1] (I) or 1 - xi_i h_i (II), message by message`
///
/// Source: Diederich, Opper 1987, doi 10.1103/PhysRevLett.58.949.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("diederich-opper").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DiederichOpper {
    /// Which of the two rules.
    pub variant: Variant,
    /// What stands on the diagonal.
    pub diagonal: PseDiagonal,
    /// Sweeps over the messages at most.
    pub max_sweeps: u32,
    /// Variant II stops once no margin differs from 1 by more.
    pub tolerance: NonNegative,
}

/// A `Variant` is one of the two rules of Diederich and Opper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variant {
    /// A full step wherever a margin is below 1.
    #[default]
    I,
    /// A step in proportion to what the margin lacks.
    #[serde(rename = "II")]
    Ii,
}

impl Default for DiederichOpper {
    fn default() -> Self {
        Self { variant: Variant::I, diagonal: PseDiagonal::Zero, max_sweeps: 1000, tolerance: allowed(1e-4) }
    }
}

impl Rule for DiederichOpper {
    const ABOUT: &'static About = &About {
        name: "diederich-opper",
        title: "local steps until every margin is at least 1 (I) or equal to 1 (II)",
        formula: "W_ij += 1/N c_i xi_i xi_j, c_i = [xi_i h_i < 1] (I) or 1 - xi_i h_i (II), message by message",
        source: "Diederich, Opper 1987, doi 10.1103/PhysRevLett.58.949",
        version: 1,
        parameters: &[
            Parameter::new(
                "variant",
                "I | II",
                "I: a full step where a margin is below 1; II: the delta rule",
            ),
            Parameter::new(
                "diagonal",
                "kept | zero",
                "kept: a unit learns from itself too; zero: from the others",
            ),
            Parameter::new("max_sweeps", "a whole number", "sweeps over the messages at most"),
            Parameter::new(
                "tolerance",
                NonNegative::ALLOWED,
                "II stops once no margin differs from 1 by more; I once none is below 1",
            ),
        ],
    };

    /// What was written before decides what a message changes.
    const EXEMPT: &'static [Law] = &[Law::Order];

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        watch: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let enough = if self.variant == Variant::I { 0.0 } else { self.tolerance.get() };
        let mut course = Course::new(messages, self);
        let (mut sweeps, mut report) = (0, Report { stop: Stop::MaxIterations, ..Report::closed(None) });
        while sweeps < u64::from(self.max_sweeps) {
            if let ControlFlow::Break(reason) = watch(sweeps) {
                return Err(WriteError::Interrupted { iteration: sweeps, reason });
            }
            let found = course.sweep();
            sweeps += 1;
            if !found.squares.is_finite() {
                return Err(WriteError::Diverged { iteration: sweeps, what: "a margin is not finite" });
            }
            report.objective = Some(0.5 * found.squares);
            if f64::from(found.largest) <= enough {
                report.stop = Stop::GradientTolerance;
                break;
            }
        }
        let weights = Weights::new(course.weights())?;
        Ok(Written { weights, report: Report { iterations: sweeps, evaluations: sweeps, ..report } })
    }

    fn nature(&self) -> Nature {
        Nature { zero_diagonal: self.diagonal == PseDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        /// Sweeps that it usually takes.
        const SWEEPS: f64 = 50.0;
        5e3 + SWEEPS * n * m * (m + 30.0) + n * n * m
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        // The messages as numbers, G and the overlaps; in the end W.
        F32 * (2 * n * m + (m * m).max(n * n))
    }
}

/// Messages whose fields are found at once.
const BLOCK: usize = 32;

/// The memory on its course, W = 1/N G Xi^T.
struct Course {
    /// Messages as columns, N x M.
    xi: Mat<f32>,
    /// Xi^T Xi.
    overlaps: Mat<f32>,
    /// G, N x M.
    strengths: Mat<f32>,
    /// N W_ii, as the formula has it.
    own: Vec<f32>,
    /// N h of the messages of a block.
    fields: Mat<f32>,
    /// What the present message adds to G.
    step: Vec<f32>,
    variant: Variant,
    diagonal: PseDiagonal,
}

/// What a sweep met.
#[derive(Default)]
struct Met {
    /// The largest |c_i|.
    largest: f32,
    /// The sum of c_i^2: in variant I the margins below 1.
    squares: f64,
}

impl Course {
    fn new(messages: &Patterns, rule: &DiederichOpper) -> Self {
        let (n, m) = (messages.n(), messages.count());
        let xi = messages.columns::<f32>();
        let mut overlaps = Mat::zeros(m, m);
        matmul(overlaps.as_mut(), Accum::Replace, xi.transpose(), xi.as_ref(), 1.0, threads(n));
        Self {
            xi,
            overlaps,
            strengths: Mat::zeros(n, m),
            own: vec![0.0; n],
            fields: Mat::zeros(n, BLOCK.min(m)),
            step: vec![0.0; n],
            variant: rule.variant,
            diagonal: rule.diagonal,
        }
    }

    /// Goes over all messages once.
    fn sweep(&mut self) -> Met {
        let m = self.xi.ncols();
        let mut met = Met::default();
        for first in (0..m).step_by(BLOCK) {
            self.block(first..m.min(first + BLOCK), &mut met);
        }
        met
    }

    fn block(&mut self, block: Range<usize>, met: &mut Met) {
        let (n, width) = (self.xi.nrows(), block.len());
        let overlaps = self.overlaps.subcols(block.start, width);
        let mut fields = self.fields.as_mut().subcols_mut(0, width);
        matmul(fields.as_mut(), Accum::Replace, self.strengths.as_ref(), overlaps, 1.0, threads(n));
        for (at, message) in block.clone().enumerate() {
            let Self { xi, strengths, own, step, variant, diagonal, .. } = self;
            let parts = Parts { xi: column(xi.as_ref(), message), own, step };
            let g = column_mut(strengths.as_mut(), message);
            let h = column(self.fields.as_ref(), at);
            let found = vectorised(
                #[inline(always)]
                || match (variant, diagonal) {
                    (Variant::I, PseDiagonal::Kept) => advance::<true, false>(parts, h, g),
                    (Variant::I, PseDiagonal::Zero) => advance::<true, true>(parts, h, g),
                    (Variant::Ii, PseDiagonal::Kept) => advance::<false, false>(parts, h, g),
                    (Variant::Ii, PseDiagonal::Zero) => advance::<false, true>(parts, h, g),
                },
            );
            met.largest = met.largest.max(found.largest);
            met.squares += found.squares;
            if found.largest == 0.0 {
                continue;
            }
            for (later, other) in block.clone().enumerate().skip(at + 1) {
                let (overlap, step) = (self.overlaps[(message, other)], &self.step);
                let fields = column_mut(self.fields.as_mut(), later);
                vectorised(
                    #[inline(always)]
                    || fields.iter_mut().zip(step).for_each(|(h, &step)| *h += overlap * step),
                );
            }
        }
    }

    /// W.
    fn weights(self) -> Mat<f32> {
        let n = self.xi.nrows();
        drop(self.overlaps);
        let mut matrix = Mat::zeros(n, n);
        let rate = 1.0 / n as f32;
        let (g, xi) = (self.strengths.as_ref(), self.xi.transpose());
        matmul(matrix.as_mut(), Accum::Replace, g, xi, rate, threads(n));
        if self.diagonal == PseDiagonal::Zero {
            (0..n).for_each(|i| matrix[(i, i)] = 0.0);
        }
        matrix
    }
}

/// What a message changes besides its column of G.
struct Parts<'a> {
    xi: &'a [f32],
    own: &'a mut [f32],
    step: &'a mut [f32],
}

/// Lets every unit make its step at one message: with `h` = N h, steps go to G and to `step`. FULL is variant I;
/// without its OTHERS a unit learns from itself too.
#[inline(always)]
fn advance<const FULL: bool, const OTHERS: bool>(parts: Parts<'_>, h: &[f32], g: &mut [f32]) -> Met {
    let n = h.len() as f32;
    let (mut largest, mut squares) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let chunks = parts.xi.chunks(LANES).zip(h.chunks(LANES));
    let results = parts.own.chunks_mut(LANES).zip(parts.step.chunks_mut(LANES)).zip(g.chunks_mut(LANES));
    for ((xi, h), ((own, step), g)) in chunks.zip(results) {
        for i in 0..xi.len() {
            let lacking = n - xi[i] * h[i] + if OTHERS { own[i] } else { 0.0 };
            let c = if FULL { f32::from(u8::from(lacking > 0.0)) } else { lacking / n };
            own[i] += c;
            step[i] = c * xi[i];
            g[i] += step[i];
            largest[i] = largest[i].max(c.abs());
            squares[i] += c * c;
        }
    }
    Met { largest: largest.into_iter().fold(0.0, f32::max), squares: total(squares) }
}
