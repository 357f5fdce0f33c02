//! PSE writes the projector onto the span of the messages by the pseudo-inverse of their overlaps. So every
//! message is fixed: W_ij = 1/N sum_{m,m'} xi_i^m (Q^-1)_{mm'} xi_j^{m'} with Q_{mm'} = 1/N sum_k xi_k^m
//! xi_k^{m'}.
//!
//! Method: Cholesky factor Q = C C^T and W = Y^T Y with C Y = Xi^T / sqrt(N); in f32 where messages are
//! well-conditioned, else in f64. Where Q is singular or ill-conditioned (M > N; repeated, dependent or
//! complementary messages) the Moore-Penrose inverse by the singular value decomposition of the messages, W =
//! U_r U_r^T; the report then says [`Stop::PseudoInverse`] and gives the rank r.
//!
//! Cost: about N M^2 + N^2 M multiply-adds. A flipped bit j is corrected with the kept diagonal iff W_jj <
//! 1/2, so up to a load of about 1/2. Source: Personnaz, Guyon, Dreyfus 1985; Kanter and Sompolinsky 1987
//! (zero diagonal).

use super::work::{F32, F64};
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::bands::{self, Bands};
use crate::distances::Distances;
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::real::{Real, vectorised};
use crate::seed::Stream;
use crate::symmetric::{column_mut, mirror};
use crate::weights::Weights;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::reborrow::ReborrowMut;
use faer::{Accum, Mat, MatRef, Par, Side};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// PSE writes the projector onto the span of the messages.
///
/// Rule: `W = 1/N sum_mm' xi^m (Q^-1)_mm' xi^m'T, Q_mm' = xi^m . xi^m' / N`
///
/// Source: Personnaz, Guyon, Dreyfus 1985, doi 10.1051/jphyslet:01985004608035900.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("pse").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // A projector leaves the messages as they are.
/// let fields = memory.fields(&messages);
/// assert!((fields[(5, 0)] - f32::from(messages.row(0)[5])).abs() < 1e-4);
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pse {
    /// What stands on the diagonal.
    pub diagonal: PseDiagonal,
}

/// A `PseDiagonal` says what stands on the diagonal of the projector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PseDiagonal {
    /// As the formula gives it.
    #[default]
    Kept,
    /// Set to 0.
    Zero,
}

impl Rule for Pse {
    const ABOUT: &'static About = &About {
        name: "pse",
        title: "pseudo-inverse",
        formula: "W = 1/N sum_mm' xi^m (Q^-1)_mm' xi^m'T, Q_mm' = xi^m . xi^m' / N",
        source: "Personnaz, Guyon, Dreyfus 1985, doi 10.1051/jphyslet:01985004608035900",
        version: 5,
        parameters: &[Parameter::new(
            "diagonal",
            "kept | zero",
            "kept: the projector as written; zero: its diagonal set to 0",
        )],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let (mut matrix, report) = match well_conditioned(messages, 0.0) {
            Some(matrix) => (matrix, Report::closed(Some(messages.count()))),
            None => project::<f32>(messages)?,
        };
        if self.diagonal == PseDiagonal::Zero {
            (0..messages.n()).for_each(|i| matrix[(i, i)] = 0.0);
        }
        Ok(Written { weights: Weights::known(matrix), report })
    }

    fn nature(&self) -> Nature {
        // The factor loses digits with the smallest pivot, down to GOOD_PIVOT in f32.
        let zero_diagonal = self.diagonal == PseDiagonal::Zero;
        Nature { symmetric: true, zero_diagonal, tolerance: 1e-5, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        // Cholesky factor and solve in f64, or the singular value decomposition.
        if m <= n { 2e4 + n * n * (m + 2.0) + 2.0 * n * m * (m + 5.0) } else { 2e4 + 20.0 * n * n * m }
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        if m <= n {
            // The overlaps twice, their Cholesky factor, the factor of W and the messages once more; then that factor
            // and W.
            ((F32 + 2 * F64) * m * m + (F32 + 1) * n * m).max(F32 * (n * m + n * n))
        } else {
            // The messages as numbers, and their singular vectors.
            F64 * (n * m + n * n)
        }
    }
}

/// Computes the projector onto the span of the messages in f64, N x N, and their numerical rank.
///
/// # Errors
/// If there is no message or the singular value decomposition does not converge.
pub fn projector(messages: &Patterns) -> Result<(Mat<f64>, usize), WriteError> {
    if messages.count() == 0 {
        return Err(WriteError::NoMessages);
    }
    let (matrix, report) = project(messages)?;
    Ok((matrix, report.rank.expect("the projector's report has a rank")))
}

/// Below this pivot of the Cholesky factor (the share of a message's squared length that the messages before it do not
/// explain) the overlaps are called ill-conditioned: W would lose about six of f64's sixteen digits.
const SMALLEST_PIVOT: f64 = 1e-6;

/// From this pivot on the solution may be in the precision of W, and in f32 the factor too: their error is
/// then of the order of W's own rounding.
const GOOD_PIVOT: f64 = 0.05;

/// From so many units on all threads are to work on the factor.
const SPLIT_UNITS: usize = 2048;

/// Up to so many messages the write of a huge memory is a matter of the bytes of W, for which one thread is enough.
const FEW_MESSAGES: usize = 128;

/// Messages whose share of Y is found at once.
const BLOCK: usize = 128;

/// Computes the projector in f32 throughout, for well-conditioned messages and a memory on which one thread is at work:
/// N Q and Xi are whole numbers, which f32 holds exactly, and W = Y^T Y with C Y = Xi and C C^T = N Q. A `shift` is
/// added to every eigenvalue of N Q.
pub(super) fn well_conditioned(messages: &Patterns, shift: f32) -> Option<Mat<f32>> {
    let (n, m) = (messages.n(), messages.count());
    if m >= n || (n >= SPLIT_UNITS && m > FEW_MESSAGES) {
        return None;
    }
    let factor = whole_overlaps(messages, shift).factorise((GOOD_PIVOT * n as f64) as f32)?;
    let y = Bands::new(m, n, |units, band| {
        set_signs(messages, units, band);
        factor.solve(band);
    });
    Some(y.gram(n))
}

/// N Q + shift I, as far as it is needed.
fn whole_overlaps(messages: &Patterns, shift: f32) -> Bands {
    let (n, m) = (messages.n() as f32, messages.count());
    let distances = Distances::new(messages);
    let mut differing = [0; bands::WIDTH];
    Bands::square(m, n, |columns, band| {
        let end = m.min(columns.end);
        let differing = &mut differing[..end - columns.start];
        vectorised(
            #[inline(always)]
            || {
                for (row, entries) in band.chunks_exact_mut(columns.len()).take(end).enumerate() {
                    distances.set(row, columns.start, differing);
                    let both = entries.iter_mut().zip(&*differing);
                    both.for_each(|(q, &differing)| *q = n - 2.0 * differing as u32 as f32);
                    if row >= columns.start {
                        entries[row - columns.start] += shift;
                    }
                }
            },
        );
    })
}

/// A band of Xi^T.
fn set_signs(messages: &Patterns, units: Range<usize>, band: &mut [f32]) {
    vectorised(
        #[inline(always)]
        move || {
            for (to, row) in band.chunks_exact_mut(units.len()).zip(messages.rows()) {
                let signs = to.iter_mut().zip(&row[units.start..]);
                signs.for_each(|(to, &sign)| *to = f32::from(sign));
            }
        },
    );
}

fn project<R: Real>(messages: &Patterns) -> Result<(Mat<R>, Report), WriteError> {
    let (n, m) = (messages.n(), messages.count());
    if m <= n
        && let Some(y) = whitened::<R>(overlaps(messages), messages)
    {
        let matrix = if m == n { Mat::identity(n, n) } else { gram(y.as_ref()) };
        return Ok((matrix, Report::closed(Some(m))));
    }
    let svd = messages.columns::<f64>().thin_svd().map_err(|_| WriteError::Decomposition { n, m })?;
    let (u, singular) = (svd.U(), svd.S());
    let floor = singular[0] * f64::EPSILON * n.max(m) as f64;
    let rank = (0..n.min(m)).filter(|&k| singular[k] > floor).count();
    // The span of N independent messages is the whole space. Its projector is the identity exactly; left to rounding, a
    // zeroed diagonal would leave a matrix of noise that reads like a memory.
    let matrix = if rank == n {
        Mat::identity(n, n)
    } else {
        gram(rounded::<R>(u.subcols(0, rank).transpose()).as_ref())
    };
    Ok((matrix, Report { stop: Stop::PseudoInverse, ..Report::closed(Some(rank)) }))
}

/// Computes Y (M x N) with C Y = Xi^T / sqrt(N) and C C^T = Q, or nothing where Q is singular or
/// ill-conditioned. Q is given by its lower triangle, and its diagonal is 1.
pub(super) fn whitened<R: Real>(q: Mat<f64>, messages: &Patterns) -> Option<Mat<R>> {
    let m = messages.count();
    let by_unit = messages.by_unit();
    let factor = q.llt(Side::Lower).ok()?;
    let c = factor.L();
    let smallest = (0..m).map(|k| c[(k, k)] * c[(k, k)]).fold(f64::INFINITY, f64::min);
    if smallest <= SMALLEST_PIVOT {
        None
    } else if smallest < GOOD_PIVOT {
        Some(rounded(solve::<f64>(c, &by_unit).as_ref()))
    } else {
        Some(solve(rounded::<R>(c).as_ref(), &by_unit))
    }
}

/// Computes the lower triangle of Q, M x M, by counting the units in which messages differ, exactly.
pub(super) fn overlaps(messages: &Patterns) -> Mat<f64> {
    let (n, m) = (messages.n(), messages.count());
    let scale = 1.0 / n as f64;
    let distances = Distances::new(messages);
    let mut differing = vec![0; m];
    let mut q = Mat::zeros(m, m);
    vectorised(
        #[inline(always)]
        || {
            for column in 0..m {
                distances.set(column, column, &mut differing[column..]);
                let entries = column_mut(q.as_mut(), column).iter_mut().zip(&differing).skip(column);
                entries.for_each(|(q, &differing)| *q = scale * (n as f64 - 2.0 * differing as f64));
            }
        },
    );
    q
}

/// Y with C Y = Xi^T / sqrt(N). Units are its columns: the products here and after it then run along cache
/// lines. Only blocks on the diagonal of C are inverted, so that nearly all the work is products, which are
/// faster than substitution.
fn solve<R: Real>(c: MatRef<'_, R>, by_unit: &[i8]) -> Mat<R> {
    let m = c.nrows();
    let n = by_unit.len() / m;
    let mut y = scaled_signs(by_unit, m);
    let side = BLOCK.min(m);
    let (mut inverse, mut rest) = (Mat::zeros(side, side), Mat::zeros(side, n));
    for first in (0..m).step_by(BLOCK) {
        let height = BLOCK.min(m - first);
        let (solved, unsolved) = y.as_mut().split_at_row_mut(first);
        let mut block = unsolved.subrows_mut(0, height);
        let mut inverse = inverse.as_mut().submatrix_mut(0, 0, height, height);
        let mut rest = rest.as_mut().subrows_mut(0, height);
        let before = c.submatrix(first, 0, height, first);
        matmul(block.rb_mut(), Accum::Add, before, solved, R::from(-1_i8), threads(n));
        rest.copy_from(&block);
        invert_lower_triangular(inverse.rb_mut(), c.submatrix(first, first, height, height), Par::Seq);
        matmul(block, Accum::Replace, inverse.as_ref(), rest.as_ref(), R::from(1_i8), threads(n));
    }
    y
}

/// Xi^T / sqrt(N), M x N.
fn scaled_signs<R: Real>(by_unit: &[i8], m: usize) -> Mat<R> {
    let n = by_unit.len() / m;
    let one = R::round_from(1.0 / (n as f64).sqrt());
    let mut signs = Mat::zeros(m, n);
    for (unit, by_message) in by_unit.chunks_exact(m).enumerate() {
        let entries = column_mut(signs.as_mut(), unit).iter_mut().zip(by_message);
        vectorised(
            #[inline(always)]
            move || entries.for_each(|(x, &sign)| *x = R::from(sign) * one),
        );
    }
    signs
}

/// Computes Y^T Y.
pub(super) fn gram<R: Real>(y: MatRef<'_, R>) -> Mat<R> {
    let n = y.ncols();
    let mut product = Mat::zeros(n, n);
    let all = BlockStructure::Rectangular;
    triangular::matmul(
        product.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        y.transpose(),
        all,
        y,
        all,
        R::from(1_i8),
        threads(n),
    );
    mirror(product.as_mut());
    product
}

/// Returns the same matrix in another precision.
pub(super) fn rounded<R: Real>(matrix: MatRef<'_, impl Real>) -> Mat<R> {
    let mut rounded = Mat::zeros(matrix.nrows(), matrix.ncols());
    for (to, from) in rounded.col_iter_mut().zip(matrix.col_iter()) {
        to.iter_mut().zip(from.iter()).for_each(|(to, &from)| *to = R::round_from(from.into()));
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_f32_throughout_w_is_the_projector_but_for_its_rounding() {
        let mut stream = Stream::named(1, "test", &[]);
        for (n, m, bound) in
            [(2, 1, 1e-6), (64, 3, 1e-6), (64, 32, 1e-6), (100, 70, 2e-6), (1000, 500, 1e-6), (2100, 9, 1e-6)]
        {
            let messages = Patterns::random(n, m, &mut stream);
            let matrix = well_conditioned(&messages, 0.0).expect("random messages are well-conditioned");
            let (exact, rank) = projector(&messages).expect("there are messages");
            assert_eq!(rank, m);
            let error = |i, j| (f64::from(matrix[(i, j)]) - exact[(i, j)]).abs();
            let largest = (0..n).flat_map(|j| (0..n).map(move |i| error(i, j))).fold(0.0, f64::max);
            assert!(largest < bound, "{largest} at {n}, {m}");
        }
    }

    #[test]
    fn messages_that_are_nearly_dependent_are_left_to_f64() {
        let mut signs = Patterns::random(200, 20, &mut Stream::named(1, "test", &[])).signs().to_vec();
        signs.extend_from_within(..200);
        *signs.last_mut().expect("there are signs") *= -1;
        let messages = Patterns::known(200, signs);
        assert!(well_conditioned(&messages, 0.0).is_none());
        let (_, report) = project::<f32>(&messages).expect("there are messages");
        assert_eq!((report.stop, report.rank), (Stop::ClosedForm, Some(21)));
    }
}
