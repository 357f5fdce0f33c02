//! RIDGE writes the pseudo-inverse of the messages with a penalty on W, which keeps it finite and smooth. It is W = 1/N
//! Xi (Q + lambda I)^-1 Xi^T with Q = Xi^T Xi / N, the minimiser of |W Xi - Xi|^2 + lambda N |W|^2 over all W: PSE
//! as lambda vanishes, the direction of the outer product as lambda grows.
//!
//! The same matrices but for their scale are those of [`Dreaming`](super::Dreaming), with the sleep time t = 1/lambda.
//!
//! Method: with shares a and b of the identity and of Q, a + b = 1, it is 1/N Xi (a I + b Q)^-1 Xi^T by the Cholesky
//! factor of this M x M matrix or, for M > N, of the N x N matrix a I + b Xi Xi^T / N; the first as PSE does it, in f32
//! throughout where that is well-conditioned. Where neither is, by the singular values of the messages; the report then
//! says [`Stop::PseudoInverse`] and gives their rank.
//!
//! Cost: about N M^2 + N^2 M multiply-adds for M <= N, N^2 M + 2 N^3 beyond. Any messages are written, repeated ones
//! too. Source: Hoerl and Kennard 1970 (ridge regression); as a memory Agliari, Alemanno, Aquaro, Fachechi 2024,
//! Regularization, early-stopping and dreaming, Neural Networks 177.

use super::parameter::{Positive, allowed};
use super::pse::{PseDiagonal, gram, overlaps, rounded, well_conditioned, whitened};
use super::work::{F32, F64};
use super::{About, Nature, Parameter, Report, Rule, Stop, Watch, WriteError, Written};
use crate::parallel::{matmul, threads};
use crate::patterns::Patterns;
use crate::seed::Stream;
use crate::symmetric::symmetrise;
use crate::weights::Weights;
use faer::linalg::solvers::Solve;
use faer::{Accum, Mat, Side};
use serde::{Deserialize, Serialize};

/// RIDGE writes the pseudo-inverse with a penalty on W.
///
/// Rule: `W = 1/N Xi (Q + lambda I)^-1 Xi^T, Q = Xi^T Xi / N`
///
/// Source: Agliari, Alemanno, Aquaro, Fachechi 2024, arXiv:2308.01421.
///
/// ```
/// use protocols::{Patterns, Spec, Stream};
/// let mut stream = Stream::named(1, "example", &[]);
/// let messages = Patterns::random(64, 6, &mut stream);
/// let rule = Spec::named("ridge").expect("it is in the catalogue");
/// let memory = rule.protocol().write(&messages, &mut stream)?.weights;
/// // Every bit of every message has its field on its own side.
/// let fields = memory.fields(&messages);
/// assert!((0..6).all(|m| (0..64).all(|i| fields[(i, m)] * f32::from(messages.row(m)[i]) > 0.0)));
/// # Ok::<(), protocols::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ridge {
    /// What is added to every eigenvalue of the overlaps. The default is this study's choice, dreaming for a time of
    /// 10; it is not tuned.
    pub lambda: Positive,
    /// What stands on the diagonal.
    pub diagonal: PseDiagonal,
}

impl Default for Ridge {
    fn default() -> Self {
        Self { lambda: allowed(0.1), diagonal: PseDiagonal::Zero }
    }
}

impl Rule for Ridge {
    const ABOUT: &'static About = &About {
        name: "ridge",
        title: "pseudo-inverse with a penalty on W",
        formula: "W = 1/N Xi (Q + lambda I)^-1 Xi^T, Q = Xi^T Xi / N",
        source: "Agliari, Alemanno, Aquaro, Fachechi 2024, arXiv:2308.01421",
        version: 1,
        parameters: &[
            Parameter::new("lambda", Positive::ALLOWED, "added to every eigenvalue of the overlaps Q"),
            Parameter::new("diagonal", "kept | zero", "kept: as the formula gives it; zero: set to 0"),
        ],
    };

    fn write_messages(
        &self,
        messages: &Patterns,
        _: &mut Stream,
        _: &mut Watch<'_>,
    ) -> Result<Written, WriteError> {
        let lambda = self.lambda.get();
        if lambda > LARGEST {
            return Err(WriteError::Parameter {
                parameter: "lambda",
                value: lambda.to_string(),
                reason: format!("W would vanish in f32; take at most {LARGEST:e}, or its limit, hop"),
            });
        }
        let scale = 1.0 / (1.0 + lambda);
        write(messages, [lambda * scale, scale], scale, self.diagonal)
    }

    fn nature(&self) -> Nature {
        Nature { symmetric: true, zero_diagonal: self.diagonal == PseDiagonal::Zero, ..Nature::default() }
    }

    fn work(&self, n: f64, m: f64) -> f64 {
        work(n, m)
    }

    fn bytes(&self, n: u64, m: u64) -> u64 {
        bytes(n, m)
    }
}

/// Beyond this lambda, weights of about 1/(N lambda) would leave the range of f32.
const LARGEST: f64 = 1e30;

/// Below this share of the mean diagonal, a pivot of the N x N factor counts as ill-conditioned, as PSE has it.
const SMALLEST_PIVOT: f64 = 1e-6;

/// Writes W = scale/N Xi (a I + b Q)^-1 Xi^T, where a + b = 1.
pub(super) fn write(
    messages: &Patterns,
    [a, b]: [f64; 2],
    scale: f64,
    diagonal: PseDiagonal,
) -> Result<Written, WriteError> {
    let closed = |matrix, scale| (matrix, scale, Report::closed(None));
    let (mut matrix, scale, report) = if let Some(matrix) = in_f32(messages, a / b) {
        closed(matrix, scale / b)
    } else if let Some(matrix) = by_factor(messages, [a, b]) {
        closed(matrix, scale)
    } else {
        let (matrix, report) = by_singular_values(messages, [a, b])?;
        (matrix, scale, report)
    };
    let scale = scale as f32;
    matrix.col_iter_mut().for_each(|column| column.iter_mut().for_each(|w| *w *= scale));
    if diagonal == PseDiagonal::Zero {
        (0..messages.n()).for_each(|i| matrix[(i, i)] = 0.0);
    }
    Ok(Written { weights: Weights::new(matrix)?, report })
}

/// 1/N Xi (lambda I + Q)^-1 Xi^T as PSE finds it in f32, or nothing where that is not for these messages.
fn in_f32(messages: &Patterns, lambda: f64) -> Option<Mat<f32>> {
    (lambda <= LARGEST).then(|| well_conditioned(messages, (lambda * messages.n() as f64) as f32)).flatten()
}

/// 1/N Xi (a I + b Q)^-1 Xi^T from a factor of the smaller of two matrices, or nothing where that is ill-conditioned.
fn by_factor(messages: &Patterns, shares: [f64; 2]) -> Option<Mat<f32>> {
    if messages.count() <= messages.n() { by_messages(messages, shares) } else { by_units(messages, shares) }
}

/// W = Y^T Y with C Y = Xi^T / sqrt(N) and C C^T = a I + b Q, or nothing where that is ill-conditioned.
fn by_messages(messages: &Patterns, [a, b]: [f64; 2]) -> Option<Mat<f32>> {
    let mut mixed = overlaps(messages);
    for (j, column) in mixed.col_iter_mut().enumerate() {
        column.iter_mut().enumerate().for_each(|(i, q)| *q = if i == j { a + b } else { b * *q });
    }
    whitened(mixed, messages).map(|y| gram::<f32>(y.as_ref()))
}

/// W = (a I + b C)^-1 C with C = Xi Xi^T / N, or nothing where that is ill-conditioned.
fn by_units(messages: &Patterns, [a, b]: [f64; 2]) -> Option<Mat<f32>> {
    let (n, m) = (messages.n(), messages.count());
    let xi = messages.columns::<f64>();
    let mut c = Mat::zeros(n, n);
    matmul(c.as_mut(), Accum::Replace, xi.as_ref(), xi.transpose(), 1.0 / n as f64, threads(n));
    drop(xi);
    let mut mixed = Mat::from_fn(n, n, |i, j| b * c[(i, j)]);
    (0..n).for_each(|i| mixed[(i, i)] += a);
    let factor = mixed.llt(Side::Lower).ok()?;
    let floor = SMALLEST_PIVOT * (a + b * m as f64 / n as f64);
    if (0..n).any(|k| factor.L()[(k, k)].powi(2) <= floor) {
        return None;
    }
    factor.solve_in_place(c.as_mut());
    symmetrise(c.as_mut());
    Some(rounded(c.as_ref()))
}

/// W = U f(S^2 / N) U^T with f(c) = c/(a + b c) on the numerical range of the messages Xi = U S V^T.
fn by_singular_values(messages: &Patterns, [a, b]: [f64; 2]) -> Result<(Mat<f32>, Report), WriteError> {
    let (n, m) = (messages.n(), messages.count());
    let svd = messages.columns::<f64>().thin_svd().map_err(|_| WriteError::Decomposition { n, m })?;
    let (u, singular) = (svd.U(), svd.S());
    let floor = singular[0] * f64::EPSILON * n.max(m) as f64;
    let rank = (0..n.min(m)).filter(|&k| singular[k] > floor).count();
    let root = |k: usize| {
        let c = singular[k] * singular[k] / n as f64;
        (c / (a + b * c)).sqrt()
    };
    let y = Mat::from_fn(rank, n, |k, i| root(k) * u[(i, k)]);
    let matrix = gram(rounded::<f32>(y.as_ref()).as_ref());
    Ok((matrix, Report { stop: Stop::PseudoInverse, ..Report::closed(Some(rank)) }))
}

/// Counts the operations of a write.
pub(super) fn work(n: f64, m: f64) -> f64 {
    if m <= n { 2e4 + n * n * (m + 2.0) + 2.0 * n * m * (m + 5.0) } else { 2e4 + 2.0 * n * n * (m + 2.0 * n) }
}

/// Counts the bytes of a write.
pub(super) fn bytes(n: u64, m: u64) -> u64 {
    if m <= n {
        // The overlaps, their Cholesky factor, and the messages once more; then the factor of W, and W.
        (2 * F64 * m * m + n * m).max(F32 * (n * m + n * n))
    } else {
        // The messages as numbers and their products; then these, the factor and W.
        (F64 * (n * m + n * n)).max(F64 * 3 * n * n)
    }
}
